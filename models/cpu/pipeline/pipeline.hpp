// The time of a core in timed fidelity. An instruction is placed in time between begin() and end(); in between its
// handler runs, and says through data() what its accesses take. The core's clock is the ledger: it stands at the cycle
// in which the present instruction is dispatched (in order: issued), and whatever moves it is charged to a cause.
//
// One scheme for both kinds of core: a time for each register, from which its value can be used.
//  - In order: an instruction issues when its operands are there, its pipe is free, and all before it have issued.
//  - Out of order: it is dispatched as soon as the window has room, starts when its operands are there, and leaves the
//    window in order. What the core waits for is what stands at the window's head when it is full: interval analysis
//    (Eyerman et al., TOCS 2009), with the window itself in the place of its average (Carlson et al., TACO 2014), so
//    that memory-level parallelism and the resolution time of branches follow from the program.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "cost/ledger.hpp"
#include "cpu/pipeline/config.hpp"
#include "cpu/pipeline/operands.hpp"
#include "cpu/pipeline/prediction.hpp"

namespace tw::cpu {

struct Config;

class Pipeline final {
 public:
  enum class Model : u8 { Simple, InOrder, OutOfOrder };

  Pipeline(const Config& config, cost::CoreLedger& ledger);
  /// Another core's times, before any instruction was timed.
  void configure(const Config& config);

  Model model() const { return model_; }
  /// Instructions that may be dispatched in one cycle.
  u64 width() const { return model_ == Model::Simple ? 1 : width_; }

  // ---- one instruction
  template <Model model>
  [[gnu::always_inline]] void begin(const OpTiming& op, cost::Cause cause) {
    if (op.is(kOpSerialising)) [[unlikely]]
      drain();
    if constexpr (model == Model::OutOfOrder) {
      const Entry& head = window_[head_];
      if (head.commit > now()) stall_until(head.commit, head.blame);
    }
    if (slots_ >= width_) leave_cycle();
    unsigned last = op.source[0];
    u64 ready = ready_by<model>(op, last);
    const u64 ordered = op.is(kOpLoad | kOpStore) ? ordered_from_ : 0;
    u64& pipe = pipe_[static_cast<unsigned>(row_of(op.timing).pipe)];
    if constexpr (model == Model::InOrder) {
      if (ready > now()) stall_until(ready, blames_[last]);
      wait_until(ordered, cost::Cause::Barrier);
      if (pipe >= (now() + 1) * kFraction) wait_until(pipe / kFraction, cause);
      start_ = now();
    } else {
      start_ = std::max({now(), ready, ordered});
      if (pipe >= (start_ + 1) * kFraction) start_ = pipe / kFraction;
    }
    if (slots_++ == 0) cycle_cause_ = cause;
    pipe = std::max(pipe, now() * kFraction) + interval_[static_cast<unsigned>(op.timing)];
  }

  /// The instruction is complete.
  template <Model model>
  [[gnu::always_inline]] void end(const OpTiming& op, cost::Cause cause) {
    u64 complete = start_ + latency_[static_cast<unsigned>(op.timing)];
    const u64 wait = data_.total();
    Blame blame{cause, 0};
    if (wait != 0) [[unlikely]] {
      blame = remember(cause);
      complete += op.is(kOpStore) && !op.is(kOpLoad) ? translation_in_data() : wait;
    }
    if (op.is(kOpStore)) complete = std::max(complete, data_ready(op));
#pragma GCC unroll 4
    for (const u8 to : op.destination) times_[to] = complete;
    if constexpr (model == Model::InOrder) {
      for (const u8 to : op.destination) blames_[to] = blame;
    }
    if (complete > last_complete_) {
      last_complete_ = complete;
      last_blame_ = blame;
    }
    if constexpr (model == Model::OutOfOrder) leave_window();
    if (op.is(kOpStore | kOpEarlyBase | kOpWritesList | kOpAcquire | kOpSerialising)) {
      end_specially(op, cause, complete, wait, blame, model == Model::OutOfOrder ? left_at_ : complete);
    }
    data_.clear();
    resolved_ = complete;
  }

  /// Behind end() of a branch.
  void branched(bool taken, Prediction prediction) {
    if (is_wrong(prediction)) {
      wait_until(std::max(resolved_, now()) + mispredict_penalty_, cost::Cause::Mispredict);
      return;
    }
    if (!taken) return;
    const u64 bubble = prediction == Prediction::UnknownTarget ? target_penalty_ : taken_penalty_;
    if (bubble != 0) wait_until(now() + bubble, cost::Cause::Branch);
    if (slots_ != 0) slots_ = width_;  // what is fetched beside the branch is not its target
  }

  /// Everything older is complete: exceptions, accesses to devices, context synchronisation. What the present
  /// instruction's own accesses took is waited for too.
  void drain();
  /// All times of before are past: a change of fidelity, a reset.
  void reset();

  // ---- what the present instruction waits for
  /// To be added to; it is waited for by the instructions that need the result. The simple model waits at once:
  /// data_done().
  cost::Latency& data() { return data_; }
  /// When the next access of the present instruction begins.
  u64 data_now() const { return (model_ == Model::Simple ? now() : start_) + data_.total(); }
  void data_done() {
    if (model_ == Model::Simple && data_.total() != 0) charge_data();
  }
  /// The front end had to wait: nothing is dispatched meanwhile. What the instruction queue covers
  /// (core.pipeline.fetch_ahead) is left out.
  void fetched(const cost::Latency& latency);
  /// DSB: waits until all accesses are performed, and then until TLB maintenance is.
  void complete_accesses();
  void await_maintenance(u64 done);

  u64 now() const { return ledger_.elapsed(); }

 private:
  /// When all earlier accesses are performed.
  u64 memory_order() const { return std::max(last_complete_, stores_done_); }

  /// Of a cycle, in which the use of pipes is counted: the least common multiple of 1 to 12, so that any number of a
  /// kind is exact. Its product with a time holds for 6 x 10^14 cycles.
  static constexpr u64 kFraction = 27'720;
  static constexpr unsigned kStories = 64;

  /// Why something is late: the class of what makes it late and, if there is one, the parts of its accesses.
  struct Blame {
    cost::Cause cause = cost::Cause::Integer;
    u8 story = 0;  ///< index in stories_, 0: none
  };
  struct Entry {
    u64 commit = 0;
    Blame blame;
  };

  /// A cycle in which something was dispatched belongs to the first of it.
  void leave_cycle() {
    ledger_.charge(cycle_cause_, 1);
    slots_ = 0;
  }
  void wait_until(u64 time, cost::Cause cause) {
    if (time <= now()) return;
    if (slots_ != 0) leave_cycle();
    ledger_.charge(cause, time - now());
  }
  void stall_until(u64 time, Blame blame) {
    if (blame.story != 0) [[unlikely]]
      return stall_with_story(time, blame);
    wait_until(time, blame.cause);
  }
  /// When the operands are there without which it cannot start; of a store, those of the address.
  template <Model model>
  u64 ready_by(const OpTiming& op, unsigned& last) const {
    u64 ready = times_[op.source[0]];
    const auto look_at = [&](unsigned which) {
      if constexpr (model == Model::InOrder) {
        if (times_[which] > ready) last = which;
      }
      ready = std::max(ready, times_[which]);
    };
    look_at(op.source[1]);
    if (op.is(kOpStore)) return ready;
    for (unsigned n = kFirstDataSource; n < kSourceSlots; ++n) look_at(op.source[n]);
    if (op.is(kOpReadsList)) [[unlikely]] {
      for (unsigned n = 0; n < op.list_count; ++n) look_at(op.list_register(n));
    }
    return ready;
  }
  void stall_with_story(u64 time, Blame blame);
  Blame remember(cost::Cause cause);
  void charge_data();
  /// Of what the present instruction waits for, the translation: a store leaves the window only when it has its
  /// address.
  u64 translation_in_data() const;
  void store(u64 from, u64 wait);
  /// When what a store stores is there.
  u64 data_ready(const OpTiming& op) const {
    u64 ready = 0;
    for (unsigned n = kFirstDataSource; n < kSourceSlots; ++n) ready = std::max(ready, times_[op.source[n]]);
    if (op.is(kOpReadsList)) [[unlikely]] {
      for (unsigned n = 0; n < op.list_count; ++n) ready = std::max(ready, times_[op.list_register(n)]);
    }
    return ready;
  }
  /// In order, as soon as it is complete, so with whatever has completed last so far; so many a cycle.
  void leave_window() {
    if (last_complete_ > left_at_) {
      left_at_ = last_complete_;
      left_ = 1;
    } else if (left_++ == commit_width_) {
      ++left_at_;
      left_ = 1;
    }
    Entry& entry = window_[head_];
    entry.commit = left_at_;
    entry.blame = last_blame_;
    head_ = head_ + 1 == window_size_ ? 0 : head_ + 1;
  }
  void end_specially(const OpTiming& op, cost::Cause cause, u64 complete, u64 wait, Blame blame, u64 leaves);

  cost::CoreLedger& ledger_;
  Model model_ = Model::Simple;
  u64 width_ = 0, commit_width_ = 0, early_base_ = 0, mispredict_penalty_ = 0, taken_penalty_ = 0, target_penalty_ = 0,
      fetch_ahead_ = 0;
  std::array<u64, kTimingClassCount> latency_{};
  std::array<u64, kTimingClassCount> interval_{};  ///< in fractions, divided by the number of pipes

  u64 slots_ = 0;  ///< dispatched in the present cycle
  cost::Cause cycle_cause_ = cost::Cause::Integer;
  u64 start_ = 0;  ///< of the present instruction
  u64 resolved_ = 0;
  std::array<u64, reg::kCount> times_{};
  std::array<Blame, reg::kCount> blames_{};
  std::array<u64, kPipeCount> pipe_{};  ///< when a pipe of the kind takes the next one, in fractions
  cost::Latency data_;

  std::vector<Entry> window_;  ///< a ring: when the instruction in each slot leaves
  std::size_t window_size_ = 0, head_ = 0;
  u64 left_at_ = 0, left_ = 0;  ///< when the last instruction leaves it, and how many with it
  u64 last_complete_ = 0;
  Blame last_blame_;

  std::vector<u64> stores_;  ///< a ring: when each entry of the store buffer is free
  std::size_t next_store_ = 0;
  u64 stores_done_ = 0;
  u64 ordered_from_ = 0;

  std::array<cost::Latency, kStories> stories_{};
  u8 next_story_ = 1;
};

}  // namespace tw::cpu
