// The tracks of a core.
#include <fmt/format.h>

#include <algorithm>

#include "platforms/report/perfetto/parts.hpp"
#include "platforms/report/perfetto/trap_parts.hpp"

namespace tw::report::perfetto {
namespace {

std::string world_name(bool guest, u64 vmid) { return guest ? fmt::format("VMID {}", vmid) : "no stage 2"; }

std::string reason_of(const TrapKeyRow& key) {
  Trap trap;
  trap.control = key.control;
  trap.subject = key.subject;
  return reason(trap);
}

Args args_of(const CoreEvents& core, std::size_t trap) {
  const TrapColumns& traps = core.traps;
  const TrapKeyRow& key = core.trap_keys[traps.key[trap]];
  Args args;
  args.add("from", text(key.from)).add("to", fmt::format("EL{}", index(key.to)));
  args.add("cycles", traps.cycles[trap]).add("away", traps.away[trap]);
  args.add("returned", traps.returned[trap]);
  for (const auto& [part, column] : traps.inside.columns) {
    if (column[trap] != 0) args.add(part, column[trap]);
  }
  return args;
}

class CoreTrace final {
 public:
  CoreTrace(Writer& writer, const CoreEvents& events) : writer_(writer), events_(events), threads_(events.cpu + 1) {}

  void runs();
  void measured();
  Handlers traps();
  void walks();
  void counters();
  u64 process() const { return threads_.process(); }

 private:
  Slice slice(u64 begin, u64 cycles, std::string name, Args args = {}) const {
    return {begin * events_.period_ps, (begin + cycles) * events_.period_ps, std::move(name), std::move(args), {}};
  }
  Slice slice(const Stretch& when, std::string name) const {
    return slice(when.begin, when.cycles(), std::move(name), Args().add("cycles", when.cycles()));
  }
  Slice trap_slice(std::size_t trap) const;

  Writer& writer_;
  const CoreEvents& events_;
  Threads threads_;
};

void CoreTrace::runs() {
  std::vector<Slice> slices;
  const WorldColumns& worlds = events_.worlds;
  for (std::size_t i = 0; i < worlds.begin.size(); ++i) {
    slices.push_back(slice(worlds.begin[i], worlds.cycles[i], world_name(worlds.guest[i] != 0, worlds.vmid[i]),
                           Args().add("cycles", worlds.cycles[i])));
  }
  for (std::size_t i = 0; i < events_.idle.begin.size(); ++i) {
    slices.push_back(
        slice(events_.idle.begin[i], events_.idle.cycles[i], "idle", Args().add("cycles", events_.idle.cycles[i])));
  }
  write_track(writer_, threads_, "runs", slices);
}

void CoreTrace::measured() {
  std::vector<Slice> slices;
  for (std::size_t i = 0; i < events_.phases.begin.size(); ++i) {
    slices.push_back(slice(events_.phases.begin[i], events_.phases.cycles[i], "measured",
                           Args().add("cycles", events_.phases.cycles[i])));
  }
  write_track(writer_, threads_, "measured", slices);
}

Slice CoreTrace::trap_slice(std::size_t trap) const {
  const TrapKeyRow& key = events_.trap_keys[events_.traps.key[trap]];
  return slice(events_.traps.begin[trap], events_.traps.cycles[trap], reason_of(key), args_of(events_, trap));
}

/// Parts and times away are slices of their own, so that they nest with inner traps of the same track.
Handlers CoreTrace::traps() {
  const std::vector<TrapLayout> layouts = layouts_of(events_);
  std::map<std::string, std::vector<std::size_t>> by_track;
  for (std::size_t trap = 0; trap < layouts.size(); ++trap) {
    const cost::Context& from = events_.trap_keys[events_.traps.key[trap]].from;
    const std::string whose = from.guest              ? world_name(true, from.vmid.value)
                              : cost::has_world(from) ? "EL0 and EL1, no stage 2"
                                                      : "EL2 and EL3";
    by_track["traps from " + whose].push_back(trap);
  }
  Handlers handlers;
  for (const auto& [name, traps] : by_track) {
    std::vector<Slice> slices;
    std::vector<std::size_t> at;
    for (const std::size_t trap : traps) {
      at.push_back(slices.size());
      slices.push_back(trap_slice(trap));
      for (const Stretch& away : layouts[trap].away) slices.push_back(slice(away, "switched out"));
      for (const Part& part : layouts[trap].parts) slices.push_back(slice(part.when, std::string(part.name)));
    }
    const std::vector<Track> tracks = write_track(writer_, threads_, name, slices);
    for (const std::size_t i : at) handlers.push_back({slices[i].begin_ps, slices[i].end_ps, tracks[i]});
  }
  std::sort(handlers.begin(), handlers.end(),
            [](const Handler& a, const Handler& b) { return a.begin_ps < b.begin_ps; });
  return handlers;
}

void CoreTrace::walks() {
  std::vector<Slice> slices;
  const WalkColumns& walks = events_.walks;
  for (std::size_t i = 0; i < walks.at.size(); ++i) {
    Args args;
    args.add("cycles", walks.cycles[i]).add("fetches", walks.fetches[i]).add("fault", walks.fault[i]);
    args.add("page", fmt::format("{:#x}", walks.page[i] << 12));
    slices.push_back(slice(walks.at[i], walks.cycles[i], text(events_.walk_keys[walks.key[i]]), std::move(args)));
  }
  write_track(writer_, threads_, "walks", slices);
}

/// Rates between two samples; not over the gap between two measured stretches, where the sums begin anew.
void CoreTrace::counters() {
  const SampleColumns& samples = events_.samples;
  for (std::size_t i = 1; i < samples.at.size(); ++i) {
    if (samples.instructions[i] < samples.instructions[i - 1] || samples.at[i] <= samples.at[i - 1]) continue;
    const u64 begin = samples.at[i - 1] * events_.period_ps;
    const auto cycles = static_cast<double>(samples.at[i] - samples.at[i - 1]);
    const auto more = [i](const Column& column) { return static_cast<double>(column[i] - column[i - 1]); };
    const double instructions = more(samples.instructions);
    writer_.counter(process(), "instructions a cycle", "IPC", begin, instructions / cycles);
    writer_.counter(process(), "walks in 1000 instructions", "walks", begin,
                    instructions == 0 ? 0 : 1000 * more(samples.walks) / instructions);
    writer_.counter(process(), "idle", "percent", begin, 100 * more(samples.idle_cycles) / cycles);
  }
}

}  // namespace

std::optional<Handler> handler_at(const Handlers& handlers, u64 ps) {
  auto next = std::upper_bound(handlers.begin(), handlers.end(), ps,
                               [](u64 time, const Handler& handler) { return time < handler.begin_ps; });
  while (next != handlers.begin()) {
    --next;
    if (next->end_ps > ps) return *next;
  }
  return std::nullopt;
}

Handlers write_core(Writer& writer, const Core& core, const CoreEvents& events) {
  CoreTrace trace(writer, events);
  writer.name_process(trace.process(), fmt::format("cpu {}: {}", core.cpu, core.model));
  trace.runs();
  trace.measured();
  Handlers handlers = trace.traps();
  trace.walks();
  trace.counters();
  return handlers;
}

}  // namespace tw::report::perfetto
