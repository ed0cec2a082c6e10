// Identification of a GIC with the product number of the GIC-500 (DDI 0516), and sizes that several registers repeat.
#pragma once

#include "base/types.hpp"

namespace tw::gic::v3 {

inline constexpr u32 kDistributorIidr = 0x0000043B;
inline constexpr u32 kRedistributorIidr = 0x0000043B;

/// PIDR4..7, PIDR0..3, CIDR0..3, from 0xFFD0. PIDR2[7:4] = 3 says GICv3.
inline constexpr u8 kDistributorIdentification[] = {0x44, 0x00, 0x00, 0x00, 0x92, 0xB4,
                                                    0x3B, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
inline constexpr u8 kRedistributorIdentification[] = {0x44, 0x00, 0x00, 0x00, 0x93, 0xB4,
                                                      0x3B, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
inline constexpr u8 kItsIdentification[] = {0x44, 0x00, 0x00, 0x00, 0x94, 0xB4, 0x3B, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

inline constexpr unsigned kVirtualPriorityBits = 5;  ///< ICH_VTR_EL2.PRIbits + 1
inline constexpr unsigned kIntidBits = 16;           ///< GICD_TYPER.IDbits + 1; 16 is IDbits = 0 of the CPU interface
inline constexpr u32 kFirstLpi = 8192;
constexpr bool is_lpi(u32 intid) { return intid >= kFirstLpi && intid >> kIntidBits == 0; }
inline constexpr unsigned kMaxListRegisters = 16;

}  // namespace tw::gic::v3
