// What each cache counts. The report reads the rows.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "cache/request.hpp"

namespace tw::cache {

/// (victim, evictor) -> evictions: a small table; pairs that find no more room are counted together.
class EvictionsByOwner final {
 public:
  struct Row {
    Owner victim, evictor;
    u64 count = 0;
  };
  void count(Owner victim, Owner evictor);
  std::span<const Row> rows() const { return {rows_.data(), used_}; }
  u64 others() const { return others_; }

 private:
  static constexpr unsigned kRows = 32;
  std::array<Row, kRows> rows_{};
  unsigned used_ = 0;
  unsigned recent_ = 0;
  u64 others_ = 0;
};

/// accesses == hits() + misses + merges + from_peers.
struct LevelStatistics {
  u64 accesses = 0;
  u64 misses = 0;
  u64 merges = 0;
  u64 from_peers = 0;
  u64 miss_wait = 0;
  u64 port_wait = 0;
  u64 write_buffer_wait = 0;
  u64 write_backs = 0;
  u64 write_throughs = 0;
  u64 evictions = 0;
  u64 prefetches = 0;
  u64 prefetches_useful = 0;
  u64 prefetches_late = 0;
  u64 prefetches_useless = 0;
  u64 prefetches_dropped = 0;
  u64 snoops = 0;
  u64 snoop_invalidations = 0;
  u64 back_invalidations = 0;
  u64 maintenance_invalidations = 0;
  EvictionsByOwner evictions_by;

  u64 hits() const { return accesses - misses - merges - from_peers; }
};

struct StatisticRow {
  std::string_view name;
  u64 LevelStatistics::*member;
  std::string_view what;
};

inline constexpr StatisticRow kLevelStatistics[] = {
    {"accesses", &LevelStatistics::accesses, "look-ups, also those of prefetches from the level above"},
    {"misses", &LevelStatistics::misses, "look-ups that went on to the next level"},
    {"merges", &LevelStatistics::merges, "look-ups that found the line under way and waited for the rest"},
    {"from_peers", &LevelStatistics::from_peers, "look-ups of a shared level that another core's cache served"},
    {"miss_wait", &LevelStatistics::miss_wait, "cycles that misses waited for an MSHR"},
    {"port_wait", &LevelStatistics::port_wait, "cycles that requests waited to be accepted"},
    {"write_buffer_wait", &LevelStatistics::write_buffer_wait, "cycles that fills waited for a write buffer"},
    {"write_backs", &LevelStatistics::write_backs, "modified lines written to the next level"},
    {"write_throughs", &LevelStatistics::write_throughs, "stores passed on to the next level"},
    {"evictions", &LevelStatistics::evictions, "lines that gave way to another"},
    {"prefetches", &LevelStatistics::prefetches, "lines that this level's prefetcher and PRFM brought in"},
    {"prefetches_useful", &LevelStatistics::prefetches_useful, "of these, asked for later"},
    {"prefetches_late", &LevelStatistics::prefetches_late, "of the useful, still under way when asked for"},
    {"prefetches_useless", &LevelStatistics::prefetches_useless, "left without having been asked for"},
    {"prefetches_dropped", &LevelStatistics::prefetches_dropped, "not begun: no MSHR was free"},
    {"snoops", &LevelStatistics::snoops, "requests of other cores and DMA masters that found a line here"},
    {"snoop_invalidations", &LevelStatistics::snoop_invalidations, "lines given up to a writer"},
    {"back_invalidations", &LevelStatistics::back_invalidations, "lines lost to an inclusive level or the directory"},
    {"maintenance_invalidations", &LevelStatistics::maintenance_invalidations, "lines lost to DC and IC"},
};

/// What performance monitors count: one core's totals since the start, whatever clear_statistics() forgets.
struct EventCounts {
  u64 l1i_accesses = 0, l1i_refills = 0;
  u64 l1d_accesses = 0, l1d_refills = 0, l1d_write_backs = 0;
  u64 l2_accesses = 0, l2_refills = 0, l2_write_backs = 0;
  u64 l3_accesses = 0, l3_refills = 0;
  u64 memory_reads = 0;
};

}  // namespace tw::cache
