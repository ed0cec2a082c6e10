// LRU stacks of the sets of several numbers of sets at once, each twice the one before, where they are long: the pages
// in the order of their last uses, and how many there are of each class by block of the order. A class is the pages of
// one set of the largest number of sets; a set of a smaller number of sets is some classes.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/types.hpp"

namespace tw::vmsa {

class LongStacks final {
 public:
  using Page = u32;
  static constexpr u32 kNowhere = ~u32{0};
  static constexpr unsigned kMostLevels = 5;

  /// `sets`: the smallest number of sets; `ways` of it and of each twice as large, not more than kMostLevels.
  LongStacks(u64 sets, std::span<const u64> ways);

  std::size_t levels() const { return ways_.size(); }
  u64 sets(std::size_t level) const { return sets_ << level; }
  u64 ways(std::size_t level) const { return ways_[level]; }
  /// Uses `page`, of page number `number`; `places[page * stride]` is its place here, of every page. Its depth before
  /// by level; the level's ways: deeper, or not there.
  using Depths = std::array<u64, kMostLevels>;
  Depths use(Page page, u64 number, u32* places, std::size_t stride);

 private:
  static constexpr unsigned kClassBits = kMostLevels - 1, kClasses = 1u << kClassBits;
  static constexpr unsigned kBlock = 64;  ///< places of a block
  /// A bit a place.
  struct Block {
    u64 taken = 0;
    std::array<u64, kClassBits> class_bits{};
  };
  /// By class.
  struct Counts {
    static constexpr unsigned kLanes = 4;
    using Lanes = u32 __attribute__((vector_size(kLanes * sizeof(u32))));
    std::array<Lanes, kClasses / kLanes> lanes{};

    u32 of(unsigned of_class) const { return lanes[of_class / kLanes][of_class % kLanes]; }
    void increase(unsigned of_class) { ++lanes[of_class / kLanes][of_class % kLanes]; }
    void decrease(unsigned of_class) { --lanes[of_class / kLanes][of_class % kLanes]; }
    void add(const Counts& other) {
      for (std::size_t n = 0; n < lanes.size(); ++n) lanes[n] += other.lanes[n];
    }
    void subtract(const Counts& other) {
      for (std::size_t n = 0; n < lanes.size(); ++n) lanes[n] -= other.lanes[n];
    }
  };
  /// The pages of one set of the smallest number of sets.
  struct Order {
    u32 now = 0;   ///< the next place
    Counts taken;  ///< places
    Counts open;   ///< of these in the last block, which is not in `sums_`
  };
  Counts newer_blocks(const Order& order, u64 set, u64 block) const;
  Depths depths(const Order& order, u64 set, u32 place, unsigned of_class) const;
  void take(Order& order, u64 set, Page page, unsigned of_class);
  void leave(Order& order, u64 set, u32 place, unsigned of_class);
  void close(Order& order, u64 set, u64 block);
  void compact(Order& order, u64 set, u32* places, std::size_t stride);
  unsigned class_at(const Block& block, unsigned bit) const;

  u64 sets_;
  std::vector<u64> ways_;
  bool power_of_two_;
  unsigned set_bits_;
  u64 class_mask_;
  u64 places_of_set_, blocks_of_set_;
  std::vector<Order> orders_;
  std::vector<Page> owners_;  ///< by place
  std::vector<Block> blocks_;
  std::vector<Counts> sums_;  ///< Fenwick trees by block
};

}  // namespace tw::vmsa
