// What the structures of MMU and SMMU share on their way to Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <span>
#include <string>

#include "trace/record.hpp"
#include "vmsa/tlb/tag_array.hpp"
#include "vmsa/translation.hpp"

namespace tw::python {

/// A number for each item, or one for all.
template <class T>
class Column final {
 public:
  explicit Column(std::span<const T> values) : values_(values), step_(values.size() == 1 ? 0 : 1) {}
  T operator[](std::size_t item) const { return values_[item * step_]; }

 private:
  std::span<const T> values_;
  std::size_t step_;
};

/// `scope` by the numbers of trace::Scope, which are those of trapwalk.Scope. Throws std::invalid_argument.
inline vmsa::Invalidate invalidate_of(u8 scope, u64 address, u64 bytes, u16 asid, u16 vmid, bool stage2) {
  using vmsa::InvalidateScope;
  static_assert(static_cast<unsigned>(trace::Scope::All) == static_cast<unsigned>(InvalidateScope::All) + 1);
  static_assert(static_cast<unsigned>(trace::Scope::VaAllAsidsLast) ==
                static_cast<unsigned>(InvalidateScope::VaLastAllAsid) + 1);
  static_assert(static_cast<unsigned>(trace::Scope::IpaLast) == static_cast<unsigned>(InvalidateScope::IpaLast) + 1);
  if (scope == 0 || scope >= trace::kScopes) throw pybind11::value_error("scope: one of trapwalk.Scope but NONE");
  vmsa::Invalidate what;
  what.scope = static_cast<InvalidateScope>(scope - 1);
  what.stage2_in_use = stage2;
  what.vmid = Vmid{vmid};
  what.asid = Asid{asid};
  what.va = Va{address};
  what.ipa = Ipa{address};
  what.bytes = bytes;
  return what;
}

/// A dict of what a structure counts.
inline pybind11::dict dict_of(const vmsa::TlbStatistics& statistics) {
  pybind11::list evictions;
  const auto name = [](const vmsa::Owner& owner) {
    return owner.guest ? pybind11::object(pybind11::int_(owner.vmid.value)) : pybind11::object(pybind11::none());
  };
  for (const auto& [who, count] : statistics.evictions_by) {
    evictions.append(pybind11::make_tuple(name(who.first), name(who.second), count));
  }
  pybind11::dict dict;
  dict["lookups"] = statistics.lookups;
  dict["hits"] = statistics.hits;
  dict["misses"] = statistics.misses;
  dict["insertions"] = statistics.insertions;
  dict["evictions"] = statistics.evictions;
  dict["invalidations"] = statistics.invalidations;
  dict["entries_invalidated"] = statistics.entries_invalidated;
  dict["evictions_by"] = evictions;
  return dict;
}

}  // namespace tw::python
