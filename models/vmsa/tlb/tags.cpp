#include "vmsa/tlb/tags.hpp"

#include "base/bits.hpp"

namespace tw::vmsa {

namespace {

/// How a scope selects entries. Of stage 1 and combined: within the regime, the security state and (but for `any_vmid`)
/// the VMID. Of stage 2: by VMID, and by IPA where `by_ipa`.
struct ScopeRow {
  InvalidateScope scope;
  bool leaves, tables, stage2;
  bool any_vmid = false;
  bool by_va = false;
  bool by_asid = false;
  bool by_ipa = false;
};

constexpr ScopeRow kScopes[] = {
    {.scope = InvalidateScope::All, .leaves = true, .tables = true, .stage2 = true, .any_vmid = true},
    {.scope = InvalidateScope::VmidStage1, .leaves = true, .tables = true, .stage2 = false},
    {.scope = InvalidateScope::VmidAll, .leaves = true, .tables = true, .stage2 = true},
    {.scope = InvalidateScope::AsidAll, .leaves = true, .tables = true, .stage2 = false, .by_asid = true},
    {.scope = InvalidateScope::VaAsid, .leaves = true, .tables = true, .stage2 = false, .by_va = true, .by_asid = true},
    {.scope = InvalidateScope::VaLastAsid,
     .leaves = true,
     .tables = false,
     .stage2 = false,
     .by_va = true,
     .by_asid = true},
    {.scope = InvalidateScope::VaAllAsid, .leaves = true, .tables = true, .stage2 = false, .by_va = true},
    {.scope = InvalidateScope::VaLastAllAsid, .leaves = true, .tables = false, .stage2 = false, .by_va = true},
    {.scope = InvalidateScope::Ipa, .leaves = false, .tables = false, .stage2 = true, .by_ipa = true},
    {.scope = InvalidateScope::IpaLast, .leaves = false, .tables = false, .stage2 = true, .by_ipa = true},
};

constexpr bool in_order() {
  unsigned at = 0;
  for (const ScopeRow& row : kScopes) {
    if (static_cast<unsigned>(row.scope) != at++) return false;
  }
  return true;
}
static_assert(in_order());

const ScopeRow& row_of(const Invalidate& what) { return kScopes[static_cast<unsigned>(what.scope)]; }

/// Whether an entry of 1 << `bits` bytes at `entry` shares an address with what is invalidated.
bool overlaps(u64 entry, u8 bits, u64 first, u64 bytes) {
  const u64 begin = bits >= 64 ? 0 : entry >> bits << bits;
  if (begin == (bits >= 64 ? 0 : first >> bits << bits)) return true;
  return begin > first && begin - first < bytes;
}

/// TLBI operands hold VA[55:12].
bool covers(const Target& target, const Invalidate& what) {
  return overlaps(target.va & low_mask(56), target.va_bits, what.va.value & low_mask(56), what.bytes);
}

bool same_vmid(const Invalidate& what, Vmid vmid) { return ((vmid.value ^ what.vmid.value) & what.vmid_mask) == 0; }

}  // namespace

bool concerns_leaves(const Invalidate& what) { return row_of(what).leaves; }
bool concerns_tables(const Invalidate& what) { return row_of(what).tables; }
bool concerns_stage2(const Invalidate& what) {
  return row_of(what).stage2 && what.regime == Regime::El10 && !what.secure;
}

bool concerns_stage2_tables(const Invalidate& what) {
  return concerns_stage2(what) && what.scope != InvalidateScope::IpaLast;
}

Reach reach_of(const Invalidate& what) {
  const ScopeRow& row = row_of(what);
  if (row.by_va || row.by_ipa) return Reach::Address;
  return row.any_vmid ? Reach::Everything : Reach::Space;
}

bool matches(const Invalidate& what, const Target& target) {
  const ScopeRow& row = row_of(what);
  const Context& context = target.context;
  if (context.regime != what.regime) return false;
  if (row.by_va && !covers(target, what)) return false;
  if (!has_two_ranges(what.regime)) return true;
  if (context.secure != what.secure) return false;
  const bool by_vmid = !row.any_vmid && what.regime == Regime::El10 && what.stage2_in_use && !context.secure;
  if (by_vmid && !same_vmid(what, context.vmid)) return false;
  if (!row.by_asid) return true;
  // Global leaves: kept by ASIDE1, hit by VAE1 and VALE1 whatever the ASID.
  if (target.global) return row.by_va;
  return context.asid == what.asid;
}

bool matches_stage2(const Invalidate& what, Vmid vmid, Ipa ipa, u8 ipa_bits) {
  const ScopeRow& row = row_of(what);
  if (row.by_ipa && !overlaps(ipa.value, ipa_bits, what.ipa.value, what.bytes)) return false;
  return row.any_vmid || same_vmid(what, vmid);
}

}  // namespace tw::vmsa
