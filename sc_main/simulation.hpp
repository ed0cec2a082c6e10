// One run of the virt platform: the platform, whoever watches it, and what is left of it at the end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platforms/control/channel.hpp"
#include "platforms/control/line_writer.hpp"
#include "platforms/gdb/listener.hpp"
#include "platforms/images/symbols.hpp"
#include "sc_main/consoles.hpp"
#include "sc_main/control_target.hpp"
#include "sc_main/deadline.hpp"
#include "sc_main/fork_points.hpp"
#include "sc_main/interrupt_guard.hpp"
#include "sc_main/machine.hpp"
#include "sc_main/measurement.hpp"
#include "sc_main/progress.hpp"
#include "sc_main/recording.hpp"
#include "sc_main/run.hpp"
#include "sc_main/status.hpp"

namespace tw::command {

/// Other processes that listen and speak.
struct Others {
  /// Before anything else is opened that might get a descriptor's number. Throws UserError.
  explicit Others(const RunOptions& options);

  std::optional<control::LineWriter> status;
  std::optional<control::Channel> control;
  std::optional<gdb::Listener> debuggers;
};

class Simulation final {
 public:
  /// Elaborates. `arguments` are what the user wrote. Everything given must outlive it. Throws UserError.
  Simulation(const RunOptions& options, std::span<const std::string> arguments, Machine& machine, Others& others,
             const Extension& extension);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Runs it to its end and writes what is to be written. Returns the exit status.
  int run();

 private:
  // In the order in which the constructor does them.
  void load(const Extension& extension);
  void set_deadlines();
  void follow(std::span<const std::string> arguments);
  void prepare_forks();
  void become(const ForkPoint& point);
  void hand_over();
  std::unique_ptr<control::Client> make_client(control::Target& target);
  // In the order in which run() does them.
  void simulate();
  int exit_status() const;
  void write_flash_back() const;
  void write_reports();

  report::Report report_of(const Measurement& measured, const std::string& stopped);

  const RunOptions& options_;
  Machine& machine_;
  Others& others_;
  Consoles consoles_;
  virt::Platform platform_;
  virt::RunControl& control_;
  InterruptGuard guard_{control_};  ///< before anybody is told that there is a run
  std::unique_ptr<Deadline> end_, power_key_;
  Progress progress_;
  std::optional<Status> status_;
  std::unique_ptr<RunRecording> recording_;
  Measurement measurement_;
  std::vector<std::string> reports_;
  std::unique_ptr<PointForker> forker_;  ///< nullptr: the run is one point
  std::optional<images::Symbols> symbols_;
  std::optional<ControlTarget> target_;
  int result_ = 0;
};

}  // namespace tw::command
