// A decoded instruction and the page of decoded instructions it lives in.
#pragma once

#include <array>
#include <memory>

#include "base/types.hpp"
#include "cost/causes.hpp"
#include "cpu/pipeline/operands.hpp"

namespace tw::cpu {

struct Cpu;
struct Op;

/// Executes one instruction and returns the next one to execute: `op + 1`, a branch target (branch_to), or the exit op
/// after an exception or when the core must look around (cpu.hpp). Handlers are free functions, callable one at a time.
using Handler = const Op* (*)(Cpu& cpu, const Op* op);

/// Indices into Cpu::x. The decoder maps register 31 to kZero (source), kSink (destination) or kSp.
inline constexpr u8 kZero = 31;  ///< always reads zero, is never written
inline constexpr u8 kSink = 32;  ///< written, never read
inline constexpr u8 kSp = 33;    ///< the current stack pointer
inline constexpr unsigned kRegisterSlots = 34;

struct Op {
  Handler run = nullptr;
  u64 imm = 0;  ///< the handler's immediate, fully decoded (bit mask, byte offset, table row …)
  u8 rd = 0, rn = 0, rm = 0, ra = 0;
  u32 insn = 0;  ///< the encoding, for syndromes and for rarely used fields
  cost::Cause cost = cost::Cause::Instruction;
  u8 extra[7] = {};  ///< free for the handler (shift amount, condition, …)
};
static_assert(sizeof(Op) == 32);

inline constexpr u64 kPageBytes = 4096;
inline constexpr unsigned kOpsPerPage = kPageBytes / 4;

/// The decoded instructions of one 4 KB physical page, decoded lazily: an op starts as "decode me".
/// The op behind the last one leaves the page.
struct CodePage {
  std::array<Op, kOpsPerPage + 1> ops;
  Pa pa{};
  const u8* host = nullptr;  ///< the page's bytes; nullptr: not plain memory at present
  bool live = false;         ///< has decoded ops, so stores to the page are watched
  u32 watched_stores = 0;    ///< since the page went live
  u32 patience = 64;         ///< watched stores after which the page counts as data again
  bool cacheable = true;     ///< as the fetch's translation said
  /// Timed fidelity: what the pipeline knows of each op, made when it is first needed.
  std::unique_ptr<std::array<OpTiming, kOpsPerPage + 1>> timing;
  unsigned marked_slot = kOpsPerPage;  ///< the op that is marked() when it is decoded (marks.hpp)
  Handler behind_mark = nullptr;       ///< what it is otherwise
};

}  // namespace tw::cpu
