// The registers that the physical CPU interface (ICC_*) and the virtual one (ICV_*) have alike: mask, binary points,
// group enables, control, active priorities.
#pragma once

#include <algorithm>
#include <optional>

#include "arm/gic_registers.hpp"
#include "gic/priority.hpp"
#include "gic/signalling.hpp"
#include "gic/v3/identification.hpp"

namespace tw::gic::v3 {

/// INTIDs that name no interrupt: reserved or special, up to the first LPI.
constexpr bool is_special(u32 intid) { return intid >= kFirstSpecial && intid < kFirstLpi; }
constexpr u32 intid_of(u64 value) { return static_cast<u32>(value & 0xFFFFFF); }

class InterfaceState final {
 public:
  explicit InterfaceState(unsigned priority_bits)
      : priority_bits_(priority_bits), active_{ActivePriorities(priority_bits), ActivePriorities(priority_bits)} {
    reset();
  }

  /// Group 0 is always signalled as FIQ, and never acknowledged through Group 1's register.
  void reset() {
    controls = {};
    controls.fiq_enable = true;
    controls.binary_point0 = static_cast<u8>(min_binary_point0());
    controls.binary_point1 = static_cast<u8>(min_binary_point1());
    eoi_mode = false;
    for (ActivePriorities& priorities : active_) priorities.clear();
  }

  u8 running() const { return std::min(active_[0].running(), active_[1].running()); }
  ActivePriorities& active(Group group) { return active_[static_cast<unsigned>(group)]; }
  void raise(const Candidate& candidate) {
    active(candidate.group).raise(group_priority(candidate.priority, controls.binary_point(candidate.group)));
  }
  /// Drops the running priority if it is of `group`.
  bool drop(Group group) {
    const ActivePriorities& other = active_[1 - static_cast<unsigned>(group)];
    return active(group).running() <= other.running() && active(group).drop();
  }

  void set_priority_mask(u64 value) {
    controls.priority_mask = static_cast<u8>(value) & priority_mask_of(priority_bits_);
  }
  void set_binary_point0(u64 value) { controls.binary_point0 = clamp_binary_point(value, min_binary_point0()); }
  void set_binary_point1(u64 value) { controls.binary_point1 = clamp_binary_point(value, min_binary_point1()); }

  /// Nothing for a register that is not one of these.
  std::optional<u64> read(arm::GicRegister reg) const;
  void write(arm::GicRegister reg, u64 value);

  InterfaceControls controls;
  bool eoi_mode = false;

 private:
  unsigned min_binary_point0() const { return min_binary_point(priority_bits_); }
  unsigned min_binary_point1() const { return min_binary_point(priority_bits_) + 1; }

  unsigned priority_bits_;
  ActivePriorities active_[2];
};

}  // namespace tw::gic::v3
