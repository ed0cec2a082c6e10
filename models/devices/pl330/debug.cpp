// The debug interface: software makes a thread execute an instruction (DDI 0424, 3.3).
#include "devices/pl330/pl330.hpp"

namespace tw::devices::pl330 {

/// DBGCMD = 0. Busy, it ignores a further command; through a Non-secure access it does not reach a Secure thread. It
/// is executed in the next slot.
void Pl330::command_debug(const MmioAccess& access) {
  if (bits<1, 0>(access.value) != 0 || debug_) return;
  const u64 word = debug_words_[0];
  DebugCommand command{bit<0>(word) ? static_cast<unsigned>(bits<10, 8>(word)) : kManager, {}};
  if (hides(access, command.thread)) return;
  command.instruction.code = {static_cast<u8>(bits<23, 16>(word)),    static_cast<u8>(bits<31, 24>(word)),
                              static_cast<u8>(debug_words_[1]),       static_cast<u8>(debug_words_[1] >> 8),
                              static_cast<u8>(debug_words_[1] >> 16), static_cast<u8>(debug_words_[1] >> 24)};
  command.instruction.row = find_instruction(command.instruction.code[0]);
  if (command.thread != kManager && command.thread >= channels_.size()) return;
  debug_ = command;
}

/// DMAGO, DMASEV and DMAKILL; anything else is undefined here. The thread stays where it is, unless it is killed or
/// faults. One that is faulting executes nothing but DMAKILL.
void Pl330::execute_debug() {
  const auto [n, instruction] = *debug_;
  debug_.reset();
  const u8 who = kByDebugger | (n == kManager ? kByManager : kByChannel);
  const bool defined = instruction.row != nullptr && (instruction.row->by & who) == who;
  if (is_faulting(threads_[n]) && !(defined && instruction.row->opcode == Opcode::Kill)) return;
  debugging_ = true;
  if (!defined) {
    abort(n, fault::kUndefined);
  } else if (instruction.row->opcode == Opcode::Kill) {
    kill(n);
  } else if (instruction.row->opcode == Opcode::Go) {
    go(instruction);
  } else {
    send_event(n, instruction.number());
  }
  debugging_ = false;
  changed();
}

}  // namespace tw::devices::pl330
