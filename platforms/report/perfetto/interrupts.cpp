// Interrupts from wire to deactivation, and DMA translations.
#include <fmt/format.h>

#include <algorithm>

#include "platforms/report/perfetto/parts.hpp"

namespace tw::report::perfetto {
namespace {

std::string name_of(const InterruptSource& source) {
  Interrupt interrupt;
  interrupt.intid = source.intid;
  interrupt.is_virtual = source.is_virtual;
  interrupt.vmid = source.vmid;
  return fmt::format("{}, cpu {}", text(interrupt), source.cpu);
}

/// Where an interrupt went on, in order; stations that it did not reach are left out.
struct Station {
  std::string_view stretch;  ///< what leads to it
  u64 at_ps = 0;
};

std::vector<Station> stations_of(const InterruptColumns& columns, std::size_t i) {
  std::vector<Station> all;
  u64 latest = 0;
  for (const auto& [stretch, at] : {std::pair<std::string_view, u64>{"", columns.asserted_ps[i]},
                                    {"to the signal", columns.signalled_ps[i]},
                                    {"to the handler", columns.acknowledged_ps[i]},
                                    {"handler", columns.dropped_ps[i]},
                                    {"to deactivation", columns.deactivated_ps[i]},
                                    {"withdrawn", columns.withdrawn_ps[i]}}) {
    if (at == 0) continue;
    // Cores run ahead of each other within a quantum: no station comes before the one before it.
    latest = std::max(latest, at);
    all.push_back({stretch, latest});
  }
  return all;
}

Slice slice_of(const std::vector<Station>& stations) {
  Slice slice{stations.front().at_ps, stations.back().at_ps, "interrupt", {}, {}};
  slice.args.add("ps", slice.end_ps - slice.begin_ps);
  for (std::size_t i = 1; i < stations.size(); ++i) {
    const u64 begin = stations[i - 1].at_ps, end = stations[i].at_ps;
    slice.inside.push_back({begin, end, std::string(stations[i].stretch), Args().add("ps", end - begin), {}});
  }
  return slice;
}

}  // namespace

void write_interrupts(Writer& writer, u64 process, const Events& events, const std::map<u64, Handlers>& of_cores) {
  const InterruptColumns& columns = events.interrupts;
  if (columns.source.empty()) return;
  writer.name_process(process, "interrupts");
  Threads threads(process);
  for (std::size_t source = 0; source < events.interrupt_sources.size(); ++source) {
    const std::string name = name_of(events.interrupt_sources[source]);
    std::vector<Slice> slices;
    std::vector<u64> acknowledged;
    for (std::size_t i = 0; i < columns.source.size(); ++i) {
      const std::vector<Station> stations = stations_of(columns, i);
      if (columns.source[i] != source || stations.empty()) continue;
      slices.push_back(slice_of(stations));
      acknowledged.push_back(columns.acknowledged_ps[i]);
    }
    const std::vector<Track> tracks = write_track(writer, threads, name, slices);
    const auto handlers = of_cores.find(events.interrupt_sources[source].cpu);
    if (handlers == of_cores.end()) continue;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      if (acknowledged[i] < slices[i].begin_ps || acknowledged[i] == 0) continue;
      const std::optional<Handler> to = handler_at(handlers->second, acknowledged[i]);
      if (to) writer.arrow(name, tracks[i], slices[i].begin_ps, to->track, acknowledged[i]);
    }
  }
}

void write_dma(Writer& writer, u64 process, const Events& events) {
  const DmaColumns& columns = events.dma;
  if (columns.source.empty()) return;
  writer.name_process(process, "SMMU");
  Threads threads(process);
  for (std::size_t source = 0; source < events.dma_sources.size(); ++source) {
    const SmmuWho& who = events.dma_sources[source];
    std::string name = fmt::format("stream {:#x}", who.stream);
    if (who.has_substream) name += fmt::format(".{}", who.substream);
    if (who.owner.guest) name += fmt::format(", VMID {}", who.owner.vmid.value);
    std::vector<Slice> slices;
    for (std::size_t i = 0; i < columns.source.size(); ++i) {
      if (columns.source[i] != source) continue;
      Args args;
      args.add("cycles", columns.cycles[i]).add("access", columns.write[i] != 0 ? "write" : "read");
      for (const auto& [part, column] : columns.inside.columns) {
        if (column[i] != 0) args.add(part, column[i]);
      }
      slices.push_back({columns.begin[i] * events.dma_period_ps,
                        (columns.begin[i] + columns.cycles[i]) * events.dma_period_ps,
                        events.dma_levels[columns.level[i]],
                        std::move(args),
                        {}});
    }
    write_track(writer, threads, name, slices);
  }
}

}  // namespace tw::report::perfetto
