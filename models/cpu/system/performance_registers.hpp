// The PMU's registers as views of its counters (Arm ARM D17.5).
#pragma once

#include "arm/sysreg.hpp"
#include "cpu/cpu.hpp"

namespace tw::cpu {

/// A slot's bit in PMCNTENSET_EL0 and its kind.
constexpr unsigned counter_bit(unsigned slot) { return slot == kCycleSlot ? 31 : slot; }
/// PMEVCNTRn_EL0 or PMCCNTR_EL0; PMEVTYPERn_EL0 or PMCCFILTR_EL0.
arm::SysReg counter_register(unsigned slot);
arm::SysReg filter_register(unsigned slot);

/// What the present EL reads; brings the counters up to date first. The core is settled.
u64 pmu_read(Cpu& cpu, arm::SysReg reg);
/// A write of a PMU register, or of MDCR_EL2 or MDCR_EL3. True: the run loop must look at the monitors.
bool pmu_write(Cpu& cpu, arm::SysReg reg, u64 value);

}  // namespace tw::cpu
