#include "vmsa/attributes.hpp"

#include <algorithm>

#include "vmsa/fields.hpp"

namespace tw::vmsa {
namespace {

// SH[1:0]
constexpr u8 kNonShareable = 0, kOuterShareable = 2, kInnerShareable = 3;

// A nibble of a MAIR byte of Normal memory: 0b0100 Non-cacheable; 0b10RW and 0b00RW Write-Through (the latter
// transient); 0b11RW and 0b01RW Write-Back.
constexpr u8 kNonCacheable = 0x4;
constexpr u8 kWriteBackBoth = 0xF;  // MemAttr of stage 2: stage 1's policy is the weaker one
constexpr u8 kMairNonCacheable = 0x44, kMairWriteThrough = 0xAA, kMairWriteBack = 0xFF;

enum class Policy : u8 { NonCacheable, WriteThrough, WriteBack };

Policy policy_of(u8 nibble) {
  if (nibble == kNonCacheable) return Policy::NonCacheable;
  return (nibble & 4) != 0 ? Policy::WriteBack : Policy::WriteThrough;
}

/// The nibble with stage 1's allocation hints and the weaker of the two policies.
u8 weaker(u8 stage1_nibble, Policy stage2) {
  const Policy policy = std::min(policy_of(stage1_nibble), stage2);
  if (policy == Policy::NonCacheable) return kNonCacheable;
  if (policy == policy_of(stage1_nibble)) return stage1_nibble;
  return static_cast<u8>(stage1_nibble & ~4u);  // Write-Back to Write-Through, hints and transience kept
}

Policy stage2_policy(u64 field) {
  // 0b01 Non-cacheable, 0b10 Write-Through, 0b11 Write-Back; 0b00 in the inner field is reserved: Non-cacheable.
  return field == 3 ? Policy::WriteBack : field == 2 ? Policy::WriteThrough : Policy::NonCacheable;
}

bool forced_write_back(const Controls& controls) { return controls.features.fwb && hcr_fwb(controls.hcr); }

Attributes device(MemoryType type) {
  Attributes result;
  result.type = type;
  result.mair = static_cast<u8>(static_cast<unsigned>(type) << 2);
  result.shareability = kOuterShareable;
  return result;
}

Attributes normal(u8 mair, u8 sh) {
  Attributes result;
  result.type = MemoryType::Normal;
  result.mair = mair;
  result.inner_cacheable = (mair & 0xF) != kNonCacheable;
  result.outer_cacheable = (mair >> 4) != kNonCacheable;
  // SH 0b01 is reserved; memory that no cache holds is Outer Shareable (Arm ARM D8.5.6).
  const bool outer = sh == 1 || (!result.inner_cacheable && !result.outer_cacheable);
  result.shareability = outer ? kOuterShareable : sh;
  return result;
}

u8 shareability(const Attributes& stage1, const Stage2Leaf& leaf) {
  const u8 stage2 = leaf.sh == 1 ? kOuterShareable : leaf.sh;
  if (stage1.shareability == kOuterShareable || stage2 == kOuterShareable) return kOuterShareable;
  return stage1.shareability == kInnerShareable || stage2 == kInnerShareable ? kInnerShareable : kNonShareable;
}

/// HCR_EL2.FWB: MemAttr 0b0xx Device, 0b101 Non-cacheable unless Device, 0b110 Write-Back, 0b111 as stage 1 says; the
/// reserved 0b100 is taken as 0b101 (README, choices). HCR_EL2.{CD,ID} do not take part (Arm ARM D8.5.5).
Attributes combine_forced(const Attributes& stage1, const Stage2Leaf& leaf, const Controls& controls) {
  const MemoryType type = stage2_memory_type(leaf, controls);
  if (type != MemoryType::Normal) return device(std::min(stage1.type, type));
  const unsigned how = leaf.mem_attr & 3u;
  if (how == 2) {
    const auto nibble = [&](unsigned of_stage1) -> unsigned {
      const bool cached = !stage1.is_device() && policy_of(static_cast<u8>(of_stage1)) != Policy::NonCacheable;
      return cached ? of_stage1 | 4u : 0xFu;  // allocation hints and transience of stage 1
    };
    return normal(static_cast<u8>(nibble(stage1.mair >> 4) << 4 | nibble(stage1.mair & 0xFu)),
                  shareability(stage1, leaf));
  }
  if (stage1.is_device()) return stage1;
  return normal(how == 3 ? stage1.mair : kMairNonCacheable, shareability(stage1, leaf));
}

}  // namespace

Attributes decode_mair(u8 mair, u8 sh) {
  if ((mair & 0xF0) == 0) return device(static_cast<MemoryType>((mair >> 2) & 3));
  if ((mair & 0x0F) == 0) return normal(kMairNonCacheable, sh);  // reserved without FEAT_MTE2 and FEAT_XS
  return normal(mair, sh);
}

Attributes stage1_attributes(const Stage1Leaf& leaf, const Access& access, const Controls& controls) {
  const u64 sctlr = registers_of(controls, access.regime).sctlr;
  const bool fetch = access.kind == AccessKind::Fetch;
  if (leaf.flat) {
    if (controls.stream.incoming) return decode_mair(controls.stream.incoming_mair, controls.stream.incoming_sh);
    const bool default_cacheable = access.regime == Regime::El10 && !controls.secure && hcr_dc(controls.hcr);
    if (default_cacheable) return normal(kMairWriteBack, kNonShareable);
    if (!fetch) return device(MemoryType::DeviceNGnRnE);
    return normal(sctlr_i(sctlr) ? kMairWriteThrough : kMairNonCacheable, kOuterShareable);
  }
  const Attributes result = decode_mair(leaf.mair, leaf.sh);
  const bool caches_on = fetch ? sctlr_i(sctlr) : sctlr_c(sctlr);
  if (result.is_device() || caches_on) return result;
  return normal(kMairNonCacheable, leaf.sh);
}

MemoryType stage2_memory_type(const Stage2Leaf& leaf, const Controls& controls) {
  const bool normal = forced_write_back(controls) ? (leaf.mem_attr & 4) != 0 : (leaf.mem_attr & 0xC) != 0;
  return normal ? MemoryType::Normal : static_cast<MemoryType>(leaf.mem_attr & 3);
}

Attributes combine(const Attributes& stage1, const Stage2Leaf& leaf, const Access& access, const Controls& controls) {
  if (forced_write_back(controls)) return combine_forced(stage1, leaf, controls);
  const MemoryType type = std::min(stage1.type, stage2_memory_type(leaf, controls));  // most restrictive first
  if (type != MemoryType::Normal) return device(type);
  const bool disabled = access.kind == AccessKind::Fetch ? hcr_id(controls.hcr) : hcr_cd(controls.hcr);
  if (leaf.mem_attr == kWriteBackBoth && !disabled) [[likely]]
    return normal(stage1.mair, shareability(stage1, leaf));
  const Policy outer = disabled ? Policy::NonCacheable : stage2_policy(leaf.mem_attr >> 2);
  const Policy inner = disabled ? Policy::NonCacheable : stage2_policy(leaf.mem_attr & 3);
  const u8 mair = static_cast<u8>(weaker(stage1.mair >> 4, outer) << 4 | weaker(stage1.mair & 0xF, inner));
  return normal(mair, shareability(stage1, leaf));
}

}  // namespace tw::vmsa
