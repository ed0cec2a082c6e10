#include "platforms/report/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "platforms/report/report.hpp"

namespace tw::report {
namespace {

/// Rows without repetition, in the order in which they came.
template <class Row>
struct Index {
  std::vector<Row>& rows;
  u64 of(const Row& row) {
    const auto found = std::find(rows.begin(), rows.end(), row);
    if (found != rows.end()) return static_cast<u64>(found - rows.begin());
    rows.push_back(row);
    return rows.size() - 1;
  }
};

std::vector<u64> parts_of(const cost::ByCause& cycles) {
  const std::array<u64, kGroupCount> groups = by_group(cycles);
  const u64 idle = cycles[static_cast<unsigned>(cost::Cause::Idle)];
  std::vector<u64> parts(groups.begin(), groups.end());
  parts[static_cast<unsigned>(group_of(cost::Cause::Idle))] -= idle;
  parts.push_back(idle);
  return parts;
}

void take_traps(const cost::EventRing<cost::TrapEvent>& events, CoreEvents& core) {
  const std::vector<std::string> names = event_part_names();
  std::map<cost::TrapKey, u64> known;
  TrapColumns& to = core.traps;
  to.dropped = events.dropped();
  for (const cost::TrapEvent& event : events.events()) {
    const auto [place, is_new] = known.emplace(event.key, core.trap_keys.size());
    if (is_new) {
      const cost::TrapKey& key = event.key;
      core.trap_keys.push_back(
          {key.from, key.to, key.exception_class, std::string(key.reason.control), std::string(key.reason.subject)});
    }
    add_row(to.inside, names, parts_of(event.inside), to.key.size());
    to.key.push_back(place->second);
    to.begin.push_back(event.begin);
    to.cycles.push_back(event.end - event.begin);
    to.away.push_back(event.away);
    to.returned.push_back(event.returned);
  }
}

template <class Event>
void take_spans(const cost::EventRing<Event>& events, SpanColumns& to) {
  to.dropped = events.dropped();
  for (const Event& event : events.events()) {
    to.begin.push_back(event.begin);
    to.cycles.push_back(event.end - event.begin);
  }
}

void take_worlds(const cost::EventRing<cost::WorldEvent>& events, WorldColumns& to) {
  to.dropped = events.dropped();
  for (const cost::WorldEvent& event : events.events()) {
    to.begin.push_back(event.begin);
    to.cycles.push_back(event.end - event.begin);
    to.guest.push_back(event.guest);
    to.vmid.push_back(event.vmid.value);
  }
}

void take_walks(const cost::EventRing<cost::WalkEvent>& events, CoreEvents& core) {
  Index<cost::WalkKey> keys{core.walk_keys};
  WalkColumns& to = core.walks;
  to.dropped = events.dropped();
  for (const cost::WalkEvent& event : events.events()) {
    to.key.push_back(keys.of(event.key));
    to.at.push_back(event.at);
    to.cycles.push_back(event.cycles);
    to.fetches.push_back(event.fetches);
    to.fault.push_back(event.fault);
    to.page.push_back(event.va.value >> 12);
  }
}

void take_samples(const cost::EventRing<cost::Sample>& events, SampleColumns& to) {
  to.dropped = events.dropped();
  for (const cost::Sample& sample : events.events()) {
    to.at.push_back(sample.at);
    to.instructions.push_back(sample.instructions);
    to.walks.push_back(sample.walks);
    to.walk_cycles.push_back(sample.walk_cycles);
    to.idle_cycles.push_back(sample.idle_cycles);
  }
}

// ---- what a file may hold that no run has written

struct Table {
  std::string name;
  std::vector<const Column*> columns;
  const NamedColumns* more = nullptr;
};

std::vector<Table> tables_of(const CoreEvents& core, const std::string& name) {
  const TrapColumns& t = core.traps;
  const WorldColumns& w = core.worlds;
  const WalkColumns& k = core.walks;
  const SampleColumns& s = core.samples;
  return {{name + ".phases", {&core.phases.begin, &core.phases.cycles}},
          {name + ".traps", {&t.key, &t.begin, &t.cycles, &t.away, &t.returned}, &t.inside},
          {name + ".worlds", {&w.begin, &w.cycles, &w.guest, &w.vmid}},
          {name + ".idle", {&core.idle.begin, &core.idle.cycles}},
          {name + ".walks", {&k.key, &k.at, &k.cycles, &k.fetches, &k.fault, &k.page}},
          {name + ".samples", {&s.at, &s.instructions, &s.walks, &s.walk_cycles, &s.idle_cycles}}};
}

std::vector<Table> tables_of(const Events& events) {
  const InterruptColumns& i = events.interrupts;
  const DmaColumns& d = events.dma;
  std::vector<Table> all = {{"events.interrupts",
                             {&i.source, &i.asserted_ps, &i.signalled_ps, &i.acknowledged_ps, &i.dropped_ps,
                              &i.deactivated_ps, &i.withdrawn_ps}},
                            {"events.dma", {&d.source, &d.level, &d.write, &d.begin, &d.cycles}, &d.inside}};
  for (std::size_t n = 0; n < events.cores.size(); ++n) {
    const std::vector<Table> more = tables_of(events.cores[n], fmt::format("events.cores[{}]", n));
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

/// A clock of 1 MHz, picoseconds.
constexpr u64 kMostPeriod = 1'000'000;

bool is_index(const Column& column, std::size_t size) {
  return std::all_of(column.begin(), column.end(), [size](u64 n) { return n < size; });
}

/// No run is so long that its picoseconds come near the end of 64 bits: what is computed from times cannot overflow.
bool is_possible(const Column& begin, const Column& cycles, u64 period_ps) {
  const u64 most = (u64{1} << 61) / period_ps;
  for (std::size_t i = 0; i < begin.size(); ++i) {
    if (begin[i] > most || cycles[i] > most) return false;
  }
  return true;
}

/// The parts of an event, and `away`, are not longer than it.
bool has_room(const Column& cycles, const Column* away, const NamedColumns& inside) {
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    u64 left = cycles[i];
    const auto take = [&left](u64 part) {
      if (part > left) return false;
      left -= part;
      return true;
    };
    if (away != nullptr && !take((*away)[i])) return false;
    for (const auto& [name, column] : inside.columns) {
      if (!take(column[i])) return false;
    }
  }
  return true;
}

std::string what_is_wrong(const CoreEvents& core) {
  if (core.period_ps == 0 || core.period_ps > kMostPeriod) return "events.cores: no core has such a period_ps";
  if (!is_index(core.traps.key, core.trap_keys.size())) return "events.cores: a trap's key is not in trap_keys";
  if (!is_index(core.walks.key, core.walk_keys.size())) return "events.cores: a walk's key is not in walk_keys";
  for (const auto& [begin, cycles] :
       {std::pair(&core.traps.begin, &core.traps.cycles), std::pair(&core.worlds.begin, &core.worlds.cycles),
        std::pair(&core.idle.begin, &core.idle.cycles), std::pair(&core.phases.begin, &core.phases.cycles),
        std::pair(&core.walks.at, &core.walks.cycles), std::pair(&core.samples.at, &core.samples.at)}) {
    if (!is_possible(*begin, *cycles, core.period_ps)) return "events.cores: a time that no run reaches";
  }
  if (!has_room(core.traps.cycles, &core.traps.away, core.traps.inside)) {
    return "events.cores: a trap with more inside than its cycles";
  }
  return "";
}

}  // namespace

std::vector<std::string> event_part_names() {
  std::vector<std::string> names;
  for (unsigned group = 0; group < kGroupCount; ++group) names.emplace_back(name(static_cast<Group>(group)));
  names.emplace_back(cost::name(cost::Cause::Idle));
  return names;
}

void add_row(NamedColumns& to, const std::vector<std::string>& names, const std::vector<u64>& values,
             std::size_t rows) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto column =
        std::find_if(to.columns.begin(), to.columns.end(), [&](const auto& known) { return known.first == names[i]; });
    if (column == to.columns.end()) {
      if (values[i] == 0) continue;
      column = to.columns.insert(column, {names[i], Column(rows, 0)});
    }
    column->second.push_back(values[i]);
  }
}

Events events_asked_for(const cost::EventOptions& options) {
  Events events;
  events.limit = options.limit;
  events.keep = options.keep == cost::Keep::First ? "first" : "last";
  for (unsigned kind = 0; kind < cost::kEventKindCount; ++kind) {
    if (options.kinds[kind]) events.kinds.emplace_back(cost::kEventKinds[kind].name);
  }
  return events;
}

CoreEvents take_core_events(const cost::CoreEvents& events, u64 cpu, u64 period_ps) {
  CoreEvents core;
  core.cpu = cpu;
  core.period_ps = period_ps;
  take_spans(events.phases(), core.phases);
  take_traps(events.traps(), core);
  take_worlds(events.worlds(), core.worlds);
  take_spans(events.idles(), core.idle);
  take_walks(events.walks(), core);
  take_samples(events.samples(), core.samples);
  return core;
}

void take_interrupt_events(const cost::EventRing<cost::InterruptEvent>& events, Events& into) {
  Index<InterruptSource> sources{into.interrupt_sources};
  InterruptColumns& to = into.interrupts;
  to.dropped = events.dropped();
  for (const cost::InterruptEvent& event : events.events()) {
    to.source.push_back(sources.of({event.key.intid, event.key.cpu, event.key.is_virtual, event.key.vmid}));
    to.asserted_ps.push_back(event.asserted_ps);
    to.signalled_ps.push_back(event.signalled_ps);
    to.acknowledged_ps.push_back(event.acknowledged_ps);
    to.dropped_ps.push_back(event.dropped_ps);
    to.deactivated_ps.push_back(event.deactivated_ps);
    to.withdrawn_ps.push_back(event.withdrawn_ps);
  }
}

std::string what_is_wrong(const Events& events) {
  for (const Table& table : tables_of(events)) {
    const std::size_t rows = table.columns.front()->size();
    bool equal = std::all_of(table.columns.begin(), table.columns.end(),
                             [rows](const Column* column) { return column->size() == rows; });
    if (table.more != nullptr) {
      for (const auto& [name, column] : table.more->columns) equal &= column.size() == rows;
    }
    if (!equal) return table.name + ": its columns are not equally long";
  }
  for (const CoreEvents& core : events.cores) {
    if (const std::string what = what_is_wrong(core); !what.empty()) return what;
  }
  if (!is_index(events.interrupts.source, events.interrupt_sources.size())) {
    return "events.interrupts: a source is not in interrupt_sources";
  }
  if (!is_index(events.dma.source, events.dma_sources.size())) return "events.dma: a source is not in dma_sources";
  if (!is_index(events.dma.level, events.dma_levels.size())) return "events.dma: a level is not in dma_levels";
  if (events.dma_period_ps > kMostPeriod) return "events: no SMMU has such a dma_period_ps";
  if (!is_possible(events.dma.begin, events.dma.cycles, std::max<u64>(events.dma_period_ps, 1))) {
    return "events.dma: a time that no run reaches";
  }
  return "";
}

EventCounts count(const Events& events) {
  EventCounts counts;
  for (const Table& table : tables_of(events)) counts.kept += table.columns.front()->size();
  counts.dropped = events.interrupts.dropped + events.dma.dropped;
  for (const CoreEvents& core : events.cores) {
    counts.dropped += core.phases.dropped + core.traps.dropped + core.worlds.dropped + core.idle.dropped +
                      core.walks.dropped + core.samples.dropped;
  }
  return counts;
}

}  // namespace tw::report
