// Direction predictors of one table: two-bit counters by address (bimodal), by address and history (gshare). `salt`
// separates contexts: it is mixed into the index.
#pragma once

#include <vector>

#include "base/types.hpp"

namespace tw::cpu::branch {

/// A two-bit counter: 0 and 1 predict not taken, 2 and 3 taken. (By table: the host must not guess what the guest
/// does.)
inline bool count(u8& counter, bool taken) {
  static constexpr u8 kNext[2][4] = {{0, 0, 1, 2}, {1, 2, 3, 3}};
  const bool predicted = counter >= 2;
  counter = kNext[taken][counter];
  return predicted;
}
inline constexpr u8 kWeaklyNotTaken = 1;

class Bimodal final {
 public:
  /// `entries` is a power of two.
  explicit Bimodal(u64 entries) : counters_(entries, kWeaklyNotTaken), mask_(entries - 1) {}
  /// What was predicted.
  bool train(u64 pc, u64 salt, bool taken) { return count(counter(pc, salt), taken); }
  u8& counter(u64 pc, u64 salt) { return counters_[((pc >> 2) ^ salt) & mask_]; }
  void flush() { counters_.assign(counters_.size(), kWeaklyNotTaken); }

 private:
  std::vector<u8> counters_;
  u64 mask_;
};

class Gshare final {
 public:
  /// `history` is at most log2 of `entries`.
  Gshare(u64 entries, u64 history)
      : counters_(entries, kWeaklyNotTaken), mask_(entries - 1), history_mask_((u64{1} << history) - 1) {}
  bool train(u64 pc, u64 salt, bool taken) {
    const bool predicted = count(counters_[((pc >> 2) ^ history_ ^ salt) & mask_], taken);
    history_ = (history_ << 1 | u64{taken}) & history_mask_;
    return predicted;
  }
  void flush() {
    counters_.assign(counters_.size(), kWeaklyNotTaken);
    history_ = 0;
  }

 private:
  std::vector<u8> counters_;
  u64 mask_, history_mask_, history_ = 0;
};

}  // namespace tw::cpu::branch
