#include "platforms/report/smmu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "platforms/report/compare.hpp"
#include "platforms/report/format.hpp"
#include "platforms/report/pairs.hpp"
#include "platforms/report/report.hpp"
#include "platforms/report/structures.hpp"

namespace tw::report {
namespace {

using enum Align;

auto key_of(const SmmuStream& s) { return std::tie(s.stream, s.has_substream, s.substream, s.owner); }
auto key_of(const SmmuCommand& c) { return std::tie(c.name); }
auto key_of(const SmmuWho& w) { return std::tie(w.stream, w.has_substream, w.substream, w.owner); }
auto key_of(const SmmuEvictions& e) {
  return std::tuple_cat(std::tie(e.structure), key_of(e.victim), key_of(e.evictor));
}
auto key_of(const TlbStatistics& t) { return std::tie(t.name); }

constexpr u64 SmmuStream::*kSums[] = {
    &SmmuStream::reads,          &SmmuStream::writes,       &SmmuStream::fetches_stage1,
    &SmmuStream::fetches_stage2, &SmmuStream::ste_fetches,  &SmmuStream::cd_fetches,
    &SmmuStream::prefetches,     &SmmuStream::ats_requests, &SmmuStream::page_requests};

void merge(SmmuStream& to, const SmmuStream& more) {
  merge(to.translations, more.translations);
  merge(to.cycles, more.cycles);
  for (u64 SmmuStream::*member : kSums) to.*member += more.*member;
  to.latency.merge(more.latency);
}

void merge(SmmuCommand& to, const SmmuCommand& more) {
  to.count += more.count;
  to.cycles += more.cycles;
}

void merge(SmmuEvictions& to, const SmmuEvictions& more) { to.count += more.count; }

/// Keeps the order of the keys.
template <class Row>
void merge_rows(std::vector<Row>& to, const std::vector<Row>& more) {
  for (const Row& row : more) {
    const auto same = std::find_if(to.begin(), to.end(), [&](const Row& t) { return key_of(t) == key_of(row); });
    if (same == to.end()) {
      to.push_back(row);
    } else {
      merge(*same, row);
    }
  }
}

u64 total(const Counts& counts) {
  u64 sum = 0;
  for (const Counts::Row& row : counts.rows) sum += row.value;
  return sum;
}

template <class Stream>
std::string text(const Stream& s) {
  return s.has_substream ? fmt::format("{:#x} substream {:#x}", s.stream, s.substream) : fmt::format("{:#x}", s.stream);
}

std::string zero_as_empty(u64 number) { return number == 0 ? "" : grouped(number); }

/// The names of some counter over all streams: a column each.
std::vector<std::string> names(const Smmu& smmu, Counts SmmuStream::*member) {
  Counts all;
  for (const SmmuStream& s : smmu.streams) merge(all, s.*member);
  std::vector<std::string> list;
  for (const Counts::Row& row : all.rows) list.push_back(row.name);
  return list;
}

std::string streams_text(const Smmu& smmu) {
  if (smmu.streams.empty()) return {};
  const std::vector<std::string> answers = names(smmu, &SmmuStream::translations);
  const std::vector<std::string> parts = names(smmu, &SmmuStream::cycles);
  std::vector<TextTable::Column> columns = {{"stream", Left}, {"of", Left}, {"translations"}};
  for (const std::string& name : answers) columns.push_back({name});
  for (const char* title : {"reads", "writes", "mean", "p50", "p99", "max"}) columns.push_back({title});
  TextTable table(std::move(columns));
  columns = {{"stream", Left}, {"of", Left}};
  for (const std::string& name : parts) columns.push_back({name});
  TextTable inside(std::move(columns));
  TextTable fetched({{"stream", Left},
                     {"of", Left},
                     {"stage 1"},
                     {"stage 2"},
                     {"a walk"},
                     {"STE"},
                     {"CD"},
                     {"prefetches"},
                     {"ATS requests"},
                     {"page requests"}});
  for (const SmmuStream& s : smmu.streams) {
    const u64 count = total(s.translations);
    std::vector<std::string> cells = {text(s), text(s.owner), grouped(count)};
    for (const std::string& name : answers) cells.push_back(zero_as_empty(s.translations.of(name)));
    cells.insert(cells.end(),
                 {zero_as_empty(s.reads), zero_as_empty(s.writes), decimal(s.latency.mean()),
                  grouped(s.latency.quantile(0.5)), grouped(s.latency.quantile(0.99)), grouped(s.latency.max())});
    table.row(std::move(cells));
    cells = {text(s), text(s.owner)};
    for (const std::string& name : parts) {
      const u64 cycles = s.cycles.of(name);
      cells.push_back(cycles == 0 ? "" : decimal(per(cycles, count)));
    }
    inside.row(std::move(cells));
    const u64 descriptors = s.fetches_stage1 + s.fetches_stage2, walks = s.translations.of("walk");
    fetched.row({text(s), text(s.owner), zero_as_empty(s.fetches_stage1), zero_as_empty(s.fetches_stage2),
                 walks == 0 ? "" : decimal(per(descriptors, walks)), zero_as_empty(s.ste_fetches),
                 zero_as_empty(s.cd_fetches), zero_as_empty(s.prefetches), zero_as_empty(s.ats_requests),
                 zero_as_empty(s.page_requests)});
  }
  table.drop_empty_columns();
  inside.drop_empty_columns();
  fetched.drop_empty_columns();
  return heading("SMMU: translations",
                 fmt::format("by who answered; times in cycles of {} MHz", grouped(smmu.frequency_mhz))) +
         table.text() + heading("Inside a translation", "mean cycles a translation") + inside.text() +
         heading("What translations read", "descriptors by stage, and how many a walk; stream table entries; CDs") +
         fetched.text();
}

std::string commands_text(const Smmu& smmu) {
  TextTable table({{"command", Left}, {"times"}, {"cycles"}, {"mean"}});
  for (const SmmuCommand& c : smmu.commands) {
    table.row({c.name, grouped(c.count), grouped(c.cycles), decimal(per(c.cycles, c.count))});
  }
  if (table.empty()) return {};
  std::string out = heading("SMMU: commands", "cycles until the next one could begin") + table.text();
  if (smmu.sync_wait_cycles != 0) {
    out += fmt::format("  CMD_SYNC waited {} cycles for what was before it\n", grouped(smmu.sync_wait_cycles));
  }
  if (smmu.commands_illegal != 0) out += fmt::format("  {} illegal commands\n", grouped(smmu.commands_illegal));
  return out;
}

std::string events_text(const Smmu& smmu) {
  TextTable table({{"event", Left}, {"times"}});
  for (const Counts::Row& row : smmu.events.rows) table.row({row.name, grouped(row.value)});
  if (smmu.events_merged != 0) table.row({"merged", grouped(smmu.events_merged)});
  if (smmu.events_lost != 0) table.row({"lost: the queue was full", grouped(smmu.events_lost)});
  return table.empty() ? std::string() : heading("SMMU: events") + table.text();
}

/// Between streams: one stream alone has nobody in its way.
std::string evictions_text(const Smmu& smmu) {
  std::vector<SmmuEvictions> rows = smmu.evictions;
  const auto is_own = [](const SmmuEvictions& e) {
    return std::tie(e.victim.stream, e.victim.substream) == std::tie(e.evictor.stream, e.evictor.substream);
  };
  if (std::all_of(rows.begin(), rows.end(), is_own)) return {};
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  TextTable table(
      {{"structure", Left}, {"victim", Left}, {"of", Left}, {"evictor", Left}, {"of", Left}, {"evictions"}});
  for (const SmmuEvictions& e : rows) {
    table.row(
        {e.structure, text(e.victim), text(e.victim.owner), text(e.evictor), text(e.evictor.owner), grouped(e.count)});
  }
  return heading("Which stream evicted which in the SMMU") + table.text();
}

const Smmu& of(const Report& report) {
  static const Smmu kNone;
  return report.smmu.empty() ? kNone : report.smmu.front();
}

void add_translations(Pairs& pairs, const Smmu& smmu, bool second) {
  for (const SmmuStream& s : smmu.streams) {
    const std::string who = fmt::format("{}, {}", text(s), text(s.owner));
    const auto add = [&](std::string_view what, u64 value) {
      pairs.add(fmt::format("{}: {}", who, what), value, second);
    };
    add("translations", total(s.translations));
    for (const Counts::Row& row : s.translations.rows) add(row.name, row.value);
    add("cycles", s.latency.sum());
    add("stage-1 fetches", s.fetches_stage1);
    add("stage-2 fetches", s.fetches_stage2);
    add("STE fetches", s.ste_fetches);
    add("CD fetches", s.cd_fetches);
  }
}

void add_commands(Pairs& pairs, const Smmu& smmu, bool second) {
  for (const SmmuCommand& c : smmu.commands) {
    pairs.add(c.name, c.count, second);
    pairs.add(c.name + ": cycles", c.cycles, second);
  }
  for (const Counts::Row& row : smmu.events.rows) pairs.add(row.name, row.value, second);
  pairs.add("events lost", smmu.events_lost, second);
  pairs.add("CMD_SYNC: cycles waited", smmu.sync_wait_cycles, second);
}

void add_structures(Pairs& pairs, const Smmu& smmu, bool second) {
  for (const TlbStatistics& t : smmu.structures) {
    pairs.add(t.name + ": lookups", t.lookups, second);
    pairs.add(t.name + ": misses", t.misses, second);
    pairs.add(t.name + ": evictions", t.evictions, second);
    pairs.add(t.name + ": entries removed by commands", t.entries_invalidated, second);
  }
}

}  // namespace

void merge(Smmu& to, const Smmu& more) {
  merge_rows(to.streams, more.streams);
  std::sort(to.streams.begin(), to.streams.end(),
            [](const SmmuStream& a, const SmmuStream& b) { return key_of(a) < key_of(b); });
  merge_rows(to.commands, more.commands);
  merge(to.events, more.events);
  to.events_lost += more.events_lost;
  to.events_merged += more.events_merged;
  to.commands_illegal += more.commands_illegal;
  to.sync_wait_cycles += more.sync_wait_cycles;
  merge_rows(to.structures, more.structures);
  merge_rows(to.evictions, more.evictions);
}

std::string smmu_text(const Report& report) {
  std::string out;
  for (const Smmu& smmu : report.smmu) {
    out += streams_text(smmu) +
           structures_text(smmu.structures, "SMMU: TLBs and caches", "Who evicted whom in the SMMU") +
           evictions_text(smmu) + commands_text(smmu) + events_text(smmu);
  }
  return out;
}

std::vector<PairTable> compare_smmu(const Report& a, const Report& b) {
  if (a.smmu.empty() && b.smmu.empty()) return {};
  std::vector<PairTable> tables;
  const auto add = [&](const char* key, const char* title, const char* what, auto fill) {
    Pairs pairs;
    fill(pairs, of(a), false);
    fill(pairs, of(b), true);
    tables.push_back({key, title, what, pairs.take()});
  };
  add("smmu_translations", "SMMU: translations", "stream", add_translations);
  add("smmu_commands", "SMMU: commands and events", "what", add_commands);
  add("smmu_structures", "SMMU: TLBs and caches", "structure", add_structures);
  return tables;
}

}  // namespace tw::report
