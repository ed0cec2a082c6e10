// Traces of other tools (platforms/importers) for trapwalk/importing.py.
#include "platforms/importers/importers.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <vector>

#include "arrays.hpp"
#include "errors.hpp"
#include "platforms/importers/input.hpp"
#include "records.hpp"
#include "rooms.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

/// Records, (IPAs known, PAs known), what the VAs are.
py::tuple import_records(const std::string& tool, const std::string& path, const importers::Options& options) {
  std::vector<trace::Record> records;
  const importers::Importer* importer = nullptr;
  translated("TraceError", [&] {
    const py::gil_scoped_release without_gil;
    importer = &importers::importer_of(tool);
    importers::Input input{std::filesystem::path(path)};
    importer->import(input, options, [&](const trace::Record& record) {
      records.push_back(record);
      if (records.size() % kBetweenLooks == 0) check_signals();
    });
    if (records.empty()) throw UserError(Complaint{path, "there is no access in it"});
  });
  py::array array(record_dtype(), static_cast<py::ssize_t>(records.size()));
  std::copy(records.begin(), records.end(), static_cast<trace::Record*>(array.mutable_data()));
  return py::make_tuple(array, py::make_tuple(importer->contents.ipa, importer->contents.pa), importer->addresses);
}

}  // namespace

void add_importers(py::module_& module) {
  py::class_<importers::Options>(module, "ImportOptions")
      .def(py::init([](u16 vmid, u16 asid, const std::vector<u32>& reads, const std::vector<u32>& writes) {
        importers::Options options;
        options.context.vmid = Vmid{vmid};
        options.context.asid = Asid{asid};
        options.reads = reads;
        options.writes = writes;
        return options;
      }));
  module.def("import_records", &import_records);
  module.def("import_file", [](const std::string& tool, const std::string& from, const std::string& to,
                               const importers::Options& options, const std::string& command) {
    translated("TraceError", [&] {
      const py::gil_scoped_release without_gil;
      importers::import_file(
          {.importer = tool, .from = from, .to = to, .options = options, .command = command, .build = TW_VERSION});
    });
  });
  py::list tools;
  for (const importers::Importer& importer : importers::all_importers()) tools.append(importer.name);
  module.attr("importers") = tools;
}

}  // namespace tw::python
