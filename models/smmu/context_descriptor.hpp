// The Context Descriptor (IHI 0070, 5.4).
#pragma once

#include "smmu/ste.hpp"

namespace tw::smmu {

namespace cd {

// One row a field: name, bits.
#define TW_CD_FIELDS(X) \
  X(t0sz, 5, 0)         \
  X(tg0, 7, 6)          \
  X(ir0, 9, 8)          \
  X(or0, 11, 10)        \
  X(sh0, 13, 12)        \
  X(epd0, 14, 14)       \
  X(endi, 15, 15)       \
  X(t1sz, 21, 16)       \
  X(tg1, 23, 22)        \
  X(ir1, 25, 24)        \
  X(or1, 27, 26)        \
  X(sh1, 29, 28)        \
  X(epd1, 30, 30)       \
  X(v, 31, 31)          \
  X(ips, 34, 32)        \
  X(affd, 35, 35)       \
  X(wxn, 36, 36)        \
  X(uwxn, 37, 37)       \
  X(tbi0, 38, 38)       \
  X(tbi1, 39, 39)       \
  X(pan, 40, 40)        \
  X(aa64, 41, 41)       \
  X(hd, 42, 42)         \
  X(ha, 43, 43)         \
  X(s, 44, 44)          \
  X(r, 45, 45)          \
  X(a, 46, 46)          \
  X(aset, 47, 47)       \
  X(asid, 63, 48)       \
  X(had0, 65, 65)       \
  X(had1, 129, 129)     \
  X(mair, 255, 192)

#define TW_FIELD(name, hi, lo) \
  inline u64 name(const CdWords& words) { return field<hi, lo>(words); }
TW_CD_FIELDS(TW_FIELD)
#undef TW_FIELD
inline constexpr FieldRow kFields[] = {
#define TW_ROW(name, hi, lo) {#name, hi, lo, &name},
    TW_CD_FIELDS(TW_ROW)
#undef TW_ROW
};
#undef TW_CD_FIELDS

inline u64 ttb0(const CdWords& words) { return field<115, 68>(words) << 4; }
inline u64 ttb1(const CdWords& words) { return field<179, 132>(words) << 4; }

}  // namespace cd

/// CdIllegal() (5.4.2), for a CD that is reached through `ste` in `world`.
bool is_illegal(const CdWords& words, const SteWords& ste, StreamWorld world, const Config& config);

/// Stage 1's registers in the regime of `world`, as TCR, TTBR and SCTLR have them.
void set_stage1(const CdWords& words, StreamWorld world, vmsa::Controls& controls);

}  // namespace tw::smmu
