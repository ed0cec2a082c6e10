// AT (Arm ARM C5.4, D8.12): a translation whose outcome goes to PAR_EL1.
#include "cpu/exceptions.hpp"
#include "cpu/memory.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/sys_instructions.hpp"
#include "vmsa/par.hpp"

namespace tw::cpu {
namespace {

using namespace arm;
using vmsa::Regime;

// The parameter of a row: regime, both stages, unprivileged, write, by PSTATE.PAN.
constexpr u32 kBothStages = 1u << 8, kUnprivileged = 1u << 9, kWrite = 1u << 10, kPan = 1u << 11;
constexpr u32 parameter(Regime regime, u32 flags) { return static_cast<u32>(regime) | flags; }

const Op* address_translation(Cpu& cpu, const Op* op) {
  const u32 parameters = sys_instruction_of(op).parameter;
  const vmsa::Access access{.va = Va{cpu.x[op->rn]},
                            .kind = vmsa::AccessKind::AddressTranslation,
                            .read = (parameters & kWrite) == 0,
                            .write = (parameters & kWrite) != 0,
                            .privileged = (parameters & kUnprivileged) == 0,
                            .pan = (parameters & kPan) != 0 && cpu.pstate.pan,
                            .stage1_only = (parameters & kBothStages) == 0,
                            .regime = static_cast<Regime>(parameters & 0xFF),
                            .el = cpu.pstate.el};
  if (!regime_exists(cpu, access.regime)) return undefined(cpu, op);
  settle_before(cpu, op);
  // The regimes below EL3 are those of the security state that SCR_EL3.NS selects, also when EL3 asks.
  vmsa::Controls controls = cpu.controls;
  if (access.regime != Regime::El3) controls.secure = secure_below_el3(cpu);
  const vmsa::Translation translation = translate_and_wait(cpu, access, controls);
  const vmsa::Fault& fault = translation.fault;
  // Two outcomes are exceptions and leave PAR_EL1 alone: an external abort on the walk, and a stage-2 fault on the walk
  // of an EL1 AT S1E*, which EL2 must see.
  const bool to_hypervisor = fault.s1ptw && fault.stage == 2 && cpu.pstate.el == El::El1 && access.stage1_only;
  if (fault.type == vmsa::FaultType::ExternalOnWalk || to_hypervisor) {
    take_data_abort(cpu, op, fault, access.write, true);
    return leave_before(cpu, op);
  }
  cpu.reg(SysReg::PAR_EL1) = vmsa::par_el1(translation);
  return op + 1;
}

#define TW_AT(name, op1, op2, el, regime, flags) TW_AT_OF(name, op1, 8, op2, el, regime, flags, nullptr)
#define TW_AT_OF(name, op1, crm, op2, el, regime, flags, feature)                                       \
  {                                                                                                     \
    "AT " name, SysRegEncoding{1, op1, 7, crm, op2}, el, &TrapLists::none, cost::Cause::SystemRegister, \
        address_translation, parameter(regime, flags), feature                                          \
  }

constexpr SysInstruction kRows[] = {
    TW_AT("S1E1R", 0, 0, 1, Regime::El10, 0),
    TW_AT("S1E1W", 0, 1, 1, Regime::El10, kWrite),
    TW_AT("S1E0R", 0, 2, 1, Regime::El10, kUnprivileged),
    TW_AT("S1E0W", 0, 3, 1, Regime::El10, kUnprivileged | kWrite),
    TW_AT_OF("S1E1RP", 0, 9, 0, 1, Regime::El10, kPan, &CpuFeatures::pan2),
    TW_AT_OF("S1E1WP", 0, 9, 1, 1, Regime::El10, kPan | kWrite, &CpuFeatures::pan2),
    TW_AT("S1E2R", 4, 0, 2, Regime::El2, 0),
    TW_AT("S1E2W", 4, 1, 2, Regime::El2, kWrite),
    TW_AT("S12E1R", 4, 4, 2, Regime::El10, kBothStages),
    TW_AT("S12E1W", 4, 5, 2, Regime::El10, kBothStages | kWrite),
    TW_AT("S12E0R", 4, 6, 2, Regime::El10, kBothStages | kUnprivileged),
    TW_AT("S12E0W", 4, 7, 2, Regime::El10, kBothStages | kUnprivileged | kWrite),
    TW_AT("S1E3R", 6, 0, 3, Regime::El3, 0),
    TW_AT("S1E3W", 6, 1, 3, Regime::El3, kWrite),
};
#undef TW_AT_OF
#undef TW_AT

}  // namespace

std::span<const SysInstruction> address_translation_rows() { return kRows; }

}  // namespace tw::cpu
