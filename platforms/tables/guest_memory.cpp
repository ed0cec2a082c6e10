#include "platforms/tables/guest_memory.hpp"

#include <bit>

namespace tw::tables {

GuestMemory::GuestMemory(PageTables& stage2, PhysicalMemory& memory, Ipa base)
    : stage2_(stage2), memory_(memory), base_(base.value), leaf_(stage2.format().leaf), next_(base_) {}

Ipa GuestMemory::take(u64 bytes, u64 alignment, const std::vector<u64>& order) {
  const u64 at = (next_ + alignment - 1) / alignment * alignment;
  next_ = at + bytes;
  const u64 first = leaves_.size(), end = (next_ - base_ + leaf_ - 1) / leaf_;
  if (end > first) {
    const Pa backing = memory_.take((end - first) * leaf_, leaf_);
    for (u64 n = first; n < end; ++n) {
      const u64 place = n - first < order.size() ? order[n - first] : n - first;
      leaves_.push_back(backing + place * leaf_);
      stage2_.map(base_ + n * leaf_, leaves_.back().value);
    }
  }
  return Ipa{at};
}

Pa GuestMemory::locate(Ipa ipa) const {
  const u64 offset = ipa.value - base_;
  return leaves_[offset / leaf_] + offset % leaf_;
}

u64 GuestMemory::allocate(u64 bytes) { return take(bytes, std::bit_ceil(bytes)).value; }

}  // namespace tw::tables
