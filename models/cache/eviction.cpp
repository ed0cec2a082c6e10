// Lines that leave a cache, and where modified ones go.
#include <algorithm>

#include "cache/hierarchy.hpp"

namespace tw::cache {

/// Puts a line in `level`, which does not hold it. Its `ready` may be later than asked for: a fill waits for a victim
/// that finds no write buffer.
Line& Hierarchy::install(Level& level, const Ask& ask, u64 requested, u64 ready, State state) {
  const u32 index = level.tags.place_for(ask.key);
  const LineKey key = level.tags.key(index);
  const Line gone = level.tags.line(index);
  // The new line is in before the old one is on its way: whatever that one displaces must know that it is held here.
  Line& line = level.tags.put(index, ask.key, state);
  line.requested = requested;
  line.ready = ready;
  line.owner = ask.owner;
  if (key == kNoLine) return line;
  ++level.statistics.evictions;
  level.statistics.evictions_by.count(gone.owner, ask.owner);
  if (gone.prefetched) ++level.statistics.prefetches_useless;
  observe(level, key, gone, ask.owner, Departure::Capacity, ready);
  if (gone.state == State::Modified || level.clean_victims_matter) line.ready = leave(level, key, gone, ask, ready);
  return line;
}

/// `gone` has left `level` at `now`. The answer is when its way is free.
u64 Hierarchy::leave(Level& level, LineKey key, const Line& gone, const Ask& ask, u64 now) {
  switch (level.config.id) {
    case LevelId::L1i:
      return now;
    case LevelId::L1d:
      return leave_l1d(level, key, gone, ask, now);
    case LevelId::L2:
      return level.core != kNoCore ? leave_l2(level, key, gone, ask, now) : leave_shared(level, key, gone, ask, now);
    case LevelId::L3:
      return leave_shared(level, key, gone, ask, now);
    case LevelId::System:
      break;
  }
  if (gone.state != State::Modified) return now;
  count_write_back(level, ask.core);
  const u64 start = wait_for_buffer(level, now);
  level.write_buffers.take(start, write_port(key, gone.owner, ask.core, start));
  return start;
}

u64 Hierarchy::leave_l1d(Level& l1d, LineKey key, const Line& gone, const Ask& ask, u64 now) {
  Level* const l2 = cores_[l1d.core].l2.get();
  if (l2 == nullptr) return leave_core(l1d, key, gone, ask, now);
  const bool dirty = gone.state == State::Modified;
  if (!dirty && !l2->exclusive()) {
    return l2->tags.find(key) == TagArray::kAbsent ? leave_core(l1d, key, gone, ask, now) : now;
  }
  if (dirty) count_write_back(l1d, ask.core);
  const u64 start = wait_for_buffer(l1d, now);
  l1d.write_buffers.take(start, put(*l2, key, gone, ask, start));
  return start;
}

u64 Hierarchy::leave_l2(Level& l2, LineKey key, Line gone, const Ask& ask, u64 now) {
  Level& l1d = *cores_[l2.core].l1d;
  if (const u32 index = l1d.tags.find(key); index != TagArray::kAbsent) {
    if (l2.inclusive()) {
      if (drop_from(l1d, key, Departure::BackInvalidation, ask.owner, now)) gone.state = State::Modified;
    } else {
      // The core goes on holding the line: only what L2 alone knew must be kept.
      if (gone.state != State::Modified) return now;
      if (!shared_.empty() && shared_[0]->exclusive()) {
        l1d.tags.line(index).state = State::Modified;
        return now;
      }
      count_write_back(l2, ask.core);
      const u64 start = wait_for_buffer(l2, now);
      l2.write_buffers.take(start, put_below_cores(key, gone, ask, start));
      return start;
    }
  }
  return leave_core(l2, key, gone, ask, now);
}

/// A core gives up its last copy.
u64 Hierarchy::leave_core(Level& from, LineKey key, const Line& gone, const Ask& ask, u64 now) {
  if (!directory_.off()) directory_.remove(key, from.core);
  const bool dirty = gone.state == State::Modified;
  if (dirty) {
    count_write_back(from, ask.core);
  } else {
    const bool kept = !shared_.empty() && shared_[0]->exclusive() && !holders(key, from.core).any();
    if (!kept) return now;
  }
  const u64 start = wait_for_buffer(from, now);
  from.write_buffers.take(start, put_below_cores(key, gone, ask, start));
  return start;
}

u64 Hierarchy::leave_shared(Level& level, LineKey key, Line gone, const Ask& ask, u64 now) {
  const std::size_t k = shared_index(level);
  if (level.inclusive()) {
    bool dirty = drop_sharers(low_mask(cores()), key, Departure::BackInvalidation, ask.owner, now);
    for (std::size_t above = 0; above < k; ++above) {
      dirty |= drop_from(*shared_[above], key, Departure::BackInvalidation, ask.owner, now);
    }
    if (dirty) gone.state = State::Modified;
  }
  Level* const next = k + 1 < shared_.size() ? shared_[k + 1].get() : nullptr;
  if (gone.state == State::Modified) {
    count_write_back(level, ask.core);
  } else if (next == nullptr || !next->exclusive()) {
    return now;
  }
  const u64 start = wait_for_buffer(level, now);
  level.write_buffers.take(start, next != nullptr
                                      ? put(*next, key, gone, ask, start)
                                      : put_memory(key, gone.owner, ask, start, config_.system_write_allocate));
  return start;
}

/// Writes a line into a level. The answer is when that is done.
u64 Hierarchy::put(Level& level, LineKey key, const Line& gone, const Ask& ask, u64 now) {
  const u64 done = level.look_up(now);
  const bool is_shared = level.core == kNoCore;
  State state = is_shared && gone.state != State::Modified ? State::Shared : gone.state;
  if (const u32 index = level.tags.find(key); index != TagArray::kAbsent) {
    Line& line = level.tags.line(index);
    line.state = std::max(line.state, state);
    level.tags.touch(index);
    return done;
  }
  const std::size_t below = is_shared && level.config.id != LevelId::System ? shared_index(level) + 1 : shared_.size();
  if (below < shared_.size() && shared_[below]->exclusive()) {
    if (const u32 index = shared_[below]->tags.find(key); index != TagArray::kAbsent) {
      state = std::max(state, shared_[below]->tags.line(index).state);
      shared_[below]->tags.remove(index);
    }
  }
  Ask victim = ask;
  victim.key = key;
  Line& line = install(level, victim, now, done, state);
  line.owner = gone.owner;
  line.served_by = served_by(level.config.id);
  return line.ready;
}

u64 Hierarchy::put_below_cores(LineKey key, const Line& gone, const Ask& ask, u64 now) {
  if (!shared_.empty()) return put(*shared_[0], key, gone, ask, now);
  return put_memory(key, gone.owner, ask, now, config_.system_write_allocate);
}

u64 Hierarchy::put_memory(LineKey key, Owner owner, const Ask& ask, u64 now, bool allocate) {
  if (system_ == nullptr) return write_port(key, owner, ask.core, now);
  const bool there = system_->tags.find(key) != TagArray::kAbsent;
  if (there || allocate) return put(*system_, key, {.owner = owner, .state = State::Modified}, ask, now);
  return write_port(key, owner, ask.core, system_->look_up(now));
}

u64 Hierarchy::write_port(LineKey key, Owner owner, unsigned core, u64 now) {
  return now + port_.write_line({.pa = pa_of(key),
                                 .now = now,
                                 .bytes = config_.line,
                                 .core = core,
                                 .owner = owner,
                                 .security = security_of(key)});
}

/// A store that a write-through L1D, which holds the line with the right to write, passes on.
u64 Hierarchy::store_through(const Ask& ask, u64 now) {
  const Line stored{.owner = ask.owner, .state = State::Modified};
  if (Level* const l2 = cores_[ask.core].l2.get()) return put(*l2, ask.key, stored, ask, now);
  return put_below_cores(ask.key, stored, ask, now);
}

/// A store that misses an L1D without write-allocate: the next level is its first.
Hierarchy::Answer Hierarchy::store_around(const Ask& ask, u64 now) {
  Answer answer;
  if (Level* const l2 = cores_[ask.core].l2.get()) {
    const u64 looked = l2->look_up(now);
    u32 index = l2->tags.find(ask.key);
    count_look(*l2, ask.core, index == TagArray::kAbsent);
    if (index == TagArray::kAbsent) {
      answer = fill_l2(ask, l2->miss(looked), true, false);
      index = l2->tags.find(ask.key);
    } else {
      bool first_use = false;
      answer = hit(*l2, index, looked, false, first_use);
      if (answer.state == State::Shared) answer = upgrade_in_cluster(ask, answer.at);
    }
    l2->tags.line(index).state = State::Modified;
    return answer;
  }
  now += config_.directory_latency;
  const Holders peers = holders(ask.key, ask.core);
  if (peers.any()) {
    now += config_.coherence_invalidate;
    answer.served_by = cost::ServedBy::PeerCache;
    drop_sharers(peers.sharers, ask.key, Departure::Snoop, ask.owner, now);
  }
  answer.at = now;
  if (shared_.empty()) {
    Level& l1d = *cores_[ask.core].l1d;
    answer.at = wait_for_buffer(l1d, now);
    l1d.write_buffers.take(answer.at, put_memory(ask.key, ask.owner, ask, answer.at, config_.system_write_allocate));
    return answer;
  }
  Ask copy = ask;
  copy.want = Want::Copy;
  bool dirty = false;
  const u32 index = shared_[0]->tags.find(ask.key);
  const Answer data = from_shared(0, copy, false, index, shared_[0]->look_up(now), dirty);
  if (!peers.any()) answer.served_by = data.served_by;
  answer.at = data.at;
  shared_[0]->tags.line(shared_[0]->tags.find(ask.key)).state = State::Modified;
  return answer;
}

void Hierarchy::count_write_back(Level& level, unsigned core) {
  ++level.statistics.write_backs;
  if (core != kNoCore && level.config.id == LevelId::L2) ++cores_[core].events.l2_write_backs;
}

u64 Hierarchy::wait_for_buffer(Level& level, u64 now) {
  const u64 start = level.write_buffers.first_free(now);
  level.statistics.write_buffer_wait += start - now;
  return start;
}

void Hierarchy::observe(const Level& level, LineKey key, const Line& gone, Owner evictor, Departure why, u64 now) {
  if (observer_ == nullptr) return;
  observer_->on_evict({.level = level.config.id,
                       .core = level.core,
                       .line = pa_of(key),
                       .security = security_of(key),
                       .victim = gone.owner,
                       .evictor = evictor,
                       .why = why,
                       .now = now});
}

}  // namespace tw::cache
