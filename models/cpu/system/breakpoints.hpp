// Breakpoints and watchpoints that are switched on, by number (bit n).
#pragma once

#include "cpu/cpu.hpp"

namespace tw::cpu {

u8 enabled_breakpoints(const Cpu& cpu);
u8 enabled_watchpoints(const Cpu& cpu);

}  // namespace tw::cpu
