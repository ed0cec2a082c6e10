#include "cpu/system/performance_registers.hpp"

#include <optional>

#include "base/bits.hpp"
#include "cpu/system/performance_monitors.hpp"
#include "cpu/system/state.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

constexpr u64 kSelectCycles = 31;

constexpr SysReg event_register(SysReg first, unsigned n) {
  // Counter and type registers alternate in the table.
  return static_cast<SysReg>(static_cast<unsigned>(first) + 2 * n);
}
static_assert(event_register(SysReg::PMEVCNTR0_EL0, kEventCounters - 1) == SysReg::PMEVCNTR5_EL0);
static_assert(event_register(SysReg::PMEVTYPER0_EL0, kEventCounters - 1) == SysReg::PMEVTYPER5_EL0);

/// Whose register this is: a slot, and whether it is the counter or the type.
struct Owner {
  unsigned slot;
  bool is_type;
};

std::optional<Owner> owner_of(const Cpu& cpu, SysReg reg) {
  const u64 selected = cpu.reg(SysReg::PMSELR_EL0);
  switch (reg) {
    case SysReg::PMCCNTR_EL0:
      return Owner{kCycleSlot, false};
    case SysReg::PMCCFILTR_EL0:
      return Owner{kCycleSlot, true};
    case SysReg::PMXEVTYPER_EL0:
      if (selected == kSelectCycles) return Owner{kCycleSlot, true};
      [[fallthrough]];
    case SysReg::PMXEVCNTR_EL0:
      if (selected >= kEventCounters) return std::nullopt;
      return Owner{static_cast<unsigned>(selected), reg == SysReg::PMXEVTYPER_EL0};
    default:
      break;
  }
  const unsigned first = static_cast<unsigned>(SysReg::PMEVCNTR0_EL0);
  const unsigned at = static_cast<unsigned>(reg);
  if (at < first || at >= first + 2 * kEventCounters) return std::nullopt;
  return Owner{(at - first) / 2, (at - first) % 2 != 0};
}

bool is_visible(const Cpu& cpu, unsigned slot) { return bit_at(visible_counters(cpu), counter_bit(slot)); }

/// The bits of PMEVTYPERn_EL0 and PMCCFILTR_EL0 that exist: those of absent ELs are RES0.
u64 filter_bits(const Cpu& cpu) {
  u64 all = pmfilter::P | pmfilter::U;
  if (cpu.config.has_el3) all |= pmfilter::NSK | pmfilter::NSU | pmfilter::M;
  if (cpu.config.has_el2) all |= pmfilter::NSH;
  return all;
}

void write_type(Cpu& cpu, unsigned slot, u64 value) {
  const u64 number = pmu_has_wide_events(cpu) ? low_mask(16) : low_mask(10);
  if (slot != kCycleSlot) cpu.pmu.event[slot] = pmu_event(value & number);
  cpu.reg(filter_register(slot)) = value & (filter_bits(cpu) | (slot == kCycleSlot ? 0 : number));
  // Another event, or the same one seen anew: what has happened so far is not this counter's.
  cpu.pmu.running &= static_cast<u8>(~(1u << slot));
}

void write_pmcr(Cpu& cpu, u64 value) {
  u64& pmcr = cpu.reg(SysReg::PMCR_EL0);
  const u64 writable = row_of(SysReg::PMCR_EL0).writable;
  pmcr = (pmcr & ~writable) | (value & writable & ~(pmcr::P | pmcr::C));  // P and C act once and read as zero
  if ((value & pmcr::C) != 0) cpu.reg(SysReg::PMCCNTR_EL0) = 0;
  if ((value & pmcr::P) == 0) return;
  for (unsigned slot = 0; slot < kEventCounters; ++slot) {
    if (is_visible(cpu, slot)) cpu.reg(counter_register(slot)) = 0;
  }
}

void increment_by_software(Cpu& cpu, u64 which) {
  for (unsigned slot = 0; slot < kEventCounters; ++slot) {
    if (!bit_at(which, slot) || !bit_at(cpu.pmu.running, slot)) continue;
    if (cpu.pmu.event[slot] == PmuEvent::SW_INCR) pmu_increment(cpu, slot);
  }
}

}  // namespace

SysReg counter_register(unsigned slot) {
  return slot == kCycleSlot ? SysReg::PMCCNTR_EL0 : event_register(SysReg::PMEVCNTR0_EL0, slot);
}
SysReg filter_register(unsigned slot) {
  return slot == kCycleSlot ? SysReg::PMCCFILTR_EL0 : event_register(SysReg::PMEVTYPER0_EL0, slot);
}

u64 pmu_read(Cpu& cpu, SysReg reg) {
  pmu_sample(cpu);
  switch (reg) {
    case SysReg::PMCR_EL0: {
      // N: EL0 and EL1 see the counters that EL2 leaves them.
      constexpr unsigned kN = 11;
      const u64 n = static_cast<u64>(std::popcount(visible_counters(cpu))) - 1;
      return (cpu.reg(reg) & ~(u64{0x1F} << kN)) | n << kN;
    }
    case SysReg::PMCNTENSET_EL0:
    case SysReg::PMCNTENCLR_EL0:
      return cpu.reg(SysReg::PMCNTENSET_EL0) & visible_counters(cpu);
    case SysReg::PMINTENSET_EL1:
    case SysReg::PMINTENCLR_EL1:
      return cpu.reg(SysReg::PMINTENSET_EL1) & visible_counters(cpu);
    case SysReg::PMOVSSET_EL0:
    case SysReg::PMOVSCLR_EL0:
      return cpu.reg(SysReg::PMOVSSET_EL0) & visible_counters(cpu);
    default:
      break;
  }
  const std::optional<Owner> owner = owner_of(cpu, reg);
  if (!owner || !is_visible(cpu, owner->slot)) return 0;
  return cpu.reg(owner->is_type ? filter_register(owner->slot) : counter_register(owner->slot));
}

bool pmu_write(Cpu& cpu, SysReg reg, u64 value) {
  pmu_sample(cpu);
  const u64 counters = value & visible_counters(cpu);
  switch (reg) {
    case SysReg::PMCR_EL0:
      write_pmcr(cpu, value);
      break;
    case SysReg::PMCNTENSET_EL0:
    case SysReg::PMINTENSET_EL1:
    case SysReg::PMOVSSET_EL0:
      cpu.reg(reg) |= counters;
      break;
    case SysReg::PMCNTENCLR_EL0:
      cpu.reg(SysReg::PMCNTENSET_EL0) &= ~counters;
      break;
    case SysReg::PMINTENCLR_EL1:
      cpu.reg(SysReg::PMINTENSET_EL1) &= ~counters;
      break;
    case SysReg::PMOVSCLR_EL0:
      cpu.reg(SysReg::PMOVSSET_EL0) &= ~counters;
      break;
    case SysReg::PMSWINC_EL0:
      increment_by_software(cpu, counters);
      break;
    case SysReg::MDCR_EL2:
      cpu.reg(reg) = pmu_has_wide_events(cpu) ? value : value & ~mdcr2::HPMD;
      break;
    case SysReg::MDCR_EL3:
      cpu.reg(reg) = value;
      break;
    default: {
      const std::optional<Owner> owner = owner_of(cpu, reg);
      if (!owner || !is_visible(cpu, owner->slot)) break;
      if (owner->is_type) {
        write_type(cpu, owner->slot, value);
      } else {
        cpu.reg(counter_register(owner->slot)) = value;
      }
    }
  }
  pmu_select(cpu);
  return cpu.pmu.busy();
}

}  // namespace tw::cpu
