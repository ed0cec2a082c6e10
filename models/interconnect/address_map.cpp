#include "interconnect/address_map.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"

namespace tw::interconnect {

namespace {

std::string describe(const Region& region) {
  return fmt::format("{} [0x{:x}, 0x{:x}]", region.name, region.base.value, region.last());
}

}  // namespace

std::vector<Region>::const_iterator AddressMap::after(Pa pa) const {
  return std::upper_bound(regions_.begin(), regions_.end(), pa,
                          [](Pa key, const Region& region) { return key < region.base; });
}

void AddressMap::add(Region region) {
  if (region.size == 0) throw UserError(Complaint{"address map", region.name + " is empty"});
  if (region.size - 1 > std::numeric_limits<u64>::max() - region.base.value) {
    throw UserError(Complaint{"address map", region.name + " wraps around the end of the address space"});
  }
  const auto next = after(region.base);
  const auto clash = [&](const Region& other) {
    throw UserError(Complaint{"address map", describe(region) + " overlaps " + describe(other)});
  };
  if (next != regions_.begin() && std::prev(next)->last() >= region.base.value) clash(*std::prev(next));
  if (next != regions_.end() && region.last() >= next->base.value) clash(*next);
  regions_.insert(next, std::move(region));
}

const Region* AddressMap::find(Pa pa, u64 size) const {
  const auto next = after(pa);
  if (next == regions_.begin()) return nullptr;
  const Region& region = *std::prev(next);
  const u64 offset = pa - region.base;
  return offset < region.size && size <= region.size - offset ? &region : nullptr;
}

const Region* AddressMap::find(Pa pa, u64 size, Security security) const {
  const Region* const region = find(pa, size);
  return region != nullptr && region->secure && security == Security::NonSecure ? nullptr : region;
}

AddressMap::Gap AddressMap::gap(Pa pa) const {
  const auto next = after(pa);
  const u64 first = next == regions_.begin() ? 0 : std::prev(next)->last() + 1;
  const u64 last = next == regions_.end() ? std::numeric_limits<u64>::max() : next->base.value - 1;
  return {first, last};
}

}  // namespace tw::interconnect
