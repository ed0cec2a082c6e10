// Registers by name, for an external debugger. The core is between two instructions and its ledger is settled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpu/cpu.hpp"

namespace tw::cpu {

/// x0 to x30, sp (the current one), pc, pstate (as SPSR_ELx has it), and the system registers of arm/sysreg.hpp.
std::vector<std::string> register_names();

/// What the core would read now, without any effect. Nothing: no register has this name. Case does not matter.
std::optional<u64> register_value(Cpu& cpu, std::string_view name);

enum class RegisterWrite : u8 {
  Done,
  Unknown,   ///< no register has this name
  ReadOnly,  ///< software cannot write it at any Exception level
  Device,    ///< it lives in a timer, in the GIC or in the performance monitors, where a write takes time
  Illegal,   ///< pstate: an Exception level that the core does not have, AArch32, or an unaligned pc
};
/// As software at a sufficient Exception level would write it, traps apart. The run loop must start anew afterwards.
RegisterWrite set_register(Cpu& cpu, std::string_view name, u64 value);

}  // namespace tw::cpu
