#include "cpu/system/performance_events.hpp"

namespace tw::cpu {

PmuEvent pmu_event(u64 number) {
  for (unsigned i = 0; i < kPmuEvents; ++i) {
    if (kPmuEventRows[i].number == number) return static_cast<PmuEvent>(i);
  }
  return PmuEvent::None;
}

u64 pmceid(unsigned n, bool wide, bool caches) {
  constexpr u64 kHigh = 0x4000;  // of the common events, the second range
  const u64 first = u64{n} * 32;
  u64 counted = 0;
  for (const PmuEventRow& row : kPmuEventRows) {
    if (row.source == EventSource::Cache && !caches) continue;
    if (row.number >= first && row.number < first + 32) counted |= u64{1} << (row.number - first);
    if (!wide || row.number < kHigh + first || row.number >= kHigh + first + 32) continue;
    counted |= u64{1} << (row.number - kHigh - first + 32);
  }
  return counted;
}

}  // namespace tw::cpu
