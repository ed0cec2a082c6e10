// When translations under way will have ended: what CMD_SYNC waits for.
#pragma once

#include <vector>

#include "base/types.hpp"

namespace tw::smmu {

/// Commands come in the order of their times, translations do not.
class UnderWay final {
 public:
  void add(u64 began, u64 end) {
    if (spans_.size() == kMost) make_room();
    spans_.push_back({began, end});
  }
  /// The end of the last one that began before `now`; `now` if there is none.
  u64 end_of_those_before(u64 now);
  void clear() { spans_.clear(); }

 private:
  static constexpr std::size_t kMost = 1024;  ///< beyond that, those that end first are not waited for
  struct Span {
    u64 began, end;
  };
  void make_room();

  std::vector<Span> spans_;
};

}  // namespace tw::smmu
