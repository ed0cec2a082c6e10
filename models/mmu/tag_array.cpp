#include "mmu/tag_array.hpp"

#include <bit>
#include <limits>

namespace tw::mmu {

TagArray::TagArray(const Shape& shape)
    : entries_(shape.entries),
      ways_(shape.ways == 0 || shape.ways > shape.entries ? shape.entries : shape.ways),
      sets_(entries_ == 0 ? 1 : entries_ / ways_),
      power_of_two_(std::has_single_bit(sets_)),
      hashed_(ways_ > kScannedWays),
      policy_(shape.policy),
      random_(shape.seed),
      keys_(entries_, Key{kInvalid, {}}),
      uses_(entries_),
      cold_(entries_) {
  for (vmsa::Residence& use : uses_) use.clock = &clock_;
  if (policy_ == Policy::Plru && entries_ != 0) recent_ = RecentBits(sets_, ways_);
  if (policy_ == Policy::Fifo) arrivals_.resize(entries_);
  if (!hashed_) return;
  const unsigned bits = static_cast<unsigned>(std::bit_width(entries_)) + 1;
  bucket_shift_ = 64 - bits;
  buckets_.assign(std::size_t{1} << bits, kNone);
  next_.assign(entries_, kNone);
}

u32 TagArray::find_size(u64 address, ContextWord context, unsigned bits) const {
  const u64 page = address >> bits;
  const u64 key = key_of(page, bits);
  if (hashed_) {
    for (u32 line = bucket(key); line != kNone; line = next_[line]) {
      if (keys_[line].key == key && keys_[line].context.serves(context)) return line;
    }
    return kNone;
  }
  const u64 first = set_of(page) * ways_;
  for (u64 line = first; line != first + ways_; ++line) {
    if (keys_[line].key == key && keys_[line].context.serves(context)) return static_cast<u32>(line);
  }
  return kNone;
}

u32 TagArray::insert(const Tag& tag) {
  const u64 key = key_of(tag.page, tag.bits);
  u32 place = find_size(tag.page << tag.bits, tag.context.without_global(), tag.bits);
  if (place != kNone) {
    drop(place);
  } else {
    const u64 set = set_of(tag.page);
    if (live_ < entries_) {
      for (u64 line = set * ways_; line != (set + 1) * ways_ && place == kNone; ++line) {
        if (!valid(static_cast<u32>(line))) place = static_cast<u32>(line);
      }
    }
    if (place == kNone) {
      place = victim(set);
      count_eviction(keys_[place].context, tag.context);
      drop(place);
    }
  }
  if (tag.context.global()) part_from_handles(tag);
  ++insertions_;
  keys_[place] = {key, tag.context};
  cold_[place] = {tag.reach_bits, tag.stage2_only};
  use(place);
  if (policy_ == Policy::Fifo) arrivals_[place] = clock_.now;
  if (hashed_) link(place);
  ++live_;
  if (live_of_size_[tag.bits]++ == 0) live_sizes_ |= u64{1} << tag.bits;
  return place;
}

/// A global line also serves address spaces whose lines are here already, as when software has not broken before it
/// made. Which of them a look-up finds is then for the look-up to say, not for a handle.
void TagArray::part_from_handles(const Tag& tag) {
  const u64 address = tag.page << tag.bits;
  for (u64 sizes = live_sizes_ >> tag.bits << tag.bits; sizes != 0; sizes &= sizes - 1) {
    const unsigned bits = static_cast<unsigned>(__builtin_ctzll(sizes));
    const u64 key = key_of(address >> bits, bits);
    const auto part = [&](u32 line) {
      if (keys_[line].key == key && tag.context.serves(keys_[line].context)) ++uses_[line].generation;
    };
    if (hashed_) {
      for (u32 line = bucket(key); line != kNone; line = next_[line]) part(line);
    } else {
      const u64 first = set_of(address >> bits) * ways_;
      for (u64 line = first; line != first + ways_; ++line) part(static_cast<u32>(line));
    }
  }
}

void TagArray::drop(u32 line) {
  const unsigned bits = keys_[line].key & 63;
  if (hashed_) unlink(line);
  keys_[line].key = kInvalid;
  ++uses_[line].generation;
  --live_;
  if (--live_of_size_[bits] == 0) live_sizes_ &= ~(u64{1} << bits);
}

void TagArray::clear() {
  for (u32 line = 0; line < entries_; ++line) {
    if (valid(line)) drop(line);
  }
}

Tag TagArray::tag(u32 line) const {
  const Key& key = keys_[line];
  return {.context = key.context,
          .page = key.key >> 6,
          .bits = static_cast<u8>(key.key & 63),
          .reach_bits = cold_[line].reach_bits,
          .stage2_only = cold_[line].stage2_only};
}

u32 TagArray::victim(u64 set) {
  const u64 first = set * ways_;
  switch (policy_) {
    case Policy::Random:
      return static_cast<u32>(first + random_.next() % ways_);
    case Policy::Plru:
      return static_cast<u32>(first + recent_.victim(set));
    case Policy::Fifo:
      return static_cast<u32>(std::min_element(arrivals_.begin() + static_cast<std::ptrdiff_t>(first),
                                               arrivals_.begin() + static_cast<std::ptrdiff_t>(first + ways_)) -
                              arrivals_.begin());
    case Policy::Lru:
      break;
  }
  return oldest(set);
}

/// Four searches side by side: each step of one waits for its last.
u32 TagArray::oldest(u64 set) const {
  struct Best {
    u64 stamp = std::numeric_limits<u64>::max();
    u64 line = 0;
  };
  const u64 first = set * ways_;
  Best best[4];
  u64 at = 0;
  for (; at + 4 <= ways_; at += 4) {
    for (unsigned lane = 0; lane < 4; ++lane) {
      const u64 stamp = uses_[first + at + lane].stamp;
      best[lane] = stamp < best[lane].stamp ? Best{stamp, at + lane} : best[lane];
    }
  }
  for (; at < ways_; ++at) {
    if (uses_[first + at].stamp < best[0].stamp) best[0] = {uses_[first + at].stamp, at};
  }
  for (unsigned lane = 1; lane < 4; ++lane) {
    if (best[lane].stamp < best[0].stamp) best[0] = best[lane];
  }
  return static_cast<u32>(first + best[0].line);
}

void TagArray::link(u32 line) {
  u32& head = bucket(keys_[line].key);
  next_[line] = head;
  head = line;
}

void TagArray::unlink(u32 line) {
  u32* at = &bucket(keys_[line].key);
  while (*at != line) at = &next_[*at];
  *at = next_[line];
}

void TagArray::count_eviction(ContextWord victim, ContextWord evictor) {
  ++evictions_;
  const Owner out = victim.owner(), in = evictor.owner();
  for (EvictionRow& row : eviction_rows_) {
    if (row.count == 0) row = {out, in, 0};
    if (row.victim != out || row.evictor != in) continue;
    ++row.count;
    return;
  }
  ++more_evictions_[{out, in}];
}

TlbStatistics TagArray::statistics() const {
  TlbStatistics result;
  result.lookups = lookups();
  result.hits = hits_ + clock_.hits;
  result.misses = result.lookups - result.hits;
  result.insertions = insertions_;
  result.evictions = evictions_;
  result.invalidations = invalidations_;
  result.entries_invalidated = entries_invalidated_;
  result.evictions_by = more_evictions_;
  for (const EvictionRow& row : eviction_rows_) {
    if (row.count != 0) result.evictions_by[{row.victim, row.evictor}] = row.count;
  }
  return result;
}

void TagArray::clear_statistics() {
  lookups_ = hits_ = insertions_ = evictions_ = invalidations_ = entries_invalidated_ = 0;
  clock_.hits = 0;
  eviction_rows_ = {};
  more_evictions_.clear();
}

}  // namespace tw::mmu
