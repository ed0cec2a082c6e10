// Bits [4:0] of GICC_CTLR, GICV_CTLR and GICH_VMCR are the same.
#pragma once

#include "gic/signalling.hpp"

namespace tw::gic::v2 {

inline u32 control_bits(const InterfaceControls& controls) {
  return u32{controls.enable_group0} | u32{controls.enable_group1} << 1 | u32{controls.ack_ctl} << 2 |
         u32{controls.fiq_enable} << 3 | u32{controls.common_binary_point} << 4;
}

inline void set_control_bits(InterfaceControls& controls, u64 value) {
  controls.enable_group0 = value & 1;
  controls.enable_group1 = (value >> 1) & 1;
  controls.ack_ctl = (value >> 2) & 1;
  controls.fiq_enable = (value >> 3) & 1;
  controls.common_binary_point = (value >> 4) & 1;
}

/// The CPU's view of an end-of-interrupt register: bits [9:0] INTID, [12:10] source CPU of an SGI.
constexpr u32 eoi_intid(u64 value) { return static_cast<u32>(value & 0x3FF); }
constexpr u8 eoi_source(u64 value) { return static_cast<u8>((value >> 10) & 7); }

}  // namespace tw::gic::v2
