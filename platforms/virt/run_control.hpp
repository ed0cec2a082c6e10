// Decides when a run ends, when it is timed and when it is measured. All cores ask it before every slice.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cpu/marks.hpp"
#include "cpu/tlm/run_port.hpp"
#include "platforms/region/plan.hpp"

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
  Quit,         ///< by who controls it (--control-fd)
  Interrupted,  ///< by the user
  Forked,       ///< its children have run on from the region's beginning
};

struct RunLimits {
  u64 max_instructions = std::numeric_limits<u64>::max();
  region::Options region;
};

/// What follows the phases of a run. All but the last are called between two instructions of the core.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void set_timed(cpu::Cpu& cpu, bool timed) = 0;
  /// The core is in measured phase `interval` (from 1) from here on; and until here.
  virtual void measure_begins(cpu::Cpu& cpu, u64 interval) = 0;
  virtual void measure_ends(cpu::Cpu& cpu, u64 interval) = 0;
  /// The same of the run, once, for what cores share.
  virtual void interval_begins(u64 interval) = 0;
  virtual void interval_ends(u64 interval) = 0;
};

class RunControl final : public cpu::RunPort {
 public:
  explicit RunControl(RunLimits limits);

  void add_core(cpu::CpuModule& core) { cores_.push_back(&core); }
  void on_slice(std::function<void(const cpu::Cpu&)> call) { on_slice_ = std::move(call); }
  /// In the order of these calls.
  void add_observer(RunObserver& observer) { observers_.push_back(&observer); }
  /// A phase begins, at so many instructions of all cores.
  void on_phase(std::function<void(region::Phase, u64 instructions)> call) { on_phase_ = std::move(call); }
  /// Once, when the first timed phase is about to begin: no core was timed before.
  void before_timed(std::function<void()> call) { before_timed_ = std::move(call); }
  void on_end(std::function<void()> call) { on_end_ = std::move(call); }
  /// A core is about to run this slice; it is between two instructions, and the call may take as long as it likes.
  void on_before_slice(std::function<void(cpu::Cpu&, const cpu::Slice&)> call) { on_before_slice_ = std::move(call); }
  /// Now and then, whether a core runs or not.
  void on_attention(std::function<void()> call) { on_attention_ = std::move(call); }

  /// Ends the run; the first cause counts. Callable from inside a core's own device access.
  void stop(StopCause cause, int status = 0);
  /// Like stop(Interrupted), from a signal handler.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }
  /// Ends the run if interrupt() was called; for when no core runs.
  void check_interrupt() {
    if (on_attention_) on_attention_();
    if (interrupted()) stop(StopCause::Interrupted);
  }
  /// A console has printed this text: it may be awaited.
  void printed(const std::string& text);
  /// Before the first instruction; and after the last, when nothing runs any more.
  void begin();
  void finish();
  const region::Plan& plan() const { return plan_; }
  /// The plan as if the run had ended now.
  region::Plan plan_now() const;
  /// The measured phase that a core is in; 0: none. And whether the run is in one.
  u64 measured_interval(unsigned core) const { return followed_[core].interval; }
  bool interval_open() const { return interval_open_; }

  bool stopped() const { return stopped_; }
  StopCause cause() const { return cause_; }
  int status() const { return status_; }
  u64 instructions() const;

  cpu::Slice before_slice(cpu::Cpu& cpu, u64 cycles) override;
  void after_slice(cpu::Cpu& cpu) override;
  void core_ended(cpu::Cpu& cpu) override;

 private:
  /// Instructions of all cores so far, of which only `cpu` has executed any since the last call.
  u64 count(const cpu::Cpu& cpu);
  region::Position position(u64 picoseconds) const;
  /// The plan has gone on: all cores shall know soon.
  void phase_changed();
  void begin_phase();
  void ask_all();
  /// Brings one core into the plan's phase.
  void follow(cpu::Cpu& cpu);

  RunLimits limits_;
  std::vector<cpu::CpuModule*> cores_;
  std::function<void(const cpu::Cpu&)> on_slice_;
  std::vector<RunObserver*> observers_;
  std::function<void(region::Phase, u64)> on_phase_;
  std::function<void()> before_timed_;
  std::function<void()> on_end_, on_attention_;
  std::function<void(cpu::Cpu&, const cpu::Slice&)> on_before_slice_;
  std::atomic<bool> interrupted_ = false;
  bool stopped_ = false;
  StopCause cause_ = StopCause::Asleep;
  int status_ = 0;
  unsigned ended_ = 0;
  region::Plan plan_;
  bool mark_reached_ = false;
  bool interval_open_ = false;
  /// The phase that a core is in.
  struct Followed {
    u64 number = 0;
    bool timed = false;
    u64 interval = 0;  ///< that it measures; 0: none
  };
  std::array<Followed, 8> followed_{};
  // How long no core has completed an instruction, in cycles that cores were running.
  std::array<u64, 8> slice_began_{};  ///< elapsed cycles, by core
  std::array<u64, 8> counted_{};      ///< of `done_`, by core
  u64 done_ = 0;
  u64 last_instructions_ = 0, fruitless_ = 0;
};

/// One sentence for the user.
std::string describe(StopCause cause);
/// One word for programs.
std::string_view name_of(StopCause cause);

}  // namespace tw::virt
