// MRS and MSR (register): permission, value and effect are three functions.
#pragma once

#include "arm/sysreg.hpp"
#include "cpu/cpu.hpp"

namespace tw::cpu {

/// Whether the register exists at the present EL for this direction, traps apart. False: UNDEFINED.
bool sysreg_permitted(const Cpu& cpu, const arm::SysRegRow& row, bool write);

/// The value that a read returns now. Free of effects: debuggers use it too. Timer registers and counters show the
/// ledger's time, so that the caller settles it first.
u64 sysreg_value(Cpu& cpu, arm::SysReg reg);

/// What a write does. True: something changed that the run loop must look at before the next instruction.
bool sysreg_write(Cpu& cpu, arm::SysReg reg, u64 value);

}  // namespace tw::cpu
