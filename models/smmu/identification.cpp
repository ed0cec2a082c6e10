#include "smmu/identification.hpp"

#include <algorithm>
#include <array>

namespace tw::smmu {

namespace {

constexpr u32 field(u64 value, unsigned lo) { return static_cast<u32>(value << lo); }

/// IDR0.STALL_MODEL: 0 both, 1 terminate, 2 stall.
u32 stall_model(const Config& config) { return config.stall == "terminate" ? 1 : config.stall == "stall" ? 2 : 0; }

u32 output_size(const Config& config) {
  constexpr std::array<u64, 6> kSizes = {32, 36, 40, 42, 44, 48};
  return static_cast<u32>(std::find(kSizes.begin(), kSizes.end(), config.pa_bits) - kSizes.begin());
}

}  // namespace

bool stalls(const Config& config) { return config.stall != "terminate"; }
bool terminates(const Config& config) { return config.stall != "stall"; }

/// Constant: BTM = 0 (no broadcast TLB maintenance), DORMHINT = 0, NS1ATS = 0 (split-stage ATS), ATOS = 0, VATOS = 0,
/// TTENDIAN = 0 (either endianness), ATSRECERR = 0, TERM_MODEL = 0 (abort or RAZ/WI), ST_LEVEL = 1 (two levels).
u32 idr0(const Config& c) {
  const u32 httu = c.httu == "dirty" ? 2 : c.httu == "access" ? 1 : 0;
  return field(c.stage2, 0) | field(c.stage1, 1) | field(c.aarch32 ? 3 : 2, 2) | field(c.coherent, 4) | field(httu, 6) |
         field(c.hyp && c.stage1 && c.stage2, 9) | field(c.ats, 10) | field(c.asid16, 12) | field(c.msi, 13) |
         field(c.sev, 14) | field(c.ats && c.pri, 16) | field(c.stage2 && c.vmid_wildcard, 17) | field(c.vmid16, 18) |
         field(c.ssid_bits != 0, 19) | field(stall_model(c), 24) | field(1, 27);
}

/// Constant: ATTR_PERMS_OVR = ATTR_TYPES_OVR = 1, nothing preset.
u32 idr1(const Config& c) {
  return field(c.sid_bits, 0) | field(c.ssid_bits, 6) | field(c.ats && c.pri ? c.page_queue_bits : 0, 11) |
         field(c.event_queue_bits, 16) | field(c.command_queue_bits, 21) | field(1, 26) | field(1, 27);
}

/// No VATOS page.
u32 idr2(const Config&) { return 0; }

/// HAD with stage 1, XNX and FWB with stage 2. PPS = 0: STE.PPAR decides on the PASID of automatic page responses.
/// BBML = 2: no TLB here faults on two entries of different size for an address.
u32 idr3(const Config& c) {
  return field(c.stage1, 2) | field(c.stage2, 4) | field(c.stage2, 8) | field(c.range_invalidation, 10) | field(2, 11);
}

u32 idr4(const Config&) { return 0; }

/// VAX = 0: VAs of 48 bits.
u32 idr5(const Config& c) {
  return field(output_size(c), 0) | field(c.granule_4k, 4) | field(c.granule_16k, 5) | field(c.granule_64k, 6) |
         field(stalls(c) ? c.stall_max : 0, 16);
}

/// No implementer: nobody's errata apply.
u32 iidr() { return 0; }
/// SMMUv3.2.
u32 aidr() { return 2; }

u32 s_idr0(const Config& c) { return c.secure ? field(c.msi, 13) | field(stall_model(c), 24) : 0; }
/// SEL2 = 0: no Secure stage 2, no Secure EL2.
u32 s_idr1(const Config& c) { return c.secure ? field(1, 31) | field(c.sid_bits, 0) : 0; }
u32 s_idr2(const Config&) { return 0; }
u32 s_idr3(const Config&) { return 0; }
u32 s_idr4(const Config&) { return 0; }

}  // namespace tw::smmu
