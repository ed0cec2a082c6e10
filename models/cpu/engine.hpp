// The pseudo-instructions of a code page. They are ops like all others, so the run loop has no special cases. And what
// the loops of both fidelities share.
#pragma once

#include "cpu/op.hpp"

namespace tw::cpu {

/// Decodes this op from the page's bytes, then executes it.
const Op* undecoded(Cpu& cpu, const Op* op);
/// Behind the last op of a page: goes on at the next page.
const Op* page_end(Cpu& cpu, const Op* op);
/// The exit op: stays where it is.
const Op* stay(Cpu& cpu, const Op* op);

/// Tells the core's observer of the instruction that comes.
void tell_of_fetch(Cpu& cpu, const Op* op);

/// Executes an op and counts it for the performance monitors if it retires.
const Op* run_counted(Cpu& cpu, const Op* op);

}  // namespace tw::cpu
