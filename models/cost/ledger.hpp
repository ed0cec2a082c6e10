// The ledger of one core: all of its modelled time goes through charge(), so the sum over causes is its elapsed time.
// Charges collect in `pending_` and move to accounts and open trap spans when the context changes (exception entry and
// return, VMID change, report), so the hot path is two additions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"
#include "cost/causes.hpp"
#include "cost/spans.hpp"

namespace tw::cost {

class CoreLedger final {
 public:
  explicit CoreLedger(unsigned cpu) : cpu_(cpu) {}

  // --- hot path -------------------------------------------------------------------------------------------------
  /// Spends `cycles` of this core's time for `cause`, in the present context.
  void charge(Cause cause, u64 cycles) {
    pending_[static_cast<unsigned>(cause)] += cycles;
    elapsed_ += cycles;
  }
  /// Counts instructions retired in the present context (no time).
  void retire(u64 instructions) { pending_instructions_ += instructions; }
  /// All cycles charged so far: the core's local time.
  u64 elapsed() const { return elapsed_; }

  // --- context: called by the CPU core --------------------------------------------------------------------------
  /// The core now executes at `context` (after reset, a write of HCR_EL2.VM or VTTBR_EL2, an exception, a return).
  void set_context(Context context);
  Context context() const { return context_; }
  /// An exception is taken: closes the present context, opens a trap span keyed by `key`, and enters `to`.
  void exception_taken(const TrapKey& key, Context to);
  /// An exception return to `to`: closes the spans that end there (same guest or lower EL), parks those of another guest.
  void exception_returned(Context from, Context to);

  // --- spans ----------------------------------------------------------------------------------------------------
  /// A finished translation-table walk. Its cycles were charged already (WalkStage1/2); this files the detail.
  void walk(const WalkRecord& record);

  // --- results --------------------------------------------------------------------------------------------------
  /// Moves all pending charges to accounts and open spans. Idempotent; called before any reading.
  void settle();
  const std::map<Context, Account>& accounts() const { return accounts_; }
  const std::map<TrapKey, TrapSummary>& traps() const { return traps_; }
  const std::map<WalkKey, WalkSummary>& walks() const { return walks_; }
  u64 instructions() const;
  /// Sum over all accounts and causes, after settle(); equals elapsed(), always: the conservation line of a report.
  u64 accounted() const;
  unsigned cpu() const { return cpu_; }
  /// Forgets what was measured so far (the start of a region of interest); elapsed() keeps counting, `origin()` is
  /// the elapsed time at which the measurement began, so accounted() == elapsed() - origin().
  void restart();
  u64 origin() const { return origin_; }

 private:
  struct OpenSpan {
    TrapKey key;
    Context back;      ///< where the span ends
    u64 opened_at = 0; ///< elapsed() at the trapping instruction
    ByCause inside{};
    u64 instructions = 0;
    u64 walks = 0;
  };
  void close(OpenSpan& span);

  unsigned cpu_;
  u64 elapsed_ = 0;
  u64 origin_ = 0;
  ByCause pending_{};
  u64 pending_instructions_ = 0;
  Context context_{};
  std::map<Context, Account> accounts_;
  std::map<TrapKey, TrapSummary> traps_;
  std::map<WalkKey, WalkSummary> walks_;
  std::vector<OpenSpan> open_;    ///< innermost last; bounded
  std::vector<OpenSpan> parked_;  ///< traps of guests that were switched away from
};

}  // namespace tw::cost
