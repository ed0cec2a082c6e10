// Registers of the GIC that a core reaches as system registers (IHI 0069, chapter 12). Shared by cpu and gic.
#pragma once

#include "base/types.hpp"

namespace tw::arm {

/// From where a core reaches one of these registers: what decides which copy of a banked register it gets, and which
/// view of a priority.
struct GicAccess {
  bool guest = false;   ///< ICV_* in place of ICC_* (reaches_virtual); no difference for ICH_*, SGI and SRE registers
  bool debug = false;   ///< a debugger's look: no effect
  bool secure = false;  ///< SCR_EL3.NS = 0; false without EL3
  bool el3 = false;     ///< the core is at EL3
  bool fiq_to_el3 = false;  ///< SCR_EL3.FIQ: Group 0 is EL3's
  bool irq_to_el3 = false;  ///< SCR_EL3.IRQ

  /// IsSecure() of the manual: EL3 is, whatever SCR_EL3.NS says.
  constexpr bool from_secure() const { return secure || el3; }
};

/// Where a core executes, as far as it decides between IRQ and FIQ (IHI 0069, 4.6.2).
enum class GicWorld : u8 { NonSecure, Secure, El3 };

enum class GicRegister : u8 {
  // CPU interface. ICV_* are the same registers, seen by a guest.
  IccPmr,
  IccBpr0,
  IccBpr1,
  IccIar0,
  IccIar1,
  IccEoir0,
  IccEoir1,
  IccHppir0,
  IccHppir1,
  IccDir,
  IccRpr,
  IccCtlr,
  IccIgrpen0,
  IccIgrpen1,
  IccAp0r0,
  IccAp0r1,
  IccAp0r2,
  IccAp0r3,
  IccAp1r0,
  IccAp1r1,
  IccAp1r2,
  IccAp1r3,
  IccSreEl1,
  IccSreEl2,
  IccSreEl3,
  IccSgi0r,
  IccSgi1r,
  IccAsgi1r,
  IccCtlrEl3,
  IccIgrpen1El3,
  // Hypervisor control.
  IchHcr,
  IchVtr,
  IchVmcr,
  IchMisr,
  IchEisr,
  IchElrsr,
  IchAp0r0,
  IchAp0r1,
  IchAp0r2,
  IchAp0r3,
  IchAp1r0,
  IchAp1r1,
  IchAp1r2,
  IchAp1r3,
  IchLr0,  // .. IchLr0 + 15
  IchLr15 = IchLr0 + 15,
};

/// What an access at EL1 reaches when HCR_EL2.FMO and IMO are these and EL2 is enabled: true for ICV_*, false for ICC_*
/// (IHI 0069, the accessibility of each ICC register). SGI registers are trapped then, SRE has no virtual twin.
constexpr bool reaches_virtual(GicRegister reg, bool fmo, bool imo) {
  using enum GicRegister;
  switch (reg) {
    case IccBpr0:
    case IccIar0:
    case IccEoir0:
    case IccHppir0:
    case IccIgrpen0:
    case IccAp0r0:
    case IccAp0r1:
    case IccAp0r2:
    case IccAp0r3:
      return fmo;
    case IccBpr1:
    case IccIar1:
    case IccEoir1:
    case IccHppir1:
    case IccIgrpen1:
    case IccAp1r0:
    case IccAp1r1:
    case IccAp1r2:
    case IccAp1r3:
      return imo;
    case IccPmr:
    case IccDir:
    case IccRpr:
    case IccCtlr:
      return fmo || imo;
    default:
      return false;
  }
}

}  // namespace tw::arm
