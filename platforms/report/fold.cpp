#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

#include "platforms/report/report.hpp"
#include "platforms/report/rows.hpp"

namespace tw::report {
namespace {

/// Rows of one group become one when they are many; `name` gives it what the whole group is called.
template <class Row, class GroupOf, class Name>
std::vector<Row> fold(const std::vector<Row>& rows, GroupOf group_of, Name name) {
  std::map<decltype(group_of(rows.front())), std::vector<const Row*>> groups;
  for (const Row& row : rows) groups[group_of(row)].push_back(&row);
  std::vector<Row> out;
  for (const Row& row : rows) {
    const std::vector<const Row*>& group = groups[group_of(row)];
    if (group.size() <= kFoldAbove) {
      out.push_back(row);
    } else if (group.front() == &row) {
      Row sum = row;
      for (std::size_t i = 1; i < group.size(); ++i) merge(sum, *group[i]);
      name(sum, group);
      out.push_back(std::move(sum));
    }
  }
  return out;
}

}  // namespace

std::vector<Trap> folded(const std::vector<Trap>& traps) {
  return fold(
      traps, [](const Trap& t) { return std::tuple(t.from, t.to, t.exception_class, t.control); },
      [](Trap& sum, const std::vector<const Trap*>& group) {
        std::set<std::string_view> registers;
        for (const Trap* trap : group) {
          std::string_view subject = trap->subject;
          if (!subject.starts_with("read ") && !subject.starts_with("write ")) {
            sum.subject = fmt::format("{} kinds", group.size());
            return;
          }
          registers.insert(subject.substr(subject.find(' ') + 1));
        }
        sum.subject = fmt::format("{} registers", registers.size());
      });
}

std::vector<Interrupt> folded(const std::vector<Interrupt>& interrupts) {
  return fold(
      interrupts,
      [](const Interrupt& i) { return std::tuple(i.is_virtual, i.cpu, i.vmid, kind_of(i.intid), i.others != 0); },
      [](Interrupt& sum, const std::vector<const Interrupt*>& group) { sum.others = group.size() - 1; });
}

}  // namespace tw::report
