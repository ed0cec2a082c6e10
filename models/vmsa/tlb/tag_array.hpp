// Sets and ways: what all structures of the MMU are made of. A line is known here by its tag alone; what it holds is
// with the owner of the array, by the same number. Several structures may live in one array (walk caches inside of a
// second-level TLB): each counts for itself.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "base/random.hpp"
#include "vmsa/residence.hpp"
#include "vmsa/tlb/replacement.hpp"
#include "vmsa/tlb/tags.hpp"

namespace tw::vmsa {

/// Of one line. `bits` is the size of what it covers.
struct Tag {
  ContextWord context;
  u64 page = 0;  ///< address >> bits
  u8 bits = 12;
  u8 reach_bits = 12;  ///< an invalidation of any address in this range takes the line: the stage-1 block it is part of
  bool stage2_only = false;  ///< made with stage 1 off: the address is an IPA
};

/// Whether an invalidation takes an entry, of any kind.
bool takes(const Invalidate& what, const Tag& tag);
/// Of Non-secure EL1&0, with stage 2 or without.
bool is_of_guests(const Tag& tag);
/// Of one address space of EL1&0, and of no other.
bool is_of_asid(const Tag& tag);

/// How a page number becomes a set: the same for all ways, or another hash for each of them.
enum class Indexing : u8 { Modulo, Skewed };

/// Some sets and ways on their own, for some sizes of page.
struct Part {
  u64 entries = 0;
  u64 ways = 0;  ///< 0: fully associative
};

struct Shape {
  u64 entries = 0;
  u64 ways = 0;  ///< 0: fully associative
  Policy policy = Policy::Lru;
  u64 seed = 1;
  Indexing indexing = Indexing::Modulo;
  std::vector<Part> more = {};           ///< further parts beside the first
  std::array<u8, 64> part_of_size = {};  ///< by `Tag::bits`
};

/// Of walk caches with a part for each level of table, all alike.
Shape by_level(Shape shape);

/// What a structure counts. Evictions are counted for the structure of the entry that comes in.
class Counters final {
 public:
  u64 lookups = 0, hits = 0, insertions = 0, invalidations = 0, entries_invalidated = 0;
  void evicted(ContextWord victim, ContextWord evictor) {
    ++evictions_;
    const ContextWord of_victim = victim.of_owner(), of_evictor = evictor.of_owner();
    if (Row& row = rows_[latest_]; row.victim == of_victim && row.evictor == of_evictor && row.count != 0) [[likely]] {
      ++row.count;
    } else {
      count_pair(of_victim, of_evictor);
    }
  }
  TlbStatistics statistics() const;

 private:
  struct Row {
    ContextWord victim, evictor;  ///< of_owner()
    u64 count = 0;
  };
  void count_pair(ContextWord victim, ContextWord evictor);

  u64 evictions_ = 0;
  std::size_t latest_ = 0;     ///< the row that counted last
  std::array<Row, 8> rows_{};  ///< the first pairs of owners that are met; the others are in the map
  std::map<std::pair<Owner, Owner>, u64> more_;
};

class TagArray final {
 public:
  static constexpr u32 kNone = ~u32{0};

  explicit TagArray(const Shape& shape);
  // Handles point into it.
  TagArray(const TagArray&) = delete;
  TagArray& operator=(const TagArray&) = delete;

  bool off() const { return keys_.empty(); }
  u64 entries() const { return keys_.size(); }

  /// The line that serves `address` in `context`, the smallest first, which becomes the most recent one.
  u32 lookup(u64 address, ContextWord context, Counters& counters) {
    ++counters.lookups;
    const u32 line = find(address, context);
    if (line == kNone) {
      missed_ = {true, address, context};
      return kNone;
    }
    ++counters.hits;
    use(line);
    return line;
  }
  /// The same without a trace.
  u32 find(u64 address, ContextWord context) const {
    for (u64 sizes = live_sizes_; sizes != 0; sizes &= sizes - 1) {
      const u32 line = find_size(address, context, static_cast<unsigned>(__builtin_ctzll(sizes)));
      if (line != kNone) return line;
    }
    return kNone;
  }
  /// Only lines of this size.
  u32 find_size(u64 address, ContextWord context, unsigned bits) const {
    const u64 page = address >> bits;
    const u64 key = key_of(page, bits);
    if (hashed_) {
      for (u32 line = bucket(key); line != kNone; line = next_[line]) {
        if (keys_[line].key == key && keys_[line].context.serves(context)) return line;
      }
      return kNone;
    }
    u32 found = kNone;
    candidates(page, bits, [&](u32 line) {
      if (keys_[line].key != key || !keys_[line].context.serves(context)) return false;
      found = line;
      return true;
    });
    return found;
  }
  /// The sizes of which there are lines, a bit each.
  u64 sizes() const { return live_sizes_; }
  u8 bits(u32 line) const { return keys_[line].key & 63; }

  /// The line in which `tag` is now: of one that has served it (the same page), an invalid one, or a victim.
  u32 insert(const Tag& tag, Counters& counters);
  /// What the last insertion has pushed out.
  struct Displaced {
    ContextWord context;
    u64 name = 0;  ///< name_of() its tag; 0: nothing
  };
  const Displaced& displaced() const { return displaced_; }
  /// A number for an entry, whatever line it is in.
  static u64 name_of(ContextWord context, u64 page, unsigned bits) {
    return ((key_of(page, bits) * kHash) ^ context.word()) | 1;
  }
  /// A line that gives way to what follows; no invalidation, and not counted.
  void drop(u32 line);

  template <class Matches>
  void invalidate(Counters& counters, Matches matches) {
    if (off()) return;
    ++counters.invalidations;
    if (live_ == 0) return;
    for (u32 line = 0; line < entries(); ++line) {
      if (keys_[line].key == kInvalid || !matches(tag(line))) continue;
      drop(line);
      ++counters.entries_invalidated;
    }
  }
  /// Empties it; not counted.
  void clear();

  Tag tag(u32 line) const;
  bool valid(u32 line) const { return keys_[line].key != kInvalid; }
  ResidenceHandle handle(u32 line) { return {&uses_[line], uses_[line].generation}; }
  /// Ends all handles; the lines stay.
  void end_handles() {
    for (Residence& use : uses_) ++use.generation;
  }
  /// Hits that were counted through handles.
  u64 hits_by_handle() const { return clock_.hits; }
  void clear_hits_by_handle() { clock_.hits = 0; }

 private:
  /// What a look-up compares.
  struct Key {
    u64 key;
    ContextWord context;
  };
  struct Cold {
    u8 reach_bits;
    bool stage2_only;
  };
  struct Place {
    u64 first, sets, ways;
    u64 first_set;  ///< of all parts together
    bool power_of_two;
    u64 set_of(u64 page) const { return power_of_two ? page & (sets - 1) : page % sets; }
  };
  static constexpr u64 kInvalid = ~u64{0};
  static constexpr u64 key_of(u64 page, unsigned bits) { return page << 6 | bits; }
  static constexpr u64 kScannedWays = 8;  ///< longer sets are looked up by hash
  static constexpr u64 kHash = 0x9E3779B97F4A7C15u;

  /// The last look-up was for this, in vain, and nothing has come in since.
  bool has_missed(const Tag& tag) const {
    return missed_.known && missed_.address >> tag.bits == tag.page && missed_.context == tag.context.without_global();
  }
  unsigned part_of(unsigned bits) const { return more_.empty() ? 0 : part_of_size_[bits]; }
  const Place& place_of(unsigned bits) const { return more_.empty() ? place_ : more_[part_of(bits)]; }
  /// Calls `visit(line)` for each line where the page may be, until that gives true.
  template <class Visit>
  void candidates(u64 page, unsigned bits, Visit visit) const {
    const Place& place = place_of(bits);
    if (indexing_ == Indexing::Modulo) {
      const u64 first = place.first + place.set_of(page) * place.ways;
      for (u64 line = first; line != first + place.ways; ++line) {
        if (visit(static_cast<u32>(line))) return;
      }
      return;
    }
    for (u64 way = 0; way < place.ways; ++way) {
      const u64 mixed = (key_of(page, bits) ^ (way << 56)) * kHash;
      if (visit(static_cast<u32>(place.first + (mixed >> 24) % place.sets * place.ways + way))) return;
    }
  }
  u32& bucket(u64 key) { return buckets_[(key * kHash) >> bucket_shift_]; }
  u32 bucket(u64 key) const { return buckets_[(key * kHash) >> bucket_shift_]; }
  void use(u32 line) {
    uses_[line].stamp = ++clock_.now;
    if (policy_ == Policy::Plru) use_recent_bits(line);
  }
  void use_recent_bits(u32 line);
  u32 victim(u64 page, unsigned bits);
  void part_from_handles(const Tag& tag);
  void link(u32 line) {
    u32& head = bucket(keys_[line].key);
    next_[line] = head;
    head = line;
  }
  void unlink(u32 line) {
    u32* at = &bucket(keys_[line].key);
    while (*at != line) at = &next_[*at];
    *at = next_[line];
  }
  /// Nothing finds what is in it any more, neither by look-up nor by handle.
  void vacate(u32 line) {
    if (hashed_) unlink(line);
    ++uses_[line].generation;
  }
  /// A line of this size comes, or goes.
  void enter(unsigned bits) {
    if (live_of_size_[bits]++ == 0) live_sizes_ |= u64{1} << bits;
  }
  void leave(unsigned bits) {
    if (--live_of_size_[bits] == 0) live_sizes_ &= ~(u64{1} << bits);
  }
  void resize(unsigned from, unsigned to) {
    if (from == to) [[likely]]
      return;
    leave(from);
    enter(to);
  }

  Place place_{};
  std::vector<Place> more_;  ///< all parts, where there are several
  std::array<u8, 64> part_of_size_;
  bool hashed_ = false;
  Indexing indexing_;
  Policy policy_;
  XorShift64 random_;
  std::vector<u64> recent_;  ///< of PLRU, a word a set
  std::vector<Key> keys_;
  std::vector<Residence> uses_;
  std::vector<Elders> elders_;  ///< of LRU, by part
  std::vector<Cold> cold_;
  std::vector<u64> arrivals_;  ///< of FIFO
  std::vector<u32> buckets_, next_;
  unsigned bucket_shift_ = 63;
  ResidenceClock clock_;
  Displaced displaced_;
  struct {
    bool known = false;
    u64 address = 0;
    ContextWord context;
  } missed_;
  u64 live_ = 0;
  u64 live_sizes_ = 0;
  std::array<u32, 64> live_of_size_{};
};

}  // namespace tw::vmsa
