// ESR_ELx: exception classes and ISS layouts (Arm ARM D17.2.37).
#pragma once

#include <string_view>

#include "base/types.hpp"

namespace tw::arm {

/// ESR_ELx.EC.
enum class ExceptionClass : u8 {
  Unknown = 0x00,
  WfiWfe = 0x01,
  Cp15Mcr = 0x03,
  Cp15Mcrr = 0x04,
  Cp14Mcr = 0x05,
  Cp14Ldc = 0x06,
  FpSimd = 0x07,
  Cp10Id = 0x08,
  PointerAuthentication = 0x09,
  Cp14Mrrc = 0x0C,
  IllegalState = 0x0E,
  Svc32 = 0x11,
  Hvc32 = 0x12,
  Smc32 = 0x13,
  Svc64 = 0x15,
  Hvc64 = 0x16,
  Smc64 = 0x17,
  SystemRegister = 0x18,
  InstructionAbortLower = 0x20,
  InstructionAbortSame = 0x21,
  PcAlignment = 0x22,
  DataAbortLower = 0x24,
  DataAbortSame = 0x25,
  SpAlignment = 0x26,
  FpException32 = 0x28,
  FpException64 = 0x2C,
  SError = 0x2F,
  BreakpointLower = 0x30,
  BreakpointSame = 0x31,
  SoftwareStepLower = 0x32,
  SoftwareStepSame = 0x33,
  WatchpointLower = 0x34,
  WatchpointSame = 0x35,
  Bkpt32 = 0x38,
  VectorCatch32 = 0x3A,
  Brk64 = 0x3C,
};

constexpr u8 code(ExceptionClass ec) { return static_cast<u8>(ec); }
/// The manual's words for the class, for reports; "reserved" for a code that is none.
std::string_view name(ExceptionClass ec);

constexpr u32 esr(ExceptionClass ec, bool il, u32 iss) {
  return static_cast<u32>(code(ec)) << 26 | u32{il} << 25 | (iss & 0x1FFFFFF);
}

/// EC 0x18: Op0 21:20, Op2 19:17, Op1 16:14, CRn 13:10, Rt 9:5, CRm 4:1, direction 0 (1: read).
constexpr u32 system_register_iss(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt,
                                  bool read) {
  return op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | rt << 5 | crm << 1 | u32{read};
}
/// The same, off an MRS, MSR, SYS or SYSL encoding.
constexpr u32 system_register_iss(u32 insn) {
  return system_register_iss(insn >> 19 & 3, insn >> 16 & 7, insn >> 12 & 15, insn >> 8 & 15, insn >> 5 & 7, insn & 31,
                             (insn >> 21 & 1) != 0);
}

/// CV = 1, COND = AL: what AArch64 reports in the classes that have these fields.
inline constexpr u32 kConditionAlways = u32{1} << 24 | u32{0xE} << 20;
/// EC 0x01. TI: 0 WFI, 1 WFE.
constexpr u32 wfx_iss(bool wfe) { return kConditionAlways | u32{wfe}; }
/// EC 0x07.
constexpr u32 fp_simd_iss() { return kConditionAlways; }
/// EC 0x15, 0x16, 0x17, 0x3C: the immediate.
constexpr u32 immediate_iss(u32 imm16) { return imm16 & 0xFFFF; }

/// ISS of data and instruction aborts; `isv` is bits 24:14 in place.
namespace abort_iss {
inline constexpr u32 kWnR = u32{1} << 6, kS1PTW = u32{1} << 7, kCM = u32{1} << 8, kEA = u32{1} << 9,
                     kFnV = u32{1} << 10, kISV = u32{1} << 24;
}
constexpr u32 data_abort_iss(u8 fault_status, bool write, bool s1ptw, bool cache_maintenance, u32 isv) {
  return isv | (cache_maintenance ? abort_iss::kCM : 0) | (s1ptw ? abort_iss::kS1PTW : 0) |
         (write ? abort_iss::kWnR : 0) | fault_status;
}
/// EC 0x30 to 0x35: the fault status of debug exceptions; of a software step ISV, and EX of a load-exclusive.
inline constexpr u32 kDebugFaultStatus = 0b100010;
constexpr u32 software_step_iss(bool stepped, bool exclusive) {
  return kDebugFaultStatus | (stepped ? u32{1} << 24 | u32{exclusive} << 6 : 0);
}
constexpr u32 instruction_abort_iss(u8 fault_status, bool s1ptw) {
  return (s1ptw ? abort_iss::kS1PTW : 0) | fault_status;
}

}  // namespace tw::arm
