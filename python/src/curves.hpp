// Stack distances as arrays.
#pragma once

#include <pybind11/numpy.h>

#include <optional>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "platforms/replay/shared_distances.hpp"
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

/// Of each part: its VMID, ASID and StreamID, its misses in structures that all share, and the counts of it alone.
inline pybind11::list parts_of(const vmsa::StackDistances& together,
                               const std::vector<replay::SharedDistances::Part>& parts) {
  pybind11::list list;
  for (const auto& [key, alone] : parts) {
    const auto number = static_cast<u32>(list.size());
    list.append(pybind11::make_tuple(key.vmid.value, key.asid.value, key.stream.value, misses_of(together, number),
                                     counts_of(alone)));
  }
  return list;
}

inline replay::PartsBy parts_by(const std::string& by) {
  if (by == "vmid") return replay::PartsBy::Vmid;
  if (by == "stream") return replay::PartsBy::Stream;
  return by == "asid" ? replay::PartsBy::Asid : replay::PartsBy::None;
}

}  // namespace tw::python
