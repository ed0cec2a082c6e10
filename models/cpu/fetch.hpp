// The fetch unit: from the PC to the decoded op.
#pragma once

#include "cpu/op.hpp"

namespace tw::cpu {

/// The op at cpu.pc, with all that may come before it executes; nullptr: an exception was taken, cpu.pc is its vector.
const Op* enter(Cpu& cpu);
/// Decodes the instruction word of `op`. False: the page's bytes are not at hand and must be fetched from the bus.
bool decode(Cpu& cpu, const Op* op);

}  // namespace tw::cpu
