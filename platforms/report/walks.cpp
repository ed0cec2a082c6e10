#include "platforms/report/walks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "platforms/report/format.hpp"

namespace tw::report {
namespace {

using enum Align;

/// Fetches that belong together: those for one stage-1 level, or for the final IPA.
struct Branch {
  std::string title;
  std::vector<const Fetch*> fetches;
};

/// Of a fetch, or of the fetches of a place: the level of stage 1 that it belongs to, -1 for the final IPA.
template <class F>
i64 stage1_level(const F& fetch) {
  return fetch.stage == 1 ? fetch.level : fetch.for_stage1_level;
}

std::string what_for(i64 stage1_level) {
  return stage1_level < 0 ? "the final IPA" : fmt::format("stage 1, level {}", stage1_level);
}

std::vector<Branch> branches(const ExplainedWalk& walk) {
  std::vector<Branch> out;
  i64 present = 0;
  for (const Fetch& fetch : walk.fetches) {
    const i64 level = stage1_level(fetch);
    if (out.empty() || level != present) {
      out.push_back({what_for(level), {}});
      present = level;
    }
    out.back().fetches.push_back(&fetch);
  }
  return out;
}

/// The address that a descriptor points to; its low bits depend on the granule, and are zero.
std::string points_to(const Fetch& fetch) {
  constexpr u64 kAddress = 0x0000'FFFF'FFFF'F000;  // Arm ARM D8.3.1, 48-bit OA
  if ((fetch.descriptor & 1) == 0) return "";
  return fmt::format("{:#x}", fetch.descriptor & kAddress);
}

std::string title(const ExplainedWalk& walk) {
  return fmt::format("  VA {:#x}, {}, {}: {} cycles in {} fetches{}\n", walk.va, text(walk.key), text(walk.key.context),
                     grouped(walk.cycles), walk.fetches.size(), walk.fault ? ", ends in a fault" : "");
}

/// `walks` from `first` on.
std::string list(const std::vector<ExplainedWalk>& walks, std::size_t first) {
  std::string out;
  for (std::size_t i = first; i < walks.size(); ++i) {
    if (i != first) out += "\n";
    out += tree(walks[i]);
  }
  return out;
}

}  // namespace

std::string walks_by_level(const std::vector<Walk>& walks) {
  constexpr i64 kLevels = cost::FetchesByLevel::kLevels, kOwn = kLevels;
  const std::vector<LevelFetches> places = levels_of(walks);
  if (places.empty()) return {};
  std::vector<TextTable::Column> columns = {{"for", Left}};
  for (i64 column = 0; column <= kOwn; ++column) {
    columns.push_back({column == kOwn ? "its descriptor" : fmt::format("stage 2, level {}", column)});
    columns.push_back({"mean"});
  }
  TextTable table(std::move(columns));
  for (i64 row = 0; row <= kLevels; ++row) {
    const i64 of = row == kLevels ? cost::FetchesByLevel::kFinalIpa : row;
    std::vector<std::string> cells = {what_for(of)};
    bool any = false;
    for (i64 column = 0; column <= kOwn; ++column) {
      const auto place = std::find_if(places.begin(), places.end(), [&](const LevelFetches& l) {
        return stage1_level(l) == of && (l.stage == 1 ? kOwn : l.level) == column;
      });
      const bool found = place != places.end();
      cells.push_back(found ? grouped(place->count) : "");
      cells.push_back(found ? decimal(per(place->cycles, place->count)) : "");
      any = any || found;
    }
    if (any) table.row(std::move(cells));
  }
  table.drop_empty_columns();
  return heading("Walks by level", "descriptor fetches of all walks, and mean cycles of one") + table.text();
}

std::string_view descriptor_kind(u64 descriptor, i64 level) {
  if ((descriptor & 1) == 0) return "invalid";
  if ((descriptor & 2) == 0) return level == 3 ? "invalid" : "block";
  return level == 3 ? "page" : "table";
}

std::string tree(const ExplainedWalk& walk) {
  TextTable table({{"fetch", Left},
                   {"at"},
                   {"descriptor"},
                   {"is", Left},
                   {"points to"},
                   {"served by", Left},
                   {"cycles"},
                   {"until then"}});
  const std::vector<Branch> all = branches(walk);
  u64 sum = 0;
  for (std::size_t b = 0; b < all.size(); ++b) {
    const bool last_branch = b + 1 == all.size();
    u64 cycles = 0;
    for (const Fetch* f : all[b].fetches) cycles += f->cycles;
    table.row({fmt::format("{} {}", last_branch ? "└─" : "├─", all[b].title), "", "", "", "", "",
               all[b].fetches.size() == 1 ? "" : fmt::format("= {}", grouped(cycles)), ""});
    for (std::size_t i = 0; i < all[b].fetches.size(); ++i) {
      const Fetch& f = *all[b].fetches[i];
      const bool last = i + 1 == all[b].fetches.size();
      sum += f.cycles;
      table.row({fmt::format("{}  {} {}", last_branch ? "  " : "│ ", last ? "└─" : "├─",
                             f.stage == 1 ? "descriptor" : fmt::format("stage 2, level {}", f.level)),
                 fmt::format("{:#x}", f.address), fmt::format("{:#018x}", f.descriptor),
                 std::string(descriptor_kind(f.descriptor, f.level)), points_to(f),
                 std::string(cost::name(f.served_by)), grouped(f.cycles), grouped(sum)});
    }
  }
  table.row({"sum", "", "", "", "", "", grouped(sum), sum == walk.cycles ? "= span" : "IS NOT THE SPAN"});
  return title(walk) + table.text();
}

std::string explained_walks(const Report& report, u64 count) {
  std::string out;
  for (const Core& core : report.cores) {
    const std::vector<ExplainedWalk>& walks = core.recent_walks;
    const std::size_t shown = std::min<u64>(count, walks.size());
    out += heading(fmt::format("cpu {}: the last {} walks", core.cpu, grouped(u64{shown})),
                   shown < count ? "more were not kept: trapwalk run --keep-walks N" : "");
    out += list(walks, walks.size() - shown);
    if (core.longest_walks.empty()) continue;
    out += heading(fmt::format("cpu {}: the longest walks", core.cpu));
    out += list(core.longest_walks, 0);
  }
  return out;
}

}  // namespace tw::report
