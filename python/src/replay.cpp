// Whole replays (platforms/replay/run) for trapwalk/replaying.py.
#include <memory>
#include <optional>

#include "arrays.hpp"
#include "configuration.hpp"
#include "curves.hpp"
#include "errors.hpp"
#include "platforms/replay/run.hpp"
#include "platforms/report/json.hpp"
#include "records.hpp"
#include "rooms.hpp"
#include "vmsa.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

/// What is wrong with a trace, apart from what is wrong with a configuration.
struct TraceFault {
  UserError error;
};

/// A trace of Python's, read once.
class PythonSource final : public replay::Source {
 public:
  PythonSource(const std::string& path, u64 first, u64 records) {
    translated("TraceError", [&] { source_ = std::make_unique<replay::FileSource>(path, first, records); });
  }
  /// Of an array, which it keeps.
  PythonSource(std::string name, py::array records, bool ipa, bool pa)
      : array_(std::move(records)),
        source_(std::make_unique<replay::MemorySource>(std::move(name), span_of<trace::Record>(array_, record_dtype()),
                                                       trace::Contents{.ipa = ipa, .pa = pa})) {}

  const std::string& name() const override { return source_->name(); }
  trace::Contents contents() const override { return source_->contents(); }
  trace::Provenance provenance() const override { return source_->provenance(); }
  u64 records() const override { return source_->records(); }
  u64 records_of_trace() const override { return source_->records_of_trace(); }
  std::span<const trace::Record> next() override {
    try {
      return source_->next();
    } catch (const UserError& error) {
      throw TraceFault{error};
    }
  }

 private:
  py::array array_;
  std::unique_ptr<replay::Source> source_;
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
py::tuple run(const Configuration& configuration, const std::vector<PythonSource*>& traces, const Ghosts& ghosts,
              const py::object& progress) {
  const std::vector<replay::Source*> sources(traces.begin(), traces.end());
  replay::Options options;
  for (const auto& ghost : ghosts) options.ghosts.push_back(ghost_of(ghost));
  options.progress = [&](u64 records) {
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (!progress.is_none()) progress(records);
    return true;
  };
  // Copies: while it goes on, `progress` or another thread may set parameters.
  const replay::Settings settings = configuration.settings();
  const std::vector<config::Parameter> parameters = configuration.table().parameters();
  replay::Outcome outcome;
  std::string report;
  {
    const py::gil_scoped_release without_gil;
    outcome = replay::run(settings, parameters, sources, options);
    report = report::to_json(outcome.report);
  }
  py::list switches;
  for (const replay::TraceOutcome& trace : outcome.traces) switches.append(trace.switches);
  py::dict more;
  more["records"] = outcome.counts.records;
  more["translations"] = outcome.counts.translations;
  more["faults"] = outcome.counts.faults;
  more["streams"] = outcome.counts.streams;
  more["table_writes"] = outcome.counts.table_writes;
  more["invalidations"] = outcome.counts.invalidations;
  more["dma_translations"] = outcome.dma.translations;
  more["dma_invalidations"] = outcome.dma.invalidations;
  more["dma_faults"] = outcome.dma.faults;
  more["spaces"] = outcome.spaces;
  more["leaves"] = outcome.leaves;
  more["switches"] = switches;
  return py::make_tuple(report, more);
}

/// The curve of walk caches, and what a table of the last level maps. There is a stage 1.
py::tuple walk_caches(const Configuration& configuration, const std::vector<PythonSource*>& traces, u64 most_entries,
                      const std::vector<u64>& set_counts, const std::string& by) {
  const std::vector<replay::Source*> sources(traces.begin(), traces.end());
  replay::Options options;
  options.miss_curve = vmsa::StackDistances::Spec{.most_entries = most_entries, .set_counts = set_counts};
  options.walks_by = parts_by(by);
  options.progress = [](u64) {
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    return true;
  };
  const replay::Settings settings = configuration.settings();
  replay::Outcome outcome;
  {
    const py::gil_scoped_release without_gil;
    outcome = replay::run(settings, {}, sources, options);
  }
  const replay::SharedDistances& curve = *outcome.walk_cache_curve;
  return py::make_tuple(outcome.table_bytes, counts_of(curve.together()), parts_of(curve.together(), curve.parts()));
}

/// `call`, with what is wrong as ConfigError or TraceError.
template <class Call>
py::tuple told_apart(const Call& call) {
  try {
    return translated("ConfigError", call);
  } catch (const TraceFault& fault) {
    return translated("TraceError", [&]() -> py::tuple { throw UserError(fault.error); });
  }
}

}  // namespace

void add_replay(py::module_& module) {
  py::class_<PythonSource>(module, "Source")
      .def(py::init<const std::string&, u64, u64>())
      .def(py::init<std::string, py::array, bool, bool>());
  module.def("replay", [](const Configuration& configuration, const std::vector<PythonSource*>& traces,
                          const Ghosts& ghosts, const py::object& progress) {
    return told_apart([&] { return run(configuration, traces, ghosts, progress); });
  });
  module.def("walk_caches", [](const Configuration& configuration, const std::vector<PythonSource*>& traces,
                               u64 most_entries, const std::vector<u64>& set_counts, const std::string& by) {
    return told_apart([&] { return walk_caches(configuration, traces, most_entries, set_counts, by); });
  });
}

}  // namespace tw::python
