#include "cache/tag_array.hpp"

namespace tw::cache {

TagArray::TagArray(u64 sets, u64 ways, Policy policy, u64 seed)
    : tags_(sets * ways, kNoLine),
      lines_(sets * ways),
      trees_(policy == Policy::Plru ? sets : 0),
      set_mask_(static_cast<u32>(sets - 1)),
      ways_(static_cast<u32>(ways)),
      policy_(policy),
      random_(seed) {}

void TagArray::touch_other(u32 index) {
  if (policy_ == Policy::Srrip) {
    lines_[index].stamp = kAtOnce;
  } else if (policy_ == Policy::Plru) {
    // Every node on the way to the leaf points to the other side.
    u64& tree = trees_[index / ways_];
    for (u32 node = ways_ + index % ways_; node > 1; node /= 2) {
      const u64 parent = u64{1} << (node / 2);
      tree = node % 2 == 0 ? tree | parent : tree & ~parent;
    }
  }
}

u32 TagArray::least_recent(u32 first) const {
  u32 best = first;
  for (u32 i = first + 1; i != first + ways_; ++i) {
    if (lines_[i].stamp < lines_[best].stamp) best = i;
  }
  return best;
}

u32 TagArray::tree_victim(u32 first) const {
  const u64 tree = trees_[first / ways_];
  u32 node = 1;
  while (node < ways_) node = 2 * node + ((tree >> node) & 1);
  return first + node - ways_;
}

u32 TagArray::distant(u32 first) {
  while (true) {
    for (u32 i = first; i != first + ways_; ++i) {
      if (lines_[i].stamp == kNever) return i;
    }
    for (u32 i = first; i != first + ways_; ++i) ++lines_[i].stamp;
  }
}

u32 TagArray::place_for(LineKey key) {
  const u32 first = first_of(key);
  for (u32 i = first; i != first + ways_; ++i) {
    if (tags_[i] == kNoLine) return i;
  }
  switch (policy_) {
    case Policy::Lru:
      return least_recent(first);
    case Policy::Plru:
      return tree_victim(first);
    case Policy::Srrip:
      return distant(first);
    case Policy::Random:
      break;
  }
  return first + static_cast<u32>(random_.next() % ways_);
}

}  // namespace tw::cache
