// Memory types, cacheability and shareability of each stage and of both together (Arm ARM D8.5, B2.8).
#pragma once

#include "vmsa/mapping.hpp"

namespace tw::vmsa {

/// A MAIR_ELx byte with SH[1:0] of the descriptor, as they stand (caches on).
Attributes decode_mair(u8 mair, u8 sh);

/// The attributes that stage 1 gives to `access`, SCTLR_ELx.{C,I,M} and HCR_EL2.DC applied.
Attributes stage1_attributes(const Stage1Leaf& leaf, const Access& access, const Controls& controls);

/// What stage 2 makes of Normal memory.
MemoryType stage2_memory_type(const Stage2Leaf& leaf, const Controls& controls);

/// Stage 1's attributes with stage 2's, HCR_EL2.{CD,ID} applied: the more restrictive of the two; with HCR_EL2.FWB what
/// stage 2 says.
Attributes combine(const Attributes& stage1, const Stage2Leaf& leaf, const Access& access, const Controls& controls);

}  // namespace tw::vmsa
