// MESI between the data caches of the cores. Where they meet, at the first shared level, a directory knows who holds a
// line; with none of its own, the caches' tags are asked, which is what a directory of duplicate tags would say.
#include <algorithm>
#include <bit>

#include "cache/hierarchy.hpp"

namespace tw::cache {
namespace {

using cost::ServedBy;

u64 bit_of(unsigned core) { return u64{1} << core; }

}  // namespace

/// A request that a core's own caches cannot serve.
Hierarchy::Answer Hierarchy::from_cluster(const Ask& ask, u64 now) {
  now += config_.directory_latency;
  Level* const meeting = shared_.empty() ? nullptr : shared_[0].get();
  const u64 looked = meeting != nullptr ? meeting->look_up(now) : now;
  const bool own = owns(ask.want);
  const Holders peers = holders(ask.key, ask.core);
  const u32 index = meeting != nullptr ? meeting->tags.find(ask.key) : TagArray::kAbsent;
  const bool have = index != TagArray::kAbsent;
  bool dirty = false;
  Answer answer;
  if (ask.want == Want::Copy && !have && core_state(ask.core, ask.key) != State::Invalid) {
    // The core's own L1D is asked, and goes on as before.
    if (meeting != nullptr) {
      count_look(*meeting, ask.core, false);
      ++meeting->statistics.from_peers;
    }
    return {looked + config_.coherence_transfer, ServedBy::PeerCache, State::Shared};
  }
  if (peers.owner != kNoCore || (peers.any() && !have)) {
    if (meeting != nullptr) {
      count_look(*meeting, ask.core, false);
      ++meeting->statistics.from_peers;
    }
    const unsigned source =
        peers.owner != kNoCore ? peers.owner : static_cast<unsigned>(std::countr_zero(peers.sharers));
    answer.at = looked + peer_remaining(source, ask.key, looked) + config_.coherence_transfer;
    answer.served_by = ServedBy::PeerCache;
    if (own) {
      dirty = drop_sharers(peers.sharers, ask.key, Departure::Snoop, ask.owner, answer.at);
    } else if (demote(source, ask.key)) {
      put_below_cores(ask.key, {.owner = ask.owner, .state = State::Modified}, ask, answer.at);
    }
  } else {
    const bool take = own || (!peers.any() && ask.want == Want::Read);
    if (meeting != nullptr) {
      answer = from_shared(0, ask, take, index, looked, dirty);
    } else if (ask.want == Want::Zero) {
      answer = {looked, ServedBy::Memory, State::Shared};
    } else {
      answer = from_memory(ask, looked, config_.system_read_allocate);
    }
    if (own && peers.any()) {
      drop_sharers(peers.sharers, ask.key, Departure::Snoop, ask.owner, looked);
      if (const u64 given_up = looked + config_.coherence_invalidate; given_up > answer.at) {
        answer.at = given_up;
        answer.served_by = ServedBy::PeerCache;
      }
    }
  }
  // A copy leaves the line in an exclusive level, so whoever has it must ask before it writes.
  const bool copy_remains = ask.want == Want::Copy && meeting != nullptr && meeting->exclusive();
  const bool alone = own || (!peers.any() && !copy_remains);
  answer.state = !alone ? State::Shared : dirty ? State::Modified : State::Exclusive;
  if (!directory_.off() && (ask.want != Want::Copy || cores_[ask.core].l2 != nullptr)) track(ask.key, ask, answer.at);
  return answer;
}

/// L1D holds the line Shared and would write it: the way of a miss without its data.
Hierarchy::Answer Hierarchy::upgrade(const Ask& ask, u64 now) {
  Level* const l2 = cores_[ask.core].l2.get();
  const Answer answer = upgrade_in_cluster(ask, l2 != nullptr ? l2->look_up(now) : now);
  if (l2 != nullptr) {
    if (const u32 index = l2->tags.find(ask.key); index != TagArray::kAbsent) {
      l2->tags.line(index).state = std::max(l2->tags.line(index).state, State::Exclusive);
    }
  }
  return answer;
}

Hierarchy::Answer Hierarchy::upgrade_in_cluster(const Ask& ask, u64 now) {
  now += config_.directory_latency;
  State state = State::Exclusive;
  if (!shared_.empty()) {
    Level& meeting = *shared_[0];
    now = meeting.look_up(now);
    const u32 index = meeting.tags.find(ask.key);
    if (meeting.exclusive() && index != TagArray::kAbsent) {
      state = std::max(state, meeting.tags.line(index).state);
      meeting.tags.remove(index);
    }
  }
  if (const Holders peers = holders(ask.key, ask.core); peers.any()) {
    now += config_.coherence_invalidate;
    drop_sharers(peers.sharers, ask.key, Departure::Snoop, ask.owner, now);
  }
  return {now, ServedBy::PeerCache, state};
}

Hierarchy::Holders Hierarchy::holders(LineKey key, unsigned except) const {
  Holders found;
  if (cores_.size() == 1 && except == 0) return found;
  u64 candidates = low_mask(cores());
  if (!directory_.off()) {
    candidates = directory_.cores(key);
  } else if (!shared_.empty() && shared_[0]->inclusive() && shared_[0]->tags.find(key) == TagArray::kAbsent) {
    return found;
  }
  if (except != kNoCore) candidates &= ~bit_of(except);
  for (; candidates != 0; candidates &= candidates - 1) {
    const unsigned core = static_cast<unsigned>(std::countr_zero(candidates));
    const State state = core_state(core, key);
    if (state == State::Invalid) continue;
    found.sharers |= bit_of(core);
    if (state != State::Shared) found.owner = core;
  }
  return found;
}

/// What a core's data caches together may do with the line.
State Hierarchy::core_state(unsigned core, LineKey key) const {
  State state = State::Invalid;
  for (const Level* level : {cores_[core].l1d.get(), cores_[core].l2.get()}) {
    if (level == nullptr) continue;
    if (const u32 index = level->tags.find(key); index != TagArray::kAbsent) {
      state = std::max(state, level->tags.line(index).state);
    }
  }
  return state;
}

u64 Hierarchy::peer_remaining(unsigned core, LineKey key, u64 now) const {
  for (const Level* level : {cores_[core].l1d.get(), cores_[core].l2.get()}) {
    if (level == nullptr) continue;
    if (const u32 index = level->tags.find(key); index != TagArray::kAbsent) {
      return level->tags.line(index).remaining(now);
    }
  }
  return 0;
}

/// Another core reads: all copies of this one become Shared. True if one was modified.
bool Hierarchy::demote(unsigned core, LineKey key) {
  bool dirty = false;
  for (Level* level : {cores_[core].l1d.get(), cores_[core].l2.get()}) {
    if (level == nullptr) continue;
    const u32 index = level->tags.find(key);
    if (index == TagArray::kAbsent) continue;
    ++level->statistics.snoops;
    Line& line = level->tags.line(index);
    dirty |= line.state == State::Modified;
    line.state = State::Shared;
  }
  return dirty;
}

bool Hierarchy::drop_from(Level& level, LineKey key, Departure why, Owner evictor, u64 now) {
  const u32 index = level.tags.find(key);
  if (index == TagArray::kAbsent) return false;
  const Line gone = level.tags.line(index);
  level.tags.remove(index);
  LevelStatistics& statistics = level.statistics;
  switch (why) {
    case Departure::Snoop:
      ++statistics.snoops;
      ++statistics.snoop_invalidations;
      break;
    case Departure::BackInvalidation:
      ++statistics.back_invalidations;
      break;
    case Departure::Maintenance:
      ++statistics.maintenance_invalidations;
      break;
    case Departure::Capacity:
      break;
  }
  if (gone.prefetched) ++statistics.prefetches_useless;
  observe(level, key, gone, evictor, why, now);
  return gone.state == State::Modified;
}

/// A core gives up the line. True if it had modified it.
bool Hierarchy::drop(unsigned core, LineKey key, Departure why, Owner evictor, u64 now) {
  bool dirty = drop_from(*cores_[core].l1d, key, why, evictor, now);
  if (cores_[core].l2 != nullptr) dirty |= drop_from(*cores_[core].l2, key, why, evictor, now);
  if (!directory_.off()) directory_.remove(key, core);
  return dirty;
}

bool Hierarchy::drop_sharers(u64 sharers, LineKey key, Departure why, Owner evictor, u64 now) {
  bool dirty = false;
  for (; sharers != 0; sharers &= sharers - 1) {
    dirty |= drop(static_cast<unsigned>(std::countr_zero(sharers)), key, why, evictor, now);
  }
  return dirty;
}

/// The asking core will hold the line. A directory without room forgets another one, and with it all copies.
void Hierarchy::track(LineKey key, const Ask& ask, u64 now) {
  const Directory::Displaced displaced = directory_.add(key, ask.core);
  if (displaced.cores == 0) return;
  if (drop_sharers(displaced.cores, displaced.key, Departure::BackInvalidation, ask.owner, now)) {
    put_below_cores(displaced.key, {.owner = ask.owner, .state = State::Modified}, ask, now);
  }
}

}  // namespace tw::cache
