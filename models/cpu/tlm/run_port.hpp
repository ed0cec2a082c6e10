// What the shell of a core asks of the run as a whole: limits, progress, the end.
#pragma once

#include "base/types.hpp"

namespace tw::cpu {

struct Cpu;

/// How long a core may run.
struct Slice {
  u64 cycles = 0;
  /// Not 0: one by one, at most so many instructions. A run stops near the cycle, this at the very instruction.
  u64 instructions = 0;
};

class RunPort {
 public:
  virtual ~RunPort() = default;
  /// Before a slice of at most `cycles`: how much of it may run. The core is between two instructions.
  virtual Slice before_slice(Cpu& cpu, u64 cycles) = 0;
  /// After every slice.
  virtual void after_slice(Cpu& cpu) = 0;
  /// The core's thread has ended: it was halted.
  virtual void core_ended(Cpu& cpu) = 0;
};

}  // namespace tw::cpu
