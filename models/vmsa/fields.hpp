// The fields of the translation registers, by Arm's names (Arm ARM D17.2: HCR_EL2, SCTLR_ELx, TCR_ELx, VTCR_EL2).
#pragma once

#include "base/bits.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/translation.hpp"

namespace tw::vmsa {

// SCTLR_ELx: these fields are at the same place at every EL.
constexpr bool sctlr_m(u64 sctlr) { return bit<0>(sctlr); }
constexpr bool sctlr_c(u64 sctlr) { return bit<2>(sctlr); }
constexpr bool sctlr_i(u64 sctlr) { return bit<12>(sctlr); }
constexpr bool sctlr_wxn(u64 sctlr) { return bit<19>(sctlr); }
constexpr bool sctlr_ee(u64 sctlr) { return bit<25>(sctlr); }

// HCR_EL2
constexpr bool hcr_ptw(u64 hcr) { return bit<2>(hcr); }
constexpr bool hcr_dc(u64 hcr) { return bit<12>(hcr); }
constexpr bool hcr_tge(u64 hcr) { return bit<27>(hcr); }
constexpr bool hcr_cd(u64 hcr) { return bit<32>(hcr); }
constexpr bool hcr_id(u64 hcr) { return bit<33>(hcr); }
constexpr bool hcr_fwb(u64 hcr) { return bit<46>(hcr); }

inline const Stage1Registers& registers_of(const Controls& controls, Regime regime) {
  return regime == Regime::El10 ? controls.el1 : regime == Regime::El3 ? controls.el3 : controls.el2;
}

/// Stage 2 applies to EL1&0 of Non-secure state (there is no Secure EL2 before Armv8.4).
inline bool stage2_in_force(const Controls& controls, Regime regime) {
  return regime == Regime::El10 && !controls.secure && controls.stage2_enabled();
}

/// HCR_EL2.TGE and HCR_EL2.DC make SCTLR_EL1.M behave as 0 (Arm ARM D17.2.48, without VHE).
inline bool stage1_enabled(const Controls& controls, Regime regime) {
  if (regime == Regime::El10 && !controls.secure && (hcr_tge(controls.hcr) || hcr_dc(controls.hcr))) return false;
  return sctlr_m(registers_of(controls, regime).sctlr);
}

/// The ASID that a regime with two ranges uses: of TTBR1_ELx or TTBR0_ELx by TCR_ELx.A1, 16 or 8 bits by TCR_ELx.AS.
inline Asid current_asid(const Controls& controls, Regime regime = Regime::El10) {
  const Stage1Registers& registers = registers_of(controls, regime);
  const u64 field = (bit<22>(registers.tcr) ? registers.ttbr1 : registers.ttbr0) >> 48;
  const bool wide = controls.features.asid16 && bit<36>(registers.tcr);
  return Asid{static_cast<u16>(wide ? field : field & 0xFF)};
}

/// The VMID that tags EL1&0 translations: VTTBR_EL2's, whether or not stage 2 is on; 0 in Secure state.
inline Vmid current_vmid(const Controls& controls) { return controls.secure ? Vmid{} : controls.vmid(); }

/// TCR_ELx.TBI, TBI0, TBI1: the top byte of the address is ignored; not of a fetch with TBID, TBID0, TBID1.
inline bool top_byte_ignored(const Controls& controls, const Access& access) {
  const u64 tcr = registers_of(controls, access.regime).tcr;
  const bool fetch = access.kind == AccessKind::Fetch;
  if (!has_two_ranges(access.regime)) return bit<20>(tcr) && !(fetch && bit<29>(tcr));
  return bit<55>(access.va.value) ? bit<38>(tcr) && !(fetch && bit<52>(tcr)) : bit<37>(tcr) && !(fetch && bit<51>(tcr));
}

/// What hardware manages in the descriptors of a stage (FEAT_HAFDBS): TCR_ELx.{HA,HD}, VTCR_EL2.{HA,HD}.
struct HardwareUpdates {
  bool access_flag = false;
  bool dirty = false;         ///< only with access_flag
  bool flag_ignored = false;  ///< only without: CD.AFFD, STE.S2AFFD
  bool takes_clear_flag() const { return access_flag || flag_ignored; }
};
inline HardwareUpdates hardware_updates(const Features& features, u64 tcr, unsigned ha, bool affd) {
  const bool access_flag = features.hafdbs && bit_at(tcr, ha);
  return {access_flag, access_flag && features.dirty && bit_at(tcr, ha + 1), affd && !access_flag};
}
inline HardwareUpdates stage1_updates(const Controls& controls, Regime regime) {
  return hardware_updates(controls.features, registers_of(controls, regime).tcr, has_two_ranges(regime) ? 39 : 21,
                          controls.stream.affd1);
}
inline HardwareUpdates stage2_updates(const Controls& controls) {
  return hardware_updates(controls.features, controls.vtcr, 21, controls.stream.affd2);
}

/// `va` is looked up in TTBR1_ELx. In an AArch32 LPAE table, by T0SZ and T1SZ (Arm ARM G5.5, TTBCR).
inline bool in_upper_range(const Controls& controls, Regime regime, Va va) {
  if (!has_two_ranges(regime)) return false;
  if (!controls.stream.lpae1) [[likely]]
    return bit<55>(va.value);
  const u64 tcr = registers_of(controls, regime).tcr;
  const unsigned lower_bits = static_cast<unsigned>(64 - bits<5, 0>(tcr)), t1sz = bits<21, 16>(tcr) & 7;
  if (t1sz == 0) return (va.value & low_mask(32)) >> lower_bits != 0;
  return bit_field(va.value, 32 - t1sz, t1sz) == low_mask(t1sz);
}

/// One table looks up all of the 1 << `region_bits` bytes around `va`. In AArch32 a half may end within 1 GB.
inline bool of_one_table(const Controls& controls, Regime regime, Va va, unsigned region_bits) {
  if (!controls.stream.lpae1) [[likely]]
    return true;
  const Va first = va.align_down(u64{1} << region_bits);
  return in_upper_range(controls, regime, first) == in_upper_range(controls, regime, first + low_mask(region_bits));
}

/// TCR_ELx.HPD, HPD0, HPD1: the permissions in table descriptors are ignored (FEAT_HPDS).
inline bool table_permissions_ignored(const Controls& controls, Regime regime, Va va) {
  if (!controls.features.hpds) return false;
  const u64 tcr = registers_of(controls, regime).tcr;
  if (!has_two_ranges(regime)) return bit<24>(tcr);
  return in_upper_range(controls, regime, va) ? bit<42>(tcr) : bit<41>(tcr);
}

/// The address without an ignored top byte: what the tables translate and what tags a TLB entry.
inline Va canonical_va(const Controls& controls, const Access& access) {
  const Va va = access.va;
  if (!top_byte_ignored(controls, access)) return va;
  if (has_two_ranges(access.regime)) return Va{static_cast<u64>(sign_extend(va.value, 56))};
  return Va{va.value & low_mask(56)};
}

/// TCR_EL1.IPS, TCR_EL2.PS, TCR_EL3.PS, VTCR_EL2.PS, ID_AA64MMFR0_EL1.PARange as a number of bits. Reserved values are
/// taken as 48.
constexpr unsigned address_size(u64 field) {
  constexpr u8 sizes[] = {32, 36, 40, 42, 44, 48, 48, 48};
  return sizes[field & 7];
}

}  // namespace tw::vmsa
