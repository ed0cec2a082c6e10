#include "platforms/report/branches.hpp"

#include <vector>

#include "platforms/report/format.hpp"

namespace tw::report {
namespace {

using enum Align;

void add(BranchStatistics& to, const BranchStatistics& from) {
  to.branches += from.branches;
  to.taken += from.taken;
  to.wrong_direction += from.wrong_direction;
  to.wrong_target += from.wrong_target;
  to.unknown_target += from.unknown_target;
}

/// One row for each `key` of a row, in order of appearance.
template <class Key>
std::vector<BranchStatistics> grouped_by(const std::vector<BranchStatistics>& rows, Key key) {
  std::vector<BranchStatistics> out;
  for (const BranchStatistics& row : rows) {
    bool found = false;
    for (BranchStatistics& sum : out) {
      if (key(sum) != key(row)) continue;
      add(sum, row);
      found = true;
      break;
    }
    if (!found) out.push_back(row);
  }
  return out;
}

u64 instructions_of(const Core& all, const cost::Context& context) {
  for (const ContextTotals& totals : all.contexts) {
    if (totals.context == context) return totals.instructions;
  }
  return 0;
}

std::string zero_as_empty(u64 number) { return number == 0 ? "" : grouped(number); }

}  // namespace

std::string branches_text(const Core& all) {
  TextTable kinds({{"branches", Left},
                   {"executed"},
                   {"taken"},
                   {"mispredicted"},
                   {"rate"},
                   {"direction"},
                   {"target"},
                   {"target late"}});
  for (const BranchStatistics& b : grouped_by(all.branches, [](const BranchStatistics& row) { return row.kind; })) {
    kinds.row({b.kind, grouped(b.branches), percent(b.taken, b.branches), zero_as_empty(b.mispredicted()),
               percent(b.mispredicted(), b.branches), zero_as_empty(b.wrong_direction), zero_as_empty(b.wrong_target),
               zero_as_empty(b.unknown_target)});
  }
  if (kinds.empty()) return {};
  TextTable contexts(
      {{"context", Left}, {"branches"}, {"mispredicted"}, {"rate"}, {"per 1,000 instructions"}, {"target late"}});
  for (const BranchStatistics& b : grouped_by(all.branches, [](const BranchStatistics& row) { return row.context; })) {
    const u64 instructions = instructions_of(all, b.context);
    const double mispredicted = static_cast<double>(b.mispredicted());
    contexts.row({text(b.context), grouped(b.branches), grouped(b.mispredicted()),
                  percent(b.mispredicted(), b.branches),
                  instructions == 0 ? "" : decimal(mispredicted * 1000 / static_cast<double>(instructions)),
                  grouped(b.unknown_target)});
  }
  return heading("Branch prediction", "target late: known after decoding only") + kinds.text() + "\n" + contexts.text();
}

}  // namespace tw::report
