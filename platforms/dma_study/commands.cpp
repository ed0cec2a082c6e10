#include "platforms/dma_study/commands.hpp"

#include <algorithm>
#include <bit>

#include "base/bits.hpp"

namespace tw::study {

namespace {

constexpr u64 kLeaf = 1;
constexpr u64 kAllStreams = 31;                    ///< Range of CMD_CFGI_STE_RANGE
constexpr u64 kRetry = 1 << 12, kAbort = 1 << 13;  ///< CMD_RESUME.Ac, Ab
constexpr unsigned kStreamAt = 32;
constexpr unsigned kNumAt = 12, kScaleAt = 20, kAsidAt = 48, kTgAt = 10;
constexpr u64 kMostNum = 31;  ///< NUM + 1 of one command: a power less than the field holds, for its alignment
constexpr u64 kSignalByInterrupt = 1 << 12;                       ///< CS
constexpr u64 kMessageWriteBack = u64{0xF} << 24 | u64{3} << 22;  ///< MSIATTR, MSH

constexpr u64 code(Opcode opcode) { return static_cast<u64>(opcode); }

/// TG of a range: 4K, 16K, 64K.
u64 range_granule(u64 granule) { return static_cast<u64>(std::countr_zero(granule) - 12) / 2 + 1; }

}  // namespace

Command cfgi_all() { return {code(Opcode::CfgiAll), kAllStreams}; }
Command tlbi_nsnh_all() { return {code(Opcode::TlbiNsnhAll), 0}; }
Command tlbi_nh_asid(Asid asid) { return {code(Opcode::TlbiNhAsid) | u64{asid.value} << kAsidAt, 0}; }

Command tlbi_nh_va(Asid asid, u64 address) {
  return {code(Opcode::TlbiNhVa) | u64{asid.value} << kAsidAt, (address & ~low_mask(12)) | kLeaf};
}

/// 4.4.1.1: (NUM + 1) * 2^SCALE granules. From the least power of two in `pages` upwards, as what is left then stays a
/// multiple of it.
std::vector<Command> tlbi_nh_va_range(Asid asid, u64 address, u64 pages, u64 granule) {
  std::vector<Command> commands;
  while (pages != 0) {
    const u64 scale = static_cast<u64>(std::countr_zero(pages));
    const u64 count = std::min((pages >> scale) & kMostNum, kMostNum);
    Command command = tlbi_nh_va(asid, address);
    command[0] |= (count - 1) << kNumAt | scale << kScaleAt;
    command[1] |= range_granule(granule) << kTgAt;
    commands.push_back(command);
    pages -= count << scale;
    address += (count << scale) * granule;
  }
  return commands;
}

Command resume_retry(StreamId stream, u16 stag) {
  return {code(Opcode::Resume) | kRetry | u64{stream.value} << kStreamAt, stag};
}
Command resume_abort(StreamId stream, u16 stag) {
  return {code(Opcode::Resume) | kAbort | u64{stream.value} << kStreamAt, stag};
}
Command sync() { return {code(Opcode::Sync), 0}; }
Command sync_with_message(Pa at) { return {code(Opcode::Sync) | kSignalByInterrupt | kMessageWriteBack, at.value}; }

}  // namespace tw::study
