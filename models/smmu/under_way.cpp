#include "smmu/under_way.hpp"

#include <algorithm>

namespace tw::smmu {

u64 UnderWay::end_of_those_before(u64 now) {
  std::erase_if(spans_, [&](const Span& span) { return span.end <= now; });
  u64 end = now;
  for (const Span& span : spans_) {
    if (span.began < now) end = std::max(end, span.end);
  }
  return end;
}

void UnderWay::make_room() {
  const auto middle = spans_.begin() + kMost / 2;
  std::nth_element(spans_.begin(), middle, spans_.end(), [](const Span& a, const Span& b) { return a.end > b.end; });
  spans_.erase(middle, spans_.end());
}

}  // namespace tw::smmu
