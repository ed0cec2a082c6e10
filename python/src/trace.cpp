// Trace files for trapwalk/trace.py.
#include "trace/reader.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <optional>

#include "arrays.hpp"
#include "errors.hpp"
#include "exclusive.hpp"
#include "records.hpp"
#include "rooms.hpp"
#include "trace/writer.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;
using trace::Record;

std::span<const Record> records_of(const py::array& array) { return span_of<Record>(array, record_dtype()); }

class PythonReader final {
 public:
  explicit PythonReader(const std::string& path) : reader_(std::filesystem::path(path)) {}

  u64 records() const { return reader_.records(); }
  py::tuple contents() const {
    const trace::Contents& contents = reader_.header().contents;
    return py::make_tuple(contents.ipa, contents.pa);
  }
  /// Pairs of bytes: nobody has looked whether they are UTF-8.
  py::list provenance() const {
    py::list list;
    for (const auto& [key, value] : reader_.header().provenance) {
      list.append(py::make_tuple(py::bytes(key), py::bytes(value)));
    }
    return list;
  }
  /// Records `first` to `first + count`; the caller has looked that there are so many.
  py::array read(u64 first, u64 count) {
    const Exclusive::Use use(exclusive_);
    py::array array(record_dtype(), static_cast<py::ssize_t>(count));
    Record* at = static_cast<Record*>(array.mutable_data());
    translated("TraceError", [&] {
      const py::gil_scoped_release without_gil;
      reader_.seek(first);
      while (count != 0) {
        std::span<const Record> block = reader_.next();
        if (block.empty()) throw UserError(Complaint{"", "the trace ends before its end"});
        block = block.first(std::min<u64>(count, block.size()));
        at = std::copy(block.begin(), block.end(), at);
        count -= block.size();
        check_signals();
      }
    });
    return array;
  }

 private:
  trace::Reader reader_;
  Exclusive exclusive_;
};

/// What a file can hold: known kinds, levels, scopes. -1: all records are so; else the first that is not.
i64 first_wrong(const py::array& array) {
  const std::span<const Record> records = records_of(array);
  const py::gil_scoped_release without_gil;
  const auto wrong = std::find_if(records.begin(), records.end(), [](const Record& record) {
    const bool invalidates = record.kind == trace::Kind::Invalidate;
    return static_cast<unsigned>(record.kind) >= trace::kKinds || index(record.el) > 3 ||
           static_cast<unsigned>(record.scope) >= trace::kScopes ||
           invalidates == (record.scope == trace::Scope::None) || record.target.regime() > trace::Regime::El20 ||
           record.target.reach() > trace::Reach::Command || !trace::go_together(record.scope, record.target.reach());
  });
  return wrong == records.end() ? -1 : wrong - records.begin();
}

class PythonWriter final {
 public:
  PythonWriter(const std::string& path, bool ipa, bool pa, const trace::Provenance& provenance)
      : writer_(path, {.contents = {.ipa = ipa, .pa = pa}, .provenance = provenance}) {}

  void write(const py::array& array) {
    const Exclusive::Use use(exclusive_);
    const std::span<const Record> records = records_of(array);
    translated("TraceError", [&] {
      in_parts(records.size(), [&](std::size_t first, std::size_t count) {
        for (const Record& record : records.subspan(first, count)) writer_.write(record);
      });
    });
  }
  void finish() {
    const Exclusive::Use use(exclusive_);
    translated("TraceError", [&] {
      const py::gil_scoped_release without_gil;
      writer_.finish();
    });
  }

 private:
  trace::Writer writer_;
  Exclusive exclusive_;
};

}  // namespace

void add_trace(py::module_& module) {
  module.attr("record_dtype") = record_dtype();
  module.attr("no_stream") = trace::kNoStream.value;
  module.attr("block_records") = trace::kBlockRecords;
  module.def("first_wrong", &first_wrong);

  py::class_<PythonReader>(module, "TraceReader")
      .def(py::init([](const std::string& path) {
        return translated("TraceError", [&] { return std::make_unique<PythonReader>(path); });
      }))
      .def_property_readonly("records", &PythonReader::records)
      .def_property_readonly("contents", &PythonReader::contents)
      .def_property_readonly("provenance", &PythonReader::provenance)
      .def("read", &PythonReader::read);

  py::class_<PythonWriter>(module, "TraceWriter")
      .def(py::init([](const std::string& path, bool ipa, bool pa, const trace::Provenance& provenance) {
        return translated("TraceError", [&] { return std::make_unique<PythonWriter>(path, ipa, pa, provenance); });
      }))
      .def("write", &PythonWriter::write)
      .def("finish", &PythonWriter::finish);
}

}  // namespace tw::python
