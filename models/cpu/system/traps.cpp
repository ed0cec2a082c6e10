#include "cpu/system/traps.hpp"

#include "cpu/system/state.hpp"

namespace tw::cpu {

using namespace arm;

namespace {

bool target_exists(const Cpu& cpu, El target) {
  if (target == El::El3) return cpu.config.has_el3;
  return target != El::El2 || el2_enabled(cpu);
}

}  // namespace

const TrapRule* find_trap(const Cpu& cpu, TrapRules rules, Direction direction) {
  const unsigned origin = 1u << tw::index(cpu.pstate.el);
  for (const TrapRule& rule : rules) {
    if ((rule.from & origin) == 0 || (rule.direction & direction) == 0) continue;
    if (rule.holds(cpu.reg(rule.control)) && target_exists(cpu, rule.to)) return &rule;
  }
  return nullptr;
}

u8 trapping_els(TrapRules rules, Direction direction) {
  u8 els = 0;
  for (const TrapRule& rule : rules) {
    if ((rule.direction & direction) != 0) els = static_cast<u8>(els | rule.from);
  }
  return els;
}

const Op* take_trap(Cpu& cpu, const Op* op, const TrapRule& rule, u32 iss, std::string_view subject) {
  Exception exception{.target = rule.to,
                      .exception_class = code(rule.exception_class),
                      .iss = iss,
                      .return_address = pc_of(cpu, op),
                      .reason = {rule.name, subject}};
  if (rule.to == El::El1 && cpu.pstate.el == El::El0 && tge(cpu)) {
    exception.target = El::El2;
    // AArch64.AdvSIMDFPAccessTrap: routed by TGE, an access trap is reported as an exception of unknown reason.
    if (rule.exception_class == ExceptionClass::FpSimd) {
      exception.exception_class = code(ExceptionClass::Unknown);
      exception.iss = 0;
    }
  }
  return raise(cpu, op, exception);
}

}  // namespace tw::cpu
