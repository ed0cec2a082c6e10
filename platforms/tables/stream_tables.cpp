#include "platforms/tables/stream_tables.hpp"

#include <bit>
#include <iterator>

#include "base/bits.hpp"

namespace tw::tables {

namespace {

constexpr u64 kSteBytes = 64, kCdBytes = 64;

// STE (5.2), by 64-bit word.
constexpr u64 kSteValid = 1;
constexpr u64 kBypass = 4 << 1, kStage1 = 1 << 1, kStage2 = 2 << 1;  ///< Config; 5 and 6 with bit 2 below
constexpr u64 kTranslates = 4 << 1;
constexpr unsigned kS1CdMaxAt = 59;
constexpr u64 kSubstream0Terminates = 0;           ///< S1DSS
constexpr u64 kWriteBackTables = 0b11'01'01 << 2;  ///< S1CSH inner shareable, S1COR, S1CIR
constexpr u64 kUseIncoming = u64{1} << 44;         ///< SHCFG
constexpr unsigned kS2VmidAt = 0;
constexpr unsigned kS2T0SzAt = 32, kS2Sl0At = 38, kS2TgAt = 46, kS2PsAt = 48;
constexpr u64 kS2WriteBackTables = u64{0b11'01'01} << 40;  ///< S2SH0, S2OR0, S2IR0
constexpr u64 kS2Aarch64 = u64{1} << 51, kS2NoAccessFaults = u64{1} << 53, kS2Record = u64{1} << 58;

// CD (5.4).
constexpr unsigned kTg0At = 6, kIpsAt = 32, kAsidAt = 48;
constexpr u64 kWriteBackWalks = 0b11'01'01 << 8;  ///< SH0, OR0, IR0
constexpr u64 kNoTtb1 = u64{1} << 30;
constexpr u64 kCdValid = u64{1} << 31, kNoAccessFaults = u64{1} << 35, kAarch64 = u64{1} << 41;
constexpr u64 kStall = u64{1} << 44;
constexpr u64 kRecord = u64{1} << 45, kAbort = u64{1} << 46, kOwnAsid = u64{1} << 47;
constexpr u64 kWriteBackMair = 0xFF;

/// TG0, S2TG: 4K, 64K, 16K.
u64 granule_field(u64 granule) { return granule == 4096 ? 0 : granule == 65536 ? 1 : 2; }

/// IPS, S2PS.
u64 size_field(unsigned bits) {
  constexpr unsigned kSizes[] = {32, 36, 40, 42, 44, 48};
  u64 field = 0;
  while (field + 1 < std::size(kSizes) && kSizes[field] < bits) ++field;
  return field;
}

/// S2SL0: with 4K granules 2 is level 0; with the others it is level 1.
u64 s2sl0(const TableFormat& format) {
  return static_cast<u64>((format.granule == 4096 ? 2 : 3) - format.start_level());
}

}  // namespace

StreamTables::StreamTables(PhysicalMemory& memory, unsigned bits, unsigned pa_bits)
    : memory_(memory), bits_(bits), pa_bits_(pa_bits), table_(Pa{memory.allocate(kSteBytes << bits)}) {
  for (u64 n = 0; n < u64{1} << bits; ++n) memory_.write(table_.value + n * kSteBytes, kSteValid);  // Config: abort
}

/// RA; the queues and tables are coherent.
u64 StreamTables::strtab_base() const { return table_.value | u64{1} << 62; }

u64 StreamTables::write_cds(const StreamTranslation& translation, unsigned log2_count) {
  TableMemory& tables = *translation.tables;
  auto& [base, room] = cds_[{translation.stream, &tables}];
  if (base == 0 || room < log2_count) {
    base = tables.allocate(kCdBytes << log2_count);
    room = log2_count;
  }
  for (u64 n = 0; n < translation.stage1.size(); ++n) {
    if (!translation.stage1[n]) continue;
    const StageOne& stage = *translation.stage1[n];
    const u64 cd = base + n * kCdBytes;
    const unsigned output_bits = translation.stage2 ? translation.stage2->format.input_bits : pa_bits_;
    tables.write(cd, u64{64 - stage.format.input_bits} | granule_field(stage.format.granule) << kTg0At |
                         kWriteBackWalks | kNoTtb1 | kCdValid | size_field(output_bits) << kIpsAt | kNoAccessFaults |
                         kAarch64 | kRecord | kAbort | kOwnAsid | (stage.stalls ? kStall : 0) |
                         u64{stage.asid.value} << kAsidAt);
    tables.write(cd + 8, stage.root);
    tables.write(cd + 24, kWriteBackMair);
  }
  return base;
}

void StreamTables::add(const StreamTranslation& translation) {
  u64 words[4] = {kSteValid, kUseIncoming, 0, 0};
  if (!translation.stage1.empty()) {
    const unsigned log2_count = static_cast<unsigned>(std::countr_zero(std::bit_ceil(translation.stage1.size())));
    words[0] |= kTranslates | kStage1 | write_cds(translation, log2_count) | u64{log2_count} << kS1CdMaxAt;
    words[1] |= kSubstream0Terminates | kWriteBackTables;
  }
  if (translation.stage2) {
    const StageTwo& stage = *translation.stage2;
    words[0] |= kTranslates | kStage2;
    words[2] = u64{stage.vmid.value} << kS2VmidAt | u64{64 - stage.format.input_bits} << kS2T0SzAt |
               s2sl0(stage.format) << kS2Sl0At | kS2WriteBackTables | granule_field(stage.format.granule) << kS2TgAt |
               size_field(pa_bits_) << kS2PsAt | kS2Aarch64 | kS2NoAccessFaults | kS2Record;
    words[3] = stage.root;
  }
  if (translation.stage1.empty() && !translation.stage2) words[0] |= kBypass;
  const u64 ste = table_.value + u64{translation.stream.value} * kSteBytes;
  for (u64 n = 0; n < std::size(words); ++n) memory_.write(ste + 8 * n, words[n]);
}

}  // namespace tw::tables
