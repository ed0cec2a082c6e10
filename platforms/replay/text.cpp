#include "platforms/replay/text.hpp"

#include <fmt/format.h>

#include "platforms/report/format.hpp"

namespace tw::replay {

std::string traces_text(const Outcome& outcome) {
  const bool several = outcome.traces.size() > 1;
  std::string text = report::heading(several ? "Traces" : "Trace");
  for (const TraceOutcome& trace : outcome.traces) {
    if (several) text += fmt::format("  {}: switched to {} times\n", trace.name, report::grouped(trace.switches));
    for (const auto& [key, value] : trace.provenance) text += fmt::format("  {}: {}\n", key, value);
    text +=
        fmt::format("  {} of {} records\n", report::grouped(trace.records), report::grouped(trace.records_of_trace));
  }
  const Counts& counts = outcome.counts;
  text +=
      fmt::format("  {} translations in {} address spaces, {} pages or blocks\n", report::grouped(counts.translations),
                  report::grouped(outcome.spaces), report::grouped(outcome.leaves));
  const struct {
    u64 count;
    const char* what;
  } rows[] = {{counts.table_writes, "stores into translation tables"},
              {counts.invalidations, "TLBIs"},
              {counts.moves, "pages that were found elsewhere than before"},
              {counts.faults, "faults: addresses that no table can hold"},
              {counts.streams, "accesses of DMA masters"},
              {outcome.dma.translations, "translations of these"},
              {outcome.dma.invalidations, "commands that invalidate, of their SMMU"},
              {outcome.dma.moves, "of their pages that were found elsewhere than before"},
              {outcome.dma.faults, "of their translations that fault"}};
  for (const auto& row : rows) {
    if (row.count != 0) text += fmt::format("  {} {}\n", report::grouped(row.count), row.what);
  }
  return text;
}

namespace {

std::string curve_text(const std::string& title, const std::string& what, const vmsa::StackDistances& distances) {
  if (distances.references() == 0) return {};
  constexpr u64 kWays[] = {1, 2, 4, 8, 16};
  std::vector<report::TextTable::Column> columns = {{"entries"}};
  for (const u64 ways : kWays) columns.push_back({fmt::format("{}-way", ways)});
  columns.push_back({"full"});
  columns.push_back({"of references"});
  report::TextTable table(std::move(columns));
  for (u64 entries = 1; entries <= distances.most_ways(1); entries *= 2) {
    std::vector<std::string> cells = {report::grouped(entries)};
    for (const u64 ways : kWays) {
      const std::optional<u64> misses = ways <= entries ? distances.misses(entries / ways, ways) : std::nullopt;
      cells.push_back(misses ? report::grouped(*misses) : std::string(report::kNothing));
    }
    const u64 full = *distances.misses(1, entries);
    cells.push_back(report::grouped(full));
    cells.push_back(report::percent(full, distances.references()));
    table.row(std::move(cells));
  }
  return report::heading(title,
                         fmt::format("{}; {} references, {} of them first ones", what,
                                     report::grouped(distances.references()), report::grouped(distances.pages()))) +
         table.text();
}

}  // namespace

std::string miss_curves_text(const Outcome& outcome) {
  std::string text;
  if (outcome.miss_curve) {
    text += curve_text("Misses of LRU TLBs",
                       fmt::format("pages of {} bytes, fetches and data together", outcome.miss_curve->page_bytes()),
                       outcome.miss_curve->distances());
  }
  if (outcome.walk_cache_curve) {
    text +=
        curve_text("Misses of LRU walk caches",
                   fmt::format("tables of the last level, of {} bytes each, behind these TLBs", outcome.table_bytes),
                   outcome.walk_cache_curve->together());
  }
  if (outcome.iotlb_curve) {
    text += curve_text("Misses of LRU IOTLBs", fmt::format("pages of {} bytes", outcome.iotlb_curve->page_bytes()),
                       outcome.iotlb_curve->distances());
  }
  return text;
}

}  // namespace tw::replay
