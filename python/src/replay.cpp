// Whole replays (platforms/replay/run) for trapwalk/replaying.py.
#include <memory>
#include <optional>

#include "arrays.hpp"
#include "configuration.hpp"
#include "errors.hpp"
#include "platforms/replay/run.hpp"
#include "platforms/report/json.hpp"
#include "records.hpp"
#include "rooms.hpp"
#include "vmsa.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

/// Records of an array, which it keeps.
class ArraySource final {
 public:
  ArraySource(std::string name, py::array records, bool ipa, bool pa)
      : array_(std::move(records)),
        source_(std::move(name), span_of<trace::Record>(array_, record_dtype()), {.ipa = ipa, .pa = pa}) {}
  replay::Source& source() { return source_; }

 private:
  py::array array_;
  replay::MemorySource source_;
};

vmsa::GhostSpec ghost_of(const std::tuple<std::string, u64, u64>& spec) {
  const auto& [structure, entries, ways] = spec;
  for (unsigned n = 0; n < std::size(vmsa::kHauntedNames); ++n) {
    if (structure == vmsa::kHauntedNames[n]) return {static_cast<vmsa::Haunted>(n), entries, ways};
  }
  throw py::value_error("ghosts: \"" + structure + "\" is none of tlb.l2, walk_cache, ipa");
}

using Ghosts = std::vector<std::tuple<std::string, u64, u64>>;

/// The report's JSON text, and a dict of what it does not say.
py::tuple run(const Configuration& configuration, replay::Source& source, const Ghosts& ghosts,
              const py::object& progress) {
  replay::Options options;
  for (const auto& ghost : ghosts) options.ghosts.push_back(ghost_of(ghost));
  options.progress = [&](u64 records) {
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (!progress.is_none()) progress(records);
    return true;
  };
  std::optional<replay::Outcome> outcome;
  std::string report;
  {
    const py::gil_scoped_release without_gil;
    outcome = replay::run(configuration.settings(), configuration.table().parameters(), source, options);
    report = report::to_json(outcome->report);
  }
  py::dict more;
  more["records"] = outcome->counts.records;
  more["translations"] = outcome->counts.translations;
  more["faults"] = outcome->counts.faults;
  more["streams"] = outcome->counts.streams;
  more["spaces"] = outcome->spaces;
  more["leaves"] = outcome->leaves;
  return py::make_tuple(report, more);
}

}  // namespace

void add_replay(py::module_& module) {
  module.def("replay_file", [](const Configuration& configuration, const std::string& path, u64 first, u64 records,
                               const Ghosts& ghosts, const py::object& progress) {
    return translated("TraceError", [&] {
      replay::FileSource source(path, first, records);
      return run(configuration, source, ghosts, progress);
    });
  });
  module.def("replay_records", [](const Configuration& configuration, const std::string& name, py::array records,
                                  bool ipa, bool pa, const Ghosts& ghosts, const py::object& progress) {
    return translated("ConfigError", [&] {
      ArraySource source(name, std::move(records), ipa, pa);
      return run(configuration, source.source(), ghosts, progress);
    });
  });
}

}  // namespace tw::python
