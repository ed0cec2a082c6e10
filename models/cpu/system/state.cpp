#include "cpu/system/state.hpp"

#include "base/bits.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/system/gic_registers.hpp"
#include "cpu/system/performance_monitors.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

u64& sp_slot(Cpu& cpu) {
  if (!cpu.pstate.sp_sel) return cpu.reg(SysReg::SP_EL0);
  switch (cpu.pstate.el) {
    case El::El3:
      return cpu.reg(SysReg::SP_EL3);
    case El::El2:
      return cpu.reg(SysReg::SP_EL2);
    case El::El1:
      return cpu.reg(SysReg::SP_EL1);
    case El::El0:
      break;
  }
  return cpu.reg(SysReg::SP_EL0);
}

/// The identification registers show the ELs that the configuration has.
u64 id_value(const Cpu& cpu, SysReg reg) {
  u64 value = cpu.model.id(reg);
  if (reg == SysReg::ID_AA64PFR0_EL1) {
    if (!cpu.config.has_el3) value &= ~u64{0xF000};
    if (!cpu.config.has_el2) value &= ~u64{0x0F00};
    if (cpu.gic) value = (value & ~kPfr0Gic) | kPfr0GicV3;
  } else if (reg == SysReg::ID_PFR1_EL1) {
    if (!cpu.config.has_el3) value &= ~u64{0x00F0};
    if (!cpu.config.has_el2) value &= ~u64{0xF000};
    if (cpu.gic) value = (value & ~kPfr1Gic) | kPfr1GicV3;
  } else if (reg == SysReg::ID_DFR0_EL1) {
    if (!cpu.config.has_el3) value &= ~u64{0x00F0};
  }
  return value;
}

vmsa::Features translation_features(const CpuModel& model) {
  vmsa::Features features;
  features.pa_bits = static_cast<u8>(model.pa_bits());
  features.granule4k = model.granule4k();
  features.granule16k = model.granule16k();
  features.granule64k = model.granule64k();
  features.asid16 = model.asid16();
  features.vmid16 = model.features.vmid16;
  features.xnx = model.features.xnx;
  features.hpds = model.features.hpds;
  features.hafdbs = model.features.hafdbs;
  features.dirty = model.features.dirty;
  return features;
}

}  // namespace

void update_controls(Cpu& cpu) {
  vmsa::Controls next;
  next.features = cpu.controls.features;
  const auto r = [&cpu](SysReg reg) { return cpu.reg(reg); };
  next.hcr = effective_hcr(cpu);
  u64 sctlr = r(SysReg::SCTLR_EL1);
  // TGE and DC make SCTLR_EL1.M zero for all purposes but a direct read (HCR_EL2, Arm ARM D17.2.48).
  if ((next.hcr & (hcr::TGE | hcr::DC)) != 0) sctlr &= ~sctlr::M;
  next.el1 = {.sctlr = sctlr,
              .tcr = r(SysReg::TCR_EL1),
              .ttbr0 = r(SysReg::TTBR0_EL1),
              .ttbr1 = r(SysReg::TTBR1_EL1),
              .mair = r(SysReg::MAIR_EL1)};
  next.el2 = {.sctlr = r(SysReg::SCTLR_EL2),
              .tcr = r(SysReg::TCR_EL2),
              .ttbr0 = r(SysReg::TTBR0_EL2),
              .ttbr1 = 0,
              .mair = r(SysReg::MAIR_EL2)};
  next.el3 = {.sctlr = r(SysReg::SCTLR_EL3),
              .tcr = r(SysReg::TCR_EL3),
              .ttbr0 = r(SysReg::TTBR0_EL3),
              .ttbr1 = 0,
              .mair = r(SysReg::MAIR_EL3)};
  next.vtcr = r(SysReg::VTCR_EL2);
  next.vttbr = r(SysReg::VTTBR_EL2);
  next.secure = cpu.pstate.el == El::El3 || secure_below_el3(cpu);
  cpu.controls = next;
  if (!cpu.host.select(next)) return;
  cpu.fetch_page = nullptr;
  cpu.select_views();
}

void set_el_and_sp(Cpu& cpu, El el, bool sp_sel) {
  sp_slot(cpu) = cpu.x[kSp];
  const bool crosses_el3 = (cpu.pstate.el == El::El3) != (el == El::El3);
  const bool counters_change = cpu.pmu.enabled != 0 && el != cpu.pstate.el;
  if (counters_change) pmu_sample(cpu);
  cpu.pstate.el = el;
  cpu.pstate.sp_sel = sp_sel;
  cpu.fp_allowed = false;
  cpu.x[kSp] = sp_slot(cpu);
  if (crosses_el3) {
    update_controls(cpu);
    gic_world(cpu);
  }
  if (counters_change) pmu_select(cpu);
  cpu.select_views();
}

cost::Context ledger_context(const Cpu& cpu) {
  const bool guest = cpu.pstate.el <= El::El1 && cpu.controls.stage2_enabled();
  return {.el = cpu.pstate.el, .guest = guest, .vmid = guest ? cpu.controls.vmid() : Vmid{}};
}

u64 spsr_of_pstate(const Cpu& cpu) {
  const Pstate& p = cpu.pstate;
  return cpu.flags.nzcv() | (p.uao ? spsr::UAO : 0) | (p.pan ? spsr::PAN : 0) | (p.ssbs ? spsr::SSBS : 0) |
         (p.ss ? spsr::SS : 0) | (p.il ? spsr::IL : 0) | u64{p.daif} << 6 | u64{tw::index(p.el)} << 2 |
         u64{p.el != El::El0 && p.sp_sel};
}

u8 pending_physical(const Cpu& cpu) {
  return static_cast<u8>((cpu.line(Line::SError) ? 4 : 0) | (cpu.line(Line::Irq) ? 2 : 0) |
                         (cpu.line(Line::Fiq) ? 1 : 0));
}

u8 pending_virtual(const Cpu& cpu) {
  const u64 hcr = effective_hcr(cpu);
  if ((hcr & hcr::TGE) != 0) return 0;
  u8 pending = 0;
  if ((hcr & hcr::AMO) && (hcr & hcr::VSE)) pending |= 4;
  if ((hcr & hcr::IMO) && ((hcr & hcr::VI) || cpu.line(Line::VirtualIrq))) pending |= 2;
  if ((hcr & hcr::FMO) && ((hcr & hcr::VF) || cpu.line(Line::VirtualFiq))) pending |= 1;
  return pending;
}

void reset_system_state(Cpu& cpu) {
  cpu.sysreg.fill(0);
  for (const SysRegRow& row : sysreg_rows()) {
    const SysReg reg = sysreg_of(row);
    cpu.reg(reg) = (row.flags & kModel) != 0 ? id_value(cpu, reg) : row.reset;
    cpu.writable[static_cast<unsigned>(reg)] = cpu.model.writable(reg);
  }
  cpu.reg(SysReg::SCTLR_EL1) = cpu.model.sctlr_reset;
  cpu.reg(SysReg::SCTLR_EL3) = cpu.model.sctlr_reset;
  cpu.reg(SysReg::PMCR_EL0) = cpu.model.pmcr;
  pmu_reset(cpu);
  cpu.reg(SysReg::VPIDR_EL2) = cpu.model.id(SysReg::MIDR_EL1);
  cpu.reg(SysReg::VMPIDR_EL2) = mpidr_of(cpu.index);
  cpu.pstate = {};
  cpu.pstate.el = highest_el(cpu);
  cpu.flags = {};
  cpu.debug = {};
  cpu.controls = {};
  cpu.controls.features = translation_features(cpu.model);
  update_controls(cpu);
  cpu.flush_translations();
  cpu.select_views();
  cpu.ledger.reset(ledger_context(cpu));
  gic_world(cpu);
}

}  // namespace tw::cpu
