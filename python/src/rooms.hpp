// What each file of this folder adds to the module.
#pragma once

#include <pybind11/pybind11.h>

namespace tw::python {

void add_config(pybind11::module_& module);
void add_trace(pybind11::module_& module);
void add_curve(pybind11::module_& module);
void add_importers(pybind11::module_& module);
void add_report(pybind11::module_& module);
void add_replay(pybind11::module_& module);
void add_tags(pybind11::module_& module);
void add_mmu(pybind11::module_& module);
void add_caches(pybind11::module_& module);
void add_smmu(pybind11::module_& module);
void add_boots(pybind11::module_& module);

}  // namespace tw::python
