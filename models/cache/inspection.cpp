// What the hierarchy shows of itself.
#include "cache/hierarchy.hpp"

namespace tw::cache {

Level* Hierarchy::shared_level(LevelId id) const {
  for (const auto& level : shared_) {
    if (level->config.id == id) return level.get();
  }
  return nullptr;
}

Level* Hierarchy::level_of(LevelId id, unsigned core) const {
  switch (id) {
    case LevelId::L1i:
      return cores_[core].l1i.get();
    case LevelId::L1d:
      return cores_[core].l1d.get();
    case LevelId::L2:
      return config_.l2_shared ? shared_level(id) : cores_[core].l2.get();
    case LevelId::L3:
      return shared_level(id);
    case LevelId::System:
      break;
  }
  return system_.get();
}

std::size_t Hierarchy::shared_index(const Level& level) const { return shared_[0].get() == &level ? 0 : 1; }

const LevelStatistics* Hierarchy::statistics(LevelId id, unsigned core) const {
  const Level* const level = level_of(id, core);
  return level != nullptr ? &level->statistics : nullptr;
}

const LevelConfig* Hierarchy::geometry(LevelId id, unsigned core) const {
  const Level* const level = level_of(id, core);
  return level != nullptr ? &level->config : nullptr;
}

State Hierarchy::state(LevelId id, unsigned core, Pa pa, Security security) const {
  const Level* const level = level_of(id, core);
  if (level == nullptr) return State::Invalid;
  const u32 index = level->tags.find(key_of(pa, security));
  return index != TagArray::kAbsent ? level->tags.line(index).state : State::Invalid;
}

void Hierarchy::clear_statistics() {
  for (unsigned n = 0; n < cores(); ++n) {
    cores_[n].before_clear = events(n);
    cores_[n].l1i->statistics = {};
    cores_[n].l1d->statistics = {};
    if (cores_[n].l2 != nullptr) cores_[n].l2->statistics = {};
  }
  for (const auto& level : shared_) level->statistics = {};
  if (system_ != nullptr) system_->statistics = {};
}

EventCounts Hierarchy::events(unsigned core) const {
  const Core& of = cores_[core];
  EventCounts events = of.events;
  events.l1i_accesses = of.before_clear.l1i_accesses + of.l1i->statistics.accesses;
  events.l1i_refills = of.before_clear.l1i_refills + of.l1i->statistics.misses;
  events.l1d_accesses = of.before_clear.l1d_accesses + of.l1d->statistics.accesses;
  events.l1d_refills = of.before_clear.l1d_refills + of.l1d->statistics.misses;
  events.l1d_write_backs = of.before_clear.l1d_write_backs + of.l1d->statistics.write_backs;
  return events;
}

void Hierarchy::reset() {
  for (Core& core : cores_) {
    core.l1i->clear(config_);
    core.l1d->clear(config_);
    if (core.l2 != nullptr) core.l2->clear(config_);
  }
  for (const auto& level : shared_) level->clear(config_);
  if (system_ != nullptr) system_->clear(config_);
  directory_ = Directory(config_.directory_entries, config_.directory_ways);
}

}  // namespace tw::cache
