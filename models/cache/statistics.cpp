#include "cache/statistics.hpp"

namespace tw::cache {

void EvictionsByOwner::count(Owner victim, Owner evictor) {
  const auto is = [&](const Row& row) { return row.victim == victim && row.evictor == evictor; };
  if (recent_ < used_ && is(rows_[recent_])) {
    ++rows_[recent_].count;
    return;
  }
  for (unsigned i = 0; i < used_; ++i) {
    if (!is(rows_[i])) continue;
    ++rows_[i].count;
    recent_ = i;
    return;
  }
  if (used_ == kRows) {
    ++others_;
    return;
  }
  recent_ = used_++;
  rows_[recent_] = {victim, evictor, 1};
}

}  // namespace tw::cache
