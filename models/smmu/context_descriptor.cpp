#include "smmu/context_descriptor.hpp"

namespace tw::smmu {
namespace {

constexpr unsigned kMinTxsz = 16, kMaxTxsz = 39;  // no SMMU_IDR3.STT, no SMMU_IDR5.VAX

// Granules as page bits; 0: reserved.
unsigned page_bits_of_tg0(u64 tg0) {
  constexpr unsigned bits[] = {12, 16, 14, 0};
  return bits[tg0 & 3];
}
unsigned page_bits_of_tg1(u64 tg1) {
  constexpr unsigned bits[] = {0, 14, 12, 16};
  return bits[tg1 & 3];
}

bool two_ranges(StreamWorld world) { return world == StreamWorld::El1 || world == StreamWorld::El2E2h; }

/// One half of the address space, which its EPD does not switch off.
bool half_illegal(u64 txsz, unsigned page_bits, u64 ttb, bool aarch64, unsigned bits, const Config& config) {
  if ((ttb >> bits) != 0) return true;
  if (!aarch64) return false;
  return txsz < kMinTxsz || txsz > kMaxTxsz || !granule_implemented(config, page_bits);
}

/// The reserved encodings of MAIR bytes that the SMMU defines otherwise than a PE: low nibble 0 of Normal memory is
/// Write-Through, transient, allocating (5.4, MAIR0).
u64 mair_of(u64 mair) {
  for (unsigned byte = 0; byte < 64; byte += 8) {
    if (bit_field(mair, byte, 4) == 0 && bit_field(mair, byte + 4, 4) != 0) mair |= u64{3} << byte;
  }
  return mair;
}

}  // namespace

bool is_illegal(const CdWords& words, const SteWords& ste, StreamWorld world, const Config& config) {
  if (cd::v(words) == 0) return true;
  const bool stalls = cd::s(words) != 0;
  if (stalls && ste::s1stalld(ste) != 0) return true;
  const StallModel model = stall_model(config);
  if (stalls ? model == StallModel::Terminate : model == StallModel::Stall) return true;
  const bool aarch64 = cd::aa64(words) != 0;
  if (!aarch64 && (!config.aarch32 || world == StreamWorld::El2E2h || world == StreamWorld::El3)) return true;
  if (aarch64 && ste::stage2(ste) && ste::s2aa64(ste) == 0) return true;
  if (aarch64) {
    if ((cd::ha(words) | cd::hd(words)) != 0 && httu(config) == 0) return true;
    if (cd::hd(words) != 0 && httu(config) == 1) return true;
  }
  if (two_ranges(world) && !config.asid16 && cd::asid(words) > 0xFF) return true;
  const bool lower = !two_ranges(world) || cd::epd0(words) == 0;
  const bool upper = two_ranges(world) && cd::epd1(words) == 0;
  const unsigned bits = output_bits(config, cd::ips(words), aarch64);
  if (lower &&
      half_illegal(cd::t0sz(words), page_bits_of_tg0(cd::tg0(words)), cd::ttb0(words), aarch64, bits, config)) {
    return true;
  }
  return upper &&
         half_illegal(cd::t1sz(words), page_bits_of_tg1(cd::tg1(words)), cd::ttb1(words), aarch64, bits, config);
}

void set_stage1(const CdWords& words, StreamWorld world, vmsa::Controls& controls) {
  const bool aarch64 = cd::aa64(words) != 0;
  constexpr u64 kIps40 = 2, kTg1Of4k = 2;
  // An AArch32 LPAE table is one of 4 KB pages and 32 - TxSZ bits; TBI and hardware updates are not for it.
  const u64 t0sz = aarch64 ? cd::t0sz(words) : 32 + (cd::t0sz(words) & 7);
  const u64 t1sz = aarch64 ? cd::t1sz(words) : 32 + (cd::t1sz(words) & 7);
  const u64 tg0 = aarch64 ? cd::tg0(words) : 0;
  const u64 tg1 = aarch64 ? cd::tg1(words) : kTg1Of4k;
  const u64 ips = aarch64 ? cd::ips(words) : kIps40;
  const u64 tbi0 = aarch64 ? cd::tbi0(words) : 0, tbi1 = aarch64 ? cd::tbi1(words) : 0;
  const u64 ha = aarch64 ? cd::ha(words) : 0, hd = aarch64 ? cd::hd(words) : 0;

  vmsa::Stage1Registers& registers = world == StreamWorld::El1 ? controls.el1 : controls.el2;
  registers.tcr = t0sz | cd::ir0(words) << 8 | cd::or0(words) << 10 | cd::sh0(words) << 12 | tg0 << 14;
  if (two_ranges(world)) {
    constexpr u64 kAs = u64{1} << 36;
    registers.tcr |= cd::epd0(words) << 7 | t1sz << 16 | cd::epd1(words) << 23 | cd::ir1(words) << 24 |
                     cd::or1(words) << 26 | cd::sh1(words) << 28 | tg1 << 30 | ips << 32 | kAs | tbi0 << 37 |
                     tbi1 << 38 | ha << 39 | hd << 40 | cd::had0(words) << 41 | cd::had1(words) << 42;
  } else {
    registers.tcr |= ips << 16 | tbi0 << 20 | ha << 21 | hd << 22 | cd::had0(words) << 24;
  }
  registers.ttbr0 = cd::ttb0(words);
  registers.ttbr1 = cd::ttb1(words);
  if (two_ranges(world)) registers.ttbr0 |= cd::asid(words) << 48;
  registers.mair = mair_of(cd::mair(words));
  constexpr u64 kM = 1, kC = u64{1} << 2, kI = u64{1} << 12;
  registers.sctlr = kM | kC | kI | cd::wxn(words) << 19 | cd::endi(words) << 25;
  controls.stream.lpae1 = !aarch64;
  controls.stream.uwxn = !aarch64 && cd::uwxn(words) != 0;
  controls.stream.affd1 = cd::affd(words) != 0;
}

}  // namespace tw::smmu
