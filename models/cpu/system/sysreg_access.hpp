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

/// PMCCNTR_EL0 (performance_monitors.cpp).
u64 cycle_counter(const Cpu& cpu);
/// Writes of the PMU registers that have an effect.
void pmu_write(Cpu& cpu, arm::SysReg reg, u64 value);
/// PMXEVTYPER_EL0, PMXEVCNTR_EL0: what PMSELR_EL0 selects; nullptr: nothing (RES0).
u64* selected_counter(Cpu& cpu, arm::SysReg window);

}  // namespace tw::cpu
