#include "platforms/dma_study/results.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "platforms/report/format.hpp"
#include "platforms/report/json.hpp"

namespace tw::study {

namespace {

using devices::traffic::StreamStatistics;
using nlohmann::ordered_json;
using report::Align;

constexpr double kPicosecondsPerSecond = 1e12;
constexpr double kMega = 1e6;

double per_second(u64 count, u64 elapsed_ps) {
  return elapsed_ps == 0 ? 0.0 : static_cast<double>(count) * kPicosecondsPerSecond / static_cast<double>(elapsed_ps);
}

std::string nanoseconds(double picoseconds) { return report::decimal(picoseconds / 1000); }

std::vector<std::string> latency_cells(const cost::Histogram& h) {
  if (h.count() == 0) return {"", "", "", "", ""};
  return {nanoseconds(static_cast<double>(h.min())), nanoseconds(h.mean()),
          nanoseconds(static_cast<double>(h.quantile(0.5))), nanoseconds(static_cast<double>(h.quantile(0.99))),
          nanoseconds(static_cast<double>(h.max()))};
}

std::vector<std::string> joined(std::vector<std::string> cells, const std::vector<std::string>& more) {
  cells.insert(cells.end(), more.begin(), more.end());
  return cells;
}

std::string stream_name(const StreamStatistics& s) {
  const std::string stream = fmt::format("{:#x}", s.stream.value);
  return s.has_substream ? fmt::format("{}.{}", stream, s.substream) : stream;
}

std::string masters_text(const Results& results) {
  if (results.masters.empty()) return {};
  report::TextTable table({{"master", Align::Left},
                           {"stream", Align::Left},
                           {"", Align::Left},
                           {"requests"},
                           {"MB/s"},
                           {"M/s"},
                           {"min"},
                           {"mean"},
                           {"p50"},
                           {"p99"},
                           {"max"},
                           {"refused"},
                           {"wrong"}});
  for (const MasterResult& master : results.masters) {
    for (const StreamStatistics& s : master.streams) {
      const auto row = [&](const char* kind, u64 count, u64 bytes, const cost::Histogram& latency, u64 wrong) {
        if (count == 0) return;
        table.row(joined(joined({master.name, stream_name(s), kind, report::grouped(count),
                                 report::decimal(per_second(bytes, master.elapsed_ps) / kMega),
                                 report::decimal(per_second(count, master.elapsed_ps) / kMega)},
                                latency_cells(latency)),
                         {s.refused == 0 ? "" : report::grouped(s.refused), wrong == 0 ? "" : report::grouped(wrong)}));
      };
      row("reads", s.reads, s.read_bytes, s.read_ps, s.wrong);
      row("writes", s.writes, s.written_bytes, s.write_ps, 0);
    }
  }
  table.drop_empty_columns();
  return report::heading("Masters", "latencies in ns, from the device's wish to the end") + table.text();
}

std::string io_text(const IoResult& result) {
  const IoStatistics& io = result.io;
  std::string text = report::heading("I/O");
  text += fmt::format("  {} I/Os in {}: {:.3f} million a second\n", report::grouped(io.counted),
                      report::duration(io.elapsed_ps()), per_second(io.counted, io.elapsed_ps()) / kMega);
  if (io.wrong != 0) text += fmt::format("  {} of them with wrong data, or refused\n", report::grouped(io.wrong));
  if (io.flushes != 0) text += fmt::format("  {} flushes\n", report::grouped(io.flushes));
  report::TextTable table({{"ns", Align::Left}, {"times"}, {"min"}, {"mean"}, {"p50"}, {"p99"}, {"max"}});
  const auto row = [&](const char* what, const cost::Histogram& h) {
    if (h.count() != 0) table.row(joined({what, report::grouped(h.count())}, latency_cells(h)));
  };
  row("I/O, to the end of its invalidation", io.io_ps);
  row("unmapping and invalidation", io.unmap_ps);
  row("to the doorbell", result.doorbell_ps);
  row("to the end of CMD_SYNC", result.sync_ps);
  text += table.text();
  if (result.commands.empty()) return text;
  text += report::heading("Commands sent");
  report::TextTable commands({{"command", Align::Left}, {"times"}});
  for (const CommandCount& command : result.commands) commands.row({command.name, report::grouped(command.count)});
  commands.row({"doorbells", report::grouped(result.doorbells)});
  if (result.queue_full != 0) commands.row({"queue was full", report::grouped(result.queue_full)});
  return text + commands.text();
}

std::string faults_text(const FaultStatistics& faults) {
  std::string text = report::heading("Stalled faults", "ns from the interrupt to the doorbell of CMD_RESUME");
  report::TextTable table(
      {{"pages mapped"}, {"terminated"}, {"other events"}, {"min"}, {"mean"}, {"p50"}, {"p99"}, {"max"}});
  table.row(joined({report::grouped(faults.mapped), report::grouped(faults.terminated), report::grouped(faults.others)},
                   latency_cells(faults.answer_ps)));
  return text + table.text();
}

ordered_json latency_json(const cost::Histogram& h) {
  return {{"count", h.count()},        {"sum_ps", h.sum()},          {"min_ps", h.min()},
          {"p50_ps", h.quantile(0.5)}, {"p99_ps", h.quantile(0.99)}, {"max_ps", h.max()}};
}

ordered_json stream_json(const StreamStatistics& s) {
  ordered_json json{{"stream", s.stream.value}};
  if (s.has_substream) json["substream"] = s.substream;
  json["reads"] = s.reads;
  json["writes"] = s.writes;
  json["read_bytes"] = s.read_bytes;
  json["written_bytes"] = s.written_bytes;
  json["refused"] = s.refused;
  json["wrong"] = s.wrong;
  json["read_latency"] = latency_json(s.read_ps);
  json["write_latency"] = latency_json(s.write_ps);
  return json;
}

ordered_json io_json(const IoResult& result) {
  ordered_json json{{"count", result.io.counted},
                    {"elapsed_ps", result.io.elapsed_ps()},
                    {"wrong", result.io.wrong},
                    {"flushes", result.io.flushes},
                    {"latency", latency_json(result.io.io_ps)},
                    {"unmapping", latency_json(result.io.unmap_ps)},
                    {"to_doorbell", latency_json(result.doorbell_ps)},
                    {"to_sync", latency_json(result.sync_ps)},
                    {"doorbells", result.doorbells},
                    {"queue_full", result.queue_full}};
  ordered_json commands = ordered_json::object();
  for (const CommandCount& command : result.commands) commands[command.name] = command.count;
  json["commands_sent"] = std::move(commands);
  return json;
}

}  // namespace

std::string to_text(const Results& results) {
  std::string text = masters_text(results);
  if (results.io) text += io_text(*results.io);
  if (results.faults) text += faults_text(*results.faults);
  if (results.link_bytes_per_second) {
    text += fmt::format("\n  the link alone, by the formula: {} MB/s\n",
                        report::decimal(*results.link_bytes_per_second / kMega));
  }
  if (results.wrong_words != 0) {
    text += fmt::format("\n  WRONG: {} doublewords of memory hold what belongs elsewhere\n",
                        report::grouped(results.wrong_words));
  }
  return text;
}

std::string to_json(const Results& results, const std::string& report) {
  const auto [rest, events] = report::split_events(report);
  ordered_json json = ordered_json::parse(rest);
  ordered_json study = ordered_json::object();
  ordered_json masters = ordered_json::array();
  for (const MasterResult& master : results.masters) {
    ordered_json streams = ordered_json::array();
    for (const StreamStatistics& s : master.streams) streams.push_back(stream_json(s));
    masters.push_back({{"name", master.name}, {"elapsed_ps", master.elapsed_ps}, {"streams", std::move(streams)}});
  }
  study["masters"] = std::move(masters);
  if (results.io) study["io"] = io_json(*results.io);
  if (results.faults) {
    const FaultStatistics& faults = *results.faults;
    study["faults"] = {{"mapped", faults.mapped},
                       {"terminated", faults.terminated},
                       {"others", faults.others},
                       {"answer", latency_json(faults.answer_ps)}};
  }
  if (results.link_bytes_per_second) study["link_bytes_per_second"] = *results.link_bytes_per_second;
  study["wrong_words"] = results.wrong_words;
  json["study"] = std::move(study);
  return report::with_events(json.dump(1) + "\n", events);
}

}  // namespace tw::study
