#include "arm/syndrome.hpp"

namespace tw::arm {

std::string_view name(ExceptionClass ec) {
  switch (ec) {
    case ExceptionClass::Unknown:
      return "unknown reason (UNDEFINED)";
    case ExceptionClass::WfiWfe:
      return "WFI or WFE";
    case ExceptionClass::Cp15Mcr:
      return "MCR or MRC, coprocessor 15";
    case ExceptionClass::Cp15Mcrr:
      return "MCRR or MRRC, coprocessor 15";
    case ExceptionClass::Cp14Mcr:
      return "MCR or MRC, coprocessor 14";
    case ExceptionClass::Cp14Ldc:
      return "LDC or STC, coprocessor 14";
    case ExceptionClass::FpSimd:
      return "floating point or Advanced SIMD";
    case ExceptionClass::Cp10Id:
      return "VMRS of an ID register";
    case ExceptionClass::PointerAuthentication:
      return "pointer authentication";
    case ExceptionClass::Cp14Mrrc:
      return "MRRC, coprocessor 14";
    case ExceptionClass::IllegalState:
      return "illegal execution state";
    case ExceptionClass::Svc32:
      return "SVC (AArch32)";
    case ExceptionClass::Hvc32:
      return "HVC (AArch32)";
    case ExceptionClass::Smc32:
      return "SMC (AArch32)";
    case ExceptionClass::Svc64:
      return "SVC";
    case ExceptionClass::Hvc64:
      return "HVC";
    case ExceptionClass::Smc64:
      return "SMC";
    case ExceptionClass::SystemRegister:
      return "MSR, MRS or system instruction";
    case ExceptionClass::InstructionAbortLower:
      return "instruction abort, lower EL";
    case ExceptionClass::InstructionAbortSame:
      return "instruction abort, same EL";
    case ExceptionClass::PcAlignment:
      return "PC alignment";
    case ExceptionClass::DataAbortLower:
      return "data abort, lower EL";
    case ExceptionClass::DataAbortSame:
      return "data abort, same EL";
    case ExceptionClass::SpAlignment:
      return "SP alignment";
    case ExceptionClass::FpException32:
      return "floating-point exception (AArch32)";
    case ExceptionClass::FpException64:
      return "floating-point exception";
    case ExceptionClass::SError:
      return "SError";
    case ExceptionClass::BreakpointLower:
      return "breakpoint, lower EL";
    case ExceptionClass::BreakpointSame:
      return "breakpoint, same EL";
    case ExceptionClass::SoftwareStepLower:
      return "software step, lower EL";
    case ExceptionClass::SoftwareStepSame:
      return "software step, same EL";
    case ExceptionClass::WatchpointLower:
      return "watchpoint, lower EL";
    case ExceptionClass::WatchpointSame:
      return "watchpoint, same EL";
    case ExceptionClass::Bkpt32:
      return "BKPT (AArch32)";
    case ExceptionClass::VectorCatch32:
      return "vector catch (AArch32)";
    case ExceptionClass::Brk64:
      return "BRK";
  }
  return "reserved";
}

}  // namespace tw::arm
