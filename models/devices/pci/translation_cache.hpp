// An endpoint's address translation cache (PCI Express Base 5.0, 10.1): fully associative, the oldest use goes first.
#pragma once

#include <optional>
#include <vector>

#include "devices/pci/messages.hpp"

namespace tw::devices::pci {

class TranslationCache final {
 public:
  /// No entries: nothing is kept.
  explicit TranslationCache(u64 entries) : entries_(entries) {}

  /// The translation that holds `address` for such requests: of the same PASID, and of the same privilege.
  std::optional<Translation> find(u64 address, const std::optional<PasidPrefix>& pasid);
  /// Takes the place of what is there for the same range.
  void insert(u64 address, const std::optional<PasidPrefix>& pasid, const Translation& translation);
  void invalidate(const InvalidateRequest& request);
  void clear() { used_.clear(); }
  std::size_t size() const { return used_.size(); }

 private:
  struct Entry {
    u64 address;  ///< untranslated, of the range's first byte
    std::optional<u32> pasid;
    bool privileged;
    Translation translation;
    u64 last_use;
  };
  std::size_t entries_;
  std::vector<Entry> used_;
  u64 uses_ = 0;
};

/// Whether an invalidation concerns a range that was translated for `pasid`.
bool concerns(const InvalidateRequest& request, u64 address, unsigned size_log2, std::optional<u32> pasid, bool global);

}  // namespace tw::devices::pci
