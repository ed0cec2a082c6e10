// Stack distances as arrays.
#pragma once

#include <pybind11/numpy.h>

#include <optional>

#include "arrays.hpp"
#include "vmsa/tlb/stack_distances.hpp"

namespace tw::python {

/// By number of sets, an array by the number of ways less one. Of one part, or of all together.
inline pybind11::dict misses_of(const vmsa::StackDistances& distances, std::optional<u32> part = {}) {
  pybind11::dict by_sets;
  for (const u64 sets : distances.set_counts()) {
    pybind11::array_t<u64> array(static_cast<pybind11::ssize_t>(distances.most_ways(sets)));
    u64 ways = 0;
    for (u64& misses : writable(array)) {
      ++ways;
      misses = part ? *distances.misses(sets, ways, *part) : *distances.misses(sets, ways);
    }
    by_sets[pybind11::int_(sets)] = array;
  }
  return by_sets;
}

/// References, pages, misses.
inline pybind11::tuple counts_of(const vmsa::StackDistances& distances) {
  return pybind11::make_tuple(distances.references(), distances.pages(), misses_of(distances));
}

}  // namespace tw::python
