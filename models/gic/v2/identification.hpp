// Identification of the GIC-400 r0p1, the implementation that this model follows where the architecture leaves a choice
// (DDI 0471B, 3.2 to 3.5).
#pragma once

#include "base/types.hpp"

namespace tw::gic::v2 {

inline constexpr u32 kDistributorIidr = 0x0200143B;
inline constexpr u32 kCpuInterfaceIidr = 0x0202143B;  ///< also that of the virtual CPU interface

/// PIDR4..7, PIDR0..3, CIDR0..3, from 0xFD0. PIDR2[7:4] = 2 says GICv2.
inline constexpr u8 kDistributorIdentification[] = {0x04, 0x00, 0x00, 0x00, 0x90, 0xB4,
                                                    0x2B, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

inline constexpr unsigned kVirtualPriorityBits = 5;  ///< of a list register, GICH_VTR.PRIbits (architecture)

}  // namespace tw::gic::v2
