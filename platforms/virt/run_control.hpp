// Decides when a run ends and when it becomes timed. All cores ask it before every slice.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cpu/tlm/run_port.hpp"

namespace tw::cpu {
class CpuModule;
}

namespace tw::virt {

/// Why a run ended.
enum class StopCause : u8 {
  Stuck,            ///< no instruction completes any more: every one takes an exception
  Asleep,           ///< every core waits and nothing is scheduled that could wake one
  Milestone,        ///< the text of --until was printed
  PowerOff,         ///< the guest powered off (PSCI SYSTEM_OFF)
  Reset,            ///< the guest asked for a reset (PSCI SYSTEM_RESET): the run ends there
  SemihostingExit,  ///< the guest's program ended with a status
  InstructionLimit,
  TimeLimit,
  Interrupted,  ///< by the user
};

struct RunLimits {
  u64 max_instructions = std::numeric_limits<u64>::max();
  std::optional<u64> timed_from_pc;
  std::optional<u64> timed_from_instructions;
};

class RunControl final : public cpu::RunPort {
 public:
  explicit RunControl(RunLimits limits) : limits_(limits) {}

  void add_core(cpu::CpuModule& core) { cores_.push_back(&core); }
  void on_slice(std::function<void(const cpu::Cpu&)> call) { on_slice_ = std::move(call); }
  /// Makes one core timed; it is between two instructions.
  void on_timed(std::function<void(cpu::Cpu&)> call) { on_timed_ = std::move(call); }
  /// The region of interest begins: what is measured for all cores together starts again.
  void on_region(std::function<void()> call) { on_region_ = std::move(call); }
  void on_end(std::function<void()> call) { on_end_ = std::move(call); }

  /// Ends the run; the first cause counts. Callable from inside a core's own device access.
  void stop(StopCause cause, int status = 0);
  /// Like stop(Interrupted), from a signal handler.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }
  /// Ends the run if interrupt() was called; for when no core runs.
  void check_interrupt() {
    if (interrupted()) stop(StopCause::Interrupted);
  }
  /// The region of interest begins: all cores become timed, and their ledgers start again.
  void begin_timed();

  bool stopped() const { return stopped_; }
  StopCause cause() const { return cause_; }
  int status() const { return status_; }
  u64 instructions() const;

  u64 before_slice(cpu::Cpu& cpu, u64 cycles) override;
  void after_slice(cpu::Cpu& cpu) override;
  void core_ended(cpu::Cpu& cpu) override;
  std::optional<u64> stop_at_pc(const cpu::Cpu& cpu) const override;

 private:
  /// Instructions of all cores so far, of which only `cpu` has executed any since the last call.
  u64 count(const cpu::Cpu& cpu);

  RunLimits limits_;
  std::vector<cpu::CpuModule*> cores_;
  std::function<void(const cpu::Cpu&)> on_slice_;
  std::function<void(cpu::Cpu&)> on_timed_;
  std::function<void()> on_region_, on_end_;
  std::atomic<bool> interrupted_ = false;
  bool stopped_ = false;
  bool timed_ = false;
  StopCause cause_ = StopCause::Asleep;
  int status_ = 0;
  unsigned ended_ = 0;
  // How long no core has completed an instruction, in cycles that cores were running.
  std::array<u64, 8> slice_began_{};  ///< elapsed cycles, by core
  std::array<u64, 8> counted_{};      ///< of `done_`, by core
  u64 done_ = 0;
  u64 last_instructions_ = 0, fruitless_ = 0;
};

/// One sentence for the user.
std::string describe(StopCause cause);

}  // namespace tw::virt
