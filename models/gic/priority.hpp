// Priorities as every GIC architecture version handles them: a low value is a high priority, the binary point splits a
// priority into group priority (which preempts) and subpriority (which only orders), and the running priority is the
// highest group priority that has not been dropped.
#pragma once

#include <array>
#include <bit>

#include "base/types.hpp"

namespace tw::gic {

/// Running priority of an idle interface. Nothing has it as a priority of its own: the mask lets only lower values
/// pass.
inline constexpr u8 kIdlePriority = 0xFF;

/// Binary point N leaves bits [7:N+1] as group priority; 7 leaves none, so that nothing preempts (IHI 0048B, 3.3.3).
constexpr u8 group_priority(u8 priority, unsigned binary_point) {
  return static_cast<u8>(priority & (0xFFu << (binary_point + 1)));
}

/// Preemption levels of an interface that implements the `priority_bits` high bits of a priority. Bit 0 of a priority
/// never preempts, so that 8 bits give 128 levels and no smallest binary point below 0.
constexpr unsigned preemption_bits(unsigned priority_bits) { return priority_bits < 7 ? priority_bits : 7; }
/// Smallest binary point of Group 0; that of Group 1 is one more (IHI 0048B, 3.3.3 and 4.4.3).
constexpr unsigned min_binary_point(unsigned priority_bits) { return 7 - preemption_bits(priority_bits); }
/// Mask of the implemented bits of a priority.
constexpr u8 priority_mask_of(unsigned priority_bits) { return static_cast<u8>(0xFF00u >> priority_bits); }

/// The active priorities of one group: one bit a preemption level, level 0 the highest priority (GICC_APRn).
class ActivePriorities final {
 public:
  explicit ActivePriorities(unsigned priority_bits) : bits_(preemption_bits(priority_bits)) {}

  unsigned levels() const { return 1u << bits_; }
  bool any() const { return (words_[0] | words_[1] | words_[2] | words_[3]) != 0; }

  void raise(u8 group) { words_[level(group) / 32] |= 1u << level(group) % 32; }

  /// Drops the highest priority. False when none was active.
  bool drop() {
    for (u32& word : words_) {
      if (word == 0) continue;
      word &= word - 1;
      return true;
    }
    return false;
  }

  /// The highest active group priority, or kIdlePriority.
  u8 running() const {
    for (unsigned n = 0; n < words_.size(); ++n) {
      if (words_[n] == 0) continue;
      return static_cast<u8>((n * 32 + static_cast<unsigned>(std::countr_zero(words_[n]))) << (8 - bits_));
    }
    return kIdlePriority;
  }

  u32 word(unsigned n) const { return words_[n]; }
  /// Levels that are not implemented stay zero.
  void set_word(unsigned n, u32 value) {
    if (n * 32 >= levels()) return;
    words_[n] = levels() >= 32 ? value : value & ((1u << levels()) - 1);
  }
  void clear() { words_ = {}; }

 private:
  unsigned level(u8 group) const { return static_cast<unsigned>(group) >> (8 - bits_); }
  unsigned bits_;
  std::array<u32, 4> words_{};
};

}  // namespace tw::gic
