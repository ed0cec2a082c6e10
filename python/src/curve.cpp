// Stack distances over records for trapwalk/curve.py.
#include <pybind11/stl.h>

#include "configuration.hpp"
#include "curves.hpp"
#include "errors.hpp"
#include "exclusive.hpp"
#include "platforms/replay/miss_curve.hpp"
#include "records.hpp"
#include "rooms.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

class Curve final {
 public:
  Curve(const Configuration& configuration, bool ipa, bool pa, u64 most_entries, const std::vector<u64>& set_counts,
        bool masters, const std::string& by)
      : curve_(configuration.replay(), {.ipa = ipa, .pa = pa}, {.most_entries = most_entries, .set_counts = set_counts},
               masters ? replay::CurveOf::Masters : replay::CurveOf::Cores, parts_by(by)) {}

  void access(const py::array& array) {
    const Exclusive::Use use(exclusive_);
    const auto records = span_of<trace::Record>(array, record_dtype());
    translated("TraceError", [&] {
      in_parts(records.size(),
               [&](std::size_t first, std::size_t count) { curve_.access(records.subspan(first, count)); });
    });
  }
  u64 page_bytes() const { return curve_.page_bytes(); }
  py::tuple counts() {
    const Exclusive::Use use(exclusive_);
    return counts_of(curve_.distances());
  }
  py::list parts() {
    const Exclusive::Use use(exclusive_);
    return parts_of(curve_.distances(), curve_.parts());
  }

 private:
  replay::MissCurve curve_;
  Exclusive exclusive_;
};

}  // namespace

void add_curve(py::module_& module) {
  py::class_<Curve>(module, "Curve")
      .def(py::init<const Configuration&, bool, bool, u64, const std::vector<u64>&, bool, const std::string&>())
      .def("access", &Curve::access)
      .def("counts", &Curve::counts)
      .def("parts", &Curve::parts)
      .def_property_readonly("page_bytes", &Curve::page_bytes);
}

}  // namespace tw::python
