// Events of single instructions and of exceptions: what a retired op, or an exception that is taken, counts as.
#include "arm/syndrome.hpp"
#include "base/bits.hpp"
#include "cpu/system/performance_monitors.hpp"

namespace tw::cpu {
namespace {

using arm::ExceptionClass;
using cost::Cause;

/// Load/store exclusive and ordered (C4.1.93): bit 22 is L. STLUR: bits 23:22 are zero. LDAPR and LDAPUR are loads.
bool is_exclusive_store(u32 insn) {
  const u32 group = insn & 0x3F000000;
  return (group == 0x08000000 && !bit<22>(insn)) || (group == 0x19000000 && (insn & 0x00C00000) == 0);
}

/// B, BL, B.cond, CBZ, CBNZ, TBZ, TBNZ.
bool is_immediate_branch(u32 insn) {
  return (insn & 0x7C000000) == 0x14000000 || (insn & 0xFF000000) == 0x54000000 || (insn & 0x7C000000) == 0x34000000;
}

/// RET, RETAA, RETAB.
bool is_return(u32 insn) { return (insn & 0xFFFF0000) == 0xD65F0000; }

struct ExceptionEvents {
  ExceptionClass exception_class;
  PmuEvent local;      ///< taken locally
  PmuEvent elsewhere;  ///< taken to a higher EL than EL1 from below
};
// What has no row is another synchronous exception.
constexpr ExceptionEvents kExceptions[] = {
    {ExceptionClass::Svc64, PmuEvent::EXC_SVC, PmuEvent::EXC_TRAP_OTHER},
    {ExceptionClass::Hvc64, PmuEvent::EXC_HVC, PmuEvent::EXC_HVC},
    {ExceptionClass::Smc64, PmuEvent::EXC_SMC, PmuEvent::EXC_SMC},
    {ExceptionClass::InstructionAbortLower, PmuEvent::EXC_PABORT, PmuEvent::EXC_TRAP_PABORT},
    {ExceptionClass::InstructionAbortSame, PmuEvent::EXC_PABORT, PmuEvent::EXC_TRAP_PABORT},
    {ExceptionClass::DataAbortLower, PmuEvent::EXC_DABORT, PmuEvent::EXC_TRAP_DABORT},
    {ExceptionClass::DataAbortSame, PmuEvent::EXC_DABORT, PmuEvent::EXC_TRAP_DABORT},
    {ExceptionClass::SError, PmuEvent::EXC_DABORT, PmuEvent::EXC_TRAP_DABORT},
};

ExceptionEvents events_of(const Exception& exception, Vector vector) {
  constexpr auto kAny = ExceptionClass::Unknown;
  constexpr ExceptionEvents kOther{kAny, PmuEvent::EXC_UNDEF, PmuEvent::EXC_TRAP_OTHER};
  if (vector == Vector::Irq) return {kAny, PmuEvent::EXC_IRQ, PmuEvent::EXC_TRAP_IRQ};
  if (vector == Vector::Fiq) return {kAny, PmuEvent::EXC_FIQ, PmuEvent::EXC_TRAP_FIQ};
  const bool trapped_smc = exception.exception_class == arm::code(ExceptionClass::Smc64) && exception.target == El::El2;
  if (trapped_smc) return kOther;
  for (const ExceptionEvents& row : kExceptions) {
    if (arm::code(row.exception_class) == exception.exception_class) return row;
  }
  return kOther;
}

}  // namespace

void pmu_exception_taken(Cpu& cpu, const Exception& exception, Vector vector) {
  pmu_happened(cpu, PmuEvent::EXC_TAKEN);
  const ExceptionEvents events = events_of(exception, vector);
  const bool local = exception.target == El::El1 || exception.target == cpu.pstate.el;
  pmu_happened(cpu, local ? events.local : events.elsewhere);
}

void pmu_count_op(Cpu& cpu, const Op& op, bool taken) {
  switch (op.cost) {
    case Cause::Branch:
      pmu_happened(cpu, PmuEvent::BR_RETIRED);
      if (taken) pmu_happened(cpu, PmuEvent::PC_WRITE_RETIRED);
      if (is_immediate_branch(op.insn)) pmu_happened(cpu, PmuEvent::BR_IMMED_RETIRED);
      if (is_return(op.insn)) pmu_happened(cpu, PmuEvent::BR_RETURN_RETIRED);
      return;
    case Cause::Atomic:
      pmu_happened(cpu, PmuEvent::LD_RETIRED);
      pmu_happened(cpu, PmuEvent::MEM_ACCESS);
      break;
    case Cause::Exclusive:
      if (is_exclusive_store(op.insn)) break;
      [[fallthrough]];
    case Cause::Load:
      pmu_happened(cpu, PmuEvent::LD_RETIRED);
      pmu_happened(cpu, PmuEvent::MEM_ACCESS);
      return;
    case Cause::Store:
      break;
    default:
      return;
  }
  pmu_happened(cpu, PmuEvent::ST_RETIRED);
  pmu_happened(cpu, PmuEvent::MEM_ACCESS);
}

}  // namespace tw::cpu
