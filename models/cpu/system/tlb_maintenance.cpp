// TLBI (Arm ARM C5.5, D8.13): every instruction of Armv8.0, decoded to what the TLBs must forget.
#include "base/bits.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/sys_instructions.hpp"

namespace tw::cpu {
namespace {

using namespace arm;
using enum vmsa::InvalidateScope;
using vmsa::InvalidateScope;
using vmsa::Regime;

// The parameter of a row: scope, regime, inner shareable.
constexpr u32 kInnerShareable = 1u << 16;
constexpr u32 parameter(InvalidateScope scope, Regime regime, bool inner_shareable) {
  return static_cast<u32>(scope) | static_cast<u32>(regime) << 8 | (inner_shareable ? kInnerShareable : 0);
}

bool is_stage2(InvalidateScope scope) { return scope == Ipa || scope == IpaLast; }

const Op* invalidate(Cpu& cpu, const Op* op) {
  const u32 parameters = sys_instruction_of(op).parameter;
  const u64 operand = cpu.x[op->rn];
  vmsa::Invalidate what;
  what.scope = static_cast<InvalidateScope>(parameters & 0xFF);
  what.regime = static_cast<Regime>((parameters >> 8) & 0xFF);
  if (!regime_exists(cpu, what.regime)) return undefined(cpu, op);
  what.secure = what.regime == Regime::El3 || (what.regime == Regime::El10 && secure_below_el3(cpu));
  what.stage2_in_use = what.regime == Regime::El10 && el2_enabled(cpu);
  what.vmid = cpu.controls.vmid();
  what.asid = Asid{static_cast<u16>(cpu.controls.features.asid16 ? operand >> 48 : (operand >> 48) & 0xFF)};
  // Xt[43:0] is VA[55:12]; the bits above are the copies of bit 55 that translation uses.
  what.va = Va{static_cast<u64>(sign_extend(bits<43, 0>(operand), 44)) << 12};
  what.ipa = tw::Ipa{bits<35, 0>(operand) << 12};
  // HCR_EL2.FB: TLBI at EL1 reaches the inner-shareable domain.
  what.broadcast =
      (parameters & kInnerShareable) != 0 || (cpu.pstate.el == El::El1 && (effective_hcr(cpu) & hcr::FB) != 0);
  // Without EL2, or in Secure state, there is no stage 2 to invalidate.
  if (is_stage2(what.scope) && !what.stage2_in_use) return op + 1;
  settle_before(cpu, op);
  cpu.mmu.invalidate(what, cpu.ledger.elapsed());
  cpu.forget_translations(what);
  return leave_after(cpu, op, pc_of(cpu, op) + 4);  // the next fetch translates anew, whenever the slice ends
}

constexpr auto kCost = cost::Cause::TlbMaintenance;
constexpr auto kNone = &TrapLists::none;
constexpr auto kTtlb = &TrapLists::ttlb;

// An instruction and its inner-shareable twin, which differs in CRm.
#define TW_TLBI(name, op1, crm, crm_is, op2, el, traps, scope, regime)                                                \
  {"TLBI " name, SysRegEncoding{1, op1, 8, crm, op2}, el, traps, kCost, invalidate, parameter(scope, regime, false)}, \
  {                                                                                                                   \
    "TLBI " name "IS", SysRegEncoding{1, op1, 8, crm_is, op2}, el, traps, kCost, invalidate,                          \
        parameter(scope, regime, true)                                                                                \
  }

constexpr SysInstruction kRows[] = {
    TW_TLBI("VMALLE1", 0, 7, 3, 0, 1, kTtlb, VmidStage1, Regime::El10),
    TW_TLBI("VAE1", 0, 7, 3, 1, 1, kTtlb, VaAsid, Regime::El10),
    TW_TLBI("ASIDE1", 0, 7, 3, 2, 1, kTtlb, AsidAll, Regime::El10),
    TW_TLBI("VAAE1", 0, 7, 3, 3, 1, kTtlb, VaAllAsid, Regime::El10),
    TW_TLBI("VALE1", 0, 7, 3, 5, 1, kTtlb, VaLastAsid, Regime::El10),
    TW_TLBI("VAALE1", 0, 7, 3, 7, 1, kTtlb, VaLastAllAsid, Regime::El10),
    TW_TLBI("IPAS2E1", 4, 4, 0, 1, 2, kNone, InvalidateScope::Ipa, Regime::El10),
    TW_TLBI("IPAS2LE1", 4, 4, 0, 5, 2, kNone, IpaLast, Regime::El10),
    TW_TLBI("ALLE2", 4, 7, 3, 0, 2, kNone, All, Regime::El2),
    TW_TLBI("VAE2", 4, 7, 3, 1, 2, kNone, VaAsid, Regime::El2),
    TW_TLBI("ALLE1", 4, 7, 3, 4, 2, kNone, All, Regime::El10),
    TW_TLBI("VALE2", 4, 7, 3, 5, 2, kNone, VaLastAsid, Regime::El2),
    TW_TLBI("VMALLS12E1", 4, 7, 3, 6, 2, kNone, VmidAll, Regime::El10),
    TW_TLBI("ALLE3", 6, 7, 3, 0, 3, kNone, All, Regime::El3),
    TW_TLBI("VAE3", 6, 7, 3, 1, 3, kNone, VaAsid, Regime::El3),
    TW_TLBI("VALE3", 6, 7, 3, 5, 3, kNone, VaLastAsid, Regime::El3),
};
#undef TW_TLBI

}  // namespace

std::span<const SysInstruction> tlb_maintenance_rows() { return kRows; }

}  // namespace tw::cpu
