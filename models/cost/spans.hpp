// What the ledger keeps: accounts, trap spans, walk spans, interrupt spans.
#pragma once

#include <array>
#include <compare>
#include <string_view>
#include <vector>

#include "base/types.hpp"
#include "cost/causes.hpp"
#include "cost/histogram.hpp"

namespace tw::cost {

/// Where a core's time is spent: exception level, and whose stage 2 is in force. `guest` is false for EL2 and EL3 and
/// for an EL1/EL0 that runs without stage 2; `vmid` is then 0.
struct Context {
  El el = El::El3;
  bool guest = false;
  Vmid vmid{};
  auto operator<=>(const Context&) const = default;
};

/// EL2 and EL3 belong to no world: hypervisor and monitor run them all.
constexpr bool has_world(Context context) { return context.el <= El::El1; }

/// Time and instructions of one context.
struct Account {
  ByCause cycles{};
  u64 instructions = 0;
};

/// Why an exception was taken, in two static strings read off the tables: the rule or control that sent it
/// ("HCR_EL2.TVM", "HCR_EL2.TWI", "HVC", "stage-2 translation fault, level 3", "IRQ", "virtual IRQ") and what it caught
/// ("write SCTLR_EL1", "WFI", "data read", ""). Both must have static storage.
struct TrapReason {
  std::string_view control;
  std::string_view subject;
  auto operator<=>(const TrapReason&) const = default;
};

/// The key of a trap statistic. `from` is the interrupted context (its VMID), `exception_class` is ESR_ELx.EC, or
/// kAsynchronous for interrupts and SErrors.
struct TrapKey {
  Context from;
  El to = El::El1;
  u8 exception_class = 0;
  TrapReason reason;
  auto operator<=>(const TrapKey&) const = default;
};
inline constexpr u8 kAsynchronous = 0xFF;

/// What a trap costs after its end: the interrupted guest finds that entries it had are gone, displaced by others while
/// it was trapped or switched out, and fetches them again.
enum class Structure : u8 { Tlb, Cache };
inline constexpr unsigned kStructureCount = 2;
std::string_view name(Structure structure);

struct Refills {
  u64 count = 0;
  u64 cycles = 0;  ///< latency of the refills; a core that overlaps them waits for less
  bool operator==(const Refills&) const = default;
};
using RefillsByStructure = std::array<Refills, kStructureCount>;

/// All spans of one key. `inside` is the time that the core spent between the trapping instruction and the return to
/// the same context, without what inner spans own (a system call that causes a trap to EL2 does not count the trap's
/// cycles) and without `away`, the time while the guest was switched out. Hence no cycle is inside two spans. count ==
/// returned + unfinished + spans that are still open.
struct TrapSummary {
  u64 count = 0;         ///< exceptions taken
  u64 returned = 0;      ///< spans closed by a return to the same context
  u64 unfinished = 0;    ///< spans given up: never returned to, overflow, reset, or still open at the report
  ByCause inside{};      ///< of all spans, unfinished ones too
  u64 instructions = 0;  ///< executed inside
  u64 walks = 0;         ///< walks inside
  u64 away = 0;
  RefillsByStructure indirect{};
  Histogram cycles;     ///< inside, a returned span
  Histogram inclusive;  ///< inside with inner spans, a returned span: the latency that the interrupted code sees
};

constexpr u64 total(const ByCause& cycles) {
  u64 sum = 0;
  for (const u64 c : cycles) sum += c;
  return sum;
}

/// Who serves a descriptor fetch or a data access.
enum class ServedBy : u8 { WalkCache, L1, L2, L3, SystemCache, PeerCache, Memory, Device, Gic, Unmapped };
inline constexpr unsigned kServedByCount = 10;
std::string_view name(ServedBy served_by);

/// One descriptor fetch of a walk. For stage 2, `for_stage1_level` is the level of the stage-1 descriptor whose address
/// is being translated, or -1 for the walk of the final IPA.
struct DescriptorFetch {
  u8 stage = 1;
  i8 level = 0;
  i8 for_stage1_level = -1;
  ServedBy served_by = ServedBy::Memory;
  Pa address{};
  u64 descriptor = 0;
  u64 cycles = 0;
};

/// Translation regime as reports name it.
enum class WalkRegime : u8 { El10, El2, El3, Stage2Only, Smmu };
std::string_view name(WalkRegime regime);

enum class WalkFor : u8 { Fetch, Data, AddressTranslation, Dma, Prefetch };
std::string_view name(WalkFor purpose);

struct WalkKey {
  WalkRegime regime = WalkRegime::El10;
  bool stage1 = true;   ///< stage 1 took part
  bool stage2 = false;  ///< stage 2 took part
  WalkFor purpose = WalkFor::Data;
  Context context;  ///< who walked
  auto operator<=>(const WalkKey&) const = default;
};

/// A finished walk: every descriptor fetch in order. 4K x 4K, four levels each, is 24 fetches.
struct WalkRecord {
  WalkKey key;
  Va va{};
  bool fault = false;
  u64 cycles = 0;
  std::vector<DescriptorFetch> fetches;
};

struct WalkSummary {
  u64 count = 0;
  u64 faults = 0;
  u64 fetches_stage1 = 0;
  u64 fetches_stage2 = 0;
  u64 cycles_stage1 = 0;
  u64 cycles_stage2 = 0;
  u64 cycles_final_stage2 = 0;  ///< of cycles_stage2, the last stage-2 walk
  std::array<u64, kServedByCount> served_by{};
  Histogram cycles;
  Histogram fetches;
};

}  // namespace tw::cost
