#include "cache/hierarchy.hpp"

#include <algorithm>
#include <bit>

namespace tw::cache {
namespace {

using cost::ServedBy;

const Config& validated(const Config& config, unsigned cores) {
  std::vector<Complaint> complaints = validate(config);
  if (cores > Hierarchy::kMaxCores) {
    complaints.push_back({"", "the cache hierarchy knows at most " + std::to_string(Hierarchy::kMaxCores) + " cores"});
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

cost::Cause cause_of(Kind kind, ServedBy served_by) {
  if (kind == Kind::Fetch) return cost::Cause::Fetch;
  switch (served_by) {
    case ServedBy::L2:
      return cost::Cause::L2Cache;
    case ServedBy::L3:
    case ServedBy::SystemCache:
      return cost::Cause::L3Cache;
    case ServedBy::PeerCache:
      return cost::Cause::PeerCache;
    default:
      return cost::Cause::Memory;
  }
}

bool is_prefetch(Kind kind) { return kind == Kind::Prefetch || kind == Kind::PrefetchStore; }
bool modifies(Kind kind) { return kind == Kind::Store || kind == Kind::WalkUpdate || kind == Kind::Zero; }

}  // namespace

Hierarchy::Hierarchy(const Config& config, unsigned cores, MemoryPort& port)
    : config_(validated(config, cores)),
      line_bits_(static_cast<unsigned>(std::countr_zero(config.line))),
      port_(port),
      cores_(cores),
      directory_(config.directory_entries, config.directory_ways) {
  const auto make = [&](LevelId id, unsigned core) {
    return std::make_unique<Level>(level_config(config_, id), config_, core);
  };
  for (unsigned n = 0; n < cores; ++n) {
    Core& core = cores_[n];
    core.l1i = make(LevelId::L1i, n);
    core.l1d = make(LevelId::L1d, n);
    if (config_.l2_size != 0 && !config_.l2_shared) core.l2 = make(LevelId::L2, n);
    if (!config_.enabled) continue;
    core.first[static_cast<unsigned>(Kind::Load)] = core.l1d.get();
    core.first[static_cast<unsigned>(Kind::Store)] = core.l1d.get();
    core.first[static_cast<unsigned>(Kind::Fetch)] = core.l1i.get();
    if (config_.walker_port == "l1d") core.first[static_cast<unsigned>(Kind::Walk)] = core.l1d.get();
  }
  if (config_.l2_size != 0 && config_.l2_shared) shared_.push_back(make(LevelId::L2, kNoCore));
  if (config_.l3_size != 0) shared_.push_back(make(LevelId::L3, kNoCore));
  if (config_.system_size != 0) system_ = make(LevelId::System, kNoCore);
  for (Core& core : cores_) {
    const Level* const next = core.l2 != nullptr ? core.l2.get() : shared_.empty() ? nullptr : shared_[0].get();
    const bool filled = (next != nullptr && next->exclusive()) || (!shared_.empty() && shared_[0]->exclusive());
    core.l1d->clean_victims_matter = filled || !directory_.off();
    core.l1i->clean_victims_matter = false;
  }
}

ServedBy Hierarchy::access_slowly(unsigned core, const Request& request, cost::Latency& latency) {
  if (!request.cacheable) {
    if (!is_prefetch(request.kind)) {
      latency.add(cause_of(request.kind, ServedBy::Memory), port_.uncached(core, request));
    }
    return ServedBy::Memory;
  }
  if (!config_.enabled) return ServedBy::L1;
  Ask ask{.key = key_of(request.pa, request.security),
          .core = core,
          .prefetch = is_prefetch(request.kind),
          .owner = request.owner,
          .pa = request.pa,
          .stream = request.stream};
  switch (request.kind) {
    case Kind::Fetch:
      ask.want = Want::Copy;
      break;
    case Kind::Store:
    case Kind::WalkUpdate:
    case Kind::PrefetchStore:
      ask.want = Want::Own;
      break;
    case Kind::Zero:
      ask.want = Want::Zero;
      break;
    default:
      break;
  }
  const Pa end = request.pa + request.size;
  Answer answer{request.now};
  do {
    const Answer part = access_line(request.kind, ask, request.now);
    if (trigger_count_ != 0) run_prefetchers();
    if (part.at > answer.at || ask.pa == request.pa) answer = part;
    ask.pa = ask.pa.align_down(config_.line) + config_.line;
    ++ask.key;
  } while (ask.pa < end);
  if (!ask.prefetch) latency.add(cause_of(request.kind, answer.served_by), answer.at - request.now);
  return answer.served_by;
}

Hierarchy::Answer Hierarchy::access_line(Kind kind, const Ask& ask, u64 now) {
  Core& core = cores_[ask.core];
  if (kind == Kind::Walk && core.first[static_cast<unsigned>(Kind::Walk)] == nullptr) {
    Ask copy = ask;
    copy.want = Want::Copy;
    return below_first(copy, now);
  }
  return look_in_first(kind == Kind::Fetch ? *core.l1i : *core.l1d, kind, ask, now);
}

/// The line is in `level`, a look-up came to its end at `at`.
Hierarchy::Answer Hierarchy::hit(Level& level, u32 index, u64 at, bool prefetch, bool& first_use) {
  Line& line = level.tags.line(index);
  Answer answer{at + line.remaining(at), served_by(level.config.id), line.state};
  if (answer.at != at) {
    ++level.statistics.merges;
    answer.served_by = line.served_by;
  }
  first_use = line.prefetched && !prefetch;
  if (first_use) {
    line.prefetched = false;
    ++level.statistics.prefetches_useful;
    if (answer.at != at) ++level.statistics.prefetches_late;
  }
  level.tags.touch(index);
  return answer;
}

Hierarchy::Answer Hierarchy::look_in_first(Level& first, Kind kind, const Ask& ask, u64 now) {
  ++first.statistics.accesses;
  const bool stores = modifies(kind);
  Answer answer;
  bool trains = true;
  u32 index = first.tags.find(ask.key);
  if (index != TagArray::kAbsent) {
    answer = hit(first, index, now, ask.prefetch, trains);
    if (owns(ask.want) && !first.tags.line(index).writable()) {
      answer = upgrade(ask, answer.at);
      first.tags.line(index).state = pass_on(ask, answer.state, answer.at);
    }
  } else {
    ++first.statistics.misses;
    if (ask.prefetch && !first.mshrs.is_free(now)) {
      ++first.statistics.prefetches_dropped;
      return {now, ServedBy::L1, State::Invalid};
    }
    if (stores && !config_.l1d_write_allocate && kind != Kind::Zero) return store_around(ask, now);
    if (ask.prefetch) ++first.statistics.prefetches;
    answer = fill_first(first, ask, now, ask.prefetch);
    index = first.tags.find(ask.key);
  }
  if (stores && index != TagArray::kAbsent) {
    if (config_.l1d_write_back) {
      first.tags.line(index).state = State::Modified;
    } else {
      ++first.statistics.write_throughs;
      const u64 start = wait_for_buffer(first, answer.at);
      first.write_buffers.take(start, store_through(ask, start));
      answer.at = start;
    }
  }
  if (trains) prefetch(first, ask, now);
  return answer;
}

Hierarchy::Answer Hierarchy::fill_first(Level& first, const Ask& ask, u64 now, bool prefetched) {
  const u64 start = first.miss(now);
  Answer answer = below_first(ask, start);
  const State state = ask.want == Want::Copy ? State::Shared : pass_on(ask, answer.state, answer.at);
  fill(first, ask, start, answer, state, prefetched);
  first.mshrs.take(start, answer.at);
  return answer;
}

/// A write-through L1D keeps no modified data, also none that came with the line.
State Hierarchy::pass_on(const Ask& ask, State state, u64 now) {
  if (state != State::Modified || config_.l1d_write_back) return state;
  store_through(ask, now);
  return State::Exclusive;
}

Hierarchy::Answer Hierarchy::below_first(const Ask& ask, u64 now) {
  return cores_[ask.core].l2 != nullptr ? from_l2(ask, now) : from_cluster(ask, now);
}

/// In a core's own L2, or through it. What L1 gets of a line that stays here is clean.
Hierarchy::Answer Hierarchy::from_l2(const Ask& ask, u64 now) {
  Core& core = cores_[ask.core];
  Level& l2 = *core.l2;
  const u64 looked = l2.look_up(now);
  const u32 index = l2.tags.find(ask.key);
  if (index != TagArray::kAbsent) {
    count_look(l2, ask.core, false);
    bool first_use = false;
    Answer answer = hit(l2, index, looked, ask.prefetch, first_use);
    if (owns(ask.want) && answer.state == State::Shared) {
      answer = upgrade_in_cluster(ask, answer.at);
      l2.tags.line(index).state = answer.state;
    }
    if (l2.exclusive() && ask.want != Want::Copy) {
      l2.tags.remove(index);
    } else {
      answer.state = std::min(answer.state, State::Exclusive);
    }
    if (first_use) prefetch(l2, ask, looked);
    return answer;
  }
  if (ask.want == Want::Copy && core.l1d->tags.find(ask.key) != TagArray::kAbsent) {
    count_look(l2, ask.core, false);
    return {looked, ServedBy::L2, State::Shared};
  }
  count_look(l2, ask.core, true);
  const Answer answer = fill_l2(ask, l2.miss(looked), ask.want == Want::Copy, false);
  prefetch(l2, ask, looked);
  return answer;
}

/// `ends_here`: no L1D takes the line.
Hierarchy::Answer Hierarchy::fill_l2(const Ask& ask, u64 start, bool ends_here, bool prefetched) {
  Level& l2 = *cores_[ask.core].l2;
  Answer answer = from_cluster(ask, start);
  if (ends_here || !l2.exclusive()) {
    fill(l2, ask, start, answer, ends_here ? answer.state : std::min(answer.state, State::Exclusive), prefetched);
  }
  l2.mshrs.take(start, answer.at);
  return answer;
}

/// In level `k` of those that the cores share, or through it; where it is at `index`; the look-up ended at `looked`.
/// `take`: whoever asks will be the only one to hold the line, so an exclusive level gives it up, and `dirty` says that
/// it was modified.
Hierarchy::Answer Hierarchy::from_shared(std::size_t k, const Ask& ask, bool take, u32 index, u64 looked, bool& dirty) {
  Level& level = *shared_[k];
  count_look(level, ask.core, index == TagArray::kAbsent);
  if (index == TagArray::kAbsent) {
    const Answer answer = fill_shared(k, ask, take, level.miss(looked), dirty, false);
    prefetch(level, ask, looked);
    return answer;
  }
  bool first_use = false;
  const Answer answer = hit(level, index, looked, ask.prefetch, first_use);
  if (level.exclusive() && take) {
    dirty = level.tags.line(index).state == State::Modified;
    level.tags.remove(index);
  }
  if (first_use) prefetch(level, ask, looked);
  return answer;
}

Hierarchy::Answer Hierarchy::fill_shared(std::size_t k, const Ask& ask, bool take, u64 start, bool& dirty,
                                         bool prefetched) {
  Level& level = *shared_[k];
  const bool keeps = prefetched || !level.exclusive() || !take;
  bool below_dirty = false;
  Answer answer;
  if (k + 1 < shared_.size()) {
    Level& next = *shared_[k + 1];
    answer = from_shared(k + 1, ask, keeps || take, next.tags.find(ask.key), next.look_up(start), below_dirty);
  } else if (ask.want == Want::Zero) {
    answer = {start, served_by(level.config.id), State::Shared};
  } else {
    answer = from_memory(ask, start, config_.system_read_allocate);
  }
  if (keeps) {
    fill(level, ask, start, answer, below_dirty ? State::Modified : State::Shared, prefetched);
  } else {
    dirty = below_dirty;
  }
  level.mshrs.take(start, answer.at);
  return answer;
}

/// Through the system cache, if there is one.
Hierarchy::Answer Hierarchy::from_memory(const Ask& ask, u64 now, bool allocate) {
  const auto read = [&](u64 start) {
    if (ask.core != kNoCore) ++cores_[ask.core].events.memory_reads;
    return start + port_.read_line({.pa = pa_of(ask.key),
                                    .now = start,
                                    .bytes = config_.line,
                                    .core = ask.core,
                                    .owner = ask.owner,
                                    .security = security_of(ask.key),
                                    .fetch = ask.want == Want::Copy,
                                    .prefetch = ask.prefetch});
  };
  if (system_ == nullptr) return {read(now), ServedBy::Memory, State::Shared};
  const u64 looked = system_->look_up(now);
  const u32 index = system_->tags.find(ask.key);
  count_look(*system_, ask.core, index == TagArray::kAbsent);
  if (index != TagArray::kAbsent) {
    bool first_use = false;
    return hit(*system_, index, looked, ask.prefetch, first_use);
  }
  const u64 start = system_->miss(looked);
  Answer answer{read(start), ServedBy::Memory, State::Shared};
  if (allocate) fill(*system_, ask, start, answer, State::Shared, false);
  system_->mshrs.take(start, answer.at);
  return answer;
}

/// The data of `answer` arrive in `level`.
void Hierarchy::fill(Level& level, const Ask& ask, u64 start, Answer& answer, State state, bool prefetched) {
  Line& line = install(level, ask, start, answer.at, state);
  line.served_by = answer.served_by;
  line.prefetched = prefetched;
  answer.at = line.ready;
}

void Hierarchy::count_look(Level& level, unsigned core, bool refill) {
  ++level.statistics.accesses;
  if (refill) ++level.statistics.misses;
  if (core == kNoCore) return;
  EventCounts& events = cores_[core].events;
  if (level.config.id == LevelId::L2) {
    ++events.l2_accesses;
    if (refill) ++events.l2_refills;
  } else if (level.config.id == LevelId::L3) {
    ++events.l3_accesses;
    if (refill) ++events.l3_refills;
  }
}

void Hierarchy::prefetch(Level& level, const Ask& trigger, u64 now) {
  if (level.prefetcher.off() || trigger.prefetch) return;
  triggers_[trigger_count_++] = {&level, trigger, now};
}

/// After the access itself: on its way up, no level that it filled may lose the line to a guess.
void Hierarchy::run_prefetchers() {
  for (; trigger_count_ != 0; --trigger_count_) {
    const Trigger& trigger = triggers_[trigger_count_ - 1];
    Ask ask = trigger.ask;
    ask.want = ask.want == Want::Copy ? Want::Copy : Want::Read;
    ask.prefetch = true;
    for (const LineKey key : trigger.level->prefetcher.train(trigger.ask.pa, trigger.ask.key, ask.stream)) {
      ask.key = key;
      ask.pa = pa_of(key);
      prefetch_line(*trigger.level, ask, trigger.now);
    }
  }
}

void Hierarchy::prefetch_line(Level& level, const Ask& ask, u64 now) {
  if (level.tags.find(ask.key) != TagArray::kAbsent) return;
  // A line that a level above holds is no guess.
  if (level.config.id == LevelId::L2) {
    const bool held =
        level.core == kNoCore ? holders(ask.key, kNoCore).any() : core_state(level.core, ask.key) != State::Invalid;
    if (held) return;
  }
  if (!level.mshrs.is_free(now)) {
    ++level.statistics.prefetches_dropped;
    return;
  }
  ++level.statistics.prefetches;
  if (level.config.id < LevelId::L2) {
    fill_first(level, ask, now, true);
  } else if (level.core != kNoCore) {
    fill_l2(ask, now, true, true);
  } else {
    bool dirty = false;
    fill_shared(shared_index(level), ask, false, now, dirty, true);
  }
}

}  // namespace tw::cache
