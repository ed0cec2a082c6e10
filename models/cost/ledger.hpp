// The ledger of one core: all of its modelled time goes through charge(), so the sum over causes is its elapsed time.
// Charges collect in `pending_` and move to accounts and open trap spans when the context changes (exception entry and
// return, VMID change, report), so the hot path is two additions.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "cost/causes.hpp"
#include "cost/displacements.hpp"
#include "cost/latency.hpp"
#include "cost/spans.hpp"

namespace tw::cost {

/// Bounds of what a ledger keeps; a guest cannot make it grow without limit.
struct LedgerLimits {
  u64 open_spans = 64;     ///< exceptions nested without a return; the oldest is then given up
  u64 parked_spans = 256;  ///< spans of guests that are switched out
  u64 recent_walks = 8;    ///< full records of the last walks
  u64 longest_walks = 0;   ///< and of those that took the most cycles
};

class CoreEvents;
struct Sample;

class CoreLedger final {
 public:
  explicit CoreLedger(unsigned cpu, LedgerLimits limits = {});
  CoreLedger(const CoreLedger&) = delete;
  CoreLedger& operator=(const CoreLedger&) = delete;

  // --- hot path -------------------------------------------------------------------------------------------------
  /// Spends `cycles` of this core's time for `cause`, in the present context.
  void charge(Cause cause, u64 cycles) {
    pending_[static_cast<unsigned>(cause)] += cycles;
    elapsed_ += cycles;
  }
  /// Waits for all of `latency`.
  void charge(const Latency& latency) {
    for (const Latency::Part& part : latency.parts()) charge(part.cause, part.cycles);
  }
  /// The core waits, or is off, for `cycles`.
  void idle(u64 cycles);
  /// Counts instructions retired in the present context (no time).
  void retire(u64 instructions) { pending_instructions_ += instructions; }
  /// All cycles charged so far: the core's local time.
  u64 elapsed() const { return elapsed_; }

  // --- context: called by the CPU core --------------------------------------------------------------------------
  /// The core now executes at `context` (a write of HCR_EL2.VM or VTTBR_EL2, the start). Spans stay as they are.
  void set_context(Context context);
  Context context() const { return context_; }
  /// The core is reset or switched on and starts at `context`: spans that are open or parked are given up.
  void reset(Context context);
  /// An exception is taken: opens a trap span keyed by `key`, innermost, and enters `to`. The time before belongs to
  /// the interrupted context; the entry's own charge comes after this call and is the span's first.
  void exception_taken(const TrapKey& key, Context to);
  /// An exception return, already charged, from `from` to `to`. In this order:
  ///  1. `to` is a guest: open spans of other worlds (another VMID, or an EL1 without stage 2) are parked; their `away`
  ///     runs. `to` has no stage 2: guests' spans stay open, for an EL1 host (KVM without VHE) works on their behalf.
  ///     A span of a level between `from` and `to` is parked too: a monitor or hypervisor switches worlds above it.
  ///  2. Parked spans of `to`'s world are open again.
  ///  3. The innermost span that was opened at `to` is closed, and what is above it in the same world given up. Without
  ///  one,
  ///     spans of `from`'s level above `to` are given up: that level has gone on without returning to them.
  /// Two vCPUs of one VM that share a core have one VMID and are one context here.
  void exception_returned(Context from, Context to);

  // --- spans ----------------------------------------------------------------------------------------------------
  /// A finished translation-table walk. Its cycles were charged already (WalkStage1/2); this files the detail.
  void walk(const WalkRecord& record);

  // --- indirect cost: called by whoever keeps a structure -------------------------------------------------------
  /// An entry of the guest `victim` made room for somebody else's. Noted for the innermost span of that guest, open or
  /// parked; nothing happens while the guest itself runs. `tag` names the entry within its structure.
  void displaced(Structure structure, u64 tag, Vmid victim);
  /// The present context fetches an entry that it did not find, in `cycles`.
  void refilled(Structure structure, u64 tag, u64 cycles);

  // --- results --------------------------------------------------------------------------------------------------
  /// Moves all pending charges to accounts and open spans. Idempotent; called before any reading, of which nothing else
  /// tells afterwards: samples are not taken here.
  void settle();
  const std::map<Context, Account>& accounts() const { return accounts_; }
  /// Spans that are finished; `count` holds open ones as well.
  const std::map<TrapKey, TrapSummary>& traps() const { return traps_; }
  /// traps(), with what open and parked spans hold so far filed as unfinished: what a report shows.
  std::map<TrapKey, TrapSummary> traps_so_far() const;
  const std::map<WalkKey, WalkSummary>& walks() const { return walks_; }
  /// The last walks, oldest first: LedgerLimits::recent_walks at most.
  std::vector<WalkRecord> recent_walks() const;
  /// The longest, first the longest; of equal ones the earlier first: LedgerLimits::longest_walks at most.
  const std::vector<WalkRecord>& longest_walks() const { return longest_; }
  u64 instructions() const;
  /// Sum over all accounts and causes, after settle(); equals elapsed() - origin(), always: the conservation line of a
  /// report.
  u64 accounted() const;
  unsigned cpu() const { return cpu_; }
  /// Forgets what was measured so far, open spans too (the start of a region of interest); elapsed() keeps counting,
  /// `origin()` is the elapsed time at which the measurement began, so accounted() == elapsed() - origin().
  void restart();
  u64 origin() const { return origin_; }
  /// From now on what happens is told to `events`, which the ledger does not own, with its time; nullptr: to nobody.
  /// Spans that are open then end for whom they were told to, unfinished.
  void record(CoreEvents* events);
  unsigned open_spans() const { return static_cast<unsigned>(open_.size()); }
  unsigned parked_spans() const { return static_cast<unsigned>(parked_.size()); }

 private:
  /// settle(), where the ledger itself has come to something; a sample may be due.
  void settle_and_sample();
  /// False: nothing was pending.
  bool move_pending();
  struct OpenSpan {
    TrapKey key;
    u64 opened_at = 0;  ///< elapsed() at the trapping instruction
    u64 parked_at = 0;  ///< elapsed() when it was parked last
    u64 away = 0;
    ByCause inside{};
    u64 instructions = 0;
    u64 walks = 0;
    const Context& back() const { return key.from; }
  };
  void file(const OpenSpan& span, TrapSummary& summary) const;
  void close(const OpenSpan& span);
  void give_up(const OpenSpan& span);
  void park_if_other_world(Context from, Context to);
  void unpark(Context to);
  void keep_if_long(const WalkRecord& record);
  void tell(const OpenSpan& span, bool returned, u64 still_away = 0);
  Sample totals() const;

  unsigned cpu_;
  LedgerLimits limits_;
  u64 elapsed_ = 0;
  u64 origin_ = 0;
  ByCause pending_{};
  bool read_ = false;  ///< somebody has settled since settle_and_sample()
  u64 pending_instructions_ = 0;
  Context context_{};
  std::map<Context, Account> accounts_;
  std::map<TrapKey, TrapSummary> traps_;
  std::map<WalkKey, WalkSummary> walks_;
  std::pair<const WalkKey, WalkSummary>* same_walks_ = nullptr;  ///< of the last walk: mostly the next one's
  std::vector<OpenSpan> open_;                                   ///< innermost last
  std::vector<OpenSpan> parked_;                                 ///< oldest first
  std::array<Displacements, kStructureCount> displaced_;
  std::vector<WalkRecord> recent_;
  std::size_t next_recent_ = 0;
  std::vector<WalkRecord> longest_;
  CoreEvents* events_ = nullptr;
};

}  // namespace tw::cost
