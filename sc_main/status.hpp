// What a run says to another process while it goes on (docs/run-protocol.md, "Progress").
#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "platforms/control/line_writer.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::command {

class Status final {
 public:
  Status(control::LineWriter& lines, virt::Platform& platform, std::string fidelity);

  void started();
  void phase(region::Phase which, u64 instructions);
  /// After a slice of `cpu`: a line at most four times a second.
  void update(const cpu::Cpu& cpu);
  /// A point of --fork-points has ended, with this exit status or killed by minus this signal.
  void point_ended(const std::string& name, int end);
  void ended(int exit_status);

 private:
  using HostClock = std::chrono::steady_clock;
  void send(const char* event, nlohmann::ordered_json&& members);
  double host_seconds() const { return std::chrono::duration<double>(HostClock::now() - started_).count(); }

  control::LineWriter& lines_;
  virt::Platform& platform_;
  std::string fidelity_;
  region::Phase phase_ = region::Phase::Functional;
  unsigned slices_ = 0;
  HostClock::time_point started_ = HostClock::now();
  double last_seconds_ = 0;
  u64 last_instructions_ = 0;
};

}  // namespace tw::command
