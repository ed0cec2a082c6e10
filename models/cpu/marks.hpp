// Places in a guest's execution that a run looks out for: the core leaves its slice there, between two instructions.
#pragma once

#include <optional>

#include "base/types.hpp"

namespace tw::cpu {

struct Cpu;
struct Op;
struct CodePage;

/// HINT #96 to #127 (CRm 12 to 15) stand for marks 0 to 31. The Arm ARM (C6.2, "HINT") leaves them unallocated, and
/// those execute as NOP.
inline constexpr unsigned kFirstMarkHint = 96;
inline constexpr unsigned kMarkHints = 32;

struct Marks {
  /// Any VMID; one is tested with `vmid`.
  enum class World : u8 { None, Any, One };

  std::optional<u64> pc = {};         ///< before the instruction at this virtual address
  std::optional<unsigned> hint = {};  ///< behind this mark's HINT
  World world = World::None;          ///< behind the exception return that enters a guest: EL1 or EL0 with stage 2
  Vmid vmid{};

  bool reached = false;     ///< set by the core, taken back by who asked
  u64 announced = ~u64{0};  ///< instructions retired when `pc` was reached last: the instruction itself then goes on
};

/// Looks out for other marks from now on (`reached` and `announced` stay). Not from inside a run loop.
void look_out_for(Cpu& cpu, const Marks& marks);

/// The page of decoded code that execution at `page_va` uses is known: puts the mark's op into it.
void mark_page(Cpu& cpu, CodePage& page, u64 page_va);
/// The op of a marked address: leaves the loop uncharged, or is what the instruction is.
const Op* marked(Cpu& cpu, const Op* op);
/// Whether marked() would leave.
bool stops_at_mark(Cpu& cpu, const Op* op);
/// HINT #96 and above.
const Op* mark_hint(Cpu& cpu, const Op* op);
/// An exception return has entered a guest.
void entered_guest(Cpu& cpu, Vmid vmid);

}  // namespace tw::cpu
