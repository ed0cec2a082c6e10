#include "platforms/statistics/caches.hpp"

namespace tw::statistics {
namespace {

std::string_view name_of(cache::LevelId level) {
  switch (level) {
    case cache::LevelId::L1i:
      return "L1 instruction";
    case cache::LevelId::L1d:
      return "L1 data";
    case cache::LevelId::L2:
      return "L2";
    case cache::LevelId::L3:
      return "L3";
    case cache::LevelId::System:
      break;
  }
  return "system cache";
}

report::CacheStatistics cache_of(const cache::LevelConfig& level, const cache::LevelStatistics& statistics) {
  report::CacheStatistics cache;
  cache.name = name_of(level.id);
  cache.size = level.size;
  cache.ways = level.ways;
  cache.latency = level.latency;
  cache.evictions_by_others = statistics.evictions_by.others();
  for (const cache::StatisticRow& row : cache::kLevelStatistics) {
    cache.counts.rows.push_back({std::string(row.name), statistics.*row.member});
  }
  for (const auto& [victim, evictor, count] : statistics.evictions_by.rows()) {
    cache.evictions_by.push_back({{victim.guest, victim.vmid}, {evictor.guest, evictor.vmid}, count});
  }
  return cache;
}

}  // namespace

std::vector<report::CacheStatistics> caches(const cache::Hierarchy& hierarchy, unsigned core, bool shared) {
  using enum cache::LevelId;
  std::vector<report::CacheStatistics> all;
  if (!hierarchy.enabled()) return all;
  for (const cache::LevelId level : {L1i, L1d, L2, L3, System}) {
    if (hierarchy.is_shared(level) != shared || hierarchy.statistics(level, core) == nullptr) continue;
    all.push_back(cache_of(*hierarchy.geometry(level, core), *hierarchy.statistics(level, core)));
  }
  return all;
}

}  // namespace tw::statistics
