// SYS instructions (DC, IC, AT, TLBI) as rows: one row an instruction, in the file of its kind.
#pragma once

#include <span>
#include <string_view>

#include "arm/cpu_model.hpp"
#include "arm/trap_rules.hpp"
#include "cpu/cpu.hpp"

namespace tw::cpu {

struct SysInstruction {
  std::string_view name;  ///< "TLBI VAE1IS"; the trap statistic's subject
  arm::SysRegEncoding encoding;
  u8 lowest_el;
  arm::TrapRules arm::TrapLists::*traps;
  cost::Cause cost;
  /// Executes it, permission and traps checked. `op->imm` is the row's address, `op->rn` the operand.
  Handler execute;
  u32 parameter = 0;                          ///< for `execute`
  bool arm::CpuFeatures::*feature = nullptr;  ///< UNDEFINED without it
};

std::span<const SysInstruction> tlb_maintenance_rows();
std::span<const SysInstruction> cache_maintenance_rows();
std::span<const SysInstruction> address_translation_rows();

/// Whether the EL of a TLBI's or AT's regime can be entered: EL3 finds the instructions of EL2 UNDEFINED while EL2 is
/// not enabled (Arm ARM C5.4, C5.5: "if !EL2Enabled() then UNDEFINED").
bool regime_exists(const Cpu& cpu, vmsa::Regime regime);

/// The row with this encoding, or nullptr: unallocated.
const SysInstruction* find_sys_instruction(arm::SysRegEncoding encoding);

inline const SysInstruction& sys_instruction_of(const Op* op) {
  return *reinterpret_cast<const SysInstruction*>(op->imm);
}

/// Handler of all of them: UNDEFINED below the lowest EL, then the trap rules, then `execute`.
const Op* sys_instruction(Cpu& cpu, const Op* op);

}  // namespace tw::cpu
