#include "platforms/record/table_map.hpp"

#include <algorithm>
#include <utility>

namespace tw::record {
namespace {

/// Arm ARM D8.3: bits [1:0] are 0b11 above the last level.
bool is_table(u64 descriptor, int level) { return (descriptor & 3) == 3 && level < 3; }

}  // namespace

void TableMap::walked(unsigned core, const vmsa::DescriptorRequest& request, const vmsa::DescriptorReply& reply) {
  const u64 page = page_of(request.address);
  if (page != last_ && pages_.insert(page).second) filter_[slot_of(page)] = true;
  last_ = page;
  const Step step{request.address.value, request.level, is_table(reply.value, request.level)};
  const Step before = std::exchange(walks_[core][request.stage - 1], step);
  if (before.leads_on && before.level + 1 == request.level) links_[before.descriptor] = page;
}

bool TableMap::written(Pa pa, u32 bytes, El el) {
  const u64 page = page_of(pa);
  if (!may_hold(page) || !pages_.contains(page)) return false;
  if (el == El::El0 || bytes != kDescriptorBytes || pa.offset_in(kDescriptorBytes) != 0) {
    forget(page);
    return false;
  }
  cut(pa.value);
  return true;
}

void TableMap::cut(u64 descriptor) {
  const auto link = links_.find(descriptor);
  if (link == links_.end()) return;
  const u64 page = link->second;
  links_.erase(link);
  forget(page);
}

/// With it go the tables that it alone led to, and what they led to: not by recursion, since a guest that walks from
/// each of its tables in turn makes a chain as long as it likes. Numbers stay in the filter, which only says "perhaps".
void TableMap::forget(u64 page) {
  std::vector<u64> leaving{page};
  while (!leaving.empty()) {
    const u64 first = leaving.back() << kPageBits;
    leaving.pop_back();
    if (pages_.erase(first >> kPageBits) == 0) continue;
    last_ = ~u64{0};
    for (u64 at = first; at < first + (u64{1} << kPageBits); at += kDescriptorBytes) {
      const auto link = links_.find(at);
      if (link == links_.end()) continue;
      leaving.push_back(link->second);
      links_.erase(link);
    }
  }
}

void TableMap::clear() {
  pages_.clear();
  links_.clear();
  std::fill(filter_.begin(), filter_.end(), false);
  for (auto& steps : walks_) steps = {};
  last_ = ~u64{0};
}

}  // namespace tw::record
