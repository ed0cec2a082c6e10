#include "platforms/replay/shared_distances.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/error.hpp"

namespace tw::replay {

void SharedDistances::turn_to(const Key& key) {
  if (part_ < parts_.size() && parts_[part_].key == key) return;
  const auto at = std::ranges::find(parts_, key, &Part::key);
  const auto number = static_cast<u32>(at - parts_.begin());
  if (at == parts_.end()) {
    if (parts_.size() == kMostParts) {
      throw UserError(Complaint{"miss curve", fmt::format("more than {} VMs, address spaces or streams", kMostParts)});
    }
    parts_.push_back({key, vmsa::StackDistances(spec_)});
    if (number != 0) together_.add_part();
  }
  part_ = number;
}

void SharedDistances::flush() {
  const std::span<const vmsa::StackDistances::Reference> waiting = std::span(waiting_).first(waiting_count_);
  waiting_count_ = 0;
  together_.reference(waiting);
  if (by_ == PartsBy::None) return;
  for (auto first = waiting.begin(); first != waiting.end();) {
    const auto last = std::find_if(first, waiting.end(), [&](const auto& one) { return one.part != first->part; });
    std::array<vmsa::StackDistances::Reference, kWaiting> own;
    const auto end = std::transform(first, last, own.begin(), [](auto one) { return one.part = 0, one; });
    parts_[first->part].alone.reference({own.begin(), end});
    first = last;
  }
}

}  // namespace tw::replay
