// The registers of an SMMUv3 that a driver uses (IHI 0070, 6.3).
#pragma once

#include "base/types.hpp"

namespace tw::study {

inline constexpr u64 kCr0 = 0x20, kCr0Ack = 0x24, kCr1 = 0x28, kCr2 = 0x2C;
inline constexpr u64 kIrqCtrl = 0x50, kIrqCtrlAck = 0x54;
inline constexpr u64 kGerror = 0x60, kGerrorn = 0x64;
inline constexpr u64 kStrtabBase = 0x80, kStrtabBaseCfg = 0x88;
inline constexpr u64 kCmdqBase = 0x90, kCmdqProd = 0x98, kCmdqCons = 0x9C;
inline constexpr u64 kEventqBase = 0xA0, kEventqProd = 0x100A8, kEventqCons = 0x100AC;

inline constexpr u64 kSmmuEn = 1 << 0, kEventqEn = 1 << 2, kCmdqEn = 1 << 3;
inline constexpr u64 kEventqIrqEn = 1 << 2;
inline constexpr u64 kCacheableShareable = 0xD75;     ///< CR1: inner shareable write-back for tables and queues
inline constexpr u64 kRecordInvalidStreams = 1 << 1;  ///< CR2.RECINVSID
inline constexpr u64 kReadAllocate = u64{1} << 62;    ///< of the BASE registers

}  // namespace tw::study
