// Timed fidelity: every op in the time of the pipeline model.
#pragma once

#include "cpu/op.hpp"

namespace tw::cpu {

/// Runs from `op` on, until an op leaves the loop or Cpu::cycle_limit is reached, at the exact instruction.
void run_timed(Cpu& cpu, const Op* op);
/// One op, decoded.
const Op* run_one_timed(Cpu& cpu, const Op* op);

}  // namespace tw::cpu
