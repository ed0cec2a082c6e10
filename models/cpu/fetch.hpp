// The fetch unit: from the PC to the decoded op.
#pragma once

#include "cpu/engine.hpp"
#include "cpu/marks.hpp"

namespace tw::cpu {

/// The op at cpu.pc, with all that may come before it executes; nullptr: an exception was taken, cpu.pc is its vector.
const Op* enter(Cpu& cpu);
/// Decodes the instruction word of `op`. False: the page's bytes are not at hand and must be fetched from the bus.
bool decode(Cpu& cpu, const Op* op);
/// undecoded() and marked() may leave the loop by themselves, without an instruction, and come back.
inline bool is_pseudo(const Op* op) { return op->run == undecoded || op->run == marked; }
/// Of such an op, decoded if need be: whether it executes an instruction.
bool executes(Cpu& cpu, const Op* op);

}  // namespace tw::cpu
