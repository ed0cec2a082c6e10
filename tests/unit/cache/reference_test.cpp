// Loads and stores of several cores, one after the other, against a brute-force model in lists and sets: each access's
// cycles, every state of its line in every cache, and the traffic to memory must be equal.
#include <algorithm>
#include <list>
#include <optional>
#include <random>

#include "unit/cache/support.hpp"

namespace tw {
namespace {

using namespace test;
using cache::LevelId;
using cache::State;

constexpr unsigned kCores = 3;
constexpr u64 kMemory = 100;

/// A cache as lists, the most recent line first.
class Lists {
 public:
  struct Entry {
    u64 line;
    State state;
  };
  Lists(u64 sets, u64 ways) : sets_(sets), ways_(ways) {}

  State state(u64 line) const {
    for (const Entry& entry : set(line)) {
      if (entry.line == line) return entry.state;
    }
    return State::Invalid;
  }
  bool has(u64 line) const { return state(line) != State::Invalid; }
  void set_state(u64 line, State state) {
    for (Entry& entry : set(line)) {
      if (entry.line == line) entry.state = state;
    }
  }
  void use(u64 line) {
    const State kept = state(line);
    remove(line);
    set(line).push_front({line, kept});
  }
  void remove(u64 line) {
    set(line).remove_if([line](const Entry& entry) { return entry.line == line; });
  }
  /// The line that has to leave.
  std::optional<Entry> insert(u64 line, State state) {
    std::optional<Entry> victim;
    if (set(line).size() == ways_) {
      victim = set(line).back();
      set(line).pop_back();
    }
    set(line).push_front({line, state});
    return victim;
  }

 private:
  std::list<Entry>& set(u64 line) { return sets_[line % sets_.size()]; }
  const std::list<Entry>& set(u64 line) const { return sets_[line % sets_.size()]; }
  std::vector<std::list<Entry>> sets_;
  u64 ways_;
};

/// L1D, an optional L2 of the core's own, and a shared level (L2, or L3 behind own L2s).
struct Reference {
  bool own_l2, l2_inclusive, shared_inclusive;
  std::vector<Lists> l1 = std::vector<Lists>(kCores, Lists(8, 2));
  std::vector<Lists> l2 = std::vector<Lists>(kCores, Lists(16, 4));
  Lists shared = own_l2 ? Lists(32, 4) : Lists(16, 4);
  u64 written = 0;

  u64 shared_latency() const { return own_l2 ? kL3 : kL2; }
  State held(unsigned core, u64 line) const {
    return std::max(l1[core].state(line), own_l2 ? l2[core].state(line) : State::Invalid);
  }
  /// The core gives the line up; whether it had modified it.
  bool give_up(unsigned core, u64 line) {
    const bool dirty = held(core, line) == State::Modified;
    l1[core].remove(line);
    if (own_l2) l2[core].remove(line);
    return dirty;
  }
  bool others_give_up(unsigned core, u64 line) {
    bool any = false;
    for (unsigned other = 0; other < kCores; ++other) {
      if (other == core || held(other, line) == State::Invalid) continue;
      any = true;
      give_up(other, line);
    }
    return any;
  }

  void into_shared(u64 line, State state) {
    if (shared.has(line)) {
      shared.set_state(line, std::max(shared.state(line), state));
      shared.use(line);
      return;
    }
    const auto victim = shared.insert(line, state);
    if (!victim) return;
    bool dirty = victim->state == State::Modified;
    for (unsigned core = 0; shared_inclusive && core < kCores; ++core) dirty |= give_up(core, victim->line);
    written += dirty;
  }
  void into_l2(unsigned core, u64 line, State state) {
    if (l2[core].has(line)) {
      l2[core].set_state(line, std::max(l2[core].state(line), state));
      l2[core].use(line);
      return;
    }
    const auto victim = l2[core].insert(line, state);
    if (!victim) return;
    bool dirty = victim->state == State::Modified;
    if (l2_inclusive) {
      dirty |= l1[core].state(victim->line) == State::Modified;
      l1[core].remove(victim->line);
    }
    if (dirty) into_shared(victim->line, State::Modified);
  }
  void into_l1(unsigned core, u64 line, State state) {
    const auto victim = l1[core].insert(line, state);
    if (!victim || victim->state != State::Modified) return;
    if (own_l2) {
      into_l2(core, victim->line, State::Modified);
    } else {
      into_shared(victim->line, State::Modified);
    }
  }

  u64 upgrade(unsigned core, u64 line) { return shared_latency() + (others_give_up(core, line) ? kInvalidate : 0); }

  /// Where the cores meet; `state` is what the core gets.
  u64 meet(unsigned core, u64 line, bool store, State& state) {
    unsigned owner = kCores, sharer = kCores;
    for (unsigned other = 0; other < kCores; ++other) {
      if (other == core) continue;
      if (held(other, line) >= State::Exclusive) owner = other;
      if (held(other, line) != State::Invalid) sharer = other;
    }
    state = store || sharer == kCores ? State::Exclusive : State::Shared;
    if (owner != kCores) {
      const bool dirty = held(owner, line) == State::Modified;
      if (store) {
        give_up(owner, line);
        if (dirty) state = State::Modified;
      } else {
        l1[owner].set_state(line, State::Shared);
        l2[owner].set_state(line, State::Shared);
        if (dirty) into_shared(line, State::Modified);
      }
      return shared_latency() + kTransfer;
    }
    if (sharer != kCores && !shared.has(line)) {
      if (store) others_give_up(core, line);
      return shared_latency() + kTransfer;
    }
    u64 data = shared_latency();
    if (shared.has(line)) {
      shared.use(line);
    } else {
      data += kMemory;
      into_shared(line, State::Shared);
    }
    if (store && others_give_up(core, line)) data = std::max(data, shared_latency() + kInvalidate);
    return data;
  }

  u64 access(unsigned core, u64 line, bool store) {
    Lists& first = l1[core];
    if (first.has(line)) {
      first.use(line);
      u64 cycles = 0;
      if (store && first.state(line) == State::Shared) {
        cycles = (own_l2 ? kL2 : 0) + upgrade(core, line);
        if (own_l2 && l2[core].state(line) == State::Shared) l2[core].set_state(line, State::Exclusive);
      }
      if (store) first.set_state(line, State::Modified);
      return cycles;
    }
    u64 cycles = 0;
    State state = State::Invalid;
    if (!own_l2) {
      cycles = meet(core, line, store, state);
    } else if (l2[core].has(line)) {
      cycles = kL2;
      l2[core].use(line);
      if (store && l2[core].state(line) == State::Shared) {
        cycles += upgrade(core, line);
        l2[core].set_state(line, State::Exclusive);
      }
      state = std::min(l2[core].state(line), State::Exclusive);
    } else {
      cycles = kL2 + meet(core, line, store, state);
      into_l2(core, line, std::min(state, State::Exclusive));
    }
    into_l1(core, line, store ? State::Modified : state);
    return cycles;
  }
};

TEST(CacheReference, EveryAccessIsEqual) {
  for (const bool own_l2 : {false, true}) {
    for (const bool l2_inclusive : {true, false}) {
      for (const bool shared_inclusive : {true, false}) {
        if (!own_l2 && l2_inclusive != shared_inclusive) continue;
        cache::Config config = small();
        const auto name = [](bool inclusive) { return inclusive ? "inclusive" : "nine"; };
        config.l2_shared = !own_l2;
        config.l2_inclusion = name(own_l2 ? l2_inclusive : shared_inclusive);
        if (own_l2) {
          config.l3_size = 8192;
          config.l3_inclusion = name(shared_inclusive);
        }
        SCOPED_TRACE(std::string(own_l2 ? "own L2 " : "shared L2 ") + config.l2_inclusion + ", L3 " +
                     config.l3_inclusion);
        Rig rig(config, kCores);
        Reference reference{own_l2, l2_inclusive, shared_inclusive};
        std::mt19937_64 random(7);
        for (unsigned n = 0; n < 30000 && !HasFailure(); ++n) {
          const unsigned core = static_cast<unsigned>(random() % kCores);
          // Some lines are shared, most are a core's own; together more than all caches hold.
          const u64 line = random() % 4 == 0 ? random() % 24 : (1 + core) * 256 + random() % 96;
          const bool store = random() % 3 == 0;
          SCOPED_TRACE("access " + std::to_string(n) + ", core " + std::to_string(core) + ", line " +
                       std::to_string(line) + (store ? ", store" : ", load"));
          const u64 expected = reference.access(core, line, store);
          EXPECT_EQ(store ? rig.store(line * kLine, core) : rig.load(line * kLine, core), expected);
          rig.time += 1000;
          for (unsigned any = 0; any < kCores; ++any) {
            EXPECT_EQ(rig.state(LevelId::L1d, line * kLine, any), reference.l1[any].state(line));
            if (own_l2) {
              EXPECT_EQ(rig.state(LevelId::L2, line * kLine, any), reference.l2[any].state(line));
            }
          }
          EXPECT_EQ(rig.state(own_l2 ? LevelId::L3 : LevelId::L2, line * kLine), reference.shared.state(line));
          EXPECT_EQ(rig.memory.writes.size(), reference.written);
        }
        EXPECT_GT(reference.written, 1000u);
      }
    }
  }
}

}  // namespace
}  // namespace tw
