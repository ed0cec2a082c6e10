// MSR (immediate): PSTATE fields.
#include "arm/trap_rules.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/operands.hpp"
#include "cpu/isa/a64/system.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu::a64 {
namespace {

using namespace arm;

/// At EL0, SCTLR_EL1.UMA decides. nullptr: go on.
const Op* daif_refused(Cpu& cpu, const Op* op) {
  if (const TrapRule* rule = find_trap(cpu, kTraps.daif, kOnWrite)) {
    return take_trap(cpu, op, *rule, system_register_iss(op->insn), "write DAIF");
  }
  return nullptr;
}

const Op* daif_set(Cpu& cpu, const Op* op) {
  if (cpu.pstate.el == El::El0) {
    if (const Op* out = daif_refused(cpu, op)) return out;
  }
  cpu.pstate.daif = static_cast<u8>(cpu.pstate.daif | op->imm);
  return op + 1;
}

const Op* daif_clear(Cpu& cpu, const Op* op) {
  if (cpu.pstate.el == El::El0) {
    if (const Op* out = daif_refused(cpu, op)) return out;
  }
  cpu.pstate.daif = static_cast<u8>(cpu.pstate.daif & ~op->imm);
  // An interrupt that waited for this is taken before the next instruction.
  if (cpu.lines != 0 || pending_virtual(cpu) != 0) return leave_after(cpu, op, pc_of(cpu, op) + 4);
  return op + 1;
}

const Op* sp_select(Cpu& cpu, const Op* op) {
  if (cpu.pstate.el == El::El0) return undefined(cpu, op);
  set_el_and_sp(cpu, cpu.pstate.el, (op->imm & 1) != 0);
  return op + 1;
}

template <bool Pstate::*field, bool CpuFeatures::*feature, El lowest = El::El1>
const Op* one_bit(Cpu& cpu, const Op* op) {
  if (cpu.pstate.el < lowest || !(cpu.model.features.*feature)) return undefined(cpu, op);
  cpu.pstate.*field = (op->imm & 1) != 0;
  cpu.select_views();
  return op + 1;
}

}  // namespace

Handler select_write_immediate(Op& op) {
  op.imm = field<11, 8>(op);
  switch (field<18, 16>(op) << 3 | field<7, 5>(op)) {
    case 0b000'011:
      return one_bit<&Pstate::uao, &CpuFeatures::uao>;
    case 0b000'100:
      return one_bit<&Pstate::pan, &CpuFeatures::pan>;
    case 0b000'101:
      return sp_select;
    case 0b011'001:
      return one_bit<&Pstate::ssbs, &CpuFeatures::ssbs2, El::El0>;
    case 0b011'110:
      return daif_set;
    case 0b011'111:
      return daif_clear;
    default:
      return nullptr;
  }
}

}  // namespace tw::cpu::a64
