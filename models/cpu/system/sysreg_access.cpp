#include "cpu/system/sysreg_access.hpp"

#include "base/bits.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/system/debug.hpp"
#include "cpu/system/errors.hpp"
#include "cpu/system/gic_registers.hpp"
#include "cpu/system/performance_monitors.hpp"
#include "cpu/system/performance_registers.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

arm::TimerRegister timer_register(SysReg reg) {
  using T = arm::TimerRegister;
  switch (reg) {
    case SysReg::CNTFRQ_EL0:
      return T::CntFrq;
    case SysReg::CNTPCT_EL0:
      return T::CntPct;
    case SysReg::CNTVCT_EL0:
      return T::CntVct;
    case SysReg::CNTVOFF_EL2:
      return T::CntVoff;
    case SysReg::CNTP_CTL_EL0:
      return T::CntpCtl;
    case SysReg::CNTP_CVAL_EL0:
      return T::CntpCval;
    case SysReg::CNTP_TVAL_EL0:
      return T::CntpTval;
    case SysReg::CNTV_CTL_EL0:
      return T::CntvCtl;
    case SysReg::CNTV_CVAL_EL0:
      return T::CntvCval;
    case SysReg::CNTV_TVAL_EL0:
      return T::CntvTval;
    case SysReg::CNTHP_CTL_EL2:
      return T::CnthpCtl;
    case SysReg::CNTHP_CVAL_EL2:
      return T::CnthpCval;
    case SysReg::CNTHP_TVAL_EL2:
      return T::CnthpTval;
    case SysReg::CNTPS_CTL_EL1:
      return T::CntpsCtl;
    case SysReg::CNTPS_CVAL_EL1:
      return T::CntpsCval;
    default:
      return T::CntpsTval;
  }
}

/// MIDR_EL1 and MPIDR_EL1 read as VPIDR_EL2 and VMPIDR_EL2 at EL1 when EL2 is enabled.
u64 virtualized_id(const Cpu& cpu, u64 own, SysReg virtual_id) {
  return cpu.pstate.el == El::El1 && el2_enabled(cpu) ? cpu.reg(virtual_id) : own;
}

/// ISR_EL1: at EL1, the virtual interrupts where HCR_EL2 virtualizes them. DAIF's order is A, I, F from bit 8 down.
u64 pending_interrupts(const Cpu& cpu) {
  const u64 hcr = effective_hcr(cpu);
  u8 pending = pending_physical(cpu);
  if (cpu.pstate.el == El::El1) {
    const u8 virtualized =
        static_cast<u8>(((hcr & hcr::AMO) ? 4 : 0) | ((hcr & hcr::IMO) ? 2 : 0) | ((hcr & hcr::FMO) ? 1 : 0));
    pending = static_cast<u8>((pending & ~virtualized) | (pending_virtual(cpu) & virtualized));
  }
  return u64{pending} << 6;
}

u64 dczid(const Cpu& cpu) {
  const bool prohibited = find_trap(cpu, kTraps.zero_va, kOnWrite) != nullptr;
  return cpu.reg(SysReg::DCZID_EL0) | (prohibited ? u64{1} << 4 : 0);
}

/// An event of a write, for the performance monitors. True: they must be looked at.
bool count_write(Cpu& cpu, PmuEvent event) {
  if (cpu.pmu.enabled == 0) return false;
  pmu_happened(cpu, event);
  return true;
}

bool interrupt_may_be_due(const Cpu& cpu) { return cpu.lines != 0 || pending_virtual(cpu) != 0; }

}  // namespace

bool sysreg_permitted(const Cpu& cpu, const SysRegRow& row, bool write) {
  const El el = cpu.pstate.el;
  if (tw::index(el) < (write ? row.lowest_write : row.lowest_read)) return false;
  const u32 flags = row.flags;
  const arm::CpuFeatures& features = cpu.model.features;
  if ((flags & kNotCurrentSp) != 0 && !cpu.pstate.sp_sel) return false;
  if ((flags & kSecureTimer) != 0) {
    if (!cpu.config.has_el3 || el == El::El2 || (el == El::El1 && !secure_below_el3(cpu))) return false;
  }
  if ((flags & kHighestOnly) != 0) {
    // op1 of RVBAR_ELx and RMR_ELx: 0 EL1, 4 EL2, 6 EL3.
    const El own = row.encoding.op1() == 0 ? El::El1 : row.encoding.op1() == 4 ? El::El2 : El::El3;
    if (own != highest_el(cpu)) return false;
  }
  if ((flags & kHighestWrites) != 0 && write && el != highest_el(cpu)) return false;
  if ((flags & kCortex) != 0 && !cpu.model.has_a57_impdef) return false;
  if ((flags & kPan) != 0 && !features.pan) return false;
  if ((flags & kUao) != 0 && !features.uao) return false;
  if ((flags & kSsbs) != 0 && !features.ssbs2) return false;
  if ((flags & kPauth) != 0 && !features.pauth) return false;
  if ((flags & kLor) != 0 && !features.lor) return false;
  if ((flags & kRas) != 0 && !features.ras) return false;
  if ((flags & kVhe) != 0 && !features.vhe) return false;
  if ((flags & kNonSecure) != 0 && secure_below_el3(cpu)) return false;
  return true;
}

u64 sysreg_value(Cpu& cpu, SysReg reg) {
  if ((row_of(reg).flags & kTimer) != 0) return cpu.timer.read(timer_register(reg));
  if ((row_of(reg).flags & kGic) != 0) return gic_read(cpu, reg, true);
  if ((row_of(reg).flags & kMonitor) != 0) return pmu_read(cpu, reg);
  switch (reg) {
    case SysReg::MIDR_EL1:
      return virtualized_id(cpu, cpu.reg(reg), SysReg::VPIDR_EL2);
    case SysReg::MPIDR_EL1:
      return virtualized_id(cpu, mpidr_of(cpu.index), SysReg::VMPIDR_EL2);
    case SysReg::CCSIDR_EL1: {
      const u64 selected = cpu.reg(SysReg::CSSELR_EL1);
      return selected < cpu.model.ccsidr.size() ? cpu.model.ccsidr[selected] : 0;
    }
    case SysReg::DCZID_EL0:
      return dczid(cpu);
    case SysReg::NZCV:
      return cpu.flags.nzcv();
    case SysReg::SPSel:
      return cpu.pstate.sp_sel ? 1 : 0;
    case SysReg::CurrentEL:
      return u64{tw::index(cpu.pstate.el)} << 2;
    case SysReg::PAN:
      return cpu.pstate.pan ? spsr::PAN : 0;
    case SysReg::UAO:
      return cpu.pstate.uao ? spsr::UAO : 0;
    case SysReg::SSBS:
      return cpu.pstate.ssbs ? spsr::SSBS : 0;
    case SysReg::LORID_EL1:
      return cpu.model.lorid;
    case SysReg::DISR_EL1:
      return deferred_errors_hidden(cpu) ? 0 : cpu.reg(deferred_error_register(cpu));
    case SysReg::DAIF:
      return u64{cpu.pstate.daif} << 6;
    case SysReg::ISR_EL1:
      return pending_interrupts(cpu);
    case SysReg::DBGCLAIMSET_EL1:
      return 0xFF;
    case SysReg::DBGCLAIMCLR_EL1:
      return cpu.reg(SysReg::DBGCLAIMSET_EL1);
    default:
      return cpu.reg(reg);
  }
}

bool sysreg_write(Cpu& cpu, SysReg reg, u64 value) {
  cpu.fp_allowed = false;
  const SysRegRow& row = row_of(reg);
  const u64 writable = cpu.writable[static_cast<unsigned>(reg)];
  value = (value & writable) | (cpu.reg(reg) & ~writable);
  if ((row.flags & kTimer) != 0) {
    cpu.timer.write(timer_register(reg), value & row.writable);
    cpu.request_exit();
    return true;
  }
  if ((row.flags & kGic) != 0) {
    gic_write(cpu, reg, value & row.writable);
    cpu.request_exit();
    return true;
  }
  if ((row.flags & kMonitor) != 0) return pmu_write(cpu, reg, value & row.writable);
  if ((row.flags & kEffect) == 0) {
    cpu.reg(reg) = value;
    return false;
  }
  switch (reg) {
    case SysReg::SCTLR_EL1:
    case SysReg::SCTLR_EL2:
    case SysReg::SCTLR_EL3:
    case SysReg::TCR_EL1:
    case SysReg::TCR_EL2:
    case SysReg::TCR_EL3:
    case SysReg::TTBR0_EL1:
    case SysReg::TTBR1_EL1:
    case SysReg::TTBR0_EL2:
    case SysReg::TTBR0_EL3:
    case SysReg::MAIR_EL1:
    case SysReg::MAIR_EL2:
    case SysReg::MAIR_EL3:
    case SysReg::HCR_EL2:
    case SysReg::VTCR_EL2:
    case SysReg::VTTBR_EL2:
    case SysReg::SCR_EL3: {
      const bool counted =
          (reg == SysReg::TTBR0_EL1 || reg == SysReg::TTBR1_EL1) && count_write(cpu, PmuEvent::TTBR_WRITE_RETIRED);
      if (cpu.reg(reg) == value) return counted;
      cpu.reg(reg) = value;
      update_controls(cpu);
      const cost::Context context = ledger_context(cpu);
      if (context != cpu.ledger.context()) cpu.ledger.set_context(context);
      return true;
    }
    case SysReg::NZCV:
      cpu.flags.set_nzcv(value);
      return false;
    case SysReg::DAIF:
      cpu.pstate.daif = static_cast<u8>((value >> 6) & 0xF);
      return interrupt_may_be_due(cpu);
    case SysReg::SPSel:
      set_el_and_sp(cpu, cpu.pstate.el, (value & 1) != 0);
      return false;
    case SysReg::PAN:
      cpu.pstate.pan = (value & spsr::PAN) != 0;
      cpu.select_views();
      return false;
    case SysReg::UAO:
      cpu.pstate.uao = (value & spsr::UAO) != 0;
      cpu.select_views();
      return false;
    case SysReg::SSBS:
      cpu.pstate.ssbs = (value & spsr::SSBS) != 0;
      return false;
    case SysReg::DISR_EL1:
      if (!deferred_errors_hidden(cpu)) cpu.reg(deferred_error_register(cpu)) = value;
      return false;
    case SysReg::OSLAR_EL1: {
      u64& status = cpu.reg(SysReg::OSLSR_EL1);
      status = (status & ~u64{2}) | (value & 1) << 1;
      update_debug(cpu);
      return true;
    }
    case SysReg::MDSCR_EL1:
    case SysReg::DBGBCR0_EL1:
    case SysReg::DBGBCR1_EL1:
    case SysReg::DBGBCR2_EL1:
    case SysReg::DBGBCR3_EL1:
    case SysReg::DBGBCR4_EL1:
    case SysReg::DBGBCR5_EL1:
    case SysReg::DBGWCR0_EL1:
    case SysReg::DBGWCR1_EL1:
    case SysReg::DBGWCR2_EL1:
    case SysReg::DBGWCR3_EL1:
      cpu.reg(reg) = value;
      update_debug(cpu);
      return true;
    case SysReg::DBGCLAIMSET_EL1:
      cpu.reg(reg) |= value;
      return false;
    case SysReg::DBGCLAIMCLR_EL1:
      cpu.reg(SysReg::DBGCLAIMSET_EL1) &= ~value;
      return false;
    // The trap bits are read here; the event streams are the timer block's.
    case SysReg::CNTKCTL_EL1:
      cpu.reg(reg) = value;
      cpu.timer.write(arm::TimerRegister::CntkCtl, value);
      return false;
    case SysReg::CNTHCTL_EL2:
      cpu.reg(reg) = value;
      cpu.timer.write(arm::TimerRegister::CnthCtl, value);
      return false;
    case SysReg::CONTEXTIDR_EL1:
      cpu.reg(reg) = value;
      return count_write(cpu, PmuEvent::CID_WRITE_RETIRED);
    case SysReg::MDCR_EL2:
    case SysReg::MDCR_EL3:
      return pmu_write(cpu, reg, value);
    default:
      cpu.reg(reg) = value;
      return false;
  }
}

}  // namespace tw::cpu
