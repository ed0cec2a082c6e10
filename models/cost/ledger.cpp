#include "cost/ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cost/events.hpp"

namespace tw::cost {
namespace {

void add(ByCause& to, const ByCause& from) {
  for (unsigned i = 0; i < kCauseCount; ++i) to[i] += from[i];
}

bool same_world(Context a, Context b) { return has_world(a) && has_world(b) && a.guest == b.guest && a.vmid == b.vmid; }

}  // namespace

CoreLedger::CoreLedger(unsigned cpu, LedgerLimits limits) : cpu_(cpu), limits_(limits) {
  limits_.open_spans = std::max<u64>(limits_.open_spans, 1);
}

bool CoreLedger::move_pending() {
  const bool any_time = std::any_of(pending_.begin(), pending_.end(), [](u64 cycles) { return cycles != 0; });
  if (!any_time && pending_instructions_ == 0) return false;
  Account& account = accounts_[context_];
  add(account.cycles, pending_);
  account.instructions += pending_instructions_;
  if (!open_.empty()) {
    add(open_.back().inside, pending_);
    open_.back().instructions += pending_instructions_;
  }
  pending_ = {};
  pending_instructions_ = 0;
  return true;
}

void CoreLedger::settle() { read_ |= move_pending(); }

void CoreLedger::settle_and_sample() {
  const bool moved = move_pending();
  if (std::exchange(read_, false) || moved) {
    if (events_ != nullptr && events_->sample_is_due(elapsed_)) events_->sample(totals());
  }
}

void CoreLedger::record(CoreEvents* events) {
  settle_and_sample();
  if (events_ != nullptr) {
    events_->sample(totals());
    for (const OpenSpan& span : parked_) tell(span, false, elapsed_ - span.parked_at);
    for (const OpenSpan& span : open_) tell(span, false);
    events_->measurement_ends(elapsed_);
  }
  events_ = events;
  if (events_ != nullptr) events_->measurement_begins(elapsed_, context_);
}

void CoreLedger::tell(const OpenSpan& span, bool returned, u64 still_away) {
  if (events_ == nullptr) return;
  events_->trap({.key = span.key,
                 .begin = span.opened_at,
                 .end = elapsed_,
                 .away = span.away + still_away,
                 .returned = returned,
                 .inside = span.inside});
}

Sample CoreLedger::totals() const {
  Sample sample{.at = elapsed_, .instructions = instructions()};
  const auto cycles = [](const Account& account, Cause cause) { return account.cycles[static_cast<unsigned>(cause)]; };
  for (const auto& [context, account] : accounts_) {
    sample.walk_cycles += cycles(account, Cause::WalkStage1) + cycles(account, Cause::WalkStage2);
    sample.idle_cycles += cycles(account, Cause::Idle);
  }
  return sample;
}

void CoreLedger::idle(u64 cycles) {
  charge(Cause::Idle, cycles);
  if (events_ != nullptr && cycles != 0) events_->idle(elapsed_ - cycles, elapsed_);
}

void CoreLedger::set_context(Context context) {
  if (context == context_) return;
  settle_and_sample();
  context_ = context;
  if (events_ != nullptr) events_->runs(context, elapsed_);
}

void CoreLedger::reset(Context context) {
  settle_and_sample();
  for (OpenSpan& span : parked_) span.away += elapsed_ - span.parked_at;
  for (const OpenSpan& span : parked_) give_up(span);
  for (const OpenSpan& span : open_) give_up(span);
  open_.clear();
  parked_.clear();
  context_ = context;
  if (events_ != nullptr) events_->runs(context, elapsed_);
}

void CoreLedger::exception_taken(const TrapKey& key, Context to) {
  settle_and_sample();
  ++traps_[key].count;
  if (open_.size() >= limits_.open_spans) {
    give_up(open_.front());
    open_.erase(open_.begin());
  }
  OpenSpan span;
  span.key = key;
  span.opened_at = elapsed_;
  open_.push_back(span);
  context_ = to;
}

void CoreLedger::exception_returned(Context from, Context to) {
  settle_and_sample();
  park_if_other_world(from, to);
  unpark(to);

  const auto innermost =
      std::find_if(open_.rbegin(), open_.rend(), [&](const OpenSpan& span) { return span.back() == to; });
  if (innermost != open_.rend()) {
    const auto closed = std::prev(innermost.base());
    std::vector<OpenSpan> kept;
    for (auto span = std::next(closed); span != open_.end(); ++span) {
      // A guest's span above a host's is not the host's to give up: the guest is still to be returned to.
      if (span->back().guest && !to.guest) {
        kept.push_back(*span);
      } else {
        give_up(*span);
      }
    }
    close(*closed);
    open_.erase(closed, open_.end());
    open_.insert(open_.end(), kept.begin(), kept.end());
  } else {
    std::erase_if(open_, [&](const OpenSpan& span) {
      const bool passed = span.back().el > to.el && span.back().el <= from.el;
      if (passed) give_up(span);
      return passed;
    });
  }
  context_ = to;
  if (events_ != nullptr) events_->runs(to, elapsed_);
}

void CoreLedger::park_if_other_world(Context from, Context to) {
  const auto leaves = [&](const OpenSpan& span) {
    const Context back = span.back();
    const bool other_guest = to.guest && has_world(back) && !same_world(back, to);
    const bool switched_above = back.el > to.el && back.el < from.el && !same_world(back, to);
    return other_guest || switched_above;
  };
  if (std::none_of(open_.begin(), open_.end(), leaves)) return;
  for (OpenSpan& span : open_) {
    if (!leaves(span)) continue;
    span.parked_at = elapsed_;
    parked_.push_back(span);
  }
  std::erase_if(open_, leaves);
  while (parked_.size() > limits_.parked_spans) {
    OpenSpan& oldest = parked_.front();
    oldest.away += elapsed_ - oldest.parked_at;
    give_up(oldest);
    parked_.erase(parked_.begin());
  }
}

void CoreLedger::unpark(Context to) {
  const auto comes_back = [&](const OpenSpan& span) { return same_world(span.back(), to) || span.back() == to; };
  if (std::none_of(parked_.begin(), parked_.end(), comes_back)) return;
  // Below what is open: a host's own spans lie outside the guest's trap that it works on.
  std::vector<OpenSpan> open;
  for (OpenSpan& span : parked_) {
    if (!comes_back(span)) continue;
    span.away += elapsed_ - span.parked_at;
    open.push_back(span);
  }
  std::erase_if(parked_, comes_back);
  open.insert(open.end(), open_.begin(), open_.end());
  open_ = std::move(open);
}

void CoreLedger::file(const OpenSpan& span, TrapSummary& summary) const {
  add(summary.inside, span.inside);
  summary.instructions += span.instructions;
  summary.walks += span.walks;
  summary.away += span.away;
}

void CoreLedger::close(const OpenSpan& span) {
  TrapSummary& summary = traps_[span.key];
  file(span, summary);
  ++summary.returned;
  summary.cycles.add(total(span.inside));
  summary.inclusive.add(elapsed_ - span.opened_at - span.away);
  tell(span, true);
}

void CoreLedger::give_up(const OpenSpan& span) {
  TrapSummary& summary = traps_[span.key];
  file(span, summary);
  ++summary.unfinished;
  tell(span, false);
}

void CoreLedger::walk(const WalkRecord& record) {
  if (same_walks_ == nullptr || same_walks_->first != record.key) {
    same_walks_ = &*walks_.try_emplace(record.key).first;
  }
  WalkSummary& summary = same_walks_->second;
  ++summary.count;
  summary.faults += record.fault;
  for (const DescriptorFetch& fetch : record.fetches) {
    summary.levels.add(fetch);
    ++summary.served_by[static_cast<unsigned>(fetch.served_by)];
  }
  summary.cycles.add(record.cycles);
  summary.fetches.add(record.fetches.size());
  if (!open_.empty()) ++open_.back().walks;
  if (events_ != nullptr) events_->walk(record, elapsed_);

  if (limits_.longest_walks != 0) keep_if_long(record);
  if (limits_.recent_walks == 0) return;
  if (recent_.size() < limits_.recent_walks) {
    recent_.push_back(record);
  } else {
    recent_[next_recent_] = record;
  }
  if (++next_recent_ == limits_.recent_walks) next_recent_ = 0;
}

void CoreLedger::displaced(Structure structure, u64 tag, Vmid victim) {
  if (context_.guest && context_.vmid == victim) return;
  const auto is_of_victim = [victim](const OpenSpan& span) { return span.back().guest && span.back().vmid == victim; };
  for (const std::vector<OpenSpan>* spans : {&open_, &parked_}) {
    const auto innermost = std::find_if(spans->rbegin(), spans->rend(), is_of_victim);
    if (innermost == spans->rend()) continue;
    displaced_[static_cast<unsigned>(structure)].displaced(tag, &traps_[innermost->key]);
    return;
  }
}

void CoreLedger::refilled(Structure structure, u64 tag, u64 cycles) {
  if (!context_.guest) return;
  const unsigned which = static_cast<unsigned>(structure);
  if (TrapSummary* by = displaced_[which].refilled(tag)) {
    ++by->indirect[which].count;
    by->indirect[which].cycles += cycles;
  }
}

void CoreLedger::keep_if_long(const WalkRecord& record) {
  const bool full = longest_.size() >= limits_.longest_walks;
  if (full && record.cycles <= longest_.back().cycles) return;
  const auto place = std::find_if(longest_.begin(), longest_.end(),
                                  [&](const WalkRecord& kept) { return kept.cycles < record.cycles; });
  longest_.insert(place, record);
  if (full) longest_.pop_back();
}

std::map<TrapKey, TrapSummary> CoreLedger::traps_so_far() const {
  std::map<TrapKey, TrapSummary> traps = traps_;
  for (const OpenSpan& span : open_) {
    TrapSummary& summary = traps[span.key];
    file(span, summary);
    ++summary.unfinished;
  }
  for (OpenSpan span : parked_) {
    span.away += elapsed_ - span.parked_at;
    TrapSummary& summary = traps[span.key];
    file(span, summary);
    ++summary.unfinished;
  }
  return traps;
}

std::vector<WalkRecord> CoreLedger::recent_walks() const {
  std::vector<WalkRecord> walks;
  walks.reserve(recent_.size());
  const std::size_t oldest = recent_.size() < limits_.recent_walks ? 0 : next_recent_;
  for (std::size_t i = 0; i < recent_.size(); ++i) walks.push_back(recent_[(oldest + i) % recent_.size()]);
  return walks;
}

u64 CoreLedger::instructions() const {
  u64 sum = pending_instructions_;
  for (const auto& [context, account] : accounts_) sum += account.instructions;
  return sum;
}

u64 CoreLedger::accounted() const {
  u64 sum = 0;
  for (const auto& [context, account] : accounts_) sum += total(account.cycles);
  return sum;
}

void CoreLedger::restart() {
  accounts_.clear();
  traps_.clear();
  walks_.clear();
  same_walks_ = nullptr;
  open_.clear();
  parked_.clear();
  for (Displacements& table : displaced_) table.clear();
  recent_.clear();
  longest_.clear();
  next_recent_ = 0;
  pending_ = {};
  pending_instructions_ = 0;
  origin_ = elapsed_;
}

}  // namespace tw::cost
