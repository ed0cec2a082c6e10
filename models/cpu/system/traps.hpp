// Evaluates the trap rules of arm/trap_rules.hpp against the present state.
#pragma once

#include "arm/trap_rules.hpp"
#include "cpu/cpu.hpp"
#include "cpu/exceptions.hpp"

namespace tw::cpu {

/// The first rule that traps an access of `direction` at the present EL, or nullptr.
const arm::TrapRule* find_trap(const Cpu& cpu, arm::TrapRules rules, arm::Direction direction);

/// Bit n: an access of `direction` at ELn may be trapped, so that the rules must be looked at.
u8 trapping_els(arm::TrapRules rules, arm::Direction direction);

/// Takes the trap of `rule` on `op`; `subject` is what was caught. Returns what the handler must return.
const Op* take_trap(Cpu& cpu, const Op* op, const arm::TrapRule& rule, u32 iss, std::string_view subject);

}  // namespace tw::cpu
