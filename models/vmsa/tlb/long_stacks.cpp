#include "vmsa/tlb/long_stacks.hpp"

#include <algorithm>
#include <bit>

namespace tw::vmsa {
namespace {

/// Inline on hosts whose baseline has no instruction for it.
u64 count_bits(u64 bits) {
  bits -= bits >> 1 & 0x5555'5555'5555'5555;
  bits = (bits & 0x3333'3333'3333'3333) + (bits >> 2 & 0x3333'3333'3333'3333);
  bits = (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0F;
  return bits * 0x0101'0101'0101'0101 >> 56;
}

u64 all_if(unsigned bit) { return 0 - u64{bit & 1}; }

}  // namespace

LongStacks::LongStacks(u64 sets, std::span<const u64> ways)
    : sets_(sets),
      ways_(ways.begin(), ways.end()),
      power_of_two_(std::has_single_bit(sets)),
      set_bits_(static_cast<unsigned>(std::countr_zero(sets))),
      class_mask_((u64{1} << (ways_.size() - 1)) - 1) {
  u64 most = 0;  // places that a compaction keeps
  for (std::size_t level = 0; level < ways_.size(); ++level) most += ways_[level] << level;
  places_of_set_ = std::bit_ceil(std::max<u64>(most + most / 2, 2 * kBlock));
  blocks_of_set_ = places_of_set_ / kBlock;
  orders_.resize(sets);
  owners_.resize(sets * places_of_set_);
  blocks_.resize(sets * blocks_of_set_);
  sums_.resize(sets * blocks_of_set_);
}

LongStacks::Depths LongStacks::use(Page page, u64 number, u32* places, std::size_t stride) {
  const u64 set = power_of_two_ ? number & (sets_ - 1) : number % sets_;
  const u64 above = power_of_two_ ? number >> set_bits_ : number / sets_;
  const auto of_class = static_cast<unsigned>(above & class_mask_);
  Order& order = orders_[set];
  u32& place = places[page * stride];
  Depths result{};
  if (place == kNowhere) {
    std::copy(ways_.begin(), ways_.end(), result.begin());
  } else {
    if (place + 1 == order.now) return result;
    result = depths(order, set, place, of_class);
    leave(order, set, place, of_class);
  }
  if (order.now == places_of_set_) compact(order, set, places, stride);
  place = order.now;
  take(order, set, page, of_class);
  return result;
}

LongStacks::Counts LongStacks::newer_blocks(const Order& order, u64 set, u64 block) const {
  Counts newer = order.taken;
  for (u64 n = block + 1; n != 0; n &= n - 1) newer.subtract(sums_[set * blocks_of_set_ + n - 1]);
  return newer;
}

LongStacks::Depths LongStacks::depths(const Order& order, u64 set, u32 place, unsigned of_class) const {
  const u64 block = place / kBlock;
  Depths result{};
  if (block != (order.now - 1) / kBlock) {
    const Counts newer = newer_blocks(order, set, block);
    // Of 2^level sets: the classes with the same low bits.
    const auto of = [&](unsigned flipped) { return newer.of(of_class ^ flipped); };
    result[4] = of(0);
    result[3] = result[4] + of(8);
    result[2] = result[3] + of(4) + of(12);
    result[1] = result[2] + of(2) + of(6) + of(10) + of(14);
    result[0] = result[1] + of(1) + of(3) + of(5) + of(7) + of(9) + of(11) + of(13) + of(15);
  }
  const Block& here = blocks_[set * blocks_of_set_ + block];
  u64 match = here.taken & ~u64{1} << place % kBlock;
  result[0] += count_bits(match);
  for (unsigned bit = 0; bit < kClassBits; ++bit) {
    match &= ~(here.class_bits[bit] ^ all_if(of_class >> bit));
    result[bit + 1] += count_bits(match);
  }
  for (std::size_t level = 0; level < ways_.size(); ++level) result[level] = std::min(result[level], ways_[level]);
  return result;
}

void LongStacks::take(Order& order, u64 set, Page page, unsigned of_class) {
  const u32 place = order.now++;
  owners_[set * places_of_set_ + place] = page;
  Block& block = blocks_[set * blocks_of_set_ + place / kBlock];
  const u64 mask = u64{1} << place % kBlock;
  block.taken |= mask;
  for (unsigned bit = 0; bit < kClassBits; ++bit) {
    block.class_bits[bit] = (block.class_bits[bit] & ~mask) | (mask & all_if(of_class >> bit));
  }
  order.taken.increase(of_class);
  order.open.increase(of_class);
  if (order.now % kBlock == 0) close(order, set, place / kBlock);
}

/// The last block is full. Counted where it always is, so that all full blocks are in the sums but the last of all.
void LongStacks::close(Order& order, u64 set, u64 block) {
  for (u64 n = block + 1; n <= blocks_of_set_; n += n & (0 - n)) sums_[set * blocks_of_set_ + n - 1].add(order.open);
  order.open = {};
}

void LongStacks::leave(Order& order, u64 set, u32 place, unsigned of_class) {
  const u64 block = place / kBlock;
  blocks_[set * blocks_of_set_ + block].taken &= ~(u64{1} << place % kBlock);
  order.taken.decrease(of_class);
  if (block == order.now / kBlock) {
    order.open.decrease(of_class);
    return;
  }
  for (u64 n = block + 1; n <= blocks_of_set_; n += n & (0 - n)) {
    sums_[set * blocks_of_set_ + n - 1].decrease(of_class);
  }
}

unsigned LongStacks::class_at(const Block& block, unsigned bit) const {
  unsigned of_class = 0;
  for (unsigned n = 0; n < kClassBits; ++n) of_class |= static_cast<unsigned>(block.class_bits[n] >> bit & 1) << n;
  return of_class;
}

/// Closes the gaps, and lets go of pages that no level holds. What is older than these counts more newer pages than
/// its ways without them, too.
void LongStacks::compact(Order& order, u64 set, u32* places, std::size_t stride) {
  Block* const blocks = &blocks_[set * blocks_of_set_];
  Page* const owners = &owners_[set * places_of_set_];
  std::array<std::array<u64, kClasses>, kMostLevels> newer{};
  for (u64 n = blocks_of_set_; n-- != 0;) {
    for (u64 bits = blocks[n].taken; bits != 0;) {
      const auto bit = static_cast<unsigned>(std::bit_width(bits) - 1);
      bits ^= u64{1} << bit;
      const unsigned of_class = class_at(blocks[n], bit);
      bool held = false;
      for (std::size_t level = 0; level < ways_.size(); ++level) {
        u64& count = newer[level][of_class & ((1u << level) - 1)];
        held = held || count < ways_[level];
        ++count;
      }
      if (held) continue;
      blocks[n].taken ^= u64{1} << bit;
      places[owners[n * kBlock + bit] * stride] = kNowhere;
    }
  }
  order = {};
  std::fill_n(&sums_[set * blocks_of_set_], blocks_of_set_, Counts{});
  for (u64 n = 0; n < blocks_of_set_; ++n) {
    const Block old = blocks[n];
    blocks[n].taken = 0;
    for (u64 bits = old.taken; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(bits));
      const Page page = owners[n * kBlock + bit];
      places[page * stride] = order.now;
      take(order, set, page, class_at(old, bit));
    }
  }
}

}  // namespace tw::vmsa
