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

/// Descriptor fetches by where in a walk they stand: those of stage 1 by level; those of stage 2 by level, and by the
/// level of stage 1 that they are for. A nested 4K x 4K walk of four levels each has one in each of the 24 places.
class FetchesByLevel final {
 public:
  struct Cell {
    u64 count = 0;
    u64 cycles = 0;
  };
  static constexpr int kLevels = 4;     ///< 0 to 3: no 52-bit addresses
  static constexpr int kFinalIpa = -1;  ///< before the levels, as what stage 2 may be for

  void add(const DescriptorFetch& fetch) {
    Cell& cell = cells_[place(fetch.stage, fetch.level, fetch.for_stage1_level)];
    ++cell.count;
    cell.cycles += fetch.cycles;
  }
  const Cell& stage1(int level) const { return cells_[place(1, level, kFinalIpa)]; }
  const Cell& stage2(int level, int for_stage1_level) const { return cells_[place(2, level, for_stage1_level)]; }

  Cell stage1() const { return sum(0, 1); }
  Cell stage2() const { return sum(1, kRows); }
  Cell final_stage2() const { return sum(1, 2); }

 private:
  static constexpr unsigned kRows = 1 + (kLevels - kFinalIpa);
  static constexpr unsigned place(unsigned stage, int level, int for_stage1_level) {
    const int row = stage == 1 ? 0 : 1 + for_stage1_level - kFinalIpa;
    return static_cast<unsigned>(row * kLevels + level);
  }
  Cell sum(unsigned first_row, unsigned end_row) const {
    Cell sum;
    for (unsigned i = first_row * kLevels; i < end_row * kLevels; ++i) {
      sum.count += cells_[i].count;
      sum.cycles += cells_[i].cycles;
    }
    return sum;
  }
  std::array<Cell, kRows * kLevels> cells_{};
};

struct WalkSummary {
  u64 count = 0;
  u64 faults = 0;
  FetchesByLevel levels;
  std::array<u64, kServedByCount> served_by{};
  Histogram cycles;
  Histogram fetches;
};

}  // namespace tw::cost
