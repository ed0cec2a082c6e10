// Inside of the system group: what the rows in system.cpp choose from.
#pragma once

#include "cpu/op.hpp"

namespace tw::cpu::a64 {

Handler select_read_register(Op& op);    ///< MRS (system_registers.cpp)
Handler select_write_register(Op& op);   ///< MSR (register)
Handler select_sys(Op& op);              ///< SYS: DC, IC, AT, TLBI
Handler select_sysl(Op& op);             ///< SYSL
Handler select_write_immediate(Op& op);  ///< MSR (immediate) (system_pstate.cpp)
Handler select_hint(Op& op);             ///< system_hints.cpp
Handler select_barrier(Op& op);          ///< CLREX, DSB, DMB, ISB

}  // namespace tw::cpu::a64
