// One boot for many points: when the region begins, the process forks once for each point, and every child goes on with
// the point's own parameters. `trapwalk run --fork-points FILE`; docs/regions.md, "One boot, many points".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platforms/config/parameter.hpp"

namespace tw::command {

struct ForkPoint {
  std::string name;
  std::vector<std::string> sets;     ///< "key=value", as of --set, behind those of the command line
  std::vector<std::string> reports;  ///< as of --report
  std::string output;                ///< standard output and standard error; empty: nowhere
};

/// Throws UserError with all that is wrong: the file and the number of the point.
std::vector<ForkPoint> read_fork_points(const std::string& file);

/// Throws UserError where a point has other values than the booted machine for what its boot shows.
void require_timing_only(const ForkPoint& point, const std::vector<config::Parameter>& booted,
                         const std::vector<config::Parameter>& wanted);

class PointForker final {
 public:
  /// At most so many children at a time.
  PointForker(std::vector<ForkPoint> points, unsigned jobs) : points_(std::move(points)), jobs_(jobs) {}
  /// Called in the parent when the child of a point has ended: its exit status, or minus the signal that killed it.
  void on_end(std::function<void(const ForkPoint&, int status)> call) { on_end_ = std::move(call); }

  const std::vector<ForkPoint>& points() const { return points_; }
  /// In a child: the point that it is. In the parent, when all children have ended: nothing. `interrupted` is asked
  /// while it waits; when it is true, children are ended.
  std::optional<unsigned> fork_all(const std::function<bool()>& interrupted);
  bool forked() const { return forked_; }
  /// In the parent: points whose child did not end with status 0.
  unsigned failures() const { return failures_; }

 private:
  struct Child {
    int process;
    unsigned point;
  };
  bool start(unsigned point);
  /// Waits for one child, whichever ends first.
  void wait_for_one(const std::function<bool()>& interrupted);
  void end_children();

  std::vector<ForkPoint> points_;
  unsigned jobs_;
  std::vector<Child> running_;
  std::function<void(const ForkPoint&, int)> on_end_;
  bool forked_ = false, ended_ = false;
  unsigned failures_ = 0;
};

}  // namespace tw::command
