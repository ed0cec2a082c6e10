#include "vmsa/tlb/stack_distances.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/random.hpp"

namespace tw::vmsa {
namespace {

constexpr u64 kLong = 32;  ///< ways from which on stacks are faster as long ones

}  // namespace

StackDistances::StackDistances(const Spec& spec)
    : set_counts_(spec.set_counts),
      slots_(1024, Slot{0, 0, kFree}),
      context_hash_(SplitMix64::mix(0)),
      times_(std::min(spec.times, u64{1} << 31)) {
  const u64 most = std::max<u64>(spec.most_entries, 1);
  if (set_counts_.empty()) {
    for (u64 sets = 1; sets <= most; sets *= 2) set_counts_.push_back(sets);
  }
  const auto ways_of = [&](u64 sets) { return std::max<u64>(most / sets, 1); };
  for (const u64 sets : set_counts_) depths_.emplace_back(ways_of(sets) + 1);
  std::size_t n = 0;
  while (n < set_counts_.size() && ways_of(set_counts_[n]) >= kLong) {
    const u64 sets = set_counts_[n];
    std::vector<u64> ways;
    do {
      ways.push_back(ways_of(set_counts_[n++]));
    } while (n < set_counts_.size() && ways.size() < LongStacks::kMostLevels && set_counts_[n] == sets << ways.size() &&
             ways_of(set_counts_[n]) >= kLong);
    long_.emplace_back(sets, ways);
  }
  for (; n < set_counts_.size(); ++n) short_.emplace_back(set_counts_[n], ways_of(set_counts_[n]));
  stride_ = 1 + long_.size();
}

u32 StackDistances::add_part() {
  for (std::size_t n = 0; n < set_counts_.size(); ++n) depths_.emplace_back(depths_[n].size());
  return static_cast<u32>(depths_.size() / set_counts_.size() - 1);
}

void StackDistances::reference(std::span<const Reference> references) {
  std::array<Wanted, kBatch> batch;
  std::size_t count = 0;
  for (const Reference& one : references) {
    const u64 context = one.context.word();
    if (references_++ != 0 && one.page == last_page_ && context == last_context_) continue;  // on top of all stacks
    last_context_ = context;
    last_page_ = one.page;
    batch[count] = {context, one.page, hash_of(context, one.page), one.part};
    __builtin_prefetch(&slots_[batch[count].hash & (slots_.size() - 1)]);
    if (++count == kBatch) {
      look(batch);
      count = 0;
    }
  }
  look(std::span(batch).first(count));
}

void StackDistances::look(std::span<const Wanted> batch) {
  std::array<u32, kBatch> ids;
  for (std::size_t n = 0; n < batch.size(); ++n) {
    ids[n] = id_of(batch[n]);
    __builtin_prefetch(&page_state_[ids[n] * stride_]);
  }
  for (std::size_t n = 0; n < batch.size(); ++n) use(ids[n], batch[n].page, batch[n].part);
}

void StackDistances::use(u32 id, u64 page, u32 part) {
  if (now_ >= times_) renumber();
  u32* const state = &page_state_[id * stride_];
  const auto last = static_cast<ShortStacks::Time>(state[0]), now = static_cast<ShortStacks::Time>(now_++);
  state[0] = static_cast<u32>(now);
  std::vector<u64>* depths = depths_.data() + part * set_counts_.size();
  for (std::size_t n = 0; n < long_.size(); ++n) {
    const LongStacks::Depths found = long_[n].use(id, page, page_state_.data() + 1 + n, stride_);
    for (std::size_t level = 0; level < long_[n].levels(); ++level) ++(*depths++)[found[level]];
  }
  for (ShortStacks& stacks : short_) ++(*depths++)[stacks.use(page, last, now)];
}

u64 StackDistances::hash_of(u64 context, u64 page) {
  if (context != hashed_context_) {
    hashed_context_ = context;
    context_hash_ = SplitMix64::mix(context);
  }
  return SplitMix64::mix(context_hash_ + page);
}

u32 StackDistances::id_of(const Wanted& wanted) {
  if (2 * pages_ >= slots_.size()) grow();
  const u64 mask = slots_.size() - 1;
  u64 at = wanted.hash & mask;
  for (; slots_[at].id != kFree; at = (at + 1) & mask) {
    if (slots_[at].page == wanted.page && slots_[at].context == wanted.context) return slots_[at].id;
  }
  slots_[at] = {wanted.context, wanted.page, static_cast<u32>(pages_++)};
  page_state_.push_back(static_cast<u32>(ShortStacks::kNever));
  page_state_.resize(page_state_.size() + long_.size(), LongStacks::kNowhere);
  return slots_[at].id;
}

void StackDistances::grow() {
  std::vector<Slot> old(2 * slots_.size(), Slot{0, 0, kFree});
  old.swap(slots_);
  const u64 mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.id == kFree) continue;
    u64 at = hash_of(slot.context, slot.page) & mask;
    while (slots_[at].id != kFree) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

/// The order of the last uses stays; their times are the smallest there are.
void StackDistances::renumber() {
  std::vector<ShortStacks::Time> times;
  for (std::size_t at = 0; at < page_state_.size(); at += stride_) {
    const auto time = static_cast<ShortStacks::Time>(page_state_[at]);
    if (time != ShortStacks::kNever) times.push_back(time);
  }
  std::sort(times.begin(), times.end());
  for (std::size_t at = 0; at < page_state_.size(); at += stride_) {
    const auto time = static_cast<ShortStacks::Time>(page_state_[at]);
    if (time == ShortStacks::kNever) continue;
    page_state_[at] = static_cast<u32>(std::lower_bound(times.begin(), times.end(), time) - times.begin());
  }
  for (ShortStacks& stacks : short_) stacks.renumber(times);
  now_ = times.size();
  times_ = std::min(std::max(times_, 2 * now_), u64{1} << 31);
}

u64 StackDistances::most_ways(u64 sets) const {
  const auto at = std::find(set_counts_.begin(), set_counts_.end(), sets);
  return at == set_counts_.end() ? 0 : depths_[static_cast<std::size_t>(at - set_counts_.begin())].size() - 1;
}

std::optional<u64> StackDistances::misses(u64 sets, u64 ways, u32 part) const {
  if (ways == 0 || ways > most_ways(sets)) return std::nullopt;
  const auto at = std::find(set_counts_.begin(), set_counts_.end(), sets) - set_counts_.begin();
  const std::vector<u64>& depths = depths_[part * set_counts_.size() + static_cast<std::size_t>(at)];
  return std::accumulate(depths.begin() + static_cast<std::ptrdiff_t>(ways), depths.end(), u64{0});
}

std::optional<u64> StackDistances::misses(u64 sets, u64 ways) const {
  std::optional<u64> sum = misses(sets, ways, 0);
  for (u32 part = 1; sum && part < depths_.size() / set_counts_.size(); ++part) *sum += *misses(sets, ways, part);
  return sum;
}

}  // namespace tw::vmsa
