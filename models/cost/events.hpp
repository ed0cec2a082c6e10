// The events of one core: what a ledger adds up, one by one and with their times. A ledger that has none to tell pays a
// comparison where a span opens or closes; instructions and accesses know nothing of it.
#pragma once

#include "cost/event_ring.hpp"
#include "cost/spans.hpp"

namespace tw::cost {

/// What may be logged.
#define TW_EVENT_KINDS(X)                                                                                      \
  X(Traps, "traps", true, "trap spans, from the trapping instruction to the return, with their inside")        \
  X(Worlds, "worlds", true, "which guest (VMID), or EL1 and EL0 without stage 2, a core runs when")            \
  X(Idle, "idle", true, "waits in WFI and WFE, and cores that are off")                                        \
  X(Interrupts, "interrupts", true, "from the wire to the acknowledge, the priority drop and deactivation")    \
  X(Dma, "dma", true, "translations of the SMMU by StreamID; not those that a TBU answers at once")            \
  X(Samples, "samples", true, "instructions, walks and idle cycles so far, at intervals: for rates over time") \
  X(Walks, "walks", false, "translation table walks; they are many")

enum class EventKind : u8 {
#define TW_ENUMERATOR(kind, name, on, what) kind,
  TW_EVENT_KINDS(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};
struct EventKindRow {
  std::string_view name;
  bool on;  ///< unless others are asked for
  std::string_view what;
};
inline constexpr EventKindRow kEventKinds[] = {
#define TW_ROW(kind, name, on, what) {name, on, what},
    TW_EVENT_KINDS(TW_ROW)
#undef TW_ROW
};
#undef TW_EVENT_KINDS
inline constexpr unsigned kEventKindCount = sizeof(kEventKinds) / sizeof(kEventKinds[0]);

struct EventOptions {
  u64 limit = 20'000;  ///< events of a kind, of a core
  Keep keep = Keep::Last;
  std::array<bool, kEventKindCount> kinds = [] {
    std::array<bool, kEventKindCount> on{};
    for (unsigned kind = 0; kind < kEventKindCount; ++kind) on[kind] = kEventKinds[kind].on;
    return on;
  }();
  u64 sample_cycles = 100'000;  ///< from one sample to the next, at the least

  bool has(EventKind kind) const { return kinds[static_cast<unsigned>(kind)]; }
  /// A ring for a kind; of no room when it is not asked for.
  RingLimits ring(EventKind kind) const { return {.limit = has(kind) ? limit : 0, .keep = keep}; }
};

// Times are cycles of the core: CoreLedger::elapsed().

struct TrapEvent {
  TrapKey key;
  u64 begin = 0;
  u64 end = 0;
  u64 away = 0;           ///< of end - begin, while the guest was switched out
  bool returned = false;  ///< false: given up, or still open when the measurement ended
  ByCause inside{};       ///< as in TrapSummary; end - begin - away is this and what inner spans own
};

/// EL1 and EL0 of one world: a guest's, or those without stage 2. Until another world is returned to; EL2 and EL3
/// belong to no world and work in between.
struct WorldEvent {
  u64 begin = 0;
  u64 end = 0;
  bool guest = false;
  Vmid vmid{};
};

struct IdleEvent {
  u64 begin = 0;
  u64 end = 0;
};

/// `at` is the time of the access that walks; of a prefetch, that of the access before it.
struct WalkEvent {
  WalkKey key;
  u64 at = 0;
  u64 cycles = 0;
  u64 fetches = 0;
  Va va{};
  bool fault = false;
};

/// Since the measurement began.
struct Sample {
  u64 at = 0;
  u64 instructions = 0;
  u64 walks = 0;
  u64 walk_cycles = 0;
  u64 idle_cycles = 0;
};

/// A stretch of time that was measured.
struct PhaseEvent {
  u64 begin = 0;
  u64 end = 0;
};

class CoreEvents final {
 public:
  explicit CoreEvents(const EventOptions& options);

  // --- from the ledger ------------------------------------------------------------------------------------------
  void measurement_begins(u64 now, Context context);
  /// Closes what is open.
  void measurement_ends(u64 now);
  void trap(const TrapEvent& event) { traps_.add(event); }
  /// The core goes on at `context`.
  void runs(Context context, u64 now);
  void idle(u64 begin, u64 end);
  void walk(const WalkRecord& record, u64 at);
  bool sample_is_due(u64 now) const { return samples_on_ && now >= next_sample_; }
  /// `walks` is filled in here.
  void sample(Sample sample);

  // --- results --------------------------------------------------------------------------------------------------
  const EventRing<TrapEvent>& traps() const { return traps_; }
  const EventRing<WorldEvent>& worlds() const { return worlds_; }
  const EventRing<IdleEvent>& idles() const { return idles_; }
  const EventRing<WalkEvent>& walks() const { return walks_; }
  const EventRing<Sample>& samples() const { return samples_; }
  const EventRing<PhaseEvent>& phases() const { return phases_; }

 private:
  void end_world(u64 now);

  bool samples_on_;
  u64 sample_cycles_;
  EventRing<TrapEvent> traps_;
  EventRing<WorldEvent> worlds_;
  EventRing<IdleEvent> idles_;
  EventRing<WalkEvent> walks_;
  EventRing<Sample> samples_;
  EventRing<PhaseEvent> phases_;
  bool in_world_ = false;
  WorldEvent world_;  ///< that runs now
  u64 phase_began_ = 0;
  u64 next_sample_ = 0;
  u64 walks_so_far_ = 0;
};

}  // namespace tw::cost
