// The array of sets and ways against a list of entries in the order of their use.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

#include "vmsa/tlb/tag_array.hpp"

namespace tw {
namespace {

using vmsa::TagArray;

vmsa::ContextWord context_of(u16 asid, bool global = false) {
  vmsa::Context context;
  context.asid = Asid{asid};
  return {context, global};
}

struct Entry {
  u64 page;
  u8 bits;
  u16 asid;
  bool global;
  bool serves(u64 address, u16 with) const { return address >> bits == page && (global || asid == with); }
};

/// LRU of one set, the oldest first.
class List final {
 public:
  explicit List(u64 ways) : ways_(ways) {}

  /// The smallest entry, then the youngest: where two serve, which one is found is not said, so steps see to it that
  /// there are never two.
  bool look_up(u64 address, u16 asid) {
    const auto found = find(address, asid);
    if (found == entries_.end()) return false;
    std::rotate(found, found + 1, entries_.end());
    return true;
  }
  std::optional<Entry> insert(const Entry& entry) {
    std::optional<Entry> victim;
    if (entries_.size() == ways_) {
      victim = entries_.front();
      entries_.erase(entries_.begin());
    }
    entries_.push_back(entry);
    return victim;
  }
  u64 invalidate(u16 asid) {
    return std::erase_if(entries_, [&](const Entry& entry) { return !entry.global && entry.asid == asid; });
  }
  bool overlaps(const Entry& entry) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& other) {
      const u8 bits = std::max(entry.bits, other.bits);
      return entry.page >> (bits - entry.bits) == other.page >> (bits - other.bits);
    });
  }

 private:
  std::vector<Entry>::iterator find(u64 address, u16 asid) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& entry) { return entry.serves(address, asid); });
  }
  u64 ways_;
  std::vector<Entry> entries_;
};

class Lru : public testing::TestWithParam<u64> {};

TEST_P(Lru, IsTheListWhateverHappensBetweenEvictions) {
  const u64 ways = GetParam();
  TagArray tags({.entries = ways});
  vmsa::Counters counters;
  List list(ways);
  std::mt19937_64 random(ways);
  u64 evictions = 0, hits = 0;
  for (unsigned step = 0; step < 20'000; ++step) {
    const u64 address = random() % (ways * 2) << 12;
    const u16 asid = static_cast<u16>(random() % 2);
    if (random() % 400 == 0) {
      const u64 before = counters.entries_invalidated;
      tags.invalidate(counters, [&](const vmsa::Tag& tag) {
        return !tag.context.global() && tag.context.context().asid.value == asid;
      });
      ASSERT_EQ(counters.entries_invalidated - before, list.invalidate(asid)) << step;
      continue;
    }
    const u32 line = tags.lookup(address, context_of(asid), counters);
    ASSERT_EQ(line != TagArray::kNone, list.look_up(address, asid)) << step;
    if (line != TagArray::kNone) {
      ++hits;
      if (random() % 2 == 0) {  // by the handle, as a shortcut does
        tags.handle(line).touch();
        list.look_up(address, asid);
      }
      continue;
    }
    // Mostly what has missed; now and then another page, of which the look-up said nothing.
    const u64 other = random() % 4 == 0 ? random() % (ways * 2) << 12 : address;
    const u8 bits = random() % 8 == 0 ? 16 : 12;
    const Entry entry{other >> bits, bits, asid, random() % 4 == 0};
    if (list.overlaps(entry)) continue;
    const std::optional<Entry> victim = list.insert(entry);
    tags.insert({.context = context_of(asid, entry.global), .page = entry.page, .bits = bits}, counters);
    evictions += victim.has_value();
    ASSERT_EQ(tags.displaced().name,
              victim ? TagArray::name_of(context_of(victim->asid, victim->global), victim->page, victim->bits) : 0)
        << step;
  }
  EXPECT_EQ(counters.statistics().evictions, evictions);
  EXPECT_GT(evictions, 1000u);
  EXPECT_GT(hits, 1000u);
}

INSTANTIATE_TEST_SUITE_P(Ways, Lru, testing::Values(1, 4, 8, 9, 16, 48, 64, 200));

/// The same page again goes into the line that it was in, also when the last look-up was for another.
TEST(TagArrays, KeepOneLineOfAPage) {
  TagArray tags({.entries = 16});
  vmsa::Counters counters;
  const vmsa::Tag tag{.context = context_of(1), .page = 5, .bits = 12};
  EXPECT_EQ(tags.lookup(5 << 12, context_of(1), counters), TagArray::kNone);
  const u32 line = tags.insert(tag, counters);
  EXPECT_EQ(tags.insert(tag, counters), line);
  EXPECT_EQ(tags.lookup(6 << 12, context_of(1), counters), TagArray::kNone);
  EXPECT_EQ(tags.insert(tag, counters), line);
  EXPECT_EQ(tags.insert(tag, counters), line);
  u64 valid = 0;
  for (u32 at = 0; at < tags.entries(); ++at) valid += tags.valid(at);
  EXPECT_EQ(valid, 1u);
}

}  // namespace
}  // namespace tw
