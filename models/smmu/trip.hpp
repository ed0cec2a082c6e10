// One translation on its way through TBU and TCU: the time, and where it went.
#pragma once

#include "smmu/statistics.hpp"

namespace tw::smmu {

struct Trip {
  explicit Trip(u64 now) : began(now), at(now) {}

  u64 began;
  u64 at;
  ByPart cycles{};
  u32 fetches_stage1 = 0, fetches_stage2 = 0, ste_fetches = 0, cd_fetches = 0;

  void spend(Part part, u64 more) {
    cycles[static_cast<unsigned>(part)] += more;
    at += more;
  }
  void wait_until(Part part, u64 when) {
    if (when > at) spend(part, when - at);
  }
  u64 total() const { return at - began; }
};

}  // namespace tw::smmu
