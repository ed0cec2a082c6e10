// What the MMU tells the contract of a walk: each descriptor with the addresses that it maps.
#include "mmu/mmu.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/geometry.hpp"

namespace tw::mmu {
namespace {

constexpr u64 kAccessFlag = u64{1} << 10, kNotGlobal = u64{1} << 11;

/// A block or a page.
bool is_leaf(const cost::DescriptorFetch& fetch) { return fetch.level == 3 || (fetch.descriptor & 2) == 0; }

WalkedDescriptor described(const cost::DescriptorFetch& fetch, const vmsa::TableRoot& root, u64 input) {
  WalkedDescriptor result;
  result.address = fetch.address.value;
  result.value = fetch.descriptor;
  result.big_endian = root.big_endian;
  result.stage = fetch.stage;
  result.leaf = is_leaf(fetch);
  result.bits = static_cast<u8>(vmsa::level_shift(root.granule, fetch.level));
  result.input = input & ~low_mask(result.bits);
  result.root = root.base;
  return result;
}

/// The IPA of the stage-1 descriptor of `level` in the table at `table`.
u64 slot_in(const vmsa::TableRoot& root, u64 table, u64 va, int level) {
  const unsigned shift = vmsa::level_shift(root.granule, level);
  const unsigned bits = level == root.level ? root.input_bits - shift : vmsa::stride(root.granule);
  return table + bit_field(va, shift, bits) * 8;
}

}  // namespace

void Mmu::watch_contract(Contract& contract, unsigned core) {
  contract_ = &contract;
  core_ = core;
  contract.listen(core, *this);
}

void Mmu::attend() {
  for (TagArray* tags : arrays_.all()) tags->end_handles();
}

void Mmu::tell_of_walk(const vmsa::Access& access, const vmsa::Controls& controls, const vmsa::Translation& result) {
  if (record_.fetches.empty()) return;
  const u64 now = time();
  const Va va = vmsa::canonical_va(controls, access);
  const Context context = context_of(controls, access.regime);
  Context of_stage2 = context;
  of_stage2.stage1 = false;
  of_stage2.asid = Asid{};
  const vmsa::RootOutcome root = context.stage1 ? vmsa::stage1_root(controls, access.regime, va) : vmsa::RootOutcome{};
  u64 table = root.root.base;
  int level_of_table = root.root.level;
  for (const cost::DescriptorFetch& fetch : record_.fetches) {
    if ((fetch.descriptor & 1) == 0 || (is_leaf(fetch) && (fetch.descriptor & kAccessFlag) == 0)) continue;
    if (fetch.stage == 1) {
      WalkedDescriptor descriptor = described(fetch, root.root, va.value & low_mask(56));
      descriptor.context = context;
      const bool two_privileges = access.regime == vmsa::Regime::El10;
      descriptor.global = descriptor.leaf && !(two_privileges && (fetch.descriptor & kNotGlobal) != 0);
      contract_->walked(descriptor, core_, now);
      table = fetch.descriptor & low_mask(48) & ~low_mask(vmsa::granule_bits(root.root.granule));
      level_of_table = fetch.level + 1;
      continue;
    }
    Ipa ipa = result.ok() ? result.ipa : result.fault.ipa;
    if (fetch.for_stage1_level >= 0) {
      if (fetch.for_stage1_level != level_of_table) continue;  // of a table behind a walk cache
      ipa = Ipa{slot_in(root.root, table, va.value, fetch.for_stage1_level)};
    } else if (!result.ok() && result.fault.stage != 2) {
      continue;
    }
    const vmsa::RootOutcome stage2 = vmsa::stage2_root(controls, ipa);
    WalkedDescriptor descriptor = described(fetch, stage2.root, ipa.value);
    descriptor.context = of_stage2;
    contract_->walked(descriptor, core_, now);
  }
}

}  // namespace tw::mmu
