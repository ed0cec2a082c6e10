// The causes of modelled time. Every cycle of a core belongs to exactly one cause; the list is closed.
#pragma once

#include <array>
#include <string_view>

#include "base/types.hpp"

namespace tw::cost {

// One row a cause: enumerator, name in reports, what it is. The instruction classes come first.
#define TW_CAUSES(X)                                                                             \
  X(Instruction, "instruction", "functional fidelity: one cycle an instruction")                 \
  X(Integer, "integer", "add, logical, shift, move, bit field, conditional select")              \
  X(Multiply, "multiply", "multiply and multiply-accumulate")                                    \
  X(Divide, "divide", "SDIV, UDIV")                                                              \
  X(Branch, "branch", "direct, conditional and indirect branches")                               \
  X(Load, "load", "loads that hit the first-level cache")                                        \
  X(Store, "store", "stores into the store buffer")                                              \
  X(Exclusive, "exclusive", "load and store exclusive, acquire and release")                     \
  X(Atomic, "atomic", "LSE atomics")                                                             \
  X(FpSimd, "fp-simd", "floating point and Advanced SIMD")                                       \
  X(SystemRegister, "system-register", "MRS and MSR")                                            \
  X(ContextRegister, "world-switch", "MRS and MSR of a lower EL's context at EL2 or EL3")        \
  X(Barrier, "barrier", "ISB, DSB, DMB")                                                         \
  X(CacheMaintenance, "cache-maintenance", "DC, IC, DC ZVA")                                     \
  X(TlbMaintenance, "tlb-maintenance", "TLBI")                                                   \
  X(Hint, "hint", "NOP, YIELD, WFE, WFI, SEV, PRFM")                                             \
  X(ExceptionEntry, "exception-entry", "taking an exception or an interrupt")                    \
  X(ExceptionReturn, "exception-return", "ERET")                                                 \
  X(Mispredict, "mispredict", "the front end refills after a branch that was predicted wrongly") \
  X(Fetch, "fetch", "instruction fetches beyond the first-level cache")                          \
  X(StoreBuffer, "store-buffer", "stores that wait for room in the store buffer")                \
  X(TlbLookup, "tlb-lookup", "TLB levels beyond the first, hit or miss")                         \
  X(WalkStage1, "walk-stage-1", "stage-1 descriptor fetches")                                    \
  X(WalkStage2, "walk-stage-2", "stage-2 descriptor fetches, for data or for a stage-1 walk")    \
  X(L2Cache, "l2-cache", "data accesses served by the second-level cache")                       \
  X(L3Cache, "l3-cache", "data accesses served by the third-level or system cache")              \
  X(PeerCache, "peer-cache", "data accesses that another core's cache serves or must give up")   \
  X(Memory, "memory", "data accesses served by memory, or not cached")                           \
  X(Gic, "gic", "accesses to the interrupt controller")                                          \
  X(Device, "device", "accesses to other devices")                                               \
  X(Firmware, "firmware", "PSCI and semihosting served by the platform")                         \
  X(Idle, "idle", "waiting in WFI or WFE, powered off")

enum class Cause : u8 {
#define TW_ENUMERATOR(name, text, what) name,
  TW_CAUSES(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};

struct CauseRow {
  std::string_view name;
  std::string_view what;
};

inline constexpr CauseRow kCauses[] = {
#define TW_ROW(name, text, what) {text, what},
    TW_CAUSES(TW_ROW)
#undef TW_ROW
};
#undef TW_CAUSES

inline constexpr unsigned kCauseCount = sizeof(kCauses) / sizeof(kCauses[0]);
constexpr std::string_view name(Cause cause) { return kCauses[static_cast<unsigned>(cause)].name; }

/// Cycles by cause.
using ByCause = std::array<u64, kCauseCount>;

}  // namespace tw::cost
