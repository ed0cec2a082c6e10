// Records of traces as NumPy sees them.
#pragma once

#include <pybind11/numpy.h>

#include <cstddef>

#include "trace/record.hpp"

namespace tw::python {

/// Of trace::Record as it lies in memory.
inline pybind11::dtype record_dtype() {
  struct Field {
    const char* name;
    const char* format;
    std::size_t offset;
  };
  using trace::Record;
  static constexpr Field kFields[] = {
      {"va", "<u8", offsetof(Record, va)},         {"ipa", "<u8", offsetof(Record, ipa)},
      {"pa", "<u8", offsetof(Record, pa)},         {"size", "<u4", offsetof(Record, size)},
      {"stream", "<u4", offsetof(Record, stream)}, {"vmid", "<u2", offsetof(Record, vmid)},
      {"asid", "<u2", offsetof(Record, asid)},     {"kind", "u1", offsetof(Record, kind)},
      {"el", "u1", offsetof(Record, el)},          {"scope", "u1", offsetof(Record, scope)},
      {"target", "u1", offsetof(Record, target)},
  };
  pybind11::list names, formats, offsets;
  for (const Field& field : kFields) {
    names.append(field.name);
    formats.append(field.format);
    offsets.append(field.offset);
  }
  return pybind11::dtype(names, formats, offsets, sizeof(Record));
}

}  // namespace tw::python
