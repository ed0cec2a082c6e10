// One cache of the hierarchy, with everything that is its own.
#pragma once

#include "base/timeline.hpp"
#include "cache/config.hpp"
#include "cache/occupancy.hpp"
#include "cache/prefetcher.hpp"
#include "cache/statistics.hpp"
#include "cache/tag_array.hpp"

namespace tw::cache {

/// How a level's contents relate to the data of the levels above it.
enum class Inclusion : u8 {
  Inclusive,  ///< holds all that they hold; what it loses, they lose
  Exclusive,  ///< holds what they lost; what they take, it loses
  Nine,       ///< neither inclusive nor exclusive: fills pass through it, and nothing ties them afterwards
};

struct LevelConfig {
  LevelId id = LevelId::L1d;
  u64 size = 0, ways = 1, latency = 0;
  Policy policy = Policy::Lru;
  Inclusion inclusion = Inclusion::Nine;
  u64 mshrs = 0, write_buffers = 0, interval = 0;
  PrefetcherKind prefetcher = PrefetcherKind::None;
  u64 prefetch_degree = 1;
  u64 sets(u64 line) const { return size / (line * ways); }
};

/// The rows of one level; strings stop here.
LevelConfig level_config(const Config& config, LevelId id);
cost::ServedBy served_by(LevelId id);

struct Level {
  /// `core` is whose it is, kNoCore a shared one.
  Level(const LevelConfig& level, const Config& config, unsigned owner_core);

  TagArray tags;
  LevelStatistics statistics;
  LevelConfig config;
  Occupancy mshrs;
  Occupancy write_buffers;
  Timeline port;
  Prefetcher prefetcher;
  unsigned core;
  bool clean_victims_matter = true;  ///< somebody must know when an unmodified line has left

  /// When a look-up that comes at `at` has its result.
  u64 look_up(u64 at) {
    if (config.interval != 0) {
      const u64 start = port.reserve(at, config.interval);
      statistics.port_wait += start - at;
      at = start;
    }
    return at + config.latency;
  }
  /// When a miss at `at` may go on: an MSHR is free.
  u64 miss(u64 at) {
    const u64 start = mshrs.first_free(at);
    statistics.miss_wait += start - at;
    return start;
  }
  /// Empty and idle again.
  void clear(const Config& of);
  bool exclusive() const { return config.inclusion == Inclusion::Exclusive; }
  bool inclusive() const { return config.inclusion == Inclusion::Inclusive; }
};

}  // namespace tw::cache
