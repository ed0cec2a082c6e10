#include "vmsa/tlb/tag_array.hpp"

#include <algorithm>
#include <bit>

namespace tw::vmsa {

bool takes(const Invalidate& what, const Tag& tag) {
  const auto by_ipa = [&] {
    return matches_stage2(what, tag.context.vmid(), Ipa{tag.page << tag.bits}, tag.reach_bits);
  };
  const auto by_va = [&] {
    return matches(what, {tag.context.context(), tag.context.global(), tag.page << tag.bits, tag.reach_bits});
  };
  switch (tag.context.kind()) {
    case Kind::Leaf:
      // IPAS2E1 takes what holds nothing of stage 1: it was off, and the VA is the IPA.
      return concerns_leaves(what) ? by_va() : tag.stage2_only && concerns_stage2(what) && by_ipa();
    case Kind::Stage1Table:
      return concerns_tables(what) && by_va();
    case Kind::Stage2Leaf:
      return concerns_stage2(what) && by_ipa();
    case Kind::Stage2Table:
      return concerns_stage2_tables(what) && by_ipa();
  }
  return false;
}

bool is_of_guests(const Tag& tag) {
  const Context context = tag.context.context();
  return context.regime == Regime::El10 && !context.secure;
}

bool is_of_asid(const Tag& tag) {
  const Kind kind = tag.context.kind();
  return (kind == Kind::Leaf || kind == Kind::Stage1Table) && !tag.context.global() &&
         tag.context.context().regime == Regime::El10;
}

/// What the tables of a level map, in address bits, for the three granules.
Shape by_level(Shape shape) {
  if (shape.entries == 0) return shape;
  shape.more = {{shape.entries, shape.ways}, {shape.entries, shape.ways}};
  for (const unsigned level2 : {30u, 36u, 42u}) shape.part_of_size[level2] = 1;
  for (const unsigned level1 : {39u, 47u}) shape.part_of_size[level1] = 2;
  return shape;
}

TagArray::TagArray(const Shape& shape)
    : part_of_size_(shape.part_of_size), indexing_(shape.indexing), policy_(shape.policy), random_(shape.seed) {
  u64 entries = 0, all_sets = 0;
  const auto add = [&](u64 count, u64 ways) {
    if (ways == 0 || ways > count) ways = count;
    const u64 sets = count == 0 ? 1 : count / ways;
    const Place place{entries, sets, ways, all_sets, std::has_single_bit(sets)};
    if (!shape.more.empty()) more_.push_back(place);
    place_ = place;
    entries += count;
    all_sets += sets;
    hashed_ |= ways > kScannedWays;
  };
  add(shape.entries, shape.ways);
  for (const Part& part : shape.more) add(part.entries, part.ways);
  keys_.assign(entries, Key{kInvalid, {}});
  uses_.resize(entries);
  cold_.resize(entries);
  for (Residence& use : uses_) use.clock = &clock_;
  elders_.resize(1 + shape.more.size());
  if (policy_ == Policy::Plru) recent_.resize(all_sets);
  if (policy_ == Policy::Fifo) arrivals_.resize(entries);
  if (!hashed_) return;
  const unsigned bits = static_cast<unsigned>(std::bit_width(entries)) + 1;
  bucket_shift_ = 64 - bits;
  buckets_.assign(std::size_t{1} << bits, kNone);
  next_.assign(entries, kNone);
}

u32 TagArray::insert(const Tag& tag, Counters& counters) {
  const u64 key = key_of(tag.page, tag.bits);
  displaced_.name = 0;
  u32 place = has_missed(tag) ? kNone : find_size(tag.page << tag.bits, tag.context.without_global(), tag.bits);
  missed_.known = false;
  if (place == kNone && live_ < entries()) {
    candidates(tag.page, tag.bits, [&](u32 line) {
      if (valid(line)) return false;
      place = line;
      return true;
    });
  }
  if (place == kNone) {
    place = victim(tag.page, tag.bits);
    const Key& out = keys_[place];
    displaced_ = {out.context, name_of(out.context, out.key >> 6, bits(place))};
    counters.evicted(out.context, tag.context);
  }
  if (valid(place)) {
    vacate(place);
    resize(bits(place), tag.bits);
  } else {
    ++live_;
    enter(tag.bits);
  }
  if (tag.context.global()) part_from_handles(tag);
  ++counters.insertions;
  keys_[place] = {key, tag.context};
  cold_[place] = {tag.reach_bits, tag.stage2_only};
  use(place);
  if (policy_ == Policy::Fifo) arrivals_[place] = clock_.now;
  if (hashed_) link(place);
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
      return false;
    };
    if (hashed_) {
      for (u32 line = bucket(key); line != kNone; line = next_[line]) part(line);
    } else {
      candidates(address >> bits, bits, part);
    }
  }
}

void TagArray::drop(u32 line) {
  vacate(line);
  leave(bits(line));
  keys_[line].key = kInvalid;
  --live_;
}

void TagArray::clear() {
  for (u32 line = 0; line < entries(); ++line) {
    if (valid(line)) drop(line);
  }
}

Tag TagArray::tag(u32 line) const {
  const Key& key = keys_[line];
  return {.context = key.context,
          .page = key.key >> 6,
          .bits = bits(line),
          .reach_bits = cold_[line].reach_bits,
          .stage2_only = cold_[line].stage2_only};
}

u32 TagArray::victim(u64 page, unsigned size) {
  const Place& place = place_of(size);
  const u64 first = place.first + place.set_of(page) * place.ways;
  if (policy_ == Policy::Lru && indexing_ == Indexing::Modulo) [[likely]] {
    const bool large = place.sets == 1 && place.ways > kScannedWays;
    return large ? elders_[part_of(size)].next(uses_, first, place.ways) : oldest(uses_, first, place.ways);
  }
  if (policy_ == Policy::Random || indexing_ == Indexing::Skewed) {
    const u64 chosen = policy_ == Policy::Random ? random_.next() % place.ways : 0;
    u64 way = 0;
    u32 best = kNone;
    candidates(page, size, [&](u32 line) {
      if (policy_ == Policy::Random) {
        best = line;
        return way++ == chosen;
      }
      const auto age = [&](u32 at) { return policy_ == Policy::Fifo ? arrivals_[at] : uses_[at].stamp; };
      if (best == kNone || age(line) < age(best)) best = line;
      return false;
    });
    return best;
  }
  if (policy_ == Policy::Plru) {
    return static_cast<u32>(first + RecentBits::victim(recent_[place.first_set + place.set_of(page)], place.ways));
  }
  const auto begin = arrivals_.begin() + static_cast<std::ptrdiff_t>(first);
  return static_cast<u32>(std::min_element(begin, begin + static_cast<std::ptrdiff_t>(place.ways)) - arrivals_.begin());
}

void TagArray::use_recent_bits(u32 line) {
  const Place& place = place_of(bits(line));
  const u64 at = line - place.first;
  RecentBits::use(recent_[place.first_set + at / place.ways], at % place.ways, place.ways);
}

// ---- Counters

void Counters::count_pair(ContextWord victim, ContextWord evictor) {
  for (Row& row : rows_) {
    if (row.count == 0) row = {victim, evictor, 0};
    if (row.victim != victim || row.evictor != evictor) continue;
    ++row.count;
    latest_ = static_cast<std::size_t>(&row - rows_.data());
    return;
  }
  ++more_[{victim.owner(), evictor.owner()}];
}

TlbStatistics Counters::statistics() const {
  TlbStatistics result;
  result.lookups = lookups;
  result.hits = hits;
  result.misses = lookups - hits;
  result.insertions = insertions;
  result.evictions = evictions_;
  result.invalidations = invalidations;
  result.entries_invalidated = entries_invalidated;
  result.evictions_by = more_;
  for (const Row& row : rows_) {
    if (row.count != 0) result.evictions_by[{row.victim.owner(), row.evictor.owner()}] = row.count;
  }
  return result;
}

}  // namespace tw::vmsa
