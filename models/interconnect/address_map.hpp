// Which target answers at which physical address.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.hpp"

namespace tw::interconnect {

struct Region {
  std::string name;
  Pa base{};
  u64 size = 0;
  unsigned target = 0;  ///< index of the target
  bool secure = false;  ///< answers Secure accesses only
  u64 last() const { return base.value + (size - 1); }
};

class AddressMap final {
 public:
  /// Throws UserError when the region is empty, wraps around, or overlaps one that is there.
  void add(Region region);
  /// The region that holds all `size` bytes from `pa`, or nullptr.
  const Region* find(Pa pa, u64 size = 1) const;
  /// The same for an access of this security state: to a Non-secure one, nothing is where a secure region is.
  const Region* find(Pa pa, u64 size, Security security) const;
  /// The addresses around `pa` that no region holds; `pa` itself must be unmapped. Inclusive.
  struct Gap {
    u64 first, last;
  };
  Gap gap(Pa pa) const;
  std::span<const Region> regions() const { return regions_; }

 private:
  std::vector<Region>::const_iterator after(Pa pa) const;
  std::vector<Region> regions_;  ///< sorted by base
};

}  // namespace tw::interconnect
