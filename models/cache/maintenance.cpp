// Cache maintenance: DC by address and by set/way, IC. Its effect on the tags, and what it takes.
#include <algorithm>
#include <bit>

#include "cache/hierarchy.hpp"

namespace tw::cache {
namespace {

/// The line stays, its data are below. True if there was something to write.
bool clean_in(Level& level, LineKey key, State afterwards) {
  const u32 index = level.tags.find(key);
  if (index == TagArray::kAbsent || level.tags.line(index).state != State::Modified) return false;
  level.tags.line(index).state = afterwards;
  ++level.statistics.write_backs;
  return true;
}

bool invalidates(Clean what) { return what == Clean::ToPocAndInvalidate || what == Clean::InvalidateOnly; }

}  // namespace

void Hierarchy::clean(unsigned core, Clean what, const Request& request, cost::Latency& latency) {
  if (!config_.enabled) return;
  const LineKey key = key_of(request.pa, request.security);
  const u64 done = what == Clean::ToPou ? clean_to_unification(core, key, request.owner, request.now)
                                        : clean_line(core, what, key, request.owner, request.now);
  latency.add(cost::Cause::CacheMaintenance, done - request.now);
}

/// To the point of coherency: every level of the cluster is looked at, the peers answer, the data are written.
u64 Hierarchy::clean_line(unsigned core, Clean what, LineKey key, Owner owner, u64 now) {
  const bool invalidate = invalidates(what);
  if (Level* const l2 = cores_[core].l2.get()) now = l2->look_up(now);
  now += config_.directory_latency;
  for (const auto& level : shared_) now = level->look_up(now);
  if (holders(key, core).any()) now += config_.coherence_invalidate;
  bool dirty = false;
  for (unsigned n = 0; n < cores(); ++n) {
    if (invalidate) {
      dirty |= drop(n, key, Departure::Maintenance, owner, now);
    } else {
      dirty |= clean_in(*cores_[n].l1d, key, State::Exclusive);
      if (cores_[n].l2 != nullptr) dirty |= clean_in(*cores_[n].l2, key, State::Exclusive);
    }
  }
  for (const auto& level : shared_) {
    dirty |=
        invalidate ? drop_from(*level, key, Departure::Maintenance, owner, now) : clean_in(*level, key, State::Shared);
  }
  if (!dirty || what == Clean::InvalidateOnly) return now;
  return put_memory(key, owner, {.key = key, .core = core, .owner = owner}, now, config_.system_write_allocate);
}

/// To the point of unification: from L1D to the level behind it. An exclusive one cannot take what L1D keeps; the data
/// are then where a fetch finds them anyway.
u64 Hierarchy::clean_to_unification(unsigned core, LineKey key, Owner owner, u64 now) {
  u64 done = now;
  for (unsigned n = 0; n < cores(); ++n) {
    Level* const l2 = cores_[n].l2.get();
    Level* const below = l2 != nullptr ? l2 : shared_.empty() ? nullptr : shared_[0].get();
    const u32 index = cores_[n].l1d->tags.find(key);
    if (index == TagArray::kAbsent || cores_[n].l1d->tags.line(index).state != State::Modified) continue;
    const Ask ask{.key = key, .core = n, .owner = owner};
    if (below != nullptr && below->exclusive()) {
      done = std::max(done, below->look_up(now));
      continue;
    }
    clean_in(*cores_[n].l1d, key, State::Exclusive);
    const Line data{.owner = owner, .state = State::Modified};
    done = std::max(done, l2 != nullptr ? put(*l2, key, data, ask, now) : put_below_cores(key, data, ask, now));
  }
  if (done != now && holders(key, core).any()) done += config_.coherence_invalidate;
  return done;
}

void Hierarchy::clean_set_way(unsigned core, Clean what, unsigned level_number, u64 set, u64 way, u64 now,
                              cost::Latency& latency) {
  if (!config_.enabled) return;
  Level* levels[3] = {cores_[core].l1d.get()};
  unsigned count = 1;
  if (cores_[core].l2 != nullptr) levels[count++] = cores_[core].l2.get();
  for (const auto& level : shared_) levels[count++] = level.get();
  if (level_number >= count) return;
  Level& level = *levels[level_number];
  if (set >= level.tags.sets() || way >= level.tags.ways()) return;
  const u32 index = static_cast<u32>(set) * level.tags.ways() + static_cast<u32>(way);
  if (!level.tags.holds(index)) return;
  const LineKey key = level.tags.key(index);
  Line gone = level.tags.line(index);
  const Ask ask{.key = key, .core = core, .owner = gone.owner};
  if (invalidates(what)) {
    if (what == Clean::InvalidateOnly) gone.state = std::min(gone.state, State::Exclusive);
    drop_from(level, key, Departure::Maintenance, gone.owner, now);
    latency.add(cost::Cause::CacheMaintenance, leave(level, key, gone, ask, now) - now);
    return;
  }
  if (gone.state != State::Modified) return;
  clean_in(level, key, level.core == kNoCore ? State::Shared : State::Exclusive);
  Level* const next = level_number + 1 < count ? levels[level_number + 1] : nullptr;
  const bool takes = next != nullptr && !next->exclusive();
  const u64 start = wait_for_buffer(level, now);
  level.write_buffers.take(start, takes ? put(*next, key, gone, ask, start)
                                        : put_memory(key, gone.owner, ask, start, config_.system_write_allocate));
  latency.add(cost::Cause::CacheMaintenance, start - now);
}

void Hierarchy::clean_set_way(unsigned core, Clean what, u64 operand, u64 now, cost::Latency& latency) {
  const unsigned level = static_cast<unsigned>(bits<3, 1>(operand));
  const LevelId ids[] = {LevelId::L1d, config_.l2_size != 0 ? LevelId::L2 : LevelId::L3, LevelId::L3};
  if (level >= std::size(ids)) return;
  const Level* const cache = level_of(ids[level], core);
  if (cache == nullptr) return;
  const unsigned way_bits = static_cast<unsigned>(std::bit_width(cache->tags.ways() - 1));
  const u64 way = bit_field(operand, 32 - way_bits, way_bits);
  const u64 set = bit_field(operand, line_bits_, 32 - way_bits - line_bits_);
  clean_set_way(core, what, level, set, way, now, latency);
}

void Hierarchy::invalidate_instructions(unsigned, const Request& request, cost::Latency& latency) {
  if (!config_.enabled) return;
  const LineKey key = key_of(request.pa, request.security);
  for (Core& core : cores_) drop_from(*core.l1i, key, Departure::Maintenance, request.owner, request.now);
  latency.add(cost::Cause::CacheMaintenance,
              config_.maintenance_instruction + (cores() > 1 ? config_.coherence_invalidate : 0));
}

void Hierarchy::invalidate_all_instructions(unsigned core, bool all_cores, cost::Latency& latency) {
  if (!config_.enabled) return;
  for (unsigned n = 0; n < cores(); ++n) {
    if (n != core && !all_cores) continue;
    Level& l1i = *cores_[n].l1i;
    for (u32 index = 0; index < l1i.tags.size(); ++index) {
      if (!l1i.tags.holds(index)) continue;
      drop_from(l1i, l1i.tags.key(index), Departure::Maintenance, l1i.tags.line(index).owner, 0);
    }
  }
  latency.add(cost::Cause::CacheMaintenance,
              config_.maintenance_instruction + (all_cores && cores() > 1 ? config_.coherence_invalidate : 0));
}

}  // namespace tw::cache
