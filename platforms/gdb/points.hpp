// Breakpoints and watchpoints of a debugger (packets Z and z): in force while the run goes on. Guest memory is not
// touched, so that software breakpoints are hardware ones.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>

#include "platforms/control/target.hpp"

namespace tw::gdb {

/// As the packets have them.
enum class PointKind : u8 { Software, Hardware, Write, Read, Access };
inline constexpr u64 kPointKinds = 5;
constexpr bool is_watchpoint(PointKind kind) { return kind >= PointKind::Write; }

struct Point {
  PointKind kind = PointKind::Software;
  u64 address = 0;
  u64 bytes = 0;  ///< of watchpoints
  auto operator<=>(const Point&) const = default;
};

class Points final {
 public:
  void insert(const Point& point) { wanted_.insert(point); }
  void remove(const Point& point) { wanted_.erase(point); }
  bool has(const Point& point) const { return wanted_.contains(point); }

  /// The run goes on. With `stepped_alone`, a debugger steps one core off a breakpoint that it has taken away for as
  /// long, and believes that all others stand: for them what was in force stays.
  void arm(control::Target& target, std::optional<unsigned> stepped_alone);
  /// The debugger is gone.
  void clear(control::Target& target);
  /// Which one has this number in control::Target. Nothing: none.
  std::optional<Point> find(u64 number) const;

 private:
  struct Armed {
    Point point;
    std::optional<unsigned> core = {};
    auto operator<=>(const Armed&) const = default;
  };
  void set(control::Target& target, const std::set<Armed>& armed);

  std::set<Point> wanted_;
  std::set<Point> before_;  ///< when all cores went on last
  std::map<Armed, u64> numbers_;
};

}  // namespace tw::gdb
