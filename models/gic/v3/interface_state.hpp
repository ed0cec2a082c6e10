// The registers that the physical CPU interface (ICC_*) and the virtual one (ICV_*) have alike: mask, binary points,
// group enables, control, active priorities. The physical one has some of them twice, by Security state.
#pragma once

#include <algorithm>
#include <optional>

#include "arm/gic_registers.hpp"
#include "gic/priority.hpp"
#include "gic/signalling.hpp"
#include "gic/v3/identification.hpp"

namespace tw::gic::v3 {

/// INTIDs that name no interrupt: reserved or special, up to the first LPI, and beyond the implemented bits.
constexpr bool is_special(u32 intid) { return intid >= kFirstSpecial && !is_lpi(intid); }
constexpr u32 intid_of(u64 value) { return static_cast<u32>(value & 0xFFFFFF); }

/// Which copy of a banked register, and whether EL3 looks, for which CBPR redirects nothing.
struct Bank {
  bool secure = false;
  bool el3 = false;
};

class InterfaceState final {
 public:
  explicit InterfaceState(unsigned priority_bits)
      : priority_bits_(priority_bits),
        active_{ActivePriorities(priority_bits), ActivePriorities(priority_bits), ActivePriorities(priority_bits)} {
    reset();
  }

  /// Group 0 is always signalled as FIQ, and never acknowledged through Group 1's register.
  void reset() {
    controls = {};
    controls.fiq_enable = true;
    controls.binary_point0 = static_cast<u8>(min_binary_point0());
    controls.binary_point1 = static_cast<u8>(min_binary_point1());
    controls.binary_point1_secure = controls.binary_point0;
    eoi_mode = eoi_mode_secure = false;
    for (ActivePriorities& priorities : active_) priorities.clear();
  }

  u8 running() const { return std::min({active_[0].running(), active_[1].running(), active_[2].running()}); }
  /// Whose priority is the running one: of equals Group 0 first, then Secure Group 1. Nothing when idle.
  std::optional<Group> running_group() const {
    for (const Group group : {Group::Group0, Group::Group1Secure, Group::Group1}) {
      const ActivePriorities& priorities = active_[static_cast<unsigned>(group)];
      if (priorities.any() && priorities.running() == running()) return group;
    }
    return std::nullopt;
  }
  ActivePriorities& active(Group group) { return active_[static_cast<unsigned>(group)]; }
  void raise(const Candidate& candidate) {
    active(candidate.group).raise(group_priority(candidate.priority, controls.binary_point(candidate.group)));
  }
  /// Drops the running priority if it is of `group`. Of equal priorities in both groups it is either's.
  bool drop(Group group) { return active(group).running() == running() && active(group).drop(); }

  void set_priority_mask(u64 value) {
    controls.priority_mask = static_cast<u8>(value) & priority_mask_of(priority_bits_);
  }
  void set_binary_point0(u64 value) { controls.binary_point0 = clamp_binary_point(value, min_binary_point0()); }
  void set_binary_point1(u64 value) { controls.binary_point1 = clamp_binary_point(value, min_binary_point1()); }
  void set_binary_point1_secure(u64 value) {
    controls.binary_point1_secure = clamp_binary_point(value, min_binary_point0());
  }
  u64 priority_field() const { return u64{priority_bits_ - 1} << 8; }  ///< PRIbits of ICC_CTLR_ELx

  /// Nothing for a register that is not one of these.
  std::optional<u64> read(arm::GicRegister reg, Bank bank = {}) const;
  void write(arm::GicRegister reg, u64 value, Bank bank = {});

  InterfaceControls controls;
  bool eoi_mode = false;
  bool eoi_mode_secure = false;

 private:
  unsigned min_binary_point0() const { return min_binary_point(priority_bits_); }
  unsigned min_binary_point1() const { return min_binary_point(priority_bits_) + 1; }

  unsigned priority_bits_;
  static constexpr Group group1(Bank bank) { return bank.secure ? Group::Group1Secure : Group::Group1; }

  ActivePriorities active_[kGroups];
};

}  // namespace tw::gic::v3
