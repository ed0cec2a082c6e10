#include "cpu/pipeline/pipeline.hpp"

#include <algorithm>
#include <ranges>

#include "cpu/config.hpp"

namespace tw::cpu {

namespace {

Pipeline::Model model_of(const std::string& name) {
  if (name == "in-order") return Pipeline::Model::InOrder;
  if (name == "out-of-order") return Pipeline::Model::OutOfOrder;
  return Pipeline::Model::Simple;
}

}  // namespace

Pipeline::Pipeline(const Config& config, cost::CoreLedger& ledger) : ledger_(ledger) { configure(config); }

void Pipeline::configure(const Config& config) {
  model_ = model_of(config.pipeline.model);
  width_ = config.pipeline.width;
  commit_width_ = config.pipeline.commit_width;
  early_base_ = config.latency[TimingClass::Alu];
  mispredict_penalty_ = config.pipeline.mispredict_penalty;
  taken_penalty_ = config.pipeline.taken_penalty;
  target_penalty_ = config.pipeline.target_penalty;
  fetch_ahead_ = config.pipeline.fetch_ahead;
  latency_ = config.latency.cycles;
  window_size_ = config.pipeline.window;
  window_.assign(window_size_, {});
  stores_.assign(config.pipeline.store_buffer, 0);
  head_ = next_store_ = 0;
  for (unsigned n = 0; n < kTimingClassCount; ++n) {
    const u64 pipes = config.pipes.count[static_cast<unsigned>(kTimingClasses[n].pipe)];
    interval_[n] = config.interval.cycles[n] * kFraction / pipes;
  }
}

void Pipeline::reset() {
  times_.fill(0);
  pipe_.fill(0);
  std::ranges::fill(window_, Entry{});
  std::ranges::fill(stores_, u64{0});
  slots_ = left_at_ = left_ = last_complete_ = stores_done_ = ordered_from_ = 0;
  start_ = resolved_ = now();
  data_.clear();
}

void Pipeline::drain() {
  if (model_ == Model::Simple) return;
  if (last_complete_ > now()) stall_until(last_complete_, last_blame_);
  if (slots_ != 0) leave_cycle();
  if (data_.total() == 0) return;
  // Accesses that end in an exception or at a device: the core waits for what is left of them.
  const Blame blame = remember(cost::Cause::Memory);
  stall_until(start_ + data_.total(), blame);
  start_ = now();
  data_.clear();
}

/// The parts of an access pass in their order, so what is still waited for at the end are its last ones. Whatever is
/// left over came before the access, or is the instruction's own.
void Pipeline::stall_with_story(u64 time, Blame blame) {
  if (time <= now()) return;
  if (slots_ != 0) leave_cycle();
  u64 left = time - now();
  for (const cost::Latency::Part& part : stories_[blame.story].parts() | std::views::reverse) {
    const u64 exposed = std::min(left, part.cycles);
    ledger_.charge(part.cause, exposed);
    left -= exposed;
    if (left == 0) break;
  }
  ledger_.charge(blame.cause, left);
}

Pipeline::Blame Pipeline::remember(cost::Cause cause) {
  const u8 story = next_story_;
  next_story_ = story + 1u == kStories ? u8{1} : static_cast<u8>(story + 1);
  stories_[story] = data_;
  return {cause, story};
}

u64 Pipeline::translation_in_data() const {
  u64 cycles = 0;
  for (const cost::Latency::Part& part : data_.parts()) {
    const bool translation = part.cause == cost::Cause::TlbLookup || part.cause == cost::Cause::WalkStage1 ||
                             part.cause == cost::Cause::WalkStage2;
    if (translation) cycles += part.cycles;
  }
  return cycles;
}

void Pipeline::charge_data() {
  ledger_.charge(data_);
  data_.clear();
}

void Pipeline::fetched(const cost::Latency& latency) {
  if (model_ == Model::Simple) {
    ledger_.charge(latency);
    return;
  }
  if (slots_ != 0) leave_cycle();
  u64 hidden = fetch_ahead_;
  for (const cost::Latency::Part& part : latency.parts()) {
    const u64 covered = std::min(hidden, part.cycles);
    hidden -= covered;
    ledger_.charge(part.cause, part.cycles - covered);
  }
}

/// A store leaves the buffer when it has left the window and its line is there; the buffer's entries are used in turn.
void Pipeline::store(u64 from, u64 wait) {
  u64& entry = stores_[next_store_];
  if (entry > now()) wait_until(entry, cost::Cause::StoreBuffer);
  entry = std::max(from, start_ + wait) + 1;
  stores_done_ = std::max(stores_done_, entry);
  next_store_ = next_store_ + 1 == stores_.size() ? 0 : next_store_ + 1;
}

void Pipeline::complete_accesses() {
  drain();
  wait_until(stores_done_, cost::Cause::Barrier);
  start_ = now();
}

void Pipeline::await_maintenance(u64 done) {
  wait_until(done, cost::Cause::TlbMaintenance);
  start_ = now();
}

void Pipeline::end_specially(const OpTiming& op, cost::Cause cause, u64 complete, u64 wait, Blame blame, u64 leaves) {
  if (op.is(kOpEarlyBase)) times_[op.destination[kBaseSlot]] = start_ + early_base_;
  if (op.is(kOpWritesList)) {
    for (unsigned n = 0; n < op.list_count; ++n) {
      times_[op.list_register(n)] = complete;
      blames_[op.list_register(n)] = blame;
    }
  }
  if (op.is(kOpStore)) store(leaves, wait);
  if (op.is(kOpAcquire)) {
    ordered_from_ = std::max(ordered_from_, op.timing == TimingClass::Dmb ? memory_order() : complete);
  }
  if (op.is(kOpSerialising)) wait_until(complete, cause);
}

}  // namespace tw::cpu
