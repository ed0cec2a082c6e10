// ERET.
#pragma once

#include "cpu/cpu.hpp"

namespace tw::cpu {

/// Whether SPSR_ELx = `spsr` describes a state that the present EL may return to (IllegalExceptionReturn, J1.3.5).
bool is_legal_return(const Cpu& cpu, u64 spsr);

/// AArch64.ExceptionReturn: restores PSTATE from `spsr` and sets cpu.pc from `address`, with the ledger's accounting.
/// An illegal return keeps EL, SP and execution state and sets PSTATE.IL.
void exception_return(Cpu& cpu, u64 spsr, u64 address);

}  // namespace tw::cpu
