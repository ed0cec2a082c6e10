// Data and instruction aborts: AArch64.DataAbort, AArch64.InstructionAbort (Arm ARM J1.1.4), routed as in Armv8.0.
#include "arm/syndrome.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/access_syndrome.hpp"
#include "cpu/system/state.hpp"
#include "vmsa/fault_status.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

bool is_external(vmsa::FaultType type) {
  return type == vmsa::FaultType::External || type == vmsa::FaultType::ExternalOnWalk;
}

// Statistic keys: stage and level of the faults that have them.
#define TW_LEVELS(text) \
  { text ", level 0", text ", level 1", text ", level 2", text ", level 3" }
constexpr std::string_view kAddressSize[2][4] = {TW_LEVELS("stage-1 address size fault"),
                                                 TW_LEVELS("stage-2 address size fault")};
constexpr std::string_view kTranslation[2][4] = {TW_LEVELS("stage-1 translation fault"),
                                                 TW_LEVELS("stage-2 translation fault")};
constexpr std::string_view kAccessFlag[2][4] = {TW_LEVELS("stage-1 access flag fault"),
                                                TW_LEVELS("stage-2 access flag fault")};
constexpr std::string_view kPermission[2][4] = {TW_LEVELS("stage-1 permission fault"),
                                                TW_LEVELS("stage-2 permission fault")};
constexpr std::string_view kExternalOnWalk[2][4] = {TW_LEVELS("external abort on a stage-1 walk"),
                                                    TW_LEVELS("external abort on a stage-2 walk")};
#undef TW_LEVELS

std::string_view reason_of(const vmsa::Fault& fault) {
  const unsigned stage = fault.stage == 2 ? 1 : 0;
  const unsigned level = static_cast<unsigned>(fault.level) & 3;
  switch (fault.type) {
    case vmsa::FaultType::None:
      return "no fault";
    case vmsa::FaultType::AddressSize:
      return kAddressSize[stage][level];
    case vmsa::FaultType::Translation:
      return kTranslation[stage][level];
    case vmsa::FaultType::AccessFlag:
      return kAccessFlag[stage][level];
    case vmsa::FaultType::Permission:
      return kPermission[stage][level];
    case vmsa::FaultType::ExternalOnWalk:
      return kExternalOnWalk[stage][level];
    case vmsa::FaultType::Alignment:
      return "alignment fault";
    case vmsa::FaultType::External:
      return "external abort";
    case vmsa::FaultType::TlbConflict:
      return "TLB conflict abort";
    case vmsa::FaultType::UnsupportedUpdate:
      return "unsupported hardware update of a descriptor";
    case vmsa::FaultType::UnsupportedAtomic:
      return "unsupported atomic access";
  }
  return "abort";
}

std::string_view subject_of(const vmsa::Fault& fault, std::string_view access) {
  return fault.s1ptw ? "stage-1 walk" : access;
}

El abort_target(const Cpu& cpu, const vmsa::Fault& fault) {
  const El el = cpu.pstate.el;
  const bool to_el3 = cpu.config.has_el3 && (effective_scr(cpu) & scr::EA) != 0 && is_external(fault.type);
  if (to_el3 || el == El::El3) return El::El3;
  const bool tea = (effective_hcr(cpu) & hcr::TEA) != 0 && is_external(fault.type);
  const bool to_el2 = el <= El::El1 && el2_enabled(cpu) && (tge(cpu) || fault.stage == 2 || tea);
  if (to_el2 || el == El::El2) return El::El2;
  return El::El1;
}

/// What data and instruction aborts have in common. HPFAR_EL2 is written for every stage-2 fault that EL2 takes; the
/// architecture leaves it UNKNOWN for permission faults that are not on a stage-1 walk.
Exception abort(const Cpu& cpu, const vmsa::Fault& fault, ExceptionClass lower, ExceptionClass same, u64 pc) {
  const El target = abort_target(cpu, fault);
  Exception exception{.target = target,
                      .exception_class = code(target > cpu.pstate.el ? lower : same),
                      .return_address = pc,
                      .sets_far = true,
                      .far = fault.va.value,
                      .reason = {}};
  if (target == El::El2 && fault.stage == 2) {
    exception.sets_hpfar = true;
    exception.hpfar = (fault.ipa.value >> 12 << 4) & 0xFFFFFFFFF0;
  }
  return exception;
}

}  // namespace

void take_data_abort(Cpu& cpu, const Op* op, const vmsa::Fault& fault, bool write, bool cache_maintenance) {
  settle_before(cpu, op);
  Exception exception =
      abort(cpu, fault, ExceptionClass::DataAbortLower, ExceptionClass::DataAbortSame, pc_of(cpu, op));
  const bool valid_syndrome = exception.target == El::El2 && fault.stage == 2 && !fault.s1ptw && !cache_maintenance;
  // WnR is 1 for every cache maintenance and address translation instruction.
  exception.iss = data_abort_iss(vmsa::fault_status_code(fault), write || cache_maintenance, fault.s1ptw,
                                 cache_maintenance, valid_syndrome ? isv_syndrome(op->insn) : 0);
  exception.reason = {reason_of(fault), subject_of(fault, cache_maintenance ? "maintenance by address"
                                                          : write           ? "data write"
                                                                            : "data read")};
  take_exception(cpu, exception);
}

void take_instruction_abort(Cpu& cpu, u64 pc, const vmsa::Fault& fault) {
  Exception exception =
      abort(cpu, fault, ExceptionClass::InstructionAbortLower, ExceptionClass::InstructionAbortSame, pc);
  exception.far = pc;
  exception.iss = instruction_abort_iss(vmsa::fault_status_code(fault), fault.s1ptw);
  exception.reason = {reason_of(fault), subject_of(fault, "fetch")};
  take_exception(cpu, exception);
}

}  // namespace tw::cpu
