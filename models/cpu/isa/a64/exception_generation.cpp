// Exception generation (Arm ARM C4.1.65) and exception return. The cause of these rows has no cost by class: entering
// and returning charge core.cost.exception_entry and core.cost.exception_return themselves.
#include "arm/syndrome.hpp"
#include "arm/trap_rules.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/operands.hpp"
#include "cpu/isa/a64/pointer_authentication.hpp"
#include "cpu/system/exception_return.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/traps.hpp"
#include "cpu/system/vectors.hpp"

namespace tw::cpu::a64 {
namespace {

using namespace arm;

constexpr u64 kSemihostingImmediate = 0xF000;

Exception with_immediate(const Op* op, El target, ExceptionClass ec, u64 return_address, std::string_view name) {
  return {.target = target,
          .exception_class = code(ec),
          .iss = immediate_iss(static_cast<u32>(op->imm)),
          .return_address = return_address,
          .reason = {name, ""}};
}

const Op* supervisor_call(Cpu& cpu, const Op* op) {
  return raise_completed(cpu, op,
                         with_immediate(op, default_target(cpu), ExceptionClass::Svc64, pc_of(cpu, op) + 4, "SVC"));
}

/// The platform serves the call as firmware. The call may switch this core off or stop the run.
const Op* firmware_call(Cpu& cpu, const Op* op, SystemPort::Conduit conduit) {
  settle_before(cpu, op);
  if (!cpu.system.firmware_call(cpu, conduit)) return nullptr;
  return leave_after(cpu, op, pc_of(cpu, op) + 4);
}

const Op* hypervisor_call(Cpu& cpu, const Op* op) {
  const El el = cpu.pstate.el;
  if (el == El::El0) return undefined(cpu, op);
  if (!cpu.config.has_el2) {
    const Op* served = firmware_call(cpu, op, SystemPort::Conduit::Hvc);
    return served != nullptr ? served : undefined(cpu, op);
  }
  if (el == El::El1 && !el2_enabled(cpu)) return undefined(cpu, op);
  const bool enabled =
      cpu.config.has_el3 ? (effective_scr(cpu) & scr::HCE) != 0 : (cpu.reg(SysReg::HCR_EL2) & hcr::HCD) == 0;
  if (!enabled) return undefined(cpu, op);
  const El target = el == El::El3 ? El::El3 : El::El2;
  return raise_completed(cpu, op, with_immediate(op, target, ExceptionClass::Hvc64, pc_of(cpu, op) + 4, "HVC"));
}

const Op* monitor_call(Cpu& cpu, const Op* op) {
  if (cpu.pstate.el == El::El0) return undefined(cpu, op);
  if (const TrapRule* rule = find_trap(cpu, kTraps.smc, kOnAny)) {
    return take_trap(cpu, op, *rule, immediate_iss(static_cast<u32>(op->imm)), "SMC");
  }
  // The platform stands in for firmware at EL3 too, unless such firmware was loaded (then it serves no conduit).
  if (const Op* served = firmware_call(cpu, op, SystemPort::Conduit::Smc)) return served;
  if (!cpu.config.has_el3) return undefined(cpu, op);
  if ((effective_scr(cpu) & scr::SMD) != 0) return undefined(cpu, op);
  return raise_completed(cpu, op, with_immediate(op, El::El3, ExceptionClass::Smc64, pc_of(cpu, op) + 4, "SMC"));
}

/// BRK: a debug exception, so that MDCR_EL2.TDE routes it too.
const Op* breakpoint(Cpu& cpu, const Op* op) {
  El target = default_target(cpu);
  if (target == El::El1 && el2_enabled(cpu) && (cpu.reg(SysReg::MDCR_EL2) & mdcr2::TDE) != 0) target = El::El2;
  return raise(cpu, op, with_immediate(op, target, ExceptionClass::Brk64, pc_of(cpu, op), "BRK"));
}

/// HLT: UNDEFINED without halting debug, except for semihosting.
const Op* halt(Cpu& cpu, const Op* op) {
  if (op->imm == kSemihostingImmediate) {
    settle_before(cpu, op);
    if (cpu.system.semihosting_call(cpu)) return leave_after(cpu, op, pc_of(cpu, op) + 4);
  }
  return undefined(cpu, op);
}

enum class Returning : u8 { Plain, KeyA, KeyB };

/// ERET, or with a key ERETAA and ERETAB: ELR_ELx is authenticated with SP.
template <Returning how>
const Op* exception_return_op(Cpu& cpu, const Op* op) {
  u64 spsr = 0, elr = 0;
  switch (cpu.pstate.el) {
    case El::El0:
      return undefined(cpu, op);
    case El::El1:
      spsr = cpu.reg(SysReg::SPSR_EL1), elr = cpu.reg(SysReg::ELR_EL1);
      break;
    case El::El2:
      spsr = cpu.reg(SysReg::SPSR_EL2), elr = cpu.reg(SysReg::ELR_EL2);
      break;
    case El::El3:
      spsr = cpu.reg(SysReg::SPSR_EL3), elr = cpu.reg(SysReg::ELR_EL3);
      break;
  }
  constexpr AddressKey kKey = how == Returning::KeyB ? AddressKey::IB : AddressKey::IA;
  if (how != Returning::Plain && key_enabled(cpu, kKey)) {
    if (const Op* trapped = trap_pointer_authentication(cpu, op)) return trapped;
    elr = authenticate(cpu, elr, cpu.x[kSp], kKey);
  }
  settle_after(cpu, op);
  exception_return(cpu, spsr, elr);
  return &cpu.exit_op;
}

template <Handler handler>
Handler select(Op& op) {
  op.imm = field<20, 5>(op);
  return handler;
}
/// DCPS and DRPS are UNDEFINED outside Debug state, which the model never enters.
Handler select_undefined(Op&) { return nullptr; }

constexpr Encoding kRows[] = {
    {"SVC", "1101 0100 000i iiii iiii iiii iii0 0001", cost::Cause::ExceptionEntry, select<supervisor_call>},
    {"HVC", "1101 0100 000i iiii iiii iiii iii0 0010", cost::Cause::ExceptionEntry, select<hypervisor_call>},
    {"SMC", "1101 0100 000i iiii iiii iiii iii0 0011", cost::Cause::ExceptionEntry, select<monitor_call>},
    {"BRK", "1101 0100 001i iiii iiii iiii iii0 0000", cost::Cause::ExceptionEntry, select<breakpoint>},
    {"HLT", "1101 0100 010i iiii iiii iiii iii0 0000", cost::Cause::ExceptionEntry, select<halt>},
    {"DCPS1", "1101 0100 101i iiii iiii iiii iii0 0001", cost::Cause::ExceptionEntry, select_undefined},
    {"DCPS2", "1101 0100 101i iiii iiii iiii iii0 0010", cost::Cause::ExceptionEntry, select_undefined},
    {"DCPS3", "1101 0100 101i iiii iiii iiii iii0 0011", cost::Cause::ExceptionEntry, select_undefined},
    {"ERET", "1101 0110 1001 1111 0000 0011 1110 0000", cost::Cause::ExceptionReturn,
     select<exception_return_op<Returning::Plain>>},
    {"ERETAA", "1101 0110 1001 1111 0000 1011 1111 1111", cost::Cause::ExceptionReturn,
     select<exception_return_op<Returning::KeyA>>, Feature::Pauth},
    {"ERETAB", "1101 0110 1001 1111 0000 1111 1111 1111", cost::Cause::ExceptionReturn,
     select<exception_return_op<Returning::KeyB>>, Feature::Pauth},
    {"DRPS", "1101 0110 1011 1111 0000 0011 1110 0000", cost::Cause::ExceptionReturn, select_undefined},
};

}  // namespace

std::span<const Encoding> exception_generation_encodings() { return kRows; }

}  // namespace tw::cpu::a64
