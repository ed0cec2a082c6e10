#include "cache/level.hpp"

#include <string_view>

namespace tw::cache {
namespace {

Policy policy_of(std::string_view name) {
  if (name == "plru") return Policy::Plru;
  if (name == "random") return Policy::Random;
  if (name == "srrip") return Policy::Srrip;
  return Policy::Lru;
}

Inclusion inclusion_of(std::string_view name) {
  if (name == "inclusive") return Inclusion::Inclusive;
  if (name == "exclusive") return Inclusion::Exclusive;
  return Inclusion::Nine;
}

PrefetcherKind prefetcher_of(std::string_view name) {
  if (name == "next-line") return PrefetcherKind::NextLine;
  if (name == "stride") return PrefetcherKind::Stride;
  return PrefetcherKind::None;
}

/// Each cache has a random sequence of its own.
TagArray empty_tags(const LevelConfig& level, const Config& c, unsigned core) {
  return {level.sets(c.line), level.ways, level.policy, (c.seed + core) * kLevelCount + static_cast<u64>(level.id)};
}

}  // namespace

LevelConfig level_config(const Config& c, LevelId id) {
  switch (id) {
    case LevelId::L1i:
      return {.id = id,
              .size = c.l1i_size,
              .ways = c.l1i_ways,
              .policy = policy_of(c.l1i_policy),
              .mshrs = c.l1i_mshrs,
              .prefetcher = prefetcher_of(c.l1i_prefetcher),
              .prefetch_degree = c.l1i_prefetch_degree};
    case LevelId::L1d:
      return {.id = id,
              .size = c.l1d_size,
              .ways = c.l1d_ways,
              .policy = policy_of(c.l1d_policy),
              .mshrs = c.l1d_mshrs,
              .write_buffers = c.l1d_write_buffers,
              .prefetcher = prefetcher_of(c.l1d_prefetcher),
              .prefetch_degree = c.l1d_prefetch_degree};
    case LevelId::L2:
      return {.id = id,
              .size = c.l2_size,
              .ways = c.l2_ways,
              .latency = c.l2_latency,
              .policy = policy_of(c.l2_policy),
              .inclusion = inclusion_of(c.l2_inclusion),
              .mshrs = c.l2_mshrs,
              .write_buffers = c.l2_write_buffers,
              .interval = c.l2_interval,
              .prefetcher = prefetcher_of(c.l2_prefetcher),
              .prefetch_degree = c.l2_prefetch_degree};
    case LevelId::L3:
      return {.id = id,
              .size = c.l3_size,
              .ways = c.l3_ways,
              .latency = c.l3_latency,
              .policy = policy_of(c.l3_policy),
              .inclusion = inclusion_of(c.l3_inclusion),
              .mshrs = c.l3_mshrs,
              .write_buffers = c.l3_write_buffers,
              .interval = c.l3_interval};
    case LevelId::System:
      break;
  }
  return {.id = LevelId::System,
          .size = c.system_size,
          .ways = c.system_ways,
          .latency = c.system_latency,
          .policy = policy_of(c.system_policy),
          .mshrs = c.system_mshrs,
          .write_buffers = c.system_write_buffers,
          .interval = c.system_interval};
}

cost::ServedBy served_by(LevelId id) {
  switch (id) {
    case LevelId::L1i:
    case LevelId::L1d:
      return cost::ServedBy::L1;
    case LevelId::L2:
      return cost::ServedBy::L2;
    case LevelId::L3:
      return cost::ServedBy::L3;
    case LevelId::System:
      break;
  }
  return cost::ServedBy::SystemCache;
}

Level::Level(const LevelConfig& level, const Config& c, unsigned owner_core)
    : tags(empty_tags(level, c, owner_core)),
      config(level),
      mshrs(level.mshrs),
      write_buffers(level.write_buffers),
      prefetcher(level.prefetcher, level.prefetch_degree, c.line),
      core(owner_core) {}

void Level::clear(const Config& c) {
  tags = empty_tags(config, c, core);
  mshrs.clear();
  write_buffers.clear();
  port.clear();
  prefetcher = Prefetcher(config.prefetcher, config.prefetch_degree, c.line);
}

}  // namespace tw::cache
