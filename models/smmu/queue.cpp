#include "smmu/queue.hpp"

#include <algorithm>

#include "base/bits.hpp"

namespace tw::smmu {

unsigned Queue::bits() const { return std::min(static_cast<unsigned>(tw::bits<4, 0>(state_.base)), max_bits_); }

/// The base is aligned to the queue's size, and to 32 bytes at least (6.3.26).
Pa Queue::entry(u32 index) const {
  const u64 bytes = u64{entry_bytes_} << bits();
  const u64 base = tw::bits<51, 5>(state_.base) << 5;
  return Pa{(base & ~(std::max<u64>(bytes, 32) - 1)) + u64{entry_bytes_} * (index & (index_mask() >> 1))};
}

u32 Queue::contiguous() const {
  const u32 size = u32{1} << bits();
  return std::min(filled(), size - (state_.cons & (size - 1)));
}

/// Flags above the index (OVFLG, ERR) stay.
void Queue::advance(u32& index) const {
  constexpr u32 kIndex = 0xF'FFFF;
  index = (index & ~kIndex) | ((index + 1) & index_mask());
}

}  // namespace tw::smmu
