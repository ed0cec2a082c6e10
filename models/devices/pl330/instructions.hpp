// The microcode's encodings (DDI 0424, 4.3): one row an instruction.
#pragma once

#include <array>
#include <span>

#include "base/bits.hpp"

namespace tw::devices::pl330 {

enum class Opcode : u8 {
  AddHalfword,
  AddNegativeHalfword,
  End,
  FlushPeripheral,
  Go,
  Load,
  LoadPeripheral,
  Loop,
  LoopEnd,
  Kill,
  Move,
  Nop,
  ReadBarrier,
  SendEvent,
  Store,
  StorePeripheral,
  StoreZero,
  WaitForEvent,
  WaitForPeripheral,
  WriteBarrier,
};

/// Who may execute it (DDI 0424, table 4-1), and whether the debug interface takes it.
enum Executes : u8 { kByChannel = 1, kByManager = 2, kByDebugger = 4 };

struct InstructionRow {
  const char* name;
  u8 mask, match;  ///< of byte 0
  u8 bytes;
  u8 by;
  Opcode opcode;
};

std::span<const InstructionRow> instruction_rows();
inline constexpr unsigned kMostInstructionBytes = 6;

/// The row of byte 0, or nullptr: undefined.
const InstructionRow* find_instruction(u8 byte0);

/// An instruction whose bytes are all there.
struct Instruction {
  const InstructionRow* row = nullptr;
  std::array<u8, kMostInstructionBytes> code{};

  bool flag(unsigned n) const { return bit_at(code[0], n); }
  /// Event or peripheral.
  unsigned number() const { return static_cast<unsigned>(bits<7, 3>(code[1])); }
  u16 halfword() const { return static_cast<u16>(code[1] | code[2] << 8); }
  u32 word() const { return code[2] | u32{code[3]} << 8 | u32{code[4]} << 16 | u32{code[5]} << 24; }
};

}  // namespace tw::devices::pl330
