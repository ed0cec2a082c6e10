#include "sc_main/trace_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ranges>

#include "platforms/report/format.hpp"
#include "trace/names.hpp"

namespace tw::command {
namespace {

using report::grouped;
using report::kNothing;
using report::TextTable;
using trace::Kind;

std::string or_nothing(u64 count) { return count == 0 ? std::string(kNothing) : grouped(count); }

std::string name_of(const trace::Space& space) {
  if (space.stream != trace::kNoStream) {
    return fmt::format("StreamID {:#x}, VMID {}, ASID {}", space.stream.value, space.vmid.value, space.asid.value);
  }
  if (space.el >= El::El2) return fmt::format("EL{}", index(space.el));
  return fmt::format("EL1&0, VMID {}, ASID {}", space.vmid.value, space.asid.value);
}

std::string kinds(const trace::Summary& summary) {
  TextTable table({{"records", report::Align::Left}, {"all"}, {"EL0"}, {"EL1"}, {"EL2"}, {"EL3"}});
  for (unsigned kind = 0; kind < trace::kKinds; ++kind) {
    const auto& of_el = summary.by_kind[kind];
    std::vector<std::string> cells{std::string(trace::kKindNames[kind]), or_nothing(0)};
    u64 all = 0;
    for (const u64 count : of_el) {
      all += count;
      cells.push_back(or_nothing(count));
    }
    cells[1] = or_nothing(all);
    table.row(std::move(cells));
  }
  return table.text();
}

std::string spaces(const trace::Summary& summary, std::size_t most) {
  std::vector<std::pair<trace::Space, trace::SpaceSummary>> all(summary.spaces.begin(), summary.spaces.end());
  std::ranges::stable_sort(all, std::ranges::greater{}, [](const auto& space) { return space.second.accesses; });
  TextTable table({{"address space", report::Align::Left}, {"accesses"}, {"4 KB pages"}});
  for (const auto& [space, counts] : all | std::views::take(most)) {
    table.row({name_of(space), grouped(counts.accesses), grouped(counts.pages)});
  }
  std::string text = table.text();
  if (all.size() > most) text += fmt::format("  and {} more (--all)\n", grouped(u64{all.size() - most}));
  return text;
}

std::string invalidations(const trace::Summary& summary) {
  std::vector<TextTable::Column> columns{{"invalidates", report::Align::Left}};
  for (const std::string_view reach : trace::kReachNames) columns.push_back({std::string(reach)});
  TextTable table(std::move(columns));
  for (unsigned scope = 0; scope < trace::kScopes; ++scope) {
    const auto& by_reach = summary.invalidations[scope];
    if (std::ranges::all_of(by_reach, [](u64 count) { return count == 0; })) continue;
    std::vector<std::string> cells{std::string(trace::kScopeNames[scope])};
    std::ranges::transform(by_reach, std::back_inserter(cells), or_nothing);
    table.row(std::move(cells));
  }
  return table.empty() ? "" : "\n" + table.text();
}

nlohmann::ordered_json json_of(const trace::Space& space, const trace::SpaceSummary& counts) {
  nlohmann::ordered_json json;
  if (space.stream != trace::kNoStream) {
    json["stream"] = space.stream.value;
  } else {
    json["regime"] = space.el >= El::El2 ? fmt::format("EL{}", index(space.el)) : "EL1&0";
  }
  json["vmid"] = space.vmid.value;
  json["asid"] = space.asid.value;
  json["accesses"] = counts.accesses;
  json["pages"] = counts.pages;
  return json;
}

}  // namespace

std::string to_text(const TraceFile& trace, std::size_t most_spaces) {
  const trace::Summary& summary = trace.summary;
  std::string text = fmt::format("{}: {} records, {} bytes", trace.path, grouped(trace.records), grouped(trace.bytes));
  if (summary.records != trace.records) text += fmt::format("; {} of them here", grouped(summary.records));
  text += fmt::format("\naddresses: VA{}{}\n\n", trace.header.contents.ipa ? ", IPA" : "",
                      trace.header.contents.pa ? ", PA" : "");
  for (const auto& [key, value] : trace.header.provenance) text += fmt::format("{}: {}\n", key, value);
  text += "\n" + kinds(summary) + "\n" + spaces(summary, most_spaces);
  if (trace.header.contents.pa) text += fmt::format("  of memory {} pages\n", grouped(summary.physical_pages));
  return text + invalidations(summary);
}

std::string to_json(const TraceFile& trace) {
  const trace::Summary& summary = trace.summary;
  nlohmann::ordered_json json{{"trace", trace.path}, {"bytes", trace.bytes}, {"records", trace.records}};
  json["counted_records"] = summary.records;
  json["has_ipa"] = trace.header.contents.ipa;
  json["has_pa"] = trace.header.contents.pa;
  json["provenance"] = nlohmann::ordered_json::array();  // a key may be there twice
  for (const auto& [key, value] : trace.header.provenance) json["provenance"].push_back({key, value});
  for (unsigned kind = 0; kind < trace::kKinds; ++kind) {
    json["by_kind_and_el"][std::string(trace::kKindNames[kind])] = summary.by_kind[kind];
  }
  json["spaces"] = nlohmann::ordered_json::array();
  for (const auto& [space, counts] : summary.spaces) json["spaces"].push_back(json_of(space, counts));
  if (trace.header.contents.pa) json["physical_pages"] = summary.physical_pages;
  json["invalidations"] = nlohmann::ordered_json::array();
  for (unsigned scope = 0; scope < trace::kScopes; ++scope) {
    for (unsigned reach = 0; reach < trace::kReaches; ++reach) {
      const u64 count = summary.invalidations[scope][reach];
      if (count == 0) continue;
      json["invalidations"].push_back(
          {{"scope", trace::kScopeNames[scope]}, {"reach", trace::kReachNames[reach]}, {"count", count}});
    }
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_csv(std::span<const trace::Record> records, u64 first, trace::Contents contents) {
  std::string lines;
  auto out = std::back_inserter(lines);
  for (const trace::Record& record : records) {
    const bool invalidates = record.kind == Kind::Invalidate;
    fmt::format_to(out, "{},{},{},{},{},", first++, trace::name_of(record.kind), index(record.el), record.vmid.value,
                   record.asid.value);
    if (record.stream != trace::kNoStream) fmt::format_to(out, "{}", record.stream.value);
    const bool has_ipa = invalidates ? trace::names_ipa(record.scope) : contents.ipa;
    const bool has_va = invalidates ? trace::names_va(record.scope) : true;
    has_va ? fmt::format_to(out, ",{:#x},", record.va.value) : fmt::format_to(out, ",,");
    if (has_ipa) fmt::format_to(out, "{:#x}", record.ipa.value);
    contents.pa && !invalidates ? fmt::format_to(out, ",{:#x},", record.pa.value) : fmt::format_to(out, ",,");
    fmt::format_to(out, "{}", record.size);
    invalidates ? fmt::format_to(out, ",{},{},{}\n", trace::name_of(record.scope),
                                 trace::name_of(record.target.regime()), trace::name_of(record.target.reach()))
                : fmt::format_to(out, ",,,\n");
  }
  return lines;
}

}  // namespace tw::command
