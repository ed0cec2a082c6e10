// A hierarchy with a memory of fixed latency behind it.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "cache/hierarchy.hpp"

namespace tw::test {

struct FlatMemory final : cache::MemoryPort {
  u64 read = 100, write = 50, single = 70;
  std::vector<cache::LineTransfer> reads, writes;
  u64 singles = 0;

  u64 read_line(const cache::LineTransfer& transfer) override {
    reads.push_back(transfer);
    return read;
  }
  u64 write_line(const cache::LineTransfer& transfer) override {
    writes.push_back(transfer);
    return write;
  }
  u64 uncached(unsigned, const cache::Request&) override {
    ++singles;
    return single;
  }
};

inline constexpr u64 kLine = 64;
inline constexpr u64 kL2 = 12, kL3 = 25, kSystem = 40, kTransfer = 31, kInvalidate = 17;

/// 1 KB 2-way L1s (8 sets), a 4 KB 4-way L2 (16 sets), an 8 KB 4-way L3 (32 sets); no limit anywhere.
inline cache::Config small() {
  cache::Config config;
  config.enabled = true;
  config.l1i_size = config.l1d_size = 1024;
  config.l1i_ways = config.l1d_ways = 2;
  config.l1i_mshrs = config.l1d_mshrs = config.l2_mshrs = config.l3_mshrs = config.system_mshrs = 0;
  config.l1d_write_buffers = config.l2_write_buffers = config.l3_write_buffers = config.system_write_buffers = 0;
  config.l2_size = 4096;
  config.l2_ways = 4;
  config.l2_latency = kL2;
  config.l3_ways = 4;
  config.l3_latency = kL3;
  config.system_ways = 4;
  config.system_latency = kSystem;
  config.coherence_transfer = kTransfer;
  config.coherence_invalidate = kInvalidate;
  return config;
}

struct Rig {
  explicit Rig(const cache::Config& config, unsigned cores = 1) : caches(config, cores, memory) {}

  struct Outcome {
    u64 cycles = 0;
    cost::ServedBy served_by = cost::ServedBy::L1;
    cost::Latency latency;
  };
  Outcome go(unsigned core, u64 address, cache::Kind kind, u64 now, u64 stream = 0) {
    cache::Request request{.pa = Pa{address}, .now = now, .stream = stream, .kind = kind};
    return go(core, request);
  }
  Outcome go(unsigned core, const cache::Request& request) {
    Outcome outcome;
    outcome.served_by = caches.access(core, request, outcome.latency);
    outcome.cycles = outcome.latency.total();
    return outcome;
  }
  /// One access after the other: `time` goes on by what each takes, and one cycle.
  u64 next(unsigned core, u64 address, cache::Kind kind = cache::Kind::Load) {
    const u64 cycles = go(core, address, kind, time).cycles;
    time += cycles + 1;
    return cycles;
  }
  u64 load(u64 address, unsigned core = 0) { return next(core, address); }
  u64 store(u64 address, unsigned core = 0) { return next(core, address, cache::Kind::Store); }

  const cache::LevelStatistics& count(cache::LevelId level, unsigned core = 0) const {
    return *caches.statistics(level, core);
  }
  cache::State state(cache::LevelId level, u64 address, unsigned core = 0) const {
    return caches.state(level, core, Pa{address});
  }

  FlatMemory memory;
  cache::Hierarchy caches;
  u64 time = 0;
};

}  // namespace tw::test
