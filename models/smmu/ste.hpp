// The Stream Table Entry (IHI 0070, 5.2).
#pragma once

#include "smmu/config.hpp"
#include "smmu/state.hpp"
#include "smmu/stream.hpp"
#include "smmu/structure.hpp"

namespace tw::smmu {

namespace ste {

// One row a field: name, bits.
#define TW_STE_FIELDS(X) \
  X(v, 0, 0)             \
  X(config, 3, 1)        \
  X(s1fmt, 5, 4)         \
  X(s1cdmax, 63, 59)     \
  X(s1dss, 65, 64)       \
  X(ppar, 82, 82)        \
  X(mev, 83, 83)         \
  X(s2fwb, 89, 89)       \
  X(s1stalld, 91, 91)    \
  X(eats, 93, 92)        \
  X(strw, 95, 94)        \
  X(memattr, 99, 96)     \
  X(mtcfg, 100, 100)     \
  X(alloccfg, 104, 101)  \
  X(shcfg, 109, 108)     \
  X(nscfg, 111, 110)     \
  X(privcfg, 113, 112)   \
  X(instcfg, 115, 114)   \
  X(s2vmid, 143, 128)    \
  X(s2t0sz, 165, 160)    \
  X(s2sl0, 167, 166)     \
  X(s2ir0, 169, 168)     \
  X(s2or0, 171, 170)     \
  X(s2sh0, 173, 172)     \
  X(s2tg, 175, 174)      \
  X(s2ps, 178, 176)      \
  X(s2aa64, 179, 179)    \
  X(s2endi, 180, 180)    \
  X(s2affd, 181, 181)    \
  X(s2ptw, 182, 182)     \
  X(s2hd, 183, 183)      \
  X(s2ha, 184, 184)      \
  X(s2s, 185, 185)       \
  X(s2r, 186, 186)

#define TW_FIELD(name, hi, lo) \
  inline u64 name(const SteWords& words) { return field<hi, lo>(words); }
TW_STE_FIELDS(TW_FIELD)
#undef TW_FIELD
inline constexpr FieldRow kFields[] = {
#define TW_ROW(name, hi, lo) {#name, hi, lo, &name},
    TW_STE_FIELDS(TW_ROW)
#undef TW_ROW
};
#undef TW_STE_FIELDS

inline u64 s1_context_ptr(const SteWords& words) { return field<55, 6>(words) << 6; }
inline u64 s2ttb(const SteWords& words) { return field<243, 196>(words) << 4; }
/// Config: both bypass in a table that lets traffic pass, one of them or both translate.
inline bool passes(const SteWords& words) { return bit<2>(config(words)); }
inline bool stage1(const SteWords& words) { return passes(words) && bit<0>(config(words)); }
inline bool stage2(const SteWords& words) { return passes(words) && bit<1>(config(words)); }

}  // namespace ste

/// SMMU_IDR0.STALL_MODEL and HTTU, of which the rules speak in numbers.
enum class StallModel : u8 { Both, Terminate, Stall };
StallModel stall_model(const Config& config);
/// 0 none, 1 Access flag, 2 Access flag and dirty state.
unsigned httu(const Config& config);
bool granule_implemented(const Config& config, unsigned page_bits);
/// IAS: bits of the largest IPA (IHI 0070, 3.4).
unsigned ipa_bits(const Config& config);
/// IPS, S2PS as a number of bits, capped to OAS; 40 of an AArch32 LPAE table.
unsigned output_bits(const Config& config, u64 size_field, bool aarch64);

/// SubstreamIDs are implemented, and this STE has more than one CD.
bool has_substreams(const SteWords& ste, const Config& config);
/// Of a valid STE (of the Non-secure stream table).
StreamWorld world_of(const SteWords& ste, const Config& config, const State& state);
/// SteIllegal() (5.2.2), for the Non-secure stream table.
bool is_illegal(const SteWords& ste, const Config& config);
/// STE.EATS as it acts: 0 off, 1 full, 2 split-stage (with SMMU_CR0.ATSCHK alone).
u8 effective_eats(const SteWords& ste, const Config& config, const State& state);
/// Stage 2's registers, where STE.Config has it on; the VMID in any case.
void set_stage2(const SteWords& ste, const Config& config, vmsa::Controls& controls);
/// What the SMMU has, to the walker.
vmsa::Features translation_features(const Config& config);

}  // namespace tw::smmu
