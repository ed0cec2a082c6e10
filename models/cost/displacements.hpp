// Which entries were displaced on whose account, until they are fetched again.
#pragma once

#include <utility>
#include <vector>

#include "base/types.hpp"
#include "cost/spans.hpp"

namespace tw::cost {

/// A table by hash: what is displaced later takes the place of what was displaced earlier, so the indirect cost that is
/// found is a lower bound. Addresses of summaries are those of a map's nodes.
class Displacements final {
 public:
  void displaced(u64 tag, TrapSummary* by) {
    if (rows_.empty()) rows_.resize(kRows);
    Row& row = row_of(tag);
    live_ += row.by == nullptr;
    row = {tag, by};
  }
  /// Who displaced `tag`, which is fetched again now; nullptr: nobody that is known.
  TrapSummary* refilled(u64 tag) {
    if (live_ == 0) return nullptr;
    Row& row = row_of(tag);
    if (row.by == nullptr || row.tag != tag) return nullptr;
    --live_;
    return std::exchange(row.by, nullptr);
  }
  void clear() {
    rows_.clear();
    live_ = 0;
  }

 private:
  static constexpr unsigned kBits = 14;
  static constexpr std::size_t kRows = std::size_t{1} << kBits;
  struct Row {
    u64 tag = 0;
    TrapSummary* by = nullptr;
  };
  Row& row_of(u64 tag) { return rows_[(tag * 0x9E3779B97F4A7C15u) >> (64 - kBits)]; }

  std::vector<Row> rows_;  ///< made when there is something to note
  u64 live_ = 0;
};

}  // namespace tw::cost
