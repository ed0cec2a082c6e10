// ICC_*, ICV_* and ICH_*: the rows that live in the gic block.
#pragma once

#include "arm/sysreg.hpp"
#include "cpu/cpu.hpp"

namespace tw::cpu {

/// Whether an access now is to ICV_* in place of ICC_*: at EL1, under HCR_EL2.FMO and IMO.
bool is_virtual_gic_access(const Cpu& cpu, arm::SysReg reg);
/// MRS, with the effect of an acknowledge; `debug`: without.
u64 gic_read(Cpu& cpu, arm::SysReg reg, bool debug);
void gic_write(Cpu& cpu, arm::SysReg reg, u64 value);
/// Tells the interface where the core executes, if there is one.
void gic_world(Cpu& cpu);

}  // namespace tw::cpu
