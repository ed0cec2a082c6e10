#include "vmsa/geometry.hpp"

#include <algorithm>
#include <optional>

#include "vmsa/fields.hpp"

namespace tw::vmsa {
namespace {

// TxSZ of Armv8.0: 16..39. Outside it the access gets a level 0 Translation fault (README, choices).
constexpr unsigned kMinTxsz = 16;
constexpr unsigned kMaxTxsz = 39;
constexpr unsigned kLpaeBits = 40;  // IPA and PA of AArch32 LPAE tables

bool implemented(const Features& features, Granule granule) {
  return granule == Granule::K4    ? features.granule4k
         : granule == Granule::K16 ? features.granule16k
                                   : features.granule64k;
}

/// A reserved or unimplemented TG field is taken as the smallest implemented granule (README, choices).
Granule granule_or_default(const Features& features, std::optional<Granule> wanted) {
  if (wanted && implemented(features, *wanted)) return *wanted;
  for (Granule granule : {Granule::K4, Granule::K16}) {
    if (implemented(features, granule)) return granule;
  }
  return Granule::K64;
}

std::optional<Granule> granule_of_tg0(u64 tg0) {
  constexpr std::optional<Granule> rows[] = {Granule::K4, Granule::K64, Granule::K16, std::nullopt};
  return rows[tg0 & 3];
}

std::optional<Granule> granule_of_tg1(u64 tg1) {
  constexpr std::optional<Granule> rows[] = {std::nullopt, Granule::K16, Granule::K4, Granule::K64};
  return rows[tg1 & 3];
}

int initial_level(Granule granule, unsigned input_bits) {
  const unsigned resolved = input_bits - granule_bits(granule);
  return 4 - static_cast<int>((resolved + stride(granule) - 1) / stride(granule));
}

u8 output_bits(const Features& features, u64 size_field) {
  return static_cast<u8>(std::min<unsigned>(address_size(size_field), features.pa_bits));
}

/// TTBR or VTTBR -> address of the first table, aligned to its size; low bits are ignored (README, choices).
void set_base(RootOutcome& outcome, u64 ttbr) {
  TableRoot& root = outcome.root;
  const unsigned table_bits = root.input_bits - level_shift(root.granule, root.level) + 3;
  root.base = bits<47, 0>(ttbr) & ~low_mask(table_bits);
  outcome.fault = (root.base >> root.output_bits) != 0 ? FaultType::AddressSize : FaultType::None;
}

/// The initial levels that the granule and the size of the physical address allow (Arm ARM D8.2.2, VTCR_EL2.SL0).
bool stage2_level_allowed(Granule granule, int level, unsigned pa_bits) {
  if (level < 0 || level > 3) return false;
  switch (granule) {
    case Granule::K4:
      return level < 3 && (level > 0 || pa_bits > 42);
    case Granule::K16:
      return level > 1 || (level == 1 && pa_bits > 40);
    case Granule::K64:
      return level > 1 || (level == 1 && pa_bits > 42);
  }
  return false;
}

}  // namespace

RootOutcome stage1_root(const Controls& controls, Regime regime, Va va) {
  RootOutcome outcome{.fault = FaultType::Translation, .root = {}};
  TableRoot& root = outcome.root;
  const Stage1Registers& registers = registers_of(controls, regime);
  const bool has_upper = has_two_ranges(regime);
  const bool upper = in_upper_range(controls, regime, va);
  const u64 tcr = registers.tcr;
  const unsigned txsz = static_cast<unsigned>(upper ? bits<21, 16>(tcr) : bits<5, 0>(tcr));
  const bool disabled = has_upper && (upper ? bit<23>(tcr) : bit<7>(tcr));  // EPD1, EPD0
  if (txsz < kMinTxsz || txsz > kMaxTxsz || disabled) return outcome;

  root.granule = granule_or_default(controls.features,
                                    upper ? granule_of_tg1(bits<31, 30>(tcr)) : granule_of_tg0(bits<15, 14>(tcr)));
  root.input_bits = static_cast<u8>(64 - txsz);
  if (controls.stream.lpae1) [[unlikely]] {
    if ((va.value >> 32) != 0 || (!upper && (va.value >> root.input_bits) != 0)) return outcome;
  } else {
    const u64 sign = va.value >> root.input_bits;
    if (sign != (upper ? low_mask(txsz) : 0)) return outcome;
  }

  root.output_bits = output_bits(controls.features, has_upper ? bits<34, 32>(tcr) : bits<18, 16>(tcr));
  if (controls.stream.lpae1 && stage2_in_force(controls, regime)) root.output_bits = kLpaeBits;
  root.level = static_cast<i8>(initial_level(root.granule, root.input_bits));
  root.cacheable = sctlr_c(registers.sctlr) && (upper ? bits<25, 24>(tcr) : bits<9, 8>(tcr)) != 0;
  root.big_endian = sctlr_ee(registers.sctlr);
  set_base(outcome, upper ? registers.ttbr1 : registers.ttbr0);
  return outcome;
}

RootOutcome stage2_root(const Controls& controls, Ipa ipa) {
  RootOutcome outcome{.fault = FaultType::Translation, .root = {}};
  TableRoot& root = outcome.root;
  const u64 vtcr = controls.vtcr;
  const unsigned t0sz = static_cast<unsigned>(bits<5, 0>(vtcr));
  const unsigned pa_bits = controls.features.pa_bits;
  const unsigned ipa_bits = controls.stream.lpae2 ? kLpaeBits : std::max(pa_bits, unsigned{controls.features.ipa_bits});
  if (t0sz < kMinTxsz || t0sz > kMaxTxsz) return outcome;

  root.granule = granule_or_default(controls.features, granule_of_tg0(bits<15, 14>(vtcr)));
  root.input_bits = static_cast<u8>(64 - t0sz);
  const int sl0 = static_cast<int>(bits<7, 6>(vtcr));
  const int level = (root.granule == Granule::K4 ? 2 : 3) - sl0;
  if (!stage2_level_allowed(root.granule, level, pa_bits) || root.input_bits > ipa_bits) return outcome;
  // The first level has at least two entries, and at most 16 concatenated tables.
  const int entries_log2 = static_cast<int>(root.input_bits) - static_cast<int>(level_shift(root.granule, level));
  if (entries_log2 < 1 || entries_log2 > static_cast<int>(stride(root.granule)) + 4) return outcome;
  if ((ipa.value >> root.input_bits) != 0) return outcome;

  root.level = static_cast<i8>(level);
  root.output_bits = output_bits(controls.features, bits<18, 16>(vtcr));
  root.cacheable = bits<9, 8>(vtcr) != 0 && !hcr_cd(controls.hcr);
  root.big_endian = sctlr_ee(controls.el2.sctlr);
  set_base(outcome, controls.vttbr);
  return outcome;
}

}  // namespace tw::vmsa
