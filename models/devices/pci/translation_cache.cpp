#include "devices/pci/translation_cache.hpp"

#include <algorithm>

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

constexpr u64 last_of(u64 address, unsigned size_log2) { return address | low_mask(size_log2); }
constexpr u64 first_of(u64 address, unsigned size_log2) { return address & ~low_mask(size_log2); }

std::optional<u32> number(const std::optional<PasidPrefix>& prefix) {
  return prefix ? std::optional(prefix->pasid) : std::nullopt;
}

}  // namespace

/// An invalidation without a PASID is of requests without one; with Global Invalidate set, the PASID does not matter
/// (10.3.8).
bool concerns(const InvalidateRequest& request, u64 address, unsigned size_log2, std::optional<u32> pasid,
              bool global) {
  const bool same = request.pasid == pasid || (request.pasid && request.global && pasid && global);
  return same && first_of(request.address, request.size_log2) <= last_of(address, size_log2) &&
         first_of(address, size_log2) <= last_of(request.address, request.size_log2);
}

std::optional<Translation> TranslationCache::find(u64 address, const std::optional<PasidPrefix>& pasid) {
  const bool privileged = pasid && pasid->privileged;
  for (Entry& entry : used_) {
    const bool inside = first_of(address, entry.translation.size_log2) == entry.address;
    const bool same = entry.pasid == number(pasid) || (entry.pasid && pasid && entry.translation.global);
    if (!inside || !same || entry.privileged != privileged) continue;
    entry.last_use = ++uses_;
    return entry.translation;
  }
  return std::nullopt;
}

void TranslationCache::insert(u64 address, const std::optional<PasidPrefix>& pasid, const Translation& translation) {
  if (entries_ == 0) return;
  const bool privileged = pasid && pasid->privileged;
  const u64 first = first_of(address, translation.size_log2), last = last_of(address, translation.size_log2);
  std::erase_if(used_, [&](const Entry& entry) {
    return entry.pasid == number(pasid) && entry.privileged == privileged && entry.address <= last &&
           first <= last_of(entry.address, entry.translation.size_log2);
  });
  if (used_.size() == entries_) {
    used_.erase(std::min_element(used_.begin(), used_.end(),
                                 [](const Entry& a, const Entry& b) { return a.last_use < b.last_use; }));
  }
  used_.push_back({first, number(pasid), privileged, translation, ++uses_});
}

void TranslationCache::invalidate(const InvalidateRequest& request) {
  std::erase_if(used_, [&](const Entry& entry) {
    return concerns(request, entry.address, entry.translation.size_log2, entry.pasid, entry.translation.global);
  });
}

}  // namespace tw::devices::pci
