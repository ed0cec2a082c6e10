#include "vmsa/tlb/stack_distances.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "base/random.hpp"

namespace tw::vmsa {
namespace {

constexpr unsigned kWordBits = 64;

}  // namespace

SetStacks::SetStacks(u64 sets, u64 ways)
    : sets_(sets),
      ways_(ways),
      power_of_two_(std::has_single_bit(sets)),
      set_places_(2 * std::bit_ceil(ways)),
      set_words_((set_places_ + kWordBits - 1) / kWordBits),
      sets_state_(sets),
      owners_(sets * set_places_),
      taken_(sets * set_words_) {
  if (set_words_ > 1) fenwick_.resize(sets * set_words_);
}

u64 SetStacks::use(Page page, u64 number, u32* places, std::size_t stride) {
  const u64 set = set_of(number);
  Set& state = sets_state_[set];
  u32& place = places[page * stride];
  u64 depth = ways_;
  if (place != kNowhere) {
    depth = deeper_than(set, place);
    leave(set, place);
  } else if (state.live == ways_) {
    const u32 last = oldest(set);
    places[owners_[set * set_places_ + last] * stride] = kNowhere;
    leave(set, last);
  }
  if (state.now == set_places_) compact(set, places, stride);
  place = state.now++;
  owners_[set * set_places_ + place] = page;
  take(set, place);
  return depth;
}

u64 SetStacks::deeper_than(u64 set, u32 place) const {
  const u64 first = set * set_words_;
  const u32 word = place / kWordBits;
  const u64 behind = taken_[first + word] >> place % kWordBits >> 1;
  u64 count = static_cast<u64>(std::popcount(behind));
  if (set_words_ == 1) return count;
  u64 up_to = 0;
  for (u64 n = word + 1; n != 0; n &= n - 1) up_to += fenwick_[first + n - 1];
  return count + sets_state_[set].live - up_to;
}

void SetStacks::take(u64 set, u32 place) {
  const u64 first = set * set_words_, word = place / kWordBits;
  taken_[first + word] |= u64{1} << place % kWordBits;
  ++sets_state_[set].live;
  if (set_words_ == 1) return;
  for (u64 n = word + 1; n <= set_words_; n += n & (0 - n)) ++fenwick_[first + n - 1];
}

void SetStacks::leave(u64 set, u32 place) {
  const u64 first = set * set_words_, word = place / kWordBits;
  taken_[first + word] &= ~(u64{1} << place % kWordBits);
  --sets_state_[set].live;
  if (set_words_ == 1) return;
  for (u64 n = word + 1; n <= set_words_; n += n & (0 - n)) --fenwick_[first + n - 1];
}

u32 SetStacks::oldest(u64 set) {
  const u64* words = &taken_[set * set_words_];
  u32& word = sets_state_[set].oldest;
  while (words[word] == 0) ++word;
  return word * kWordBits + static_cast<u32>(std::countr_zero(words[word]));
}

/// Closes the gaps; at least half of the places are free then.
void SetStacks::compact(u64 set, u32* places, std::size_t stride) {
  Set& state = sets_state_[set];
  Page* const owners = &owners_[set * set_places_];
  u64* const words = &taken_[set * set_words_];
  u32 next = 0;
  for (u64 word = 0; word < set_words_; ++word) {
    for (u64 bits = std::exchange(words[word], 0); bits != 0; bits &= bits - 1) {
      const Page page = owners[word * kWordBits + static_cast<u64>(std::countr_zero(bits))];
      owners[next] = page;
      places[page * stride] = next++;
    }
  }
  for (u64 word = 0; word * kWordBits < next; ++word) {
    const u64 left = next - word * kWordBits;
    words[word] = left >= kWordBits ? ~u64{0} : (u64{1} << left) - 1;
  }
  if (set_words_ > 1) {
    u32* const tree = &fenwick_[set * set_words_];
    for (u64 n = 0; n < set_words_; ++n) tree[n] = static_cast<u32>(std::popcount(words[n]));
    for (u64 n = 1; n <= set_words_; ++n) {
      const u64 up = n + (n & (0 - n));
      if (up <= set_words_) tree[up - 1] += tree[n - 1];
    }
  }
  state.now = next;
  state.oldest = 0;
}

StackDistances::StackDistances(const Spec& spec) : set_counts_(spec.set_counts), slots_(1024, Slot{0, 0, kFree}) {
  const u64 most = std::max<u64>(spec.most_entries, 1);
  if (set_counts_.empty()) {
    for (u64 sets = 1; sets <= most; sets *= 2) set_counts_.push_back(sets);
  }
  for (std::size_t n = 0; n < set_counts_.size(); ++n) {
    const u64 sets = set_counts_[n], ways = std::max<u64>(most / sets, 1);
    stacks_.emplace_back(sets, ways);
    depths_.emplace_back(ways + 1);
    int coarser = static_cast<int>(n) - 1;
    while (coarser >= 0 && sets % set_counts_[static_cast<std::size_t>(coarser)] != 0) --coarser;
    coarser_.push_back(coarser);
  }
  on_top_.resize(set_counts_.size());
}

void StackDistances::look(u64 context, u64 page) {
  last_context_ = context;
  last_page_ = page;
  const u32 id = id_of(context, page);
  const std::size_t stride = stacks_.size();
  for (std::size_t n = 0; n < stride; ++n) {
    // On top of a set is on top of whatever this set is divided into.
    if (coarser_[n] >= 0 && on_top_[static_cast<std::size_t>(coarser_[n])] != 0) {
      on_top_[n] = 1;
      ++depths_[n][0];
      continue;
    }
    const u64 depth = stacks_[n].use(id, page, places_.data() + n, stride);
    on_top_[n] = depth == 0;
    ++depths_[n][depth];
  }
}

u64 StackDistances::slot_of(u64 context, u64 page) { return SplitMix64::mix(SplitMix64::mix(context) + page); }

u32 StackDistances::id_of(u64 context, u64 page) {
  if (2 * pages_ >= slots_.size()) grow();
  const u64 mask = slots_.size() - 1;
  u64 at = slot_of(context, page) & mask;
  for (; slots_[at].id != kFree; at = (at + 1) & mask) {
    if (slots_[at].page == page && slots_[at].context == context) return slots_[at].id;
  }
  slots_[at] = {context, page, static_cast<u32>(pages_++)};
  places_.resize(places_.size() + stacks_.size(), SetStacks::kNowhere);
  return slots_[at].id;
}

void StackDistances::grow() {
  std::vector<Slot> old(2 * slots_.size(), Slot{0, 0, kFree});
  old.swap(slots_);
  const u64 mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.id == kFree) continue;
    u64 at = slot_of(slot.context, slot.page) & mask;
    while (slots_[at].id != kFree) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

u64 StackDistances::most_ways(u64 sets) const {
  for (const SetStacks& stacks : stacks_) {
    if (stacks.sets() == sets) return stacks.ways();
  }
  return 0;
}

std::optional<u64> StackDistances::misses(u64 sets, u64 ways) const {
  if (ways == 0 || ways > most_ways(sets)) return std::nullopt;
  const auto at = std::find(set_counts_.begin(), set_counts_.end(), sets) - set_counts_.begin();
  const std::vector<u64>& depths = depths_[static_cast<std::size_t>(at)];
  return std::accumulate(depths.begin() + static_cast<std::ptrdiff_t>(ways), depths.end(), u64{0});
}

}  // namespace tw::vmsa
