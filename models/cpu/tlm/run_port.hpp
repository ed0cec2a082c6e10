// What the shell of a core asks of the run as a whole: limits, progress, the end.
#pragma once

#include <optional>

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
  /// An address to stop before, exactly. While there is one, the core runs instruction by instruction.
  virtual std::optional<u64> stop_at_pc(const Cpu& cpu) const = 0;
  /// The core's thread has ended: it was halted.
  virtual void core_ended(Cpu& cpu) = 0;
};

}  // namespace tw::cpu
