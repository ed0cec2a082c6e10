// The structures of the MMU. A Tlb holds stage-1 or combined translations by VA, an IpaTlb stage-2 leaves by IPA, a
// WalkCache pointers to stage-1 tables by VA. Lookups and misses are counted here; time is charged by the Mmu.
#pragma once

#include "mmu/associative.hpp"
#include "mmu/tags.hpp"
#include "vmsa/mapping.hpp"
#include "vmsa/walk_assist.hpp"

namespace tw::mmu {

/// The page sizes that a structure has ever held: it looks for no others. A needless probe costs host time, nothing
/// modelled.
class SizesSeen final {
 public:
  void add(u8 page_bits) { mask_ |= u64{1} << page_bits; }
  u64 mask() const { return mask_; }

 private:
  u64 mask_ = 0;
};

class Tlb final {
 public:
  Tlb(u64 entries, u64 ways, Replacement replacement, u64 seed) : lines_(entries, ways, replacement, seed) {}

  bool off() const { return lines_.off(); }
  /// `va` canonical. The pointer is valid until the next insertion or invalidation.
  const vmsa::Mapping* lookup(const Context& context, Va va);
  /// The entry covers the smaller of the two stages' pages around `va`.
  void insert(const Context& context, Va va, const vmsa::Mapping& mapping);
  void invalidate(const vmsa::Invalidate& what);
  /// All Non-secure EL1&0 entries: a new VMID without VMID tags.
  void flush_guests();
  TlbStatistics& statistics() { return lines_.statistics; }
  const TlbStatistics& statistics() const { return lines_.statistics; }

 private:
  struct Line {
    bool valid = false;
    bool global = false;
    u8 page_bits = 12;
    Context context;
    u64 page = 0;  ///< va >> page_bits
    u64 stamp = 0;
    Owner owner;
    vmsa::Mapping mapping;
  };
  Line* find(const Context& context, Va va);
  /// IPAS2E1 on entries that hold nothing of stage 1: it was off, and their VA is the IPA.
  void invalidate_stage2_only(const vmsa::Invalidate& what);

  Associative<Line> lines_;
  SizesSeen sizes_;
  Line* recent_ = nullptr;  ///< last hit: most lookups end here
};

class IpaTlb final {
 public:
  IpaTlb(u64 entries, u64 ways, Replacement replacement, u64 seed) : lines_(entries, ways, replacement, seed) {}

  bool off() const { return lines_.off(); }
  const vmsa::Stage2Leaf* lookup(Vmid vmid, Ipa ipa);
  void insert(Vmid vmid, Ipa ipa, const vmsa::Stage2Leaf& leaf);
  void invalidate(const vmsa::Invalidate& what);
  void flush_guests();
  const TlbStatistics& statistics() const { return lines_.statistics; }
  TlbStatistics& statistics() { return lines_.statistics; }

 private:
  struct Line {
    bool valid = false;
    Vmid vmid{};
    u64 page = 0;  ///< ipa >> leaf.page_bits
    u64 stamp = 0;
    Owner owner;
    vmsa::Stage2Leaf leaf;
  };
  Associative<Line> lines_;
  SizesSeen sizes_;
};

class WalkCache final {
 public:
  WalkCache(u64 entries, u64 ways, Replacement replacement, u64 seed) : lines_(entries, ways, replacement, seed) {}

  bool off() const { return lines_.off(); }
  /// The deepest table that is known: the one of the smallest region.
  const vmsa::TablePointer* lookup(const Context& context, Va va);
  void insert(const Context& context, Va va, const vmsa::TablePointer& table);
  void invalidate(const vmsa::Invalidate& what);
  void flush_guests();
  const TlbStatistics& statistics() const { return lines_.statistics; }
  TlbStatistics& statistics() { return lines_.statistics; }

 private:
  struct Line {
    bool valid = false;
    Context context;
    u64 region = 0;  ///< va >> table.region_bits
    u64 stamp = 0;
    Owner owner;
    vmsa::TablePointer table;
  };
  Associative<Line> lines_;
  SizesSeen sizes_;
};

}  // namespace tw::mmu
