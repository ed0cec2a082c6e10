// NumPy arrays as spans, and long calls without the GIL. What an array must be is checked in Python (_arrays.py).
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <span>
#include <string>

#include "base/types.hpp"

namespace tw::python {

inline std::string text_of(pybind11::handle object) { return pybind11::str(object); }

/// An array as C++ reads it: that type, one dimension, no copy.
template <class T>
std::span<const T> span_of(const pybind11::array& array, const pybind11::dtype& dtype) {
  if (!array.dtype().equal(dtype) || array.ndim() != 1 || (array.flags() & pybind11::array::c_style) == 0) {
    throw pybind11::type_error("a contiguous array of one dimension is needed, of " + text_of(dtype) + ", not " +
                               text_of(array.dtype()));
  }
  return {static_cast<const T*>(array.data()), static_cast<std::size_t>(array.size())};
}
template <class T>
std::span<const T> span_of(const pybind11::array& array) {
  return span_of<T>(array, pybind11::dtype::of<T>());
}

template <class T>
std::span<T> writable(pybind11::array_t<T>& array) {
  return {array.mutable_data(), static_cast<std::size_t>(array.size())};
}

/// Inside of a call without the GIL: throws what Ctrl-C makes of itself. Cheap enough for each few thousand items.
inline void check_signals() {
  const pybind11::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
}

/// How many items a long call does between two looks for Ctrl-C.
inline constexpr std::size_t kBetweenLooks = 1u << 16;

/// Calls `work(first, count)` for all of `items` in parts, without the GIL.
template <class Work>
void in_parts(std::size_t items, Work work) {
  const pybind11::gil_scoped_release without_gil;
  for (std::size_t first = 0; first < items; first += kBetweenLooks) {
    work(first, std::min(kBetweenLooks, items - first));
    check_signals();
  }
}

/// `one(n)` for each number below `count`, in parts, as an array.
template <class Item, class One>
pybind11::array_t<Item> array_of(std::size_t count, One one) {
  pybind11::array_t<Item> items(static_cast<pybind11::ssize_t>(count));
  const std::span<Item> out = writable(items);
  in_parts(count, [&](std::size_t first, std::size_t more) {
    for (std::size_t n = first; n < first + more; ++n) out[n] = one(n);
  });
  return items;
}

/// `each(address)` for all of an array of addresses, in parts.
template <class Each>
void for_addresses(const pybind11::array& array, Each each) {
  const std::span<const u64> addresses = span_of<u64>(array);
  in_parts(addresses.size(), [&](std::size_t first, std::size_t count) {
    for (const u64 address : addresses.subspan(first, count)) each(address);
  });
}
/// `each(from, to)` for the pairs of two arrays of addresses, which are as long as one another.
template <class Each>
void for_mappings(const pybind11::array& from, const pybind11::array& to, Each each) {
  const std::span<const u64> inputs = span_of<u64>(from), outputs = span_of<u64>(to);
  in_parts(inputs.size(), [&](std::size_t first, std::size_t count) {
    for (std::size_t n = first; n < first + count; ++n) each(inputs[n], outputs[n]);
  });
}

}  // namespace tw::python
