#include "mmu/tags.hpp"

#include "vmsa/fields.hpp"

namespace tw::mmu {

using vmsa::InvalidateScope;
using vmsa::Regime;

Context context_of(const vmsa::Controls& controls, Regime regime) {
  Context context;
  context.regime = regime;
  context.secure = regime == Regime::El3 || (regime == Regime::El10 && controls.secure);
  context.stage1 = vmsa::stage1_enabled(controls, regime);
  if (regime == Regime::El10) {
    context.stage2 = vmsa::stage2_in_force(controls, regime);
    context.vmid = vmsa::current_vmid(controls);
    context.asid = vmsa::current_asid(controls);
  }
  return context;
}

Owner owner_of(const Context& context) { return context.stage2 ? Owner{true, context.vmid} : Owner{}; }

namespace {

/// How a scope selects stage-1 and combined entries of its regime, security state and VMID.
struct ScopeRow {
  InvalidateScope scope;
  bool stage1;  ///< concerns stage-1 and combined entries at all
  bool any_vmid;
  bool by_va;
  bool by_asid;
  bool last_only;  ///< leaves only
};

constexpr ScopeRow kScopes[] = {
    {InvalidateScope::All, true, true, false, false, false},
    {InvalidateScope::VmidStage1, true, false, false, false, false},
    {InvalidateScope::VmidAll, true, false, false, false, false},
    {InvalidateScope::AsidAll, true, false, false, true, false},
    {InvalidateScope::VaAsid, true, false, true, true, false},
    {InvalidateScope::VaLastAsid, true, false, true, true, true},
    {InvalidateScope::VaAllAsid, true, false, true, false, false},
    {InvalidateScope::VaLastAllAsid, true, false, true, false, true},
    {InvalidateScope::Ipa, false, false, false, false, false},
    {InvalidateScope::IpaLast, false, false, false, false, false},
};

const ScopeRow& row_of(InvalidateScope scope) { return kScopes[static_cast<unsigned>(scope)]; }

/// TLBI operands hold VA[55:12].
bool covers(const Target& target, Va va) { return ((target.va ^ va.value) & low_mask(56)) >> target.va_bits == 0; }

}  // namespace

bool matches(const vmsa::Invalidate& what, const Target& target) {
  const ScopeRow& row = row_of(what.scope);
  const Context& context = target.context;
  if (!row.stage1 || context.regime != what.regime) return false;
  if (row.last_only && !target.leaf) return false;
  if (row.by_va && !covers(target, what.va)) return false;
  if (what.regime != Regime::El10) return true;
  if (context.secure != what.secure) return false;
  if (!row.any_vmid && what.stage2_in_use && !context.secure && context.vmid != what.vmid) return false;
  if (row.by_asid && context.asid != what.asid) {
    // Global leaves: kept by ASIDE1, hit by VAE1 and VALE1 whatever the ASID.
    return row.by_va && target.leaf && target.global;
  }
  return !(row.by_asid && !row.by_va && target.leaf && target.global);
}

bool matches_ipa(const vmsa::Invalidate& what, Vmid vmid, u64 ipa, u8 ipa_bits) {
  if (what.regime != Regime::El10 || what.secure) return false;
  switch (what.scope) {
    case InvalidateScope::All:
      return true;
    case InvalidateScope::VmidAll:
      return vmid == what.vmid;
    case InvalidateScope::Ipa:
    case InvalidateScope::IpaLast:
      return vmid == what.vmid && (ipa ^ what.ipa.value) >> ipa_bits == 0;
    default:
      return false;
  }
}

}  // namespace tw::mmu
