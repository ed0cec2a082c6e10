// The handle of an entry in a first-level TLB. Who has it may count a hit without a look-up, as long as the entry is
// what it was: the modelled TLB is then in the very state that a look-up would have left.
#pragma once

#include "base/types.hpp"

namespace tw::vmsa {

/// What the entries of one first-level TLB share.
struct ResidenceClock {
  u64 now = 0;   ///< stamps are from here
  u64 hits = 0;  ///< counted through handles
};

/// Of one entry; its address is stable for the life of the TLB.
struct Residence {
  u64 generation = 0;  ///< changes whenever the entry's contents do, and when it is invalidated
  u64 stamp = 0;       ///< of its last use
  ResidenceClock* clock = nullptr;
};

/// A remembered hit.
struct ResidenceHandle {
  Residence* entry = nullptr;
  u64 generation = 0;

  bool valid() const { return entry != nullptr && entry->generation == generation; }
  /// The hit, once more; valid() holds.
  void touch() const {
    entry->stamp = ++entry->clock->now;
    ++entry->clock->hits;
  }
};

}  // namespace tw::vmsa
