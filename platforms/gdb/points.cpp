#include "platforms/gdb/points.hpp"

namespace tw::gdb {

namespace {

control::Breakpoint breakpoint_of(const Point& point, std::optional<unsigned> core) {
  control::Breakpoint breakpoint{.address = point.address, .core = core};
  if (!is_watchpoint(point.kind)) return breakpoint;
  breakpoint.bytes = point.bytes;
  breakpoint.reads = point.kind != PointKind::Write;
  breakpoint.writes = point.kind != PointKind::Read;
  return breakpoint;
}

}  // namespace

void Points::arm(control::Target& target, std::optional<unsigned> stepped_alone) {
  std::set<Armed> armed;
  for (const Point& point : wanted_) armed.insert({point});
  if (!stepped_alone) {
    before_ = wanted_;
  } else {
    for (const Point& point : before_) {
      if (wanted_.contains(point) || is_watchpoint(point.kind)) continue;
      for (unsigned core = 0; core < target.cores(); ++core) {
        if (core != *stepped_alone) armed.insert({point, core});
      }
    }
  }
  set(target, armed);
}

void Points::clear(control::Target& target) {
  wanted_.clear();
  before_.clear();
  set(target, {});
}

void Points::set(control::Target& target, const std::set<Armed>& armed) {
  std::erase_if(numbers_, [&](const auto& row) {
    const bool goes = !armed.contains(row.first);
    if (goes) target.delete_breakpoint(row.second);
    return goes;
  });
  for (const Armed& one : armed) {
    if (!numbers_.contains(one)) numbers_[one] = target.add_breakpoint(breakpoint_of(one.point, one.core));
  }
}

std::optional<Point> Points::find(u64 number) const {
  for (const auto& [armed, its_number] : numbers_) {
    if (its_number == number) return armed.point;
  }
  return std::nullopt;
}

}  // namespace tw::gdb
