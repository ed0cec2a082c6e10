// The causes of the maintenance interrupt: GICH_HCR and GICH_MISR, ICH_HCR_EL2 and ICH_MISR_EL2 are the same.
#pragma once

#include <bit>

#include "gic/list_registers.hpp"
#include "gic/signalling.hpp"

namespace tw::gic {

inline constexpr u32 kEoiCountMask = 0x1Fu << 27;  ///< EOICount, in the control register

/// A cause has the position of its enable bit in the control register; bit 0 is EOI here and En there (IHI 0048B, 5.3;
/// IHI 0069, ICH_MISR_EL2).
inline u32 maintenance_causes(u32 hcr, const ListRegisters& list_registers, const InterfaceControls& controls) {
  constexpr unsigned kUie = 1, kLrenpie = 2, kNpie = 3, kVGrp0Eie = 4, kVGrp0Die = 5, kVGrp1Eie = 6, kVGrp1Die = 7;
  const auto when = [hcr](unsigned enable, bool condition) {
    return static_cast<u32>(((hcr >> enable) & 1) != 0 && condition) << enable;
  };
  return u32{list_registers.eoi_mask() != 0} | when(kUie, std::popcount(list_registers.valid_mask()) <= 1) |
         when(kLrenpie, (hcr & kEoiCountMask) != 0) | when(kNpie, list_registers.pending_mask() == 0) |
         when(kVGrp0Eie, controls.enable_group0) | when(kVGrp0Die, !controls.enable_group0) |
         when(kVGrp1Eie, controls.enable_group1) | when(kVGrp1Die, !controls.enable_group1);
}

/// The control register after an EOI that found no list register.
inline u32 with_unlisted_eoi(u32 hcr) { return (hcr & ~kEoiCountMask) | ((hcr + (1u << 27)) & kEoiCountMask); }

}  // namespace tw::gic
