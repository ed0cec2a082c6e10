// SError and FEAT_RAS: where a physical SError goes, and what an error synchronization barrier defers.
#pragma once

#include "arm/sysreg.hpp"
#include "cpu/cpu.hpp"

namespace tw::cpu {

/// The EL that takes a physical interrupt whose routing bits are `scr_bit` and `hcr_bit`.
El physical_target(const Cpu& cpu, u64 scr_bit, u64 hcr_bit);

/// ESB (Arm ARM AArch64.ESBOperation, AArch64.vESBOperation): a pending SError that is masked goes to DISR_EL1, a
/// virtual one to VDISR_EL2.
void error_synchronization_barrier(Cpu& cpu);

/// The register behind DISR_EL1 at the present EL: VDISR_EL2 where HCR_EL2.AMO virtualizes SErrors.
arm::SysReg deferred_error_register(const Cpu& cpu);
/// DISR_EL1 is RAZ/WI below EL3 while SCR_EL3.EA routes SErrors there.
bool deferred_errors_hidden(const Cpu& cpu);

}  // namespace tw::cpu
