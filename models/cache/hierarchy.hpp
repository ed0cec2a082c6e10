// The caches of one cluster of cores: who has which line, since when, and what an access takes beyond a first-level
// hit. Tags only; data travel by host pointers elsewhere.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/bits.hpp"
#include "cache/directory.hpp"
#include "cache/level.hpp"
#include "cache/ports.hpp"
#include "cost/latency.hpp"

namespace tw::cache {

/// DC by address and by set/way. PoC: memory. PoU: the first level that instructions and data share.
enum class Clean : u8 {
  ToPoc,               ///< DC CVAC, CVAP
  ToPou,               ///< DC CVAU
  ToPocAndInvalidate,  ///< DC CIVAC
  InvalidateOnly,      ///< DC IVAC: modified data are lost
};

class Hierarchy final {
 public:
  /// Throws UserError when `config` does not validate or there are more than kMaxCores.
  Hierarchy(const Config& config, unsigned cores, MemoryPort& port);
  static constexpr unsigned kMaxCores = 64;

  bool enabled() const { return config_.enabled; }
  const Config& config() const { return config_; }

  /// Adds what the access takes beyond a first-level hit to `latency`; returns who served it. An access that crosses a
  /// line is two looks at the same time, and takes as long as the slower one. Prefetches add nothing.
  cost::ServedBy access(unsigned core, const Request& request, cost::Latency& latency) {
    const bool hit =
        request.cacheable && hits(core, request.pa, request.now, request.size, request.kind, request.security);
    return hit ? cost::ServedBy::L1 : access_slowly(core, request, latency);
  }
  /// The same of a hit in the first level that takes nothing beyond. False: nothing has happened.
  bool hits(unsigned core, Pa pa, u64 now, unsigned size, Kind kind, Security security) {
    Level* const first = cores_[core].first[static_cast<unsigned>(kind)];
    if (first == nullptr || pa.offset_in(config_.line) + size > config_.line) return false;
    const u32 index = first->tags.find(key_of(pa, security));
    if (index == TagArray::kAbsent) return false;
    const Line& line = first->tags.line(index);
    if (line.ready > now || line.prefetched || (kind == Kind::Store && line.state != State::Modified)) return false;
    first->tags.touch(index);
    ++first->statistics.accesses;
    return true;
  }

  /// What a maintenance operation takes is CacheMaintenance's. `request.pa` and the owner are looked at.
  void clean(unsigned core, Clean what, const Request& request, cost::Latency& latency);
  /// DC ISW, CSW, CISW on the caches of this core and those it shares. `level` from 0; out of range does nothing.
  void clean_set_way(unsigned core, Clean what, unsigned level, u64 set, u64 way, u64 now, cost::Latency& latency);
  /// The same by the operand of the instruction, laid out for this hierarchy's geometry (Arm ARM C5.3, DC CISW).
  void clean_set_way(unsigned core, Clean what, u64 operand, u64 now, cost::Latency& latency);
  /// IC IVAU, in all cores.
  void invalidate_instructions(unsigned core, const Request& request, cost::Latency& latency);
  /// IC IALLU (this core) and IALLUIS (all).
  void invalidate_all_instructions(unsigned core, bool all_cores, cost::Latency& latency);

  /// An access of a DMA master: it snoops the cores if cache.dma.coherent, and looks in the system cache.
  cost::ServedBy dma(const Request& request, u64 bytes, bool write, cost::Latency& latency);

  /// Everything is empty and idle again. Statistics stay.
  void reset();

  /// nullptr: there is no such level. L2 is the core's own or the cluster's.
  const LevelStatistics* statistics(LevelId level, unsigned core) const;
  const LevelConfig* geometry(LevelId level, unsigned core) const;
  bool is_shared(LevelId level) const { return level >= LevelId::L3 || (level == LevelId::L2 && config_.l2_shared); }
  void clear_statistics();
  EventCounts events(unsigned core) const;
  void set_observer(EvictionObserver* observer) { observer_ = observer; }

  /// For tests and debuggers: no effect at all.
  State state(LevelId level, unsigned core, Pa pa, Security security = Security::NonSecure) const;
  const Directory& directory() const { return directory_; }
  LineKey key_of(Pa pa, Security security) const {
    return (pa.value >> line_bits_) | (security == Security::Secure ? kSecureLine : 0);
  }
  unsigned cores() const { return static_cast<unsigned>(cores_.size()); }

 private:
  /// What a level asks of the next one.
  enum class Want : u8 {
    Copy,  ///< instructions, and descriptors for a walker at L2: no first-level data cache takes the line
    Read,
    Own,   ///< with the right to write
    Zero,  ///< the same, but nobody will look at the old data
  };
  /// One line, and for whom.
  struct Ask {
    LineKey key = 0;
    unsigned core = kNoCore;
    Want want = Want::Read;
    bool prefetch = false;
    Owner owner{};
    Pa pa{};
    u64 stream = 0;
  };
  struct Answer {
    u64 at = 0;  ///< when the data are there
    cost::ServedBy served_by = cost::ServedBy::L1;
    State state = State::Shared;
  };
  struct Core {
    std::unique_ptr<Level> l1i, l1d, l2;
    std::array<Level*, kKindCount> first{};  ///< where a kind looks; nullptr: not on the short path
    EventCounts events;                      ///< of the levels beyond the first
    EventCounts before_clear;                ///< of the first level
  };
  struct Holders {
    u64 sharers = 0;           ///< a bit a core; the owner's too
    unsigned owner = kNoCore;  ///< has it Exclusive or Modified
    bool any() const { return sharers != 0; }
  };

  // hierarchy.cpp: the ways of a request.
  cost::ServedBy access_slowly(unsigned core, const Request& request, cost::Latency& latency);
  Answer access_line(Kind kind, const Ask& ask, u64 now);
  Answer look_in_first(Level& first, Kind kind, const Ask& ask, u64 now);
  Answer fill_first(Level& first, const Ask& ask, u64 now, bool prefetched);
  State pass_on(const Ask& ask, State state, u64 now);
  Answer below_first(const Ask& ask, u64 now);
  Answer from_l2(const Ask& ask, u64 now);
  Answer fill_l2(const Ask& ask, u64 start, bool ends_here, bool prefetched);
  Answer from_shared(std::size_t k, const Ask& ask, bool take, u32 index, u64 looked, bool& dirty);
  Answer fill_shared(std::size_t k, const Ask& ask, bool take, u64 start, bool& dirty, bool prefetched);
  Answer from_memory(const Ask& ask, u64 now, bool allocate);
  Answer hit(Level& level, u32 index, u64 at, bool prefetch, bool& first_use);
  void fill(Level& level, const Ask& ask, u64 start, Answer& answer, State state, bool prefetched);
  void prefetch(Level& level, const Ask& trigger, u64 now);
  void run_prefetchers();
  void prefetch_line(Level& level, const Ask& ask, u64 now);
  void count_look(Level& level, unsigned core, bool refill);

  // coherence.cpp: between the cores' own caches.
  Answer from_cluster(const Ask& ask, u64 now);
  Answer upgrade(const Ask& ask, u64 now);
  Answer upgrade_in_cluster(const Ask& ask, u64 now);
  Holders holders(LineKey key, unsigned except) const;
  State core_state(unsigned core, LineKey key) const;
  u64 peer_remaining(unsigned core, LineKey key, u64 now) const;
  bool demote(unsigned core, LineKey key);
  bool drop(unsigned core, LineKey key, Departure why, Owner evictor, u64 now);
  bool drop_sharers(u64 sharers, LineKey key, Departure why, Owner evictor, u64 now);
  bool drop_from(Level& level, LineKey key, Departure why, Owner evictor, u64 now);
  void track(LineKey key, const Ask& ask, u64 now);

  // eviction.cpp: lines that leave, and where modified ones go.
  Line& install(Level& level, const Ask& ask, u64 requested, u64 ready, State state);
  u64 leave(Level& level, LineKey key, const Line& gone, const Ask& ask, u64 now);
  u64 leave_l1d(Level& l1d, LineKey key, const Line& gone, const Ask& ask, u64 now);
  u64 leave_l2(Level& l2, LineKey key, Line gone, const Ask& ask, u64 now);
  u64 leave_core(Level& from, LineKey key, const Line& gone, const Ask& ask, u64 now);
  u64 leave_shared(Level& level, LineKey key, Line gone, const Ask& ask, u64 now);
  u64 store_through(const Ask& ask, u64 now);
  Answer store_around(const Ask& ask, u64 now);
  u64 put(Level& level, LineKey key, const Line& gone, const Ask& ask, u64 now);
  u64 put_below_cores(LineKey key, const Line& gone, const Ask& ask, u64 now);
  u64 put_memory(LineKey key, Owner owner, const Ask& ask, u64 now, bool allocate);
  u64 write_port(LineKey key, Owner owner, unsigned core, u64 now);
  void count_write_back(Level& level, unsigned core);
  u64 wait_for_buffer(Level& level, u64 now);
  void observe(const Level& level, LineKey key, const Line& gone, Owner evictor, Departure why, u64 now);

  // maintenance.cpp, dma.cpp
  u64 clean_line(unsigned core, Clean what, LineKey key, Owner owner, u64 now);
  u64 clean_to_unification(unsigned core, LineKey key, Owner owner, u64 now);
  Answer dma_line(const Ask& ask, bool write, bool whole, u64 now);

  Level* shared_level(LevelId level) const;
  Level* level_of(LevelId level, unsigned core) const;
  std::size_t shared_index(const Level& level) const;
  Pa pa_of(LineKey key) const { return Pa{(key & ~kSecureLine) << line_bits_}; }
  static Security security_of(LineKey key) { return (key & kSecureLine) != 0 ? Security::Secure : Security::NonSecure; }
  static bool owns(Want want) { return want == Want::Own || want == Want::Zero; }

  const Config config_;
  unsigned line_bits_;
  MemoryPort& port_;
  std::vector<Core> cores_;
  std::vector<std::unique_ptr<Level>> shared_;  ///< from the cores to the memory: L2 if it is shared, L3
  std::unique_ptr<Level> system_;
  Directory directory_;
  EvictionObserver* observer_ = nullptr;
  /// What the access under way has taught prefetchers: one look in L1, one in L2.
  struct Trigger {
    Level* level = nullptr;
    Ask ask{};
    u64 now = 0;
  };
  std::array<Trigger, 4> triggers_{};
  unsigned trigger_count_ = 0;
};

}  // namespace tw::cache
