#include "cpu/system/performance_monitors.hpp"

#include <algorithm>
#include <limits>

#include "base/bits.hpp"
#include "cpu/pipeline/branch_predictor.hpp"
#include "cpu/system/performance_registers.hpp"
#include "cpu/system/state.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

constexpr u64 kNever = std::numeric_limits<u64>::max();
constexpr u64 kDivider = 64;  // PMCR_EL0.D
/// Of one instruction in timed fidelity: fetch, four pages of a pair that crosses one, descriptors with their TLBs.
constexpr u64 kMmuEventsPerInstruction = 64;
/// Fetch, the lines of a structure of four registers, and the descriptors of two nested walks, each a look-up or two.
constexpr u64 kCacheEventsPerInstruction = 128;

EventSource source_of(PmuEvent event) {
  return event == PmuEvent::None ? EventSource::Counter : kPmuEventRows[static_cast<unsigned>(event)].source;
}

u64 mmu_total(const Cpu& cpu, PmuEvent event) {
  const MmuEvents events = cpu.mmu.events();
  switch (event) {
    case PmuEvent::L1I_TLB:
      return events.l1i_lookups;
    case PmuEvent::L1I_TLB_REFILL:
      return events.l1i_refills;
    case PmuEvent::L1D_TLB:
      return events.l1d_lookups;
    case PmuEvent::L1D_TLB_REFILL:
      return events.l1d_refills;
    case PmuEvent::L2D_TLB:
      return events.l2_lookups;
    case PmuEvent::L2D_TLB_REFILL:
      return events.l2_refills;
    case PmuEvent::DTLB_WALK:
      return events.data_walks;
    case PmuEvent::ITLB_WALK:
      return events.instruction_walks;
    default:
      return 0;
  }
}

/// Wrong paths are not executed, so that what is executed speculatively is what retires.
u64 predictor_total(const Cpu& cpu, PmuEvent event) {
  if (!cpu.predictor) return 0;
  u64 sum = 0;
  for (const BranchCounts& counts : cpu.predictor->totals()) {
    sum += event == PmuEvent::BR_PRED ? counts.branches : counts.mispredicted();
  }
  return sum;
}

u64 cache_total(const Cpu& cpu, PmuEvent event) {
  if (cpu.caches == nullptr) return 0;
  const CacheEvents events = cpu.caches->events();
  switch (event) {
    case PmuEvent::L1I_CACHE:
      return events.l1i_accesses;
    case PmuEvent::L1I_CACHE_REFILL:
      return events.l1i_refills;
    case PmuEvent::L1D_CACHE:
      return events.l1d_accesses;
    case PmuEvent::L1D_CACHE_REFILL:
      return events.l1d_refills;
    case PmuEvent::L1D_CACHE_WB:
      return events.l1d_write_backs;
    case PmuEvent::L2D_CACHE:
      return events.l2_accesses;
    case PmuEvent::L2D_CACHE_REFILL:
      return events.l2_refills;
    case PmuEvent::L2D_CACHE_WB:
      return events.l2_write_backs;
    case PmuEvent::L3D_CACHE:
      return events.l3_accesses;
    case PmuEvent::L3D_CACHE_REFILL:
      return events.l3_refills;
    default:
      return 0;
  }
}

/// How often `event` has happened since the start, wherever a counter may have looked away.
u64 total(const Cpu& cpu, PmuEvent event) {
  switch (source_of(event)) {
    case EventSource::Cycles:
      return cpu.ledger.elapsed() - cpu.idle_cycles;
    case EventSource::Instructions:
      return cpu.retired;
    case EventSource::Op:
    case EventSource::Core:
      return cpu.pmu.happened[static_cast<unsigned>(event)];
    case EventSource::Predictor:
      return predictor_total(cpu, event);
    case EventSource::Mmu:
      return mmu_total(cpu, event);
    case EventSource::Cache:
      return cache_total(cpu, event);
    case EventSource::Counter:
      break;
  }
  return 0;
}

u64 first_for_el2(const Cpu& cpu) {
  return cpu.config.has_el2 ? std::min<u64>(cpu.reg(SysReg::MDCR_EL2) & mdcr2::HPMN, kEventCounters) : kEventCounters;
}

bool reserved_for_el2(const Cpu& cpu, unsigned slot) { return slot != kCycleSlot && slot >= first_for_el2(cpu); }

/// PMCR_EL0.E, or MDCR_EL2.HPME for the counters that EL2 keeps.
bool group_enabled(const Cpu& cpu, unsigned slot) {
  return reserved_for_el2(cpu, slot) ? (cpu.reg(SysReg::MDCR_EL2) & mdcr2::HPME) != 0
                                     : (cpu.reg(SysReg::PMCR_EL0) & pmcr::E) != 0;
}

bool is_enabled(const Cpu& cpu, unsigned slot) {
  return group_enabled(cpu, slot) && bit_at(cpu.reg(SysReg::PMCNTENSET_EL0), counter_bit(slot));
}

/// AArch64.CountPMUEvents: prohibited by security state or MDCR_EL2.HPMD, or filtered by EL.
bool counts_here(const Cpu& cpu, unsigned slot) {
  const El el = cpu.pstate.el;
  const bool secure = cpu.config.has_el3 && (el == El::El3 || secure_below_el3(cpu));
  bool prohibited = secure && (cpu.reg(SysReg::MDCR_EL3) & mdcr3::SPME) == 0;
  if (el == El::El2 && !reserved_for_el2(cpu, slot)) {
    prohibited = prohibited || (cpu.reg(SysReg::MDCR_EL2) & mdcr2::HPMD) != 0;
  }
  // The cycle counter goes on where events are prohibited, unless PMCR_EL0.DP stops it.
  if (prohibited && (slot != kCycleSlot || (cpu.reg(SysReg::PMCR_EL0) & pmcr::DP) != 0)) return false;

  const u64 filter = cpu.reg(filter_register(slot));
  const auto set = [filter](u64 bit) { return (filter & bit) != 0; };
  switch (el) {
    case El::El0:
      return secure ? !set(pmfilter::U) : set(pmfilter::U) == set(pmfilter::NSU);
    case El::El1:
      return secure ? !set(pmfilter::P) : set(pmfilter::P) == set(pmfilter::NSK);
    case El::El2:
      return set(pmfilter::NSH);
    case El::El3:
      break;
  }
  return set(pmfilter::P) == set(pmfilter::M);
}

bool is_chained(const Cpu& cpu, unsigned slot) {
  return slot % 2 == 0 && slot + 1 < kEventCounters && cpu.pmu.event[slot + 1] == PmuEvent::CHAIN &&
         bit_at(cpu.pmu.running, slot + 1);
}

/// Whether PMCR_EL0.D divides the cycle counter's clock.
bool divided(const Cpu& cpu, unsigned slot) {
  return slot == kCycleSlot && (cpu.reg(SysReg::PMCR_EL0) & (pmcr::D | pmcr::LC)) == pmcr::D;
}

void add(Cpu& cpu, unsigned slot, u64 count) {
  u64& counter = cpu.reg(counter_register(slot));
  const u64 before = counter;
  u64 overflows = 0;
  if (slot == kCycleSlot) {
    counter += count;
    const bool long_counter = (cpu.reg(SysReg::PMCR_EL0) & pmcr::LC) != 0;
    overflows = long_counter ? counter < before : (counter >> 32) != (before >> 32);
  } else {
    overflows = (before + count) >> 32;
    counter = (before + count) & 0xFFFFFFFF;
  }
  if (overflows == 0) return;
  cpu.reg(SysReg::PMOVSSET_EL0) |= u64{1} << counter_bit(slot);
  if (is_chained(cpu, slot)) add(cpu, slot + 1, overflows);
}

/// Counts until the slot's overflow flag is set by its own event or, for the upper half of a chain, by its lower
/// half's.
u64 counts_to_overflow(const Cpu& cpu, unsigned slot) {
  constexpr u64 kWrap = u64{1} << 32;
  const u64 value = cpu.reg(counter_register(slot));
  if (slot != kCycleSlot) return kWrap - value;
  if ((cpu.reg(SysReg::PMCR_EL0) & pmcr::LC) != 0) return value == 0 ? kNever : u64{0} - value;
  return kWrap - value % kWrap;
}

/// Instructions that may pass in one cycle.
u64 width(const Cpu& cpu) { return cpu.fidelity == Fidelity::Functional ? 1 : cpu.pipeline.width(); }

/// The same in cycles or instructions, at most.
u64 distance(const Cpu& cpu, unsigned slot) {
  u64 counts = counts_to_overflow(cpu, slot);
  unsigned source = slot;
  if (cpu.pmu.event[slot] == PmuEvent::CHAIN) {
    if (slot % 2 == 0 || !bit_at(cpu.pmu.running, slot - 1)) return kNever;
    source = slot - 1;
    const u64 low = counts_to_overflow(cpu, source);
    counts = counts > (kNever >> 33) ? kNever : ((counts - 1) << 32) + low;
  }
  const PmuEvent event = cpu.pmu.event[source];
  switch (source_of(event)) {
    case EventSource::Cycles: {
      if (!divided(cpu, source)) return counts;
      const u64 begun = total(cpu, event) - cpu.pmu.seen[source];
      return counts > kNever / kDivider ? kNever : counts * kDivider - begun;
    }
    case EventSource::Instructions:
    case EventSource::Predictor:
      return std::max<u64>(1, counts / width(cpu));
    case EventSource::Op:
      return std::max<u64>(1, counts / (2 * width(cpu)));  // an atomic is two memory accesses
    case EventSource::Mmu:
      return std::max<u64>(1, counts / (kMmuEventsPerInstruction * width(cpu)));
    case EventSource::Cache:
      return std::max<u64>(1, counts / (kCacheEventsPerInstruction * width(cpu)));
    case EventSource::Core:  // leaves the run loop when it happens
    case EventSource::Counter:
      break;
  }
  return kNever;
}

void update_interrupt(Cpu& cpu) {
  u64 sources = cpu.reg(SysReg::PMOVSSET_EL0) & cpu.reg(SysReg::PMINTENSET_EL1);
  bool level = false;
  for (unsigned slot = 0; sources != 0 && slot < kCounterSlots; ++slot) {
    level = level || (bit_at(sources, counter_bit(slot)) && group_enabled(cpu, slot));
  }
  cpu.pmu.interrupt = level;
  if (level != cpu.pmu.driven && cpu.slice_end != 0) cpu.slice_end = 1, cpu.cycle_limit = 0;  // soon, not a request
}

}  // namespace

bool pmu_has_wide_events(const Cpu& cpu) {
  constexpr u64 kImplementationDefined = 15, kV8p1 = 4;
  const u64 version = bits<11, 8>(cpu.model.id(SysReg::ID_AA64DFR0_EL1));
  return version >= kV8p1 && version != kImplementationDefined;
}

u64 visible_counters(const Cpu& cpu) {
  const bool limited = cpu.pstate.el <= El::El1 && el2_enabled(cpu);
  return u64{1} << counter_bit(kCycleSlot) |
         low_mask(limited ? static_cast<unsigned>(first_for_el2(cpu)) : kEventCounters);
}

void pmu_sample(Cpu& cpu) {
  PerformanceMonitors& pmu = cpu.pmu;
  for (unsigned slot = 0; slot < kCounterSlots; ++slot) {
    if (!bit_at(pmu.running, slot)) continue;
    const u64 now = total(cpu, pmu.event[slot]);
    u64 count = now - pmu.seen[slot];
    if (divided(cpu, slot)) {
      count /= kDivider;
      pmu.seen[slot] += count * kDivider;
    } else {
      pmu.seen[slot] = now;
    }
    if (count != 0) add(cpu, slot, count);
  }
  update_interrupt(cpu);
}

void pmu_select(Cpu& cpu) {
  PerformanceMonitors& pmu = cpu.pmu;
  const u8 ran = pmu.running;
  pmu.enabled = pmu.running = 0;
  pmu.by_op = false;
  for (unsigned slot = 0; slot < kCounterSlots; ++slot) {
    if (!is_enabled(cpu, slot)) continue;
    const u8 bit = static_cast<u8>(1u << slot);
    pmu.enabled |= bit;
    if (!counts_here(cpu, slot)) continue;
    pmu.running |= bit;
    pmu.by_op = pmu.by_op || source_of(pmu.event[slot]) == EventSource::Op;
    if ((ran & bit) == 0) pmu.seen[slot] = total(cpu, pmu.event[slot]);
  }
  update_interrupt(cpu);
}

void pmu_reset(Cpu& cpu) {
  const bool driven = cpu.pmu.driven;
  cpu.pmu = {};
  cpu.pmu.driven = driven;
  cpu.pmu.event.fill(PmuEvent::SW_INCR);  // PMEVTYPERn_EL0 = 0
  cpu.pmu.event[kCycleSlot] = PmuEvent::CPU_CYCLES;
  const bool caches = cpu.caches != nullptr;
  cpu.reg(SysReg::PMCEID0_EL0) = pmceid(0, pmu_has_wide_events(cpu), caches);
  cpu.reg(SysReg::PMCEID1_EL0) = pmceid(1, pmu_has_wide_events(cpu), caches);
}

void pmu_increment(Cpu& cpu, unsigned slot) { add(cpu, slot, 1); }

u64 pmu_distance(const Cpu& cpu) {
  u64 nearest = kNever;
  for (unsigned slot = 0; slot < kCounterSlots; ++slot) {
    if (!bit_at(cpu.pmu.running, slot)) continue;
    if (!bit_at(cpu.reg(SysReg::PMINTENSET_EL1), counter_bit(slot))) continue;
    nearest = std::min(nearest, distance(cpu, slot));
  }
  return std::max<u64>(nearest, 1);
}

void pmu_between_instructions(Cpu& cpu) {
  pmu_sample(cpu);
  if (cpu.pmu.interrupt == cpu.pmu.driven) return;
  cpu.pmu.driven = cpu.pmu.interrupt;
  cpu.system.performance_interrupt(cpu, cpu.pmu.driven);
}

}  // namespace tw::cpu
