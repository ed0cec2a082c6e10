// The events that the performance monitors count, as rows: name, event number, where the count comes from (Arm ARM
// D13.12, "PMU events and event numbers"). PMCEIDn_EL0 is read off them.
#pragma once

#include <array>
#include <string_view>

#include "base/types.hpp"

namespace tw::cpu {

/// Where the running total of an event comes from.
enum class EventSource : u8 {
  Cycles,        ///< the ledger, without idle time
  Instructions,  ///< Cpu::retired
  Op,            ///< the run loop looks at every op while such a counter runs
  Core,          ///< a slow path of the core: exceptions, returns, writes of system registers
  Predictor,     ///< branch prediction: in timed fidelity, with a pipeline that pays for mispredictions
  Mmu,           ///< the modelled TLBs and walker: they run in timed fidelity only
  Cache,         ///< the modelled caches, where the core has some: in timed fidelity too
  Counter,       ///< the counters themselves: software increments one, another one's overflow
};

#define TW_PMU_EVENTS(X)                    \
  X(SW_INCR, 0x0000, Counter)               \
  X(L1I_CACHE_REFILL, 0x0001, Cache)        \
  X(L1I_TLB_REFILL, 0x0002, Mmu)            \
  X(L1D_CACHE_REFILL, 0x0003, Cache)        \
  X(L1D_CACHE, 0x0004, Cache)               \
  X(L1D_TLB_REFILL, 0x0005, Mmu)            \
  X(LD_RETIRED, 0x0006, Op)                 \
  X(ST_RETIRED, 0x0007, Op)                 \
  X(INST_RETIRED, 0x0008, Instructions)     \
  X(EXC_TAKEN, 0x0009, Core)                \
  X(EXC_RETURN, 0x000A, Core)               \
  X(CID_WRITE_RETIRED, 0x000B, Core)        \
  X(PC_WRITE_RETIRED, 0x000C, Op)           \
  X(BR_IMMED_RETIRED, 0x000D, Op)           \
  X(BR_RETURN_RETIRED, 0x000E, Op)          \
  X(BR_MIS_PRED, 0x0010, Predictor)         \
  X(CPU_CYCLES, 0x0011, Cycles)             \
  X(BR_PRED, 0x0012, Predictor)             \
  X(MEM_ACCESS, 0x0013, Op)                 \
  X(L1I_CACHE, 0x0014, Cache)               \
  X(L1D_CACHE_WB, 0x0015, Cache)            \
  X(L2D_CACHE, 0x0016, Cache)               \
  X(L2D_CACHE_REFILL, 0x0017, Cache)        \
  X(L2D_CACHE_WB, 0x0018, Cache)            \
  X(INST_SPEC, 0x001B, Instructions)        \
  X(TTBR_WRITE_RETIRED, 0x001C, Core)       \
  X(CHAIN, 0x001E, Counter)                 \
  X(BR_RETIRED, 0x0021, Op)                 \
  X(BR_MIS_PRED_RETIRED, 0x0022, Predictor) \
  X(L1D_TLB, 0x0025, Mmu)                   \
  X(L1I_TLB, 0x0026, Mmu)                   \
  X(L3D_CACHE_REFILL, 0x002A, Cache)        \
  X(L3D_CACHE, 0x002B, Cache)               \
  X(L2D_TLB_REFILL, 0x002D, Mmu)            \
  X(L2D_TLB, 0x002F, Mmu)                   \
  X(DTLB_WALK, 0x0034, Mmu)                 \
  X(ITLB_WALK, 0x0035, Mmu)                 \
  X(EXC_UNDEF, 0x0081, Core)                \
  X(EXC_SVC, 0x0082, Core)                  \
  X(EXC_PABORT, 0x0083, Core)               \
  X(EXC_DABORT, 0x0084, Core)               \
  X(EXC_IRQ, 0x0086, Core)                  \
  X(EXC_FIQ, 0x0087, Core)                  \
  X(EXC_SMC, 0x0088, Core)                  \
  X(EXC_HVC, 0x008A, Core)                  \
  X(EXC_TRAP_PABORT, 0x008B, Core)          \
  X(EXC_TRAP_DABORT, 0x008C, Core)          \
  X(EXC_TRAP_OTHER, 0x008D, Core)           \
  X(EXC_TRAP_IRQ, 0x008E, Core)             \
  X(EXC_TRAP_FIQ, 0x008F, Core)

enum class PmuEvent : u8 {
#define TW_ENUMERATOR(name, ...) name,
  TW_PMU_EVENTS(TW_ENUMERATOR)
#undef TW_ENUMERATOR
      None,  ///< an event number without a row: counts nothing
};

inline constexpr unsigned kPmuEvents = static_cast<unsigned>(PmuEvent::None);

struct PmuEventRow {
  std::string_view name;
  u16 number;
  EventSource source;
};

inline constexpr std::array<PmuEventRow, kPmuEvents> kPmuEventRows = {{
#define TW_ROW(name, number, source) {#name, number, EventSource::source},
    TW_PMU_EVENTS(TW_ROW)
#undef TW_ROW
}};

/// The event with this number, or None.
PmuEvent pmu_event(u64 number);

/// PMCEID0_EL0 (n = 0) or PMCEID1_EL0 (n = 1): which common events are counted. `wide`: the event numbers are 16 bits
/// (FEAT_PMUv3p1), and the upper halves tell of 0x4000 to 0x403F. `caches`: the core has some.
u64 pmceid(unsigned n, bool wide, bool caches);

}  // namespace tw::cpu
