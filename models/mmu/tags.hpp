// The context that a cached translation belongs to, and how a TLBI matches it (Arm ARM D8.13).
#pragma once

#include "mmu/statistics.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/translation.hpp"

namespace tw::mmu {

/// Everything but the address that decides whether an entry translates an access. `stage1` and `stage2` say which
/// stages were in force; they are part of the tag, so that switching a stage off needs no TLBI.
struct Context {
  vmsa::Regime regime = vmsa::Regime::El10;
  bool secure = false;
  bool stage1 = true;
  bool stage2 = false;
  Vmid vmid{};  ///< EL1&0 in Non-secure state, stage 2 on or off
  Asid asid{};  ///< EL1&0
  bool operator==(const Context&) const = default;
};

Context context_of(const vmsa::Controls& controls, vmsa::Regime regime);
Owner owner_of(const Context& context);

/// An entry made in `entry` serves an access in `present`.
inline bool serves(const Context& entry, bool global, const Context& present) {
  return entry.regime == present.regime && entry.secure == present.secure && entry.stage1 == present.stage1 &&
         entry.stage2 == present.stage2 && entry.vmid == present.vmid && (global || entry.asid == present.asid);
}

/// How an invalidation looks at a stage-1 or combined entry: leaf or table pointer, with the VA range that goes with
/// it.
struct Target {
  const Context& context;
  bool global;  ///< false for table pointers: they always belong to an ASID
  u64 va;
  u8 va_bits;  ///< of the whole stage-1 page or block, also when the entry holds a part of it
};

/// `what` is about structures of this kind at all; the matches below assume it.
bool concerns_leaves(const vmsa::Invalidate& what);
bool concerns_tables(const vmsa::Invalidate& what);
bool concerns_stage2(const vmsa::Invalidate& what);

bool matches(const vmsa::Invalidate& what, const Target& target);
/// The same for a stage-2 entry.
bool matches_stage2(const vmsa::Invalidate& what, Vmid vmid, Ipa ipa, u8 ipa_bits);

}  // namespace tw::mmu
