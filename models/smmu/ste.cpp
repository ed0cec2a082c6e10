#include "smmu/ste.hpp"

#include <algorithm>

#include "vmsa/fields.hpp"
#include "vmsa/geometry.hpp"

namespace tw::smmu {
namespace {

constexpr u64 kHcrVm = 1, kHcrPtw = u64{1} << 2, kHcrFwb = u64{1} << 46;
constexpr unsigned kLpaeBits = 40;
constexpr u64 kIps40 = 2;
constexpr unsigned kMinTxsz = 16, kMaxTxsz = 39;  // no SMMU_IDR3.STT, no SMMU_IDR5.VAX

/// S2TG; 0: reserved.
unsigned page_bits_of(u64 s2tg) {
  constexpr unsigned bits[] = {12, 16, 14, 0};
  return bits[s2tg & 3];
}

bool strw_unused(const SteWords& words, const Config& config) {
  const bool hyp = config.hyp && config.stage1 && config.stage2;  // SMMU_IDR0.Hyp
  return !hyp || ste::stage2(words) || !ste::stage1(words);
}

bool vmid_ignored(const SteWords& words, const Config& config) {
  if (!ste::stage1(words) && !ste::stage2(words)) return true;
  return !config.stage2 || (!strw_unused(words, config) && ste::strw(words) != 0);
}

bool ats_illegal(const SteWords& words, const Config& config) {
  if (!config.ats || (!ste::stage1(words) && !ste::stage2(words))) return false;
  const bool stalls = ste::s2s(words) != 0;
  if (ste::eats(words) == 2) return !ste::stage1(words) || !ste::stage2(words) || stalls;
  return ste::eats(words) == 1 && stalls && ste::stage2(words);
}

bool stage1_illegal(const SteWords& words, const Config& config) {
  if (ste::s1stalld(words) != 0 && stall_model(config) != StallModel::Both) return true;
  if (config.ssid_bits != 0 && ste::s1cdmax(words) > config.ssid_bits) return true;
  // As an IPA it is checked too (README, choices).
  const unsigned bits = ste::stage2(words) ? ipa_bits(config) : static_cast<unsigned>(config.pa_bits);
  return (ste::s1_context_ptr(words) >> bits) != 0;
}

bool stage2_illegal(const SteWords& words, const Config& config) {
  const bool aarch64 = ste::s2aa64(words) != 0;
  if (!aarch64 && (!config.aarch32 || ste::s2fwb(words) != 0 || ste::s2sl0(words) > 1)) return true;
  const StallModel model = stall_model(config);
  if (ste::s2s(words) != 0 ? model == StallModel::Terminate : model == StallModel::Stall) return true;
  if ((ste::s2ha(words) | ste::s2hd(words)) != 0 && (!aarch64 || httu(config) == 0)) return true;
  if (ste::s2hd(words) != 0 && httu(config) == 1) return true;
  if ((ste::s2ttb(words) >> output_bits(config, ste::s2ps(words), aarch64)) != 0) return true;
  if (aarch64) {
    if (!granule_implemented(config, page_bits_of(ste::s2tg(words)))) return true;
    const unsigned least = std::max(kMinTxsz, 64 - ipa_bits(config));
    if (ste::s2t0sz(words) < least || ste::s2t0sz(words) > kMaxTxsz) return true;
  }
  // S2SL0 against S2T0SZ and S2TG: the same rule as the walker's.
  vmsa::Controls controls;
  set_stage2(words, config, controls);
  return vmsa::stage2_root(controls, Ipa{}).fault != vmsa::FaultType::None;
}

}  // namespace

StallModel stall_model(const Config& config) {
  if (config.stall == "terminate") return StallModel::Terminate;
  return config.stall == "stall" ? StallModel::Stall : StallModel::Both;
}

unsigned httu(const Config& config) { return config.httu == "dirty" ? 2 : config.httu == "access" ? 1 : 0; }

bool granule_implemented(const Config& config, unsigned page_bits) {
  switch (page_bits) {
    case 12:
      return config.granule_4k;
    case 14:
      return config.granule_16k;
    case 16:
      return config.granule_64k;
    default:
      return false;
  }
}

unsigned ipa_bits(const Config& config) {
  return std::max(config.aarch32 ? kLpaeBits : 0, static_cast<unsigned>(config.pa_bits));
}

unsigned output_bits(const Config& config, u64 size_field, bool aarch64) {
  if (!aarch64) return kLpaeBits;
  return std::min(vmsa::address_size(size_field), static_cast<unsigned>(config.pa_bits));
}

bool has_substreams(const SteWords& words, const Config& config) {
  return config.ssid_bits != 0 && ste::s1cdmax(words) != 0;
}

StreamWorld world_of(const SteWords& words, const Config& config, const State& state) {
  if (strw_unused(words, config) || ste::strw(words) == 0) return StreamWorld::El1;
  return state.e2h() ? StreamWorld::El2E2h : StreamWorld::El2;
}

bool is_illegal(const SteWords& words, const Config& config) {
  if (ste::v(words) == 0) return true;
  if (!ste::passes(words)) return false;
  if (ste::stage1(words) && !config.stage1) return true;
  if (ste::stage2(words) && !config.stage2) return true;
  if (ats_illegal(words, config)) return true;
  if (!strw_unused(words, config) && bit<0>(ste::strw(words))) return true;
  if (ste::stage1(words) && stage1_illegal(words, config)) return true;
  if (ste::stage2(words) && stage2_illegal(words, config)) return true;
  return !config.vmid16 && !vmid_ignored(words, config) && ste::s2vmid(words) > 0xFF;
}

u8 effective_eats(const SteWords& words, const Config& config, const State& state) {
  if (!config.ats || (!ste::stage1(words) && !ste::stage2(words))) return 0;
  const u8 eats = static_cast<u8>(ste::eats(words));
  if (eats == 3) return 0;  // no SMMU_IDR3.DPT
  return eats == 2 && !state.ats_check() ? 0 : eats;
}

void set_stage2(const SteWords& words, const Config& config, vmsa::Controls& controls) {
  controls.features = translation_features(config);
  constexpr u64 kVs = u64{1} << 19;
  controls.vtcr = kVs;
  controls.vttbr = vmid_ignored(words, config) ? 0 : ste::s2vmid(words) << 48;
  if (!ste::stage2(words)) return;
  const bool aarch64 = ste::s2aa64(words) != 0;
  // T0SZ of an AArch32 LPAE table is a signed number of 4 bits.
  const u64 t0sz = aarch64 ? ste::s2t0sz(words) : static_cast<u64>(32 + sign_extend(ste::s2t0sz(words), 4));
  controls.vtcr |= t0sz | ste::s2sl0(words) << 6 | ste::s2ir0(words) << 8 | ste::s2or0(words) << 10 |
                   ste::s2sh0(words) << 12 |
                   (aarch64 ? ste::s2tg(words) << 14 | ste::s2ps(words) << 16 : kIps40 << 16) | ste::s2ha(words) << 21 |
                   ste::s2hd(words) << 22;
  controls.vttbr |= ste::s2ttb(words);
  controls.hcr =
      kHcrVm | (ste::s2ptw(words) != 0 && ste::stage1(words) ? kHcrPtw : 0) | (ste::s2fwb(words) != 0 ? kHcrFwb : 0);
  controls.el2.sctlr = ste::s2endi(words) << 25;
  controls.stream.lpae2 = !aarch64;
  controls.stream.affd2 = ste::s2affd(words) != 0;
}

vmsa::Features translation_features(const Config& config) {
  vmsa::Features features;
  features.pa_bits = static_cast<u8>(config.pa_bits);
  features.ipa_bits = static_cast<u8>(ipa_bits(config));
  features.granule4k = config.granule_4k;
  features.granule16k = config.granule_16k;
  features.granule64k = config.granule_64k;
  features.asid16 = features.vmid16 = true;  // where only 8 bits are implemented, others are ILLEGAL
  features.hpds = features.xnx = features.fwb = true;
  features.hafdbs = httu(config) >= 1;
  features.dirty = httu(config) == 2;
  return features;
}

}  // namespace tw::smmu
