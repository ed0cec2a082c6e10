#include "cpu/system/gic_registers.hpp"

#include "cpu/system/state.hpp"

namespace tw::cpu {

using namespace arm;

namespace {

GicRegister gic_register(SysReg reg) {
  using enum SysReg;
  using G = GicRegister;
  switch (reg) {
    case ICC_PMR_EL1:
      return G::IccPmr;
    case ICC_IAR0_EL1:
      return G::IccIar0;
    case ICC_EOIR0_EL1:
      return G::IccEoir0;
    case ICC_HPPIR0_EL1:
      return G::IccHppir0;
    case ICC_BPR0_EL1:
      return G::IccBpr0;
    case ICC_AP0R0_EL1:
      return G::IccAp0r0;
    case ICC_AP1R0_EL1:
      return G::IccAp1r0;
    case ICC_DIR_EL1:
      return G::IccDir;
    case ICC_RPR_EL1:
      return G::IccRpr;
    case ICC_SGI1R_EL1:
      return G::IccSgi1r;
    case ICC_ASGI1R_EL1:
      return G::IccAsgi1r;
    case ICC_SGI0R_EL1:
      return G::IccSgi0r;
    case ICC_IAR1_EL1:
      return G::IccIar1;
    case ICC_EOIR1_EL1:
      return G::IccEoir1;
    case ICC_HPPIR1_EL1:
      return G::IccHppir1;
    case ICC_BPR1_EL1:
      return G::IccBpr1;
    case ICC_CTLR_EL1:
      return G::IccCtlr;
    case ICC_SRE_EL1:
      return G::IccSreEl1;
    case ICC_SRE_EL2:
      return G::IccSreEl2;
    case ICC_SRE_EL3:
      return G::IccSreEl3;
    case ICC_CTLR_EL3:
      return G::IccCtlrEl3;
    case ICC_IGRPEN1_EL3:
      return G::IccIgrpen1El3;
    case ICC_IGRPEN0_EL1:
      return G::IccIgrpen0;
    case ICC_IGRPEN1_EL1:
      return G::IccIgrpen1;
    case ICH_AP0R0_EL2:
      return G::IchAp0r0;
    case ICH_AP1R0_EL2:
      return G::IchAp1r0;
    case ICH_HCR_EL2:
      return G::IchHcr;
    case ICH_VTR_EL2:
      return G::IchVtr;
    case ICH_MISR_EL2:
      return G::IchMisr;
    case ICH_EISR_EL2:
      return G::IchEisr;
    case ICH_ELRSR_EL2:
      return G::IchElrsr;
    case ICH_VMCR_EL2:
      return G::IchVmcr;
    default: {
      const unsigned n = static_cast<unsigned>(reg) - static_cast<unsigned>(ICH_LR0_EL2);
      return static_cast<G>(static_cast<unsigned>(G::IchLr0) + n);
    }
  }
}

GicAccess access_now(const Cpu& cpu, SysReg reg, bool debug) {
  GicAccess access{.guest = is_virtual_gic_access(cpu, reg), .debug = debug};
  if (!cpu.config.has_el3) return access;
  access.secure = secure_below_el3(cpu);
  access.el3 = cpu.pstate.el == El::El3;
  access.fiq_to_el3 = (cpu.reg(SysReg::SCR_EL3) & scr::FIQ) != 0;
  access.irq_to_el3 = (cpu.reg(SysReg::SCR_EL3) & scr::IRQ) != 0;
  return access;
}

}  // namespace

bool is_virtual_gic_access(const Cpu& cpu, SysReg reg) {
  if (cpu.pstate.el != El::El1 || !el2_enabled(cpu)) return false;
  const u64 hcr = effective_hcr(cpu);
  return reaches_virtual(gic_register(reg), (hcr & hcr::FMO) != 0, (hcr & hcr::IMO) != 0);
}

u64 gic_read(Cpu& cpu, SysReg reg, bool debug) {
  return cpu.gic ? cpu.gic->read(gic_register(reg), access_now(cpu, reg, debug)) : 0;
}

void gic_write(Cpu& cpu, SysReg reg, u64 value) {
  if (!cpu.gic) return;
  // The trap rules look here at TC, TALL0, TALL1 and TDIR.
  if (reg == SysReg::ICH_HCR_EL2) cpu.reg(reg) = value;
  cpu.gic->write(gic_register(reg), value, access_now(cpu, reg, false));
}

void gic_world(Cpu& cpu) {
  if (!cpu.gic) return;
  const bool secure = cpu.config.has_el3 && secure_below_el3(cpu);
  cpu.gic->world(cpu.pstate.el == El::El3 ? GicWorld::El3 : secure ? GicWorld::Secure : GicWorld::NonSecure);
}

}  // namespace tw::cpu
