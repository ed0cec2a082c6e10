#include "cpu/system/external_debug.hpp"

#include <algorithm>
#include <cctype>

#include "base/bits.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/sysreg_access.hpp"

namespace tw::cpu {

namespace {

constexpr unsigned kGeneralRegisters = 31;

bool equal(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// x0 to x30, as an index into Cpu::x; sp too.
std::optional<unsigned> general_register(std::string_view name) {
  if (equal(name, "sp")) return kSp;
  for (unsigned n = 0; n < kGeneralRegisters; ++n) {
    if (equal(name, "x" + std::to_string(n))) return n;
  }
  return std::nullopt;
}

const arm::SysRegRow* system_register(std::string_view name) {
  for (const arm::SysRegRow& row : arm::sysreg_rows()) {
    if (equal(name, row.name)) return &row;
  }
  return nullptr;
}

/// SP_ELx that is the current stack pointer: its value is in Cpu::x.
bool is_current_sp(const Cpu& cpu, SysReg reg) {
  constexpr SysReg kStackPointers[] = {SysReg::SP_EL0, SysReg::SP_EL1, SysReg::SP_EL2, SysReg::SP_EL3};
  return reg == kStackPointers[cpu.pstate.sp_sel ? tw::index(cpu.pstate.el) : 0];
}

bool writes_take_time(const arm::SysRegRow& row, SysReg reg) {
  return (row.flags & (arm::kTimer | arm::kGic | arm::kMonitor)) != 0 || reg == SysReg::CNTKCTL_EL1 ||
         reg == SysReg::CNTHCTL_EL2;
}

bool set_pstate(Cpu& cpu, u64 value) {
  const auto el = static_cast<El>(bits<3, 2>(value));
  const bool sp_sel = (value & arm::spsr::SP) != 0;
  if (bits<4, 4>(value) != 0 || bits<1, 1>(value) != 0 || !has_el(cpu, el) || (el == El::El0 && sp_sel)) return false;
  cpu.flags.set_nzcv(value);
  cpu.pstate.daif = static_cast<u8>(bits<9, 6>(value));
  cpu.pstate.ss = (value & arm::spsr::SS) != 0;
  cpu.pstate.il = (value & arm::spsr::IL) != 0;
  if (cpu.model.features.pan) cpu.pstate.pan = (value & arm::spsr::PAN) != 0;
  if (cpu.model.features.uao) cpu.pstate.uao = (value & arm::spsr::UAO) != 0;
  if (cpu.model.features.ssbs) cpu.pstate.ssbs = (value & arm::spsr::SSBS) != 0;
  set_el_and_sp(cpu, el, sp_sel);
  const cost::Context context = ledger_context(cpu);
  if (context != cpu.ledger.context()) cpu.ledger.set_context(context);
  return true;
}

}  // namespace

std::vector<std::string> register_names() {
  std::vector<std::string> names;
  for (unsigned n = 0; n < kGeneralRegisters; ++n) names.push_back("x" + std::to_string(n));
  for (const char* name : {"sp", "pc", "pstate"}) names.emplace_back(name);
  for (const arm::SysRegRow& row : arm::sysreg_rows()) names.emplace_back(row.name);
  return names;
}

std::optional<u64> register_value(Cpu& cpu, std::string_view name) {
  if (const std::optional<unsigned> n = general_register(name)) return cpu.x[*n];
  if (equal(name, "pc")) return cpu.pc;
  if (equal(name, "pstate")) return spsr_of_pstate(cpu);
  const arm::SysRegRow* row = system_register(name);
  if (row == nullptr) return std::nullopt;
  const SysReg reg = arm::sysreg_of(*row);
  return is_current_sp(cpu, reg) ? cpu.x[kSp] : sysreg_value(cpu, reg);
}

RegisterWrite set_register(Cpu& cpu, std::string_view name, u64 value) {
  if (const std::optional<unsigned> n = general_register(name)) {
    cpu.x[*n] = value;
    return RegisterWrite::Done;
  }
  if (equal(name, "pc")) {
    if (value % 4 != 0) return RegisterWrite::Illegal;
    cpu.pc = value;
    return RegisterWrite::Done;
  }
  if (equal(name, "pstate")) return set_pstate(cpu, value) ? RegisterWrite::Done : RegisterWrite::Illegal;
  const arm::SysRegRow* row = system_register(name);
  if (row == nullptr) return RegisterWrite::Unknown;
  const SysReg reg = arm::sysreg_of(*row);
  if (writes_take_time(*row, reg)) return RegisterWrite::Device;
  if (row->lowest_write >= arm::kNever) return RegisterWrite::ReadOnly;
  if (is_current_sp(cpu, reg)) {
    cpu.x[kSp] = value;
  } else {
    sysreg_write(cpu, reg, value);
  }
  return RegisterWrite::Done;
}

}  // namespace tw::cpu
