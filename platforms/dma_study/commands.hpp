// Commands of the SMMU's command queue (IHI 0070, 4), as a driver makes them.
#pragma once

#include <array>
#include <vector>

#include "base/types.hpp"

namespace tw::study {

using Command = std::array<u64, 2>;

enum class Opcode : u8 {
  CfgiAll = 0x04,
  TlbiNhAsid = 0x11,
  TlbiNhVa = 0x12,
  TlbiNsnhAll = 0x30,
  Resume = 0x44,
  Sync = 0x46,
};
constexpr Opcode opcode_of(const Command& command) { return static_cast<Opcode>(command[0] & 0xFF); }

Command cfgi_all();
Command tlbi_nsnh_all();
Command tlbi_nh_asid(Asid asid);
Command tlbi_nh_va(Asid asid, u64 address);
/// Ranges that cover `pages` of `granule` from `address` on, as few as there can be.
std::vector<Command> tlbi_nh_va_range(Asid asid, u64 address, u64 pages, u64 granule);
/// The stalled transaction `stag` comes again, or ends with an abort.
Command resume_retry(StreamId stream, u16 stag);
Command resume_abort(StreamId stream, u16 stag);
/// Its end is nowhere to be seen but in CMDQ_CONS.
Command sync();
/// It ends with a message: 32 zeros at `at`.
Command sync_with_message(Pa at);

}  // namespace tw::study
