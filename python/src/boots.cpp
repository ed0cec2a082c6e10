// What a machine that has booted may still get, for sweeps whose points share a boot.
#include <string>

#include "platforms/virt/timing_only.hpp"
#include "rooms.hpp"

namespace tw::python {

void add_boots(pybind11::module_& module) {
  module.def("is_timing_only", [](const std::string& key) { return virt::is_timing_only(key); });
}

}  // namespace tw::python
