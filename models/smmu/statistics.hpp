// What the SMMU counts: each translation with its time by parts, whose it was, and who was in whose way.
#pragma once

#include <array>
#include <map>
#include <string_view>

#include "cost/event_ring.hpp"
#include "cost/histogram.hpp"
#include "smmu/events.hpp"
#include "vmsa/tlb/ghost.hpp"

namespace tw::smmu {

/// Where a translation's cycles go; the sum over parts is its latency, exactly.
#define TW_SMMU_PARTS(X)                                                          \
  X(Tbu, "tbu", "look-up in the TBU")                                             \
  X(TbuWait, "tbu-wait", "no walk of the TBU is free, or the page is on its way") \
  X(Link, "link", "between TBU and TCU, both ways")                               \
  X(Port, "port", "wait for the TCU's port")                                      \
  X(Slot, "slot", "wait for a translation slot, a walker, or another TBU's walk") \
  X(Invalidation, "invalidation", "wait for an invalidation under way")           \
  X(Configuration, "configuration", "STE and CD: caches and fetches")             \
  X(Tlb, "tlb", "TCU and its main TLB")                                           \
  X(WalkStage1, "walk-stage-1", "stage-1 descriptor fetches and walk caches")     \
  X(WalkStage2, "walk-stage-2", "stage-2 descriptor fetches, walk and IPA caches")

enum class Part : u8 {
#define TW_ENUMERATOR(part, name, what) part,
  TW_SMMU_PARTS(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};
struct PartRow {
  std::string_view name;
  std::string_view what;
};
inline constexpr PartRow kParts[] = {
#define TW_ROW(part, name, what) {name, what},
    TW_SMMU_PARTS(TW_ROW)
#undef TW_ROW
};
#undef TW_SMMU_PARTS
inline constexpr unsigned kPartCount = sizeof(kParts) / sizeof(kParts[0]);
using ByPart = std::array<u64, kPartCount>;

/// Who answered a translation.
enum class HitLevel : u8 { Bypass, Tbu, Tlb, Walk, Fault };
inline constexpr std::string_view kHitLevels[] = {"bypass", "tbu", "tlb", "walk", "fault"};
inline constexpr unsigned kHitLevelCount = 5;

/// Whose translations: a stream, in the VM that it was in.
struct LedgerKey {
  StreamKey from;
  bool guest = false;  ///< stage 2 in force
  Vmid vmid{};
  auto operator<=>(const LedgerKey&) const = default;
};

struct StreamSummary {
  std::array<u64, kHitLevelCount> translations{};
  ByPart cycles{};
  u64 reads = 0, writes = 0;
  u64 fetches_stage1 = 0, fetches_stage2 = 0;  ///< descriptors
  u64 ste_fetches = 0, cd_fetches = 0;         ///< tables of both included
  u64 prefetches = 0;                          ///< walks of nobody's transaction, and
  u64 prefetch_fetches = 0;                    ///< their descriptors, not among the others
  u64 ats_requests = 0, page_requests = 0;
  cost::Histogram latency;  ///< cycles a translation
};

/// One translation that a TBU did not answer at once: it waited, the TCU answered, or there was a fault.
struct TranslationEvent {
  LedgerKey key;
  u64 begin = 0;  ///< cycles of the SMMU's clock
  HitLevel level = HitLevel::Walk;
  bool write = false;
  ByPart cycles{};
};

/// (victim, evictor) -> entries that left for the evictor's.
using StreamEvictions = std::map<std::pair<LedgerKey, LedgerKey>, u64>;

/// Of which there may be ghosts, by vmsa::Haunted.
inline constexpr std::string_view kHauntedNames[] = {"smmu.tlb", "smmu.walk_cache", "smmu.ipa"};
constexpr std::string_view haunted_name(vmsa::Haunted what) { return kHauntedNames[static_cast<unsigned>(what)]; }

struct CommandSummary {
  u64 count = 0;
  u64 cycles = 0;  ///< from its begin until the next may begin
};

struct Statistics {
  std::map<LedgerKey, StreamSummary> streams;
  std::map<u8, CommandSummary> commands;  ///< by opcode: command_name()
  std::map<EventKind, u64> events;        ///< recorded
  u64 events_lost = 0;                    ///< queue full
  u64 events_merged = 0;
  u64 commands_illegal = 0;
  u64 syncs_waited = 0;  ///< cycles of CMD_SYNC until what was before it was done
  vmsa::TlbStatistics tbu, tbu_main, tlb, walk_cache, walk_cache2, ipa, ste, cd;  ///< `tbu…` of all TBUs together
  StreamEvictions tbu_evictions, tlb_evictions;  ///< of a TBU's main TLB, where it has one
};

/// CMD_* of an opcode, or "illegal".
std::string_view command_name(u8 opcode);

}  // namespace tw::smmu
