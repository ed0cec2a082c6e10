// What a CPU interface does with its highest priority pending interrupt: one set of rules, used by the physical
// interface (GICC) and by the virtual one (GICV), whose registers differ in nothing but where the interrupts come from.
#pragma once

#include <algorithm>
#include <optional>

#include "base/types.hpp"
#include "gic/priority.hpp"

namespace tw::gic {

inline constexpr u32 kFirstPpi = 16;
inline constexpr u32 kFirstSpi = 32;
/// Maintenance interrupt of the virtual CPU interface: looped back into the interrupts' states inside the GIC.
inline constexpr u32 kMaintenancePpi = 25;
inline constexpr u32 kFirstSpecial = 1020;  ///< INTIDs from here on name no interrupt
inline constexpr u32 kWrongGroup = 1022;    ///< the highest priority pending interrupt is of Group 1, look at the alias
inline constexpr u32 kSpurious = 1023;

/// Group1 is Non-secure Group 1 where there are two Security states; only GICv3 tells a Secure Group 1 from it.
enum class Group : u8 { Group0 = 0, Group1 = 1, Group1Secure = 2 };
inline constexpr unsigned kGroups = 3;

/// The fields of GICC_CTLR, _PMR, _BPR and _ABPR that decide on signalling; of GICV_* and GICH_VMCR likewise.
struct InterfaceControls {
  bool enable_group0 = false;
  bool enable_group1 = false;
  bool ack_ctl = false;
  bool fiq_enable = false;
  bool common_binary_point = false;
  u8 priority_mask = 0;
  u8 binary_point0 = 0;
  u8 binary_point1 = 0;  ///< Group 1's, in Group 1's encoding: one more than Group 0's for the same split
  // Secure Group 1's own copies.
  bool enable_group1_secure = false;
  bool common_binary_point_secure = false;
  u8 binary_point1_secure = 0;  ///< in Group 0's encoding

  bool enables(Group group) const {
    return group == Group::Group0 ? enable_group0 : group == Group::Group1 ? enable_group1 : enable_group1_secure;
  }
  /// The binary point of `group` in Group 0's encoding (IHI 0048B, 3.3.3 and GICC_ABPR).
  unsigned binary_point(Group group) const {
    switch (group) {
      case Group::Group0:
        return binary_point0;
      case Group::Group1:
        return common_binary_point ? binary_point0 : binary_point1 - 1u;
      case Group::Group1Secure:
        return common_binary_point_secure ? binary_point0 : binary_point1_secure;
    }
    return binary_point0;
  }
};

/// A pending interrupt that an interface may signal.
struct Candidate {
  u32 intid = kSpurious;
  u8 source_cpu = 0;  ///< of an SGI
  u8 priority = 0;
  Group group = Group::Group0;
  unsigned list_register = 0;  ///< of a virtual interrupt

  u32 id_register() const { return intid | u32{source_cpu} << 10; }
};

/// Sufficient priority: above the mask, and its group priority above the running one (IHI 0048B, 3.3.1 and 3.3.2). The
/// running priority may stem from another binary point: both are compared by that of the pending interrupt, so that a
/// lower priority never preempts a higher one, and binary point 7 never preempts at all.
inline bool is_signalled(const InterfaceControls& controls, const Candidate& candidate, u8 running) {
  if (candidate.priority >= controls.priority_mask) return false;
  if (running == kIdlePriority) return true;
  const unsigned binary_point = controls.binary_point(candidate.group);
  return group_priority(candidate.priority, binary_point) < group_priority(running, binary_point);
}

/// What an interface signals, of what is pending for it.
inline std::optional<Candidate> signalled_of(const InterfaceControls& controls,
                                             const std::optional<Candidate>& highest_pending, u8 running) {
  return highest_pending && is_signalled(controls, *highest_pending, running) ? highest_pending : std::nullopt;
}

/// A binary point below the smallest implemented one becomes the smallest (IHI 0048B, 4.4.3; IHI 0069, ICC_BPR0_EL1).
inline u8 clamp_binary_point(u64 value, unsigned smallest) {
  return static_cast<u8>(std::max<u64>(value & 7, smallest));
}

/// What an interface drives: at most one of the two, since only the highest priority pending interrupt is signalled.
struct Outputs {
  bool irq = false;
  bool fiq = false;
};

inline Outputs outputs_of(const InterfaceControls& controls, const std::optional<Candidate>& signalled) {
  if (!signalled) return {};
  const bool fiq = signalled->group == Group::Group0 && controls.fiq_enable;
  return {.irq = !fiq, .fiq = fiq};
}

/// Through which register or from which state an interface's ID registers are read.
enum class View : u8 {
  Full,       ///< IAR, HPPIR: Secure, or of a GIC without Security Extensions
  NonSecure,  ///< IAR, HPPIR from Non-secure state of a GIC with Security Extensions
  Alias,      ///< AIAR, AHPPIR: Group 1 only
};

/// The special INTID that `view` gets in place of `group`'s interrupts, or nothing (IHI 0048B, special interrupt
/// numbers with grouping).
inline std::optional<u32> hidden_as(const InterfaceControls& controls, Group group, View view) {
  if (view == View::Full) {
    if (group == Group::Group1 && !controls.ack_ctl) return kWrongGroup;
    return std::nullopt;
  }
  if (group == Group::Group0) return kSpurious;
  return std::nullopt;
}

}  // namespace tw::gic
