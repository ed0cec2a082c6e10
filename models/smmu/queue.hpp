// A circular queue in memory, seen through its registers (IHI 0070, 3.5.1). An index has `bits` bits and a wrap bit
// above them; what software writes above that is ignored.
#pragma once

#include "smmu/state.hpp"

namespace tw::smmu {

class Queue final {
 public:
  /// Of entries of `entry_bytes`; `max_bits` is what an ID register allows of LOG2SIZE.
  Queue(QueueState& state, u32 entry_bytes, u64 max_bits)
      : state_(state), entry_bytes_(entry_bytes), max_bits_(static_cast<unsigned>(max_bits)) {}

  unsigned bits() const;
  u32 index_mask() const { return (u32{2} << bits()) - 1; }  ///< index and wrap bit
  /// Entries; more than the queue has in inconsistent states.
  u32 filled() const { return (state_.prod - state_.cons) & index_mask(); }
  /// Of these, what lies from head() on in one piece.
  u32 contiguous() const;
  bool empty() const { return filled() == 0; }
  /// Also in the states that 3.5.1 calls inconsistent: nothing is produced in them.
  bool full() const { return filled() >= u32{1} << bits(); }
  /// Nothing is consumed in these either.
  bool consistent() const { return filled() <= u32{1} << bits(); }
  Pa head() const { return entry(state_.cons); }  ///< of the oldest entry
  Pa tail() const { return entry(state_.prod); }  ///< where the next one goes
  void produce() { advance(state_.prod); }
  void consume() { advance(state_.cons); }

 private:
  Pa entry(u32 index) const;
  void advance(u32& index) const;

  QueueState& state_;
  u32 entry_bytes_;
  unsigned max_bits_;
};

}  // namespace tw::smmu
