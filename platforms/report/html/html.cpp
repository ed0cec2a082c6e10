#include "platforms/report/html/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "platforms/report/html/page.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/walks.hpp"

namespace tw::report {
namespace {

using Json = nlohmann::ordered_json;

/// Of the walks that were kept, how many are shown fetch by fetch, of the last and of the longest ones each.
constexpr std::size_t kExplained = 8;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json groups() {
  Json names = Json::array();
  for (unsigned i = 0; i < kGroupCount; ++i) names.push_back(std::string(name(static_cast<Group>(i))));
  return names;
}

Json causes() {
  Json rows = Json::array();
  for (unsigned i = 0; i < cost::kCauseCount; ++i) {
    const auto group = static_cast<unsigned>(group_of(static_cast<cost::Cause>(i)));
    rows.push_back({{"name", cost::kCauses[i].name}, {"what", cost::kCauses[i].what}, {"group", group}});
  }
  return rows;
}

/// Names of the interrupts of its events.
Json interrupt_sources(const Report& report) {
  Json names = Json::array();
  for (const Events& events : report.events) {
    for (const InterruptSource& source : events.interrupt_sources) {
      Interrupt interrupt;
      interrupt.intid = source.intid;
      interrupt.cpu = source.cpu;
      interrupt.is_virtual = source.is_virtual;
      interrupt.vmid = source.vmid;
      names.push_back(text(interrupt));
    }
  }
  return names;
}

/// A side of a comparison's timeline.
std::string timeline(const Report& report) {
  return fmt::format(R"({{"events":{},"names":{}}})", split_events(to_json(report)).second,
                     dump(interrupt_sources(report)));
}

/// As text: an address of 64 bits is no number of JavaScript.
Json explained(const Report& report) {
  Json rows = Json::array();
  const auto add = [&](const Core& core, const std::vector<ExplainedWalk>& walks, std::string_view which) {
    const std::size_t shown = std::min(walks.size(), kExplained);
    const std::size_t first = which == "longest" ? 0 : walks.size() - shown;
    for (std::size_t i = first; i < first + shown; ++i) {
      if (walks[i].fetches.empty()) continue;
      rows.push_back({{"which", which},
                      {"cpu", core.cpu},
                      {"fetches", walks[i].fetches.size()},
                      {"cycles", walks[i].cycles},
                      {"key", text(walks[i].key) + ", " + text(walks[i].key.context)},
                      {"tree", tree(walks[i])}});
    }
  };
  for (const Core& core : report.cores) {
    add(core, core.longest_walks, "longest");
    add(core, core.recent_walks, "last");
  }
  return rows;
}

/// All cores as one; null when there is one only.
Json merged(const Report& report) {
  if (report.cores.size() < 2) return nullptr;
  Report all;
  all.cores.push_back(all_cores(report));
  return Json::parse(to_json(all)).at("cores").at(0);
}

/// What the text page says in words and the JSON does not.
Json notes(const Report& report) {
  Json interrupts = Json::array();
  for (const Interrupt& interrupt : report.interrupts) interrupts.push_back(text(interrupt));
  return {{"groups", groups()},
          {"causes", causes()},
          {"interrupts", std::move(interrupts)},
          {"interrupt_sources", interrupt_sources(report)},
          {"explained_walks", explained(report)},
          {"all_cores", merged(report)}};
}

std::string title(const Run& run) {
  std::string names;
  for (const std::string& image : run.images) {
    names += (names.empty() ? "" : ", ") + std::filesystem::path(image).filename().string();
  }
  return names.empty() ? "Trapwalk report" : names + " - Trapwalk report";
}

}  // namespace

std::string to_html(const Report& report) { return to_html(report, to_json(report)); }

std::string to_html(const Report& report, std::string_view json) {
  return html::page(title(report.run), {{"report", dump(Json::parse(json))}, {"notes", dump(notes(report))}});
}

std::string to_html(const Comparison& comparison, const Report& a, const Report& b) {
  std::vector<html::Data> data = {{"comparison", dump(Json::parse(to_json(comparison)))}};
  if (!a.events.empty() && !b.events.empty()) {
    data.push_back({"timelines", fmt::format("[{},{}]", timeline(a), timeline(b))});
    data.push_back({"notes", dump(Json{{"groups", groups()}, {"causes", causes()}})});
  }
  return html::page(fmt::format("{} and {} - Trapwalk comparison", comparison.name_a, comparison.name_b), data);
}

}  // namespace tw::report
