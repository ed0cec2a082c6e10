// An external debugger's halts: it looks at a core between two instructions while nothing goes on. What the guest's own
// debug registers are for, software step and breakpoint exceptions, knows nothing of it. A core does the same in the
// same time with it and without: it halts inside its run loop, and no slice ends elsewhere because of it.
#pragma once

#include <limits>
#include <vector>

#include "base/types.hpp"

namespace tw::cpu {

struct Cpu;
struct Op;

enum class HaltReason : u8 {
  Steps,
  Retired,
  Elapsed,
  Breakpoint,
  Exception,   ///< at the first instruction of the vector
  Watchpoint,  ///< behind the instruction that has touched the data
};

class HaltPort {
 public:
  virtual ~HaltPort() = default;
  /// The core is between two instructions, Cpu::pc and the ledger are exact; it goes on when this returns. True: the
  /// core's state was changed.
  virtual bool halted(Cpu& cpu, HaltReason reason) = 0;
};

/// What comes behind a halt inside a run loop.
enum class Onward : u8 {
  Execute,
  Leave,  ///< the state was changed: the loop starts anew at Cpu::pc
  Watch,  ///< as before, but in run_halting()
};

/// Data that are watched: virtual addresses, both ends included.
struct WatchedRange {
  u64 first = 0, last = 0;
  bool reads = false, writes = true;
};

struct TouchedData {
  u64 va = 0;
  unsigned bytes = 0;
  bool write = false;
};

struct Halting {
  static constexpr u64 kNever = std::numeric_limits<u64>::max();

  explicit Halting(HaltPort& who) : port(who) {}

  HaltPort& port;
  // Each is taken back when it is reached.
  u64 steps = kNever;    ///< instructions that begin until then, whether they complete or not
  u64 retired = kNever;  ///< Cpu::retired at which it halts
  u64 elapsed = kNever;  ///< the same of the ledger's elapsed cycles
  // These stay.
  u8 exceptions = 0;                  ///< bit n: taken to ELn
  std::vector<u64> breakpoints = {};  ///< virtual addresses; their slots are the code cache's business (halt_at)
  std::vector<WatchedRange> watchpoints = {};  ///< change them by set_watchpoints()
  TouchedData touched = {};                    ///< at HaltReason::Watchpoint: the first access that met one

  // halting.cpp's own
  u64 exceptions_seen = 0;          ///< of Cpu::exceptions
  u64 passed = kNever;              ///< Cpu::retired at the last halt: an instruction with a breakpoint then goes on
  bool touching = false;            ///< `touched` is to be reported
  bool watched = false;             ///< whoever runs the core now looks at this behind every instruction
  Onward onward = Onward::Execute;  ///< of a halt in executes(), for marked()

  /// The core must be looked at behind every instruction.
  bool by_instruction() const {
    return steps != kNever || retired != kNever || elapsed != kNever || !watchpoints.empty();
  }
};

void set_watchpoints(Cpu& cpu, std::vector<WatchedRange> ranges);
/// The present instruction reads or writes data, in a core that has watchpoints.
void watch_access(Cpu& cpu, u64 va, unsigned bytes, bool write);

/// run() between two rounds of its loop; and step().
void halt_between(Cpu& cpu);
/// Executes one instruction (execute) and looks at Halting behind it.
void halt_behind(Cpu& cpu, void (*execute)(Cpu&, const Op*), const Op* op);
/// Executes from `op` on, until an op leaves the loop (timed: or Cpu::cycle_limit is reached), as the loops of both
/// fidelities do, looking at Halting behind every instruction.
void run_halting(Cpu& cpu, const Op* op);
/// Halts if there is a breakpoint at `op`, which is what executes next.
Onward halt_at_breakpoint(Cpu& cpu, const Op* op);

}  // namespace tw::cpu
