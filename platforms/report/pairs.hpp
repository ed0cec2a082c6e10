// Figures of two reports by name.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "platforms/report/compare.hpp"

namespace tw::report {

/// Of A and of B; the largest differences first, without those that neither has.
class Pairs final {
 public:
  void add(std::string name, u64 value, bool second) {
    const auto [place, is_new] = index_.try_emplace(name, rows_.size());
    if (is_new) rows_.push_back({std::move(name), 0, 0});
    (second ? rows_[place->second].b : rows_[place->second].a) += value;
  }
  std::vector<Pair> take() {
    std::erase_if(rows_, [](const Pair& row) { return row.a == 0 && row.b == 0; });
    std::stable_sort(rows_.begin(), rows_.end(), [](const Pair& x, const Pair& y) {
      const auto size = [](i64 n) { return n < 0 ? u64{0} - static_cast<u64>(n) : static_cast<u64>(n); };
      return size(x.difference()) > size(y.difference());
    });
    return std::move(rows_);
  }

 private:
  std::vector<Pair> rows_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace tw::report
