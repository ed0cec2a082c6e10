// Random accesses of several cores and a DMA master in caches of a few lines, in every shape of hierarchy: after each
// one, who holds what must make sense, and no modified data may be lost.
#include <map>
#include <random>

#include "unit/cache/support.hpp"

namespace tw {
namespace {

using namespace test;
using cache::Kind;
using cache::LevelId;
using cache::State;

constexpr unsigned kCores = 3;
constexpr u64 kLines = 48;

constexpr bool implies(bool condition, bool then) { return !condition || then; }

struct Shape {
  const char* name;
  cache::Config config;
};

cache::Config tiny() {
  cache::Config config = small();
  config.l1i_size = config.l1d_size = 512;  // 4 sets of 2
  config.l2_size = 1024;                    // 4 sets of 4
  config.l3_ways = 2;
  return config;
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  const auto add = [&](const char* name, auto change) {
    Shape shape{name, tiny()};
    change(shape.config);
    all.push_back(shape);
  };
  for (const char* l2 : {"inclusive", "exclusive", "nine"}) {
    for (const bool shared : {true, false}) {
      for (const char* l3 : {"", "inclusive", "exclusive", "nine"}) {
        for (const char* variant : {"", "prefetch", "directory", "through", "around", "limits"}) {
          const std::string change = variant;
          if (change == "through" && std::string(l2) == "exclusive") continue;
          add(variant, [&](cache::Config& config) {
            config.l2_inclusion = l2;
            config.l2_shared = shared;
            if (*l3 != 0) {
              config.l3_size = 2048;
              config.l3_inclusion = l3;
            }
            if (change == "prefetch") {
              config.l1d_prefetcher = "stride";
              config.l1i_prefetcher = config.l2_prefetcher = "next-line";
              config.l1d_prefetch_degree = config.l2_prefetch_degree = 3;
              config.l1d_policy = config.l2_policy = "random";
              config.walker_port = "l2";
            } else if (change == "directory") {
              config.directory_entries = 8;
              config.directory_ways = 2;
              config.l1d_policy = "srrip";
            } else if (change == "through") {
              config.l1d_write_back = false;
              config.l1d_policy = "plru";
            } else if (change == "around") {
              config.l1d_write_allocate = false;
              config.system_size = 4096;
            } else if (change == "limits") {
              config.l1d_mshrs = config.l2_mshrs = 2;
              config.l1d_write_buffers = config.l2_write_buffers = 1;
              config.l2_interval = 3;
              config.system_size = 2048;
              config.system_write_allocate = false;
            }
          });
        }
      }
    }
  }
  add("no L2", [](cache::Config& config) { config.l2_size = 0; });
  add("no L2, L3 exclusive", [](cache::Config& config) {
    config.l2_size = 0;
    config.l3_size = 2048;
  });
  add("direct-mapped", [](cache::Config& config) {
    config.l1d_ways = config.l2_ways = 1;
    config.l2_prefetcher = "next-line";
  });
  return all;
}

class Checker {
 public:
  explicit Checker(const cache::Config& config) : config_(config), rig_(config, kCores) {}

  void run(u64 seed, unsigned accesses) {
    std::mt19937_64 random(seed);
    u64 now = 1000;
    for (unsigned n = 0; n < accesses && !testing::Test::HasFailure(); ++n) {
      // Mostly forwards in time, sometimes from before.
      now += random() % 60;
      const u64 at = random() % 8 == 0 ? now - random() % 900 : now;
      const u64 line = random() % 3 == 0 ? random() % kLines : random() % 12;
      SCOPED_TRACE("access " + std::to_string(n) + " of line " + std::to_string(line));
      step(static_cast<unsigned>(random() % kCores), random() % 64, line * kLine, at, random());
      check(line);
      if (n % 64 == 0) {
        for (u64 other = 0; other < kLines; ++other) check(other);
      }
    }
    statistics();
  }

 private:
  void step(unsigned core, u64 dice, u64 address, u64 now, u64 random) {
    const std::size_t written = rig_.memory.writes.size();
    bool stores = false, replaced = false;
    cost::Latency latency;
    const cache::Request request{.pa = Pa{address + random % 57}, .now = now, .stream = random % 4 * 4};
    if (dice < 50) {
      static constexpr Kind kKinds[] = {Kind::Load, Kind::Store, Kind::Load,       Kind::Store,    Kind::Fetch,
                                        Kind::Walk, Kind::Zero,  Kind::WalkUpdate, Kind::Prefetch, Kind::PrefetchStore};
      const Kind kind = kKinds[dice % std::size(kKinds)];
      const auto outcome = rig_.go(core, request.pa.value, kind, now, request.stream);
      stores = kind == Kind::Store || kind == Kind::Zero || kind == Kind::WalkUpdate;
      EXPECT_LT(outcome.cycles, 20000u);
      after(core, kind, address);
    } else if (dice < 54) {
      static constexpr cache::Clean kCleans[] = {cache::Clean::ToPoc, cache::Clean::ToPou,
                                                 cache::Clean::ToPocAndInvalidate};
      rig_.caches.clean(core, kCleans[random % 3], request, latency);
    } else if (dice == 54) {
      rig_.caches.clean(core, cache::Clean::InvalidateOnly, request, latency);
      replaced = true;
    } else if (dice < 58) {
      const auto what = random % 2 == 0 ? cache::Clean::ToPoc : cache::Clean::ToPocAndInvalidate;
      rig_.caches.clean_set_way(core, what, static_cast<unsigned>(random / 2 % 3), random / 8 % 4, random / 32 % 4, now,
                                latency);
    } else if (dice < 60) {
      rig_.caches.invalidate_instructions(core, request, latency);
    } else {
      const bool write = dice < 62;
      rig_.caches.dma({.pa = Pa{address}, .now = now}, kLine, write, latency);
      replaced = write;
    }
    bool written_now = false;
    for (std::size_t n = written; n < rig_.memory.writes.size(); ++n) {
      newest_[rig_.memory.writes[n].pa.value] = false;
      written_now |= rig_.memory.writes[n].pa.value == address;
    }
    // What was written on the store's way out was older; what a prefetch displaced afterwards is the newest.
    if (stores && !(written_now && prefetches())) newest_[address] = true;
    if (stores && !config_.l1d_write_allocate && config_.l2_size == 0 && config_.l3_size == 0) newest_[address] = false;
    if (replaced) newest_[address] = false;
  }

  void after(unsigned core, Kind kind, u64 address) {
    const State l1d = rig_.state(LevelId::L1d, address, core);
    const State stored = config_.l1d_write_back ? State::Modified : State::Exclusive;
    const bool allocates = kind == Kind::Zero || (kind == Kind::Store && config_.l1d_write_allocate);
    EXPECT_TRUE(implies(kind == Kind::Load && !prefetches(), l1d != State::Invalid));
    EXPECT_TRUE(implies(kind == Kind::Fetch, rig_.state(LevelId::L1i, address, core) == State::Shared));
    EXPECT_TRUE(implies(allocates && !prefetches(), l1d == stored));
  }

  bool prefetches() const { return config_.l2_prefetcher != "none"; }

  State core_state(unsigned core, u64 address) const {
    const State l1d = rig_.state(LevelId::L1d, address, core);
    return config_.l2_shared ? l1d : std::max(l1d, rig_.state(LevelId::L2, address, core));
  }

  void check(u64 line) {
    const u64 address = line * kLine;
    unsigned owners = 0, sharers = 0;
    bool modified = false;
    const State l2 = config_.l2_shared ? rig_.state(LevelId::L2, address) : State::Invalid;
    const State l3 = rig_.state(LevelId::L3, address);
    const bool l2_there = config_.l2_size != 0 && config_.l2_shared, l3_there = config_.l3_size != 0;
    for (unsigned core = 0; core < kCores; ++core) {
      const State state = core_state(core, address);
      const bool holds = state != State::Invalid, owns = state >= State::Exclusive;
      owners += owns;
      sharers += holds;
      modified |= state == State::Modified;
      if (config_.l2_size != 0 && !config_.l2_shared) {
        const bool in_l1 = rig_.state(LevelId::L1d, address, core) != State::Invalid;
        const bool in_l2 = rig_.state(LevelId::L2, address, core) != State::Invalid;
        EXPECT_TRUE(implies(config_.l2_inclusion == "inclusive" && in_l1, in_l2));
        EXPECT_FALSE(config_.l2_inclusion == "exclusive" && in_l1 && in_l2);
      }
      EXPECT_TRUE(implies(l2_there && config_.l2_inclusion == "inclusive" && holds, l2 != State::Invalid));
      EXPECT_TRUE(implies(l2_there && config_.l2_inclusion == "exclusive" && owns, l2 == State::Invalid));
      EXPECT_TRUE(implies(l3_there && config_.l3_inclusion == "inclusive" && holds, l3 != State::Invalid));
      EXPECT_TRUE(implies(l3_there && !l2_there && config_.l3_inclusion == "exclusive" && owns, l3 == State::Invalid));
      if (config_.directory_entries != 0) {
        const u64 known = rig_.caches.directory().cores(rig_.caches.key_of(Pa{address}, Security::NonSecure));
        EXPECT_EQ((known >> core & 1) != 0, holds) << "core " << core;
      }
    }
    EXPECT_LE(owners, 1u);
    EXPECT_TRUE(implies(owners == 1, sharers == 1));
    if (l2_there && l3_there && config_.l3_inclusion == "inclusive" && l2 != State::Invalid) {
      EXPECT_NE(l3, State::Invalid);
    }
    if (l2_there && l3_there && config_.l3_inclusion == "exclusive") {
      EXPECT_FALSE(l2 != State::Invalid && l3 != State::Invalid);
    }
    for (const State state : {l2, l3, rig_.state(LevelId::System, address)}) modified |= state == State::Modified;
    EXPECT_TRUE(implies(newest_[address], modified)) << "modified data are lost";
  }

  void statistics() {
    for (const LevelId level : {LevelId::L1i, LevelId::L1d, LevelId::L2, LevelId::L3, LevelId::System}) {
      if (rig_.caches.statistics(level, 0) == nullptr) continue;
      const cache::LevelStatistics& count = rig_.count(level);
      EXPECT_LE(count.misses + count.merges + count.from_peers, count.accesses);
      EXPECT_LE(count.prefetches_late, count.prefetches_useful);
      EXPECT_LE(count.prefetches_useful + count.prefetches_useless, count.prefetches);
    }
  }

  cache::Config config_;
  Rig rig_;
  std::map<u64, bool> newest_;  ///< by address: memory does not have the newest data
};

TEST(CacheInvariants, HoldInEveryShape) {
  const char* const set = std::getenv("TW_SEED");
  const u64 seed = set != nullptr ? std::strtoull(set, nullptr, 0) : 20260727;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (const Shape& shape : shapes()) {
    SCOPED_TRACE(std::string(shape.name) + ", L2 " + shape.config.l2_inclusion +
                 (shape.config.l2_shared ? " shared" : " private") + ", L3 " +
                 (shape.config.l3_size != 0 ? shape.config.l3_inclusion : "none"));
    Checker(shape.config).run(seed, 3000);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace tw
