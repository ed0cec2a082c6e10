// How long one access takes, and why: what caches, walkers and the interconnect answer, before the pipeline decides how
// much of it the core waits for.
#pragma once

#include <array>
#include <span>

#include "cost/causes.hpp"

namespace tw::cost {

/// The parts of a latency in the order in which they pass; cycles of the core's clock. total() is the sum of the parts.
class Latency final {
 public:
  struct Part {
    Cause cause;
    u64 cycles;
  };

  void add(Cause cause, u64 cycles) {
    if (cycles == 0) return;
    total_ += cycles;
    if (count_ != 0 && parts_[count_ - 1].cause == cause) {
      parts_[count_ - 1].cycles += cycles;
    } else if (count_ < kParts) {
      parts_[count_++] = {cause, cycles};
    } else {
      add_to_known(cause, cycles);
    }
  }
  void add(const Latency& other) {
    for (const Part& part : other.parts()) add(part.cause, part.cycles);
  }
  void clear() {
    count_ = 0;
    total_ = 0;
  }
  u64 total() const { return total_; }
  std::span<const Part> parts() const { return {parts_.data(), count_}; }

 private:
  /// A long story (a walk that misses everywhere) has more parts than there is room for: order gives way, sums stay.
  void add_to_known(Cause cause, u64 cycles) {
    Part* place = &parts_[kParts - 1];
    for (Part& part : parts_) {
      if (part.cause == cause) place = &part;
    }
    place->cycles += cycles;
  }

  static constexpr unsigned kParts = 8;
  u64 total_ = 0;
  unsigned count_ = 0;
  std::array<Part, kParts> parts_;
};

}  // namespace tw::cost
