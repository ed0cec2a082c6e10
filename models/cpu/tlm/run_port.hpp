// What the shell of a core asks of the run as a whole: limits, progress, the end.
#pragma once

#include "base/types.hpp"

namespace tw::cpu {

struct Cpu;

class RunPort {
 public:
  virtual ~RunPort() = default;
  /// Before a slice of at most `cycles`: how many of them may run. The core is between two instructions.
  virtual u64 before_slice(Cpu& cpu, u64 cycles) = 0;
  /// After every slice.
  virtual void after_slice(Cpu& cpu) = 0;
  /// The core's thread has ended: it was halted.
  virtual void core_ended(Cpu& cpu) = 0;
};

}  // namespace tw::cpu
