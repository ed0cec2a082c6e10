#include "cpu/system/sys_instructions.hpp"

#include "cpu/exceptions.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu {

bool regime_exists(const Cpu& cpu, vmsa::Regime regime) { return regime != vmsa::Regime::El2 || el2_enabled(cpu); }

const SysInstruction* find_sys_instruction(arm::SysRegEncoding encoding) {
  for (const auto rows : {tlb_maintenance_rows(), cache_maintenance_rows(), address_translation_rows()}) {
    for (const SysInstruction& row : rows) {
      if (row.encoding == encoding) return &row;
    }
  }
  return nullptr;
}

const Op* sys_instruction(Cpu& cpu, const Op* op) {
  const SysInstruction& row = sys_instruction_of(op);
  if (tw::index(cpu.pstate.el) < row.lowest_el) return undefined(cpu, op);
  if (row.feature != nullptr && !(cpu.model.features.*row.feature)) return undefined(cpu, op);
  if (cpu.pstate.el <= El::El1) {
    if (const arm::TrapRule* rule = find_trap(cpu, arm::kTraps.*row.traps, arm::kOnWrite)) {
      return take_trap(cpu, op, *rule, arm::system_register_iss(op->insn), row.name);
    }
  }
  return row.execute(cpu, op);
}

}  // namespace tw::cpu
