// Reports, by platforms/report: what reads, prints and compares them in the command does so here.
#include "rooms.hpp"

#include <pybind11/stl.h>

#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "cache/statistics.hpp"
#include "cost/causes.hpp"
#include "cost/spans.hpp"
#include "platforms/report/compare.hpp"
#include "platforms/report/html/html.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/report.hpp"
#include "platforms/report/text.hpp"
#include "smmu/statistics.hpp"

namespace py = pybind11;

namespace tw::python {
namespace {

/// Throws trapwalk.ReportError for what is no report.
report::Report read(const std::string& json, const std::string& name) {
  try {
    return report::from_json(json, name);
  } catch (const UserError& error) {
    const py::object type = py::module_::import("trapwalk.errors").attr("ReportError");
    PyErr_SetString(type.ptr(), error.what());
    throw py::error_already_set();
  }
}

std::vector<std::tuple<std::string, std::string, std::string>> causes() {
  std::vector<std::tuple<std::string, std::string, std::string>> rows;
  for (unsigned i = 0; i < cost::kCauseCount; ++i) {
    const report::Group part = report::group_of(static_cast<cost::Cause>(i));
    rows.emplace_back(cost::kCauses[i].name, cost::kCauses[i].what, name(part));
  }
  return rows;
}

std::vector<std::string> parts() {
  std::vector<std::string> names;
  for (unsigned i = 0; i < report::kGroupCount; ++i) names.emplace_back(name(static_cast<report::Group>(i)));
  return names;
}

using NamesAndMeanings = std::vector<std::pair<std::string, std::string>>;

NamesAndMeanings cache_counters() {
  NamesAndMeanings rows;
  for (const cache::StatisticRow& row : cache::kLevelStatistics) rows.emplace_back(row.name, row.what);
  return rows;
}

NamesAndMeanings smmu_parts() {
  NamesAndMeanings rows;
  for (const smmu::PartRow& row : smmu::kParts) rows.emplace_back(row.name, row.what);
  return rows;
}

std::vector<std::string> served_by() {
  std::vector<std::string> names;
  for (unsigned i = 0; i < cost::kServedByCount; ++i) names.emplace_back(cost::name(static_cast<cost::ServedBy>(i)));
  return names;
}

std::string interrupt_name(u64 intid, bool is_virtual, unsigned vmid) {
  report::Interrupt interrupt;
  interrupt.intid = intid;
  interrupt.is_virtual = is_virtual;
  interrupt.vmid = Vmid{static_cast<u16>(vmid)};
  return text(interrupt);
}

report::Comparison compared(const report::Report& a, const report::Report& b, const std::string& name_a,
                            const std::string& name_b) {
  return report::compare(a, b, name_a, name_b, {.fold = false, .all = true});
}

report::TextOptions text_options(bool all) {
  if (!all) return {};
  return {.max_traps = std::numeric_limits<u64>::max(), .fold = false};
}

}  // namespace

void add_report(py::module_& module) {
  module.def("causes", causes, "Causes of modelled time: name, what it is, part of a trap (see parts).");
  module.def("parts", parts, "Parts of a trap, in the order of a report.");
  module.def("served_by", served_by, "Who may have a descriptor that a walk fetches.");
  module.def("cache_counters", cache_counters, "What a cache counts: name, what it is.");
  module.def("smmu_parts", smmu_parts, "Parts of a translation by the SMMU: name, what it is.");
  module.def("interrupt_name", interrupt_name, py::arg("intid"), py::arg("virtual"), py::arg("vmid"));
  module.def(
      "report_check", [](const std::string& json, const std::string& name) { read(json, name); }, py::arg("json"),
      py::arg("name"), "Raises trapwalk.ReportError for what is no report; `name` stands for it in the message.");
  module.def(
      "report_text",
      [](const std::string& json, const std::string& name, bool all) {
        return report::to_text(read(json, name), text_options(all));
      },
      py::arg("json"), py::arg("name"), py::arg("all"));
  module.def(
      "report_html",
      [](const std::string& json, const std::string& name) { return report::to_html(read(json, name), json); },
      py::arg("json"), py::arg("name"));
  module.def(
      "compare_json",
      [](const std::string& a, const std::string& b, const std::string& name_a, const std::string& name_b) {
        return report::to_json(compared(read(a, name_a), read(b, name_b), name_a, name_b));
      },
      py::arg("a"), py::arg("b"), py::arg("name_a"), py::arg("name_b"));
  module.def(
      "compare_html",
      [](const std::string& a, const std::string& b, const std::string& name_a, const std::string& name_b) {
        const report::Report of_a = read(a, name_a), of_b = read(b, name_b);
        return report::to_html(compared(of_a, of_b, name_a, name_b), of_a, of_b);
      },
      py::arg("a"), py::arg("b"), py::arg("name_a"), py::arg("name_b"));
}

}  // namespace tw::python
