// Which memory is translation tables: what walks have read, until something shows that it is none any more.
//
// No address is a table's for good: software frees tables, and the pages come back as something else. A page ends to be
// one when the descriptor that led to it is written, or when it is accessed as no table is: by EL0, or by a store that
// is not of one aligned descriptor (pages are cleared by DC ZVA before they come to be something else).
#pragma once

#include <array>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "vmsa/descriptor_port.hpp"

namespace tw::record {

class TableMap final {
 public:
  explicit TableMap(unsigned cores) : walks_(cores) {}

  void walked(unsigned core, const vmsa::DescriptorRequest& request, const vmsa::DescriptorReply& reply);
  /// A store. True: it is one to a table.
  bool written(Pa pa, u32 bytes, El el);
  /// A load or fetch.
  void read(Pa pa, El el) {
    if (el == El::El0 && may_hold(page_of(pa))) forget(page_of(pa));
  }
  void clear();
  std::size_t pages() const { return pages_.size(); }

 private:
  static constexpr unsigned kPageBits = 12;
  static constexpr unsigned kDescriptorBytes = 8;
  static u64 page_of(Pa pa) { return pa.value >> kPageBits; }
  static std::size_t slot_of(u64 page) { return page * 0x9E3779B97F4A7C15u >> 48; }
  bool may_hold(u64 page) const { return filter_[slot_of(page)]; }
  void forget(u64 page);
  void cut(u64 descriptor);

  /// What a core's walks of one stage have read last.
  struct Step {
    u64 descriptor = 0;
    int level = 0;
    bool leads_on = false;  ///< it is a table descriptor
  };
  std::vector<std::array<Step, 2>> walks_;  ///< by core and stage
  std::unordered_set<u64> pages_;
  std::unordered_map<u64, u64> links_;  ///< from the address of a table descriptor to the page of the table
  std::vector<bool> filter_ = std::vector<bool>(std::size_t{1} << 16);
  u64 last_ = ~u64{0};  ///< page that was walked last
};

}  // namespace tw::record
