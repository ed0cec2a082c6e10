// The module `_trapwalk`: the pure cores, in the process of the caller. One file a room.
#include <pybind11/pybind11.h>

#include "rooms.hpp"

PYBIND11_MODULE(_trapwalk, module) {
  module.doc() = "Trapwalk's cores, without SystemC. Use the package trapwalk.";
  module.attr("version") = TW_VERSION;
  tw::python::add_config(module);
  tw::python::add_trace(module);
  tw::python::add_curve(module);
  tw::python::add_importers(module);
  tw::python::add_report(module);
  tw::python::add_replay(module);
  tw::python::add_tags(module);
  tw::python::add_mmu(module);
  tw::python::add_caches(module);
  tw::python::add_smmu(module);
  tw::python::add_boots(module);
}
