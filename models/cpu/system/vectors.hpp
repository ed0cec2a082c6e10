// Inside of system/: exceptions by vector, and exceptions of instructions that complete.
#pragma once

#include "cpu/exceptions.hpp"

namespace tw::cpu {

/// Offset of the vector in its group.
enum class Vector : u16 { Synchronous = 0x000, Irq = 0x080, Fiq = 0x100, SError = 0x180 };

/// take_exception() through any vector. exception_class cost::kAsynchronous: ESR_ELx stays as it is.
void enter_exception(Cpu& cpu, const Exception& exception, Vector vector);

/// For SVC, HVC and SMC: the instruction has completed and counts as executed; the exception follows it.
const Op* raise_completed(Cpu& cpu, const Op* op, const Exception& exception);

}  // namespace tw::cpu
