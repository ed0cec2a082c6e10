// The instruction-specific part of a data abort's syndrome: what a hypervisor needs to emulate the access.
#pragma once

#include "base/types.hpp"

namespace tw::cpu {

/// ISS[24:14] of a stage-2 data abort from the A64 instruction `insn`, in place: ISV 24, SAS 23:22, SSE 21, SRT 20:16,
/// SF 15, AR 14. Zero when the instruction gives no valid syndrome: everything but loads and stores of one
/// general-purpose register without writeback (Arm ARM D17.2.37, ESR_ELx, ISS of a Data Abort, ISV).
u32 isv_syndrome(u32 insn);

}  // namespace tw::cpu
