// The PMU registers that are more than storage (Arm ARM D17.5). PMCCNTR_EL0 counts the core's modelled cycles at every
// EL while PMCR_EL0.E and PMCNTENSET_EL0.C are set; PMCCFILTR_EL0, MDCR_EL2.HPMN and overflows are stored only.
#include "base/bits.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/sysreg_access.hpp"

namespace tw::cpu {
namespace {

constexpr u64 kEnable = 1, kResetEvents = 2, kResetCycles = 4;
constexpr unsigned kCounters = 6;
constexpr unsigned kCycleCounter = 31;

bool counting(const Cpu& cpu) {
  return (cpu.reg(SysReg::PMCR_EL0) & kEnable) != 0 && bit_at(cpu.reg(SysReg::PMCNTENSET_EL0), kCycleCounter);
}

/// While it counts, the register's slot holds the difference to the core's time, else the value.
void set_cycle_counter(Cpu& cpu, u64 value) {
  cpu.reg(SysReg::PMCCNTR_EL0) = counting(cpu) ? value - cpu.ledger.elapsed() : value;
}

SysReg event_register(SysReg first, unsigned n) {
  // Counter and type registers alternate in the table.
  return static_cast<SysReg>(static_cast<unsigned>(first) + 2 * n);
}
static_assert(static_cast<unsigned>(SysReg::PMEVCNTR5_EL0) == static_cast<unsigned>(SysReg::PMEVCNTR0_EL0) + 10);
static_assert(static_cast<unsigned>(SysReg::PMEVTYPER5_EL0) == static_cast<unsigned>(SysReg::PMEVTYPER0_EL0) + 10);

}  // namespace

u64 cycle_counter(const Cpu& cpu) { return cpu.reg(SysReg::PMCCNTR_EL0) + (counting(cpu) ? cpu.ledger.elapsed() : 0); }

u64* selected_counter(Cpu& cpu, SysReg window) {
  const u64 selected = cpu.reg(SysReg::PMSELR_EL0);
  const bool type = window == SysReg::PMXEVTYPER_EL0;
  if (type && selected == kCycleCounter) return &cpu.reg(SysReg::PMCCFILTR_EL0);
  if (selected >= kCounters) return nullptr;
  return &cpu.reg(
      event_register(type ? SysReg::PMEVTYPER0_EL0 : SysReg::PMEVCNTR0_EL0, static_cast<unsigned>(selected)));
}

void pmu_write(Cpu& cpu, SysReg reg, u64 value) {
  const u64 cycles = cycle_counter(cpu);
  switch (reg) {
    case SysReg::PMCR_EL0: {
      u64& pmcr = cpu.reg(reg);
      // P and C act once and read as zero.
      pmcr = (pmcr & ~arm::row_of(reg).writable) | (value & ~(kResetEvents | kResetCycles));
      set_cycle_counter(cpu, (value & kResetCycles) != 0 ? 0 : cycles);
      if ((value & kResetEvents) != 0) {
        for (unsigned n = 0; n < kCounters; ++n) cpu.reg(event_register(SysReg::PMEVCNTR0_EL0, n)) = 0;
      }
      break;
    }
    case SysReg::PMCNTENSET_EL0:
      cpu.reg(reg) |= value;
      set_cycle_counter(cpu, cycles);
      break;
    case SysReg::PMCNTENCLR_EL0:
      cpu.reg(SysReg::PMCNTENSET_EL0) &= ~value;
      set_cycle_counter(cpu, cycles);
      break;
    case SysReg::PMCCNTR_EL0:
      set_cycle_counter(cpu, value);
      break;
    case SysReg::PMINTENSET_EL1:
    case SysReg::PMOVSSET_EL0:
      cpu.reg(reg) |= value;
      break;
    case SysReg::PMINTENCLR_EL1:
      cpu.reg(SysReg::PMINTENSET_EL1) &= ~value;
      break;
    case SysReg::PMOVSCLR_EL0:
      cpu.reg(SysReg::PMOVSSET_EL0) &= ~value;
      break;
    case SysReg::PMXEVTYPER_EL0:
    case SysReg::PMXEVCNTR_EL0:
      if (u64* counter = selected_counter(cpu, reg)) *counter = value;
      break;
    case SysReg::PMSWINC_EL0:
      // Event 0, SW_INCR: the one event that is counted.
      for (unsigned n = 0; n < kCounters; ++n) {
        const bool counts = (cpu.reg(SysReg::PMCR_EL0) & kEnable) != 0 && bit_at(cpu.reg(SysReg::PMCNTENSET_EL0), n) &&
                            bits<9, 0>(cpu.reg(event_register(SysReg::PMEVTYPER0_EL0, n))) == 0;
        u64& counter = cpu.reg(event_register(SysReg::PMEVCNTR0_EL0, n));
        if (bit_at(value, n) && counts) counter = (counter + 1) & 0xFFFFFFFF;
      }
      break;
    default:
      break;
  }
}

}  // namespace tw::cpu
