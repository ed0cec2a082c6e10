// Parameters of the cache hierarchy of one cluster of cores. A level of size 0 is not there. Latencies are what a
// look-up in that level adds, hit or miss, to what came before it; a hit in the first level is the pipeline's own time.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::cache {

struct Config {
  bool enabled = false;
  u64 line = 64;
  u64 seed = 1;
  std::string walker_port = "l1d";

  u64 l1i_size = 48 << 10;
  u64 l1i_ways = 3;
  std::string l1i_policy = "lru";
  u64 l1i_mshrs = 2;
  std::string l1i_prefetcher = "none";
  u64 l1i_prefetch_degree = 1;

  u64 l1d_size = 32 << 10;
  u64 l1d_ways = 2;
  std::string l1d_policy = "lru";
  u64 l1d_mshrs = 6;
  u64 l1d_write_buffers = 4;
  bool l1d_write_back = true;
  bool l1d_write_allocate = true;
  std::string l1d_prefetcher = "none";
  u64 l1d_prefetch_degree = 2;

  u64 l2_size = 2 << 20;
  u64 l2_ways = 16;
  u64 l2_latency = 14;
  std::string l2_policy = "lru";
  std::string l2_inclusion = "inclusive";
  bool l2_shared = true;
  u64 l2_mshrs = 16;
  u64 l2_write_buffers = 8;
  u64 l2_interval = 0;
  std::string l2_prefetcher = "none";
  u64 l2_prefetch_degree = 2;

  u64 l3_size = 0;
  u64 l3_ways = 16;
  u64 l3_latency = 20;
  std::string l3_policy = "lru";
  std::string l3_inclusion = "exclusive";
  u64 l3_mshrs = 32;
  u64 l3_write_buffers = 16;
  u64 l3_interval = 0;

  u64 system_size = 0;
  u64 system_ways = 16;
  u64 system_latency = 30;
  std::string system_policy = "lru";
  u64 system_mshrs = 64;
  u64 system_write_buffers = 32;
  u64 system_interval = 0;
  bool system_read_allocate = true;
  bool system_write_allocate = true;

  u64 directory_entries = 0;
  u64 directory_ways = 16;
  u64 directory_latency = 0;
  u64 coherence_transfer = 30;
  u64 coherence_invalidate = 20;

  bool dma_coherent = true;
  bool dma_read_allocate = false;
  bool dma_write_allocate = true;

  u64 maintenance_instruction = 10;
};

inline constexpr std::string_view kA57 = "Cortex-A57 TRM: 48 KB 3-way L1I, 32 KB 2-way L1D, 0.5-2 MB 16-way L2, LRU";
inline constexpr std::string_view kOutstanding = "a plausible core; 0: no limit";
inline constexpr std::string_view kPlausible = "a plausible core";
inline constexpr std::string_view kInterval = "cycles between two accesses that the level accepts; 0: no limit";
inline constexpr std::string_view kL2Latency = "ANCHORS.md: A57 L2 about 18 load-to-use (unverified), less L1's 4";
inline constexpr std::string_view kPrefetch = "lines ahead of the one that was asked for";
inline constexpr std::string_view kPrefetcher = "trained by misses; stride: by PC";
inline constexpr std::string_view kPolicies = "lru|plru|random|srrip";
inline constexpr std::string_view kInclusions = "inclusive|exclusive|nine";
inline constexpr std::string_view kPrefetchers = "none|next-line|stride";
inline constexpr std::string_view kInclusion = "of the data of the levels above; instructions are never tied";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"cache.enabled", &Config::enabled, "", 0, 1, Provenance::Choice,
     "off: cacheable accesses take no time beyond the first level"},
    {"cache.line", &Config::line, "bytes", 16, 256, Provenance::Trm, "all Cortex-A and Neoverse: 64, at every level"},
    {"cache.seed", &Config::seed, "", 0, ~u64{0}, Provenance::Choice, "of random replacement"},
    {"cache.walker_port", &Config::walker_port, "", 0, 0, Provenance::Choice, "where descriptor fetches look first",
     "l1d|l2"},

    {"cache.l1i.size", &Config::l1i_size, "bytes", 256, 1 << 20, Provenance::Trm, kA57},
    {"cache.l1i.ways", &Config::l1i_ways, "ways", 1, 64, Provenance::Trm, kA57},
    {"cache.l1i.policy", &Config::l1i_policy, "", 0, 0, Provenance::Trm, kA57, kPolicies},
    {"cache.l1i.mshrs", &Config::l1i_mshrs, "misses", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.l1i.prefetcher", &Config::l1i_prefetcher, "", 0, 0, Provenance::Choice, kPrefetcher, kPrefetchers},
    {"cache.l1i.prefetch_degree", &Config::l1i_prefetch_degree, "lines", 1, 16, Provenance::Placeholder, kPrefetch},

    {"cache.l1d.size", &Config::l1d_size, "bytes", 256, 1 << 20, Provenance::Trm, kA57},
    {"cache.l1d.ways", &Config::l1d_ways, "ways", 1, 64, Provenance::Trm, kA57},
    {"cache.l1d.policy", &Config::l1d_policy, "", 0, 0, Provenance::Trm, kA57, kPolicies},
    {"cache.l1d.mshrs", &Config::l1d_mshrs, "misses", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.l1d.write_buffers", &Config::l1d_write_buffers, "lines", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.l1d.write_back", &Config::l1d_write_back, "", 0, 1, Provenance::Trm, kA57},
    {"cache.l1d.write_allocate", &Config::l1d_write_allocate, "", 0, 1, Provenance::Trm, kA57},
    {"cache.l1d.prefetcher", &Config::l1d_prefetcher, "", 0, 0, Provenance::Choice, kPrefetcher, kPrefetchers},
    {"cache.l1d.prefetch_degree", &Config::l1d_prefetch_degree, "lines", 1, 16, Provenance::Placeholder, kPrefetch},

    {"cache.l2.size", &Config::l2_size, "bytes", 0, 1 << 28, Provenance::Trm, kA57},
    {"cache.l2.ways", &Config::l2_ways, "ways", 1, 64, Provenance::Trm, kA57},
    {"cache.l2.latency", &Config::l2_latency, "cycles", 0, 10000, Provenance::Placeholder, kL2Latency},
    {"cache.l2.policy", &Config::l2_policy, "", 0, 0, Provenance::Placeholder, kPlausible, kPolicies},
    {"cache.l2.inclusion", &Config::l2_inclusion, "", 0, 0, Provenance::Trm, kInclusion, kInclusions},
    {"cache.l2.shared", &Config::l2_shared, "", 0, 1, Provenance::Trm, "one for the cluster, or one a core"},
    {"cache.l2.mshrs", &Config::l2_mshrs, "misses", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.l2.write_buffers", &Config::l2_write_buffers, "lines", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.l2.interval", &Config::l2_interval, "cycles", 0, 1000, Provenance::Placeholder, kInterval},
    {"cache.l2.prefetcher", &Config::l2_prefetcher, "", 0, 0, Provenance::Choice, kPrefetcher, kPrefetchers},
    {"cache.l2.prefetch_degree", &Config::l2_prefetch_degree, "lines", 1, 16, Provenance::Placeholder, kPrefetch},

    {"cache.l3.size", &Config::l3_size, "bytes", 0, 1 << 30, Provenance::Choice, "0: none; shared by the cluster"},
    {"cache.l3.ways", &Config::l3_ways, "ways", 1, 64, Provenance::Placeholder, kPlausible},
    {"cache.l3.latency", &Config::l3_latency, "cycles", 0, 10000, Provenance::Placeholder, kPlausible},
    {"cache.l3.policy", &Config::l3_policy, "", 0, 0, Provenance::Placeholder, kPlausible, kPolicies},
    {"cache.l3.inclusion", &Config::l3_inclusion, "", 0, 0, Provenance::Placeholder, kInclusion, kInclusions},
    {"cache.l3.mshrs", &Config::l3_mshrs, "misses", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.l3.write_buffers", &Config::l3_write_buffers, "lines", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.l3.interval", &Config::l3_interval, "cycles", 0, 1000, Provenance::Placeholder, kInterval},

    {"cache.system.size", &Config::system_size, "bytes", 0, 1 << 30, Provenance::Choice,
     "0: none; in front of the memory, for cores and DMA masters"},
    {"cache.system.ways", &Config::system_ways, "ways", 1, 64, Provenance::Placeholder, kPlausible},
    {"cache.system.latency", &Config::system_latency, "cycles", 0, 10000, Provenance::Placeholder, kPlausible},
    {"cache.system.policy", &Config::system_policy, "", 0, 0, Provenance::Placeholder, kPlausible, kPolicies},
    {"cache.system.mshrs", &Config::system_mshrs, "misses", 0, 256, Provenance::Placeholder, kOutstanding},
    {"cache.system.write_buffers", &Config::system_write_buffers, "lines", 0, 256, Provenance::Placeholder,
     kOutstanding},
    {"cache.system.interval", &Config::system_interval, "cycles", 0, 1000, Provenance::Placeholder, kInterval},
    {"cache.system.read_allocate", &Config::system_read_allocate, "", 0, 1, Provenance::Choice,
     "lines that a cluster's miss reads stay"},
    {"cache.system.write_allocate", &Config::system_write_allocate, "", 0, 1, Provenance::Choice,
     "lines that a cluster writes back stay"},

    {"cache.directory.entries", &Config::directory_entries, "lines", 0, 1 << 24, Provenance::Choice,
     "snoop filter; 0: duplicate tags, room for all that the cores can hold"},
    {"cache.directory.ways", &Config::directory_ways, "ways", 1, 64, Provenance::Placeholder, kPlausible},
    {"cache.directory.latency", &Config::directory_latency, "cycles", 0, 10000, Provenance::Placeholder,
     "of each request that leaves a core's own caches; 0: part of the shared level's look-up"},
    {"cache.coherence.transfer", &Config::coherence_transfer, "cycles", 0, 10000, Provenance::Placeholder,
     "a line from another core's cache, beyond the shared level's look-up"},
    {"cache.coherence.invalidate", &Config::coherence_invalidate, "cycles", 0, 10000, Provenance::Placeholder,
     "other cores give up their copies, beyond the shared level's look-up"},

    {"cache.dma.coherent", &Config::dma_coherent, "", 0, 1, Provenance::Choice,
     "DMA masters snoop the cores' caches (QEMU virt: dma-coherent)"},
    {"cache.dma.read_allocate", &Config::dma_read_allocate, "", 0, 1, Provenance::Choice, "in the system cache"},
    {"cache.dma.write_allocate", &Config::dma_write_allocate, "", 0, 1, Provenance::Choice, "in the system cache"},

    {"cache.maintenance.instruction", &Config::maintenance_instruction, "cycles", 0, 10000, Provenance::Placeholder,
     "IC IALLU, IC IVAU in one core"},
};

/// What rows cannot say: powers of two, sizes of whole sets. `where` of a complaint is the key.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::cache
