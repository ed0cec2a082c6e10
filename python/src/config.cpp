// The table of parameters (platforms/config) for trapwalk/config.py.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "configuration.hpp"
#include "errors.hpp"
#include "platforms/config/nearest.hpp"
#include "rooms.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

py::object python_value(const config::Value& value) {
  return std::visit([](const auto& held) { return py::object(py::cast(held)); }, value);
}

/// The fields of trapwalk.Parameter, in its order.
py::tuple row(const config::Parameter& parameter) {
  return py::make_tuple(parameter.key, python_value(parameter.value), python_value(parameter.default_value),
                        parameter.unit, config::range(parameter), parameter.min, parameter.max, parameter.choices,
                        std::string(config::name(parameter.provenance)), parameter.source, parameter.set_by);
}

py::list rows(const Configuration& configuration) {
  py::list list;
  for (const config::Parameter& parameter : configuration.table().parameters()) list.append(row(parameter));
  return list;
}

/// Throws ConfigError with what the table complains about, which is then as it was before.
void throw_complaints(Configuration& configuration) {
  std::vector<Complaint> complaints = configuration.table().take_complaints();
  if (complaints.empty()) return;
  constexpr std::string_view kOption = "--set ";  // of the command; here the assignment alone
  for (Complaint& complaint : complaints) {
    if (complaint.where.starts_with(kOption)) complaint.where.erase(0, kOption.size());
  }
  throw_config_error(complaints, [&](const Complaint& complaint) { return configuration.key_of(complaint); });
}

void require_valid(Configuration& configuration) {
  throw_complaints(configuration);
  try {
    configuration.require_valid();
  } catch (const UserError& error) {
    throw_config_error(error.complaints(), [&](const Complaint& complaint) { return configuration.key_of(complaint); });
  }
}

std::vector<std::string> names(std::span<const config::Builtin> sets) {
  std::vector<std::string> list;
  for (const config::Builtin& set : sets) list.emplace_back(set.name);
  return list;
}

}  // namespace

void add_config(py::module_& module) {
  py::class_<Configuration>(module, "Configuration")
      .def(py::init([](const std::string& platform) {
             return translated("ConfigError", [&] { return std::make_unique<Configuration>(platform); });
           }),
           py::arg("platform"))
      .def("load_cpu", [](Configuration& c, const std::string& name) { c.table().load_builtin(name); })
      .def("load_smmu", [](Configuration& c, const std::string& name) { c.table().load_smmu_builtin(name); })
      .def("load_text",
           [](Configuration& c, const std::string& text, const std::string& name) { c.table().load_text(text, name); })
      .def("set",
           [](Configuration& c, const std::string& key, const std::string& text) { c.table().set(key + "=" + text); })
      .def("throw_complaints", &throw_complaints)
      .def("require_valid", &require_valid)
      .def("rows", &rows)
      .def("row",
           [](const Configuration& c, const std::string& key) -> py::object {
             const config::Parameter* found = c.table().find(key);
             return found ? py::object(row(*found)) : py::object(py::none());
           })
      .def("value", [](const Configuration& c, const std::string& key) -> py::object {
        const config::Parameter* found = c.table().find(key);
        return found ? python_value(found->value) : py::object(py::none());
      });
  module.def("did_you_mean", [](const std::string& wrong, const std::vector<std::string>& names) {
    return config::did_you_mean(wrong, names);
  });
  module.def("cpu_sets", [] { return names(config::builtins()); });
  module.def("smmu_sets", [] { return names(config::smmu_builtins()); });
}

}  // namespace tw::python
