// Errors of the user become Python's exceptions (trapwalk/errors.py).
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace tw::python {

/// Throws trapwalk.ConfigError with all of `complaints`; `key_of(complaint)` names the parameter, or nothing. Its text
/// does not repeat an assignment of which the message names the parameter.
template <class KeyOf>
[[noreturn]] void throw_config_error(std::vector<Complaint> complaints, KeyOf key_of) {
  pybind11::list rows;
  for (Complaint& complaint : complaints) {
    const std::string key = key_of(complaint);
    rows.append(pybind11::make_tuple(complaint.where, complaint.message, key));
    if (complaint.where.starts_with(key + "=") && complaint.message.starts_with(key + ": ")) complaint.where.clear();
  }
  const pybind11::object type = pybind11::module_::import("trapwalk.errors").attr("ConfigError");
  const pybind11::object error = type(UserError(std::move(complaints)).what(), rows);
  PyErr_SetObject(type.ptr(), error.ptr());
  throw pybind11::error_already_set();
}

/// Calls `work`; a UserError becomes the exception `name` of trapwalk.errors.
template <class Work>
decltype(auto) translated(const char* name, Work work) {
  try {
    return work();
  } catch (const UserError& error) {
    const pybind11::object type = pybind11::module_::import("trapwalk.errors").attr(name);
    PyErr_SetString(type.ptr(), error.what());
    throw pybind11::error_already_set();
  }
}

}  // namespace tw::python
