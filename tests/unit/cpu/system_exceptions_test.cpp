// Exception entry and return: vectors, SPSR, ELR, ESR, FAR, HPFAR, illegal returns, aborts and their routing.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;
using vmsa::FaultType;

constexpr u32 kSvc = 0xD400'0001, kEret = 0xD69F'03E0, kBrk = 0xD420'0000 | 0x123 << 5;
constexpr u32 kLdrX0 = 0xF940'0020;  // LDR x0, [x1]
constexpr u32 kStrW2 = 0xB900'0022;  // STR w2, [x1]
constexpr u64 kVbar = 0x4001'0000;
constexpr u64 kNonSecure = 1 | 0x100 | 0x400;

cpu::Config with_el3() {
  cpu::Config config;
  config.has_el3 = true;
  return config;
}

struct Rig : CpuRig {
  explicit Rig(El el, bool el3 = false) : CpuRig(el, el3 ? with_el3() : cpu::Config{}, test_model(), 0x4'0000) {
    core.reg(SysReg::SCR_EL3) = kNonSecure;
    core.reg(SysReg::HCR_EL2) = u64{1} << 31;
    cpu().reg(SysReg::VBAR_EL1) = kVbar;
    cpu().reg(SysReg::VBAR_EL2) = kVbar + 0x1000;
    cpu().reg(SysReg::VBAR_EL3) = kVbar + 0x2000;
    core.x[1] = 0x4000'8000;
  }
  cpu::Cpu& cpu() { return core; }
  void set_hcr(u64 bits) {
    // Through the register, so that the mirror follows: MSR HCR_EL2, x9 at EL2.
    const El el = core.pstate.el;
    tw::cpu::set_el_and_sp(core, El::El2, true);
    core.x[9] = bits | u64{1} << 31;
    execute(0xD51C'1109);
    tw::cpu::set_el_and_sp(core, el, el != El::El0);
  }
};

TEST(ExceptionEntry, VectorGroups) {
  Rig sp0(El::El1);
  cpu::set_el_and_sp(sp0.core, El::El1, false);
  sp0.execute(kSvc);
  EXPECT_EQ(sp0.core.pc, kVbar + 0x000);
  Rig spx(El::El1);
  spx.execute(kSvc);
  EXPECT_EQ(spx.core.pc, kVbar + 0x200);
  Rig lower(El::El0);
  lower.execute(kSvc);
  EXPECT_EQ(lower.core.pc, kVbar + 0x400);
}

TEST(ExceptionEntry, SavesAndSetsPstate) {
  Rig rig(El::El1);
  rig.core.flags.set_nzcv(0xA000'0000);
  rig.core.pstate.daif = 0b0101;
  rig.execute(kSvc);
  EXPECT_EQ(rig.core.reg(SysReg::SPSR_EL1), 0xA000'0000u | 0b0101 << 6 | 0b0101);
  EXPECT_EQ(rig.core.pstate.daif, 0xF);
  EXPECT_TRUE(rig.core.pstate.sp_sel);

  Rig el0(El::El0);
  el0.core.pstate.daif = 0;
  el0.execute(kSvc);
  EXPECT_EQ(el0.core.reg(SysReg::SPSR_EL1), 0u) << "EL0t";
}

TEST(ExceptionEntry, SwitchesStackPointers) {
  Rig rig(El::El0);
  rig.sp() = 0x1000;
  rig.core.reg(SysReg::SP_EL1) = 0x2000;
  rig.execute(kSvc);
  EXPECT_EQ(rig.sp(), 0x2000u);
  EXPECT_EQ(rig.core.reg(SysReg::SP_EL0), 0x1000u);
  rig.sp() = 0x3000;
  rig.core.reg(SysReg::SPSR_EL1) = 0;
  rig.execute(kEret);
  EXPECT_EQ(rig.core.pstate.el, El::El0);
  EXPECT_EQ(rig.sp(), 0x1000u);
  EXPECT_EQ(rig.core.reg(SysReg::SP_EL1), 0x3000u);
}

TEST(ExceptionEntry, BrkIsRoutedByTde) {
  Rig rig(El::El1);
  rig.execute(kBrk);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1) >> 26, 0x3Cu);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1) & 0xFFFF, 0x123u);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), CpuRig::kMemoryBase);
  Rig tde(El::El1);
  tde.core.reg(SysReg::MDCR_EL2) |= 1 << 8;
  tde.execute(kBrk);
  EXPECT_EQ(tde.core.pstate.el, El::El2);
}

TEST(ExceptionEntry, HltAndDcpsAreUndefined) {
  for (const u32 insn : {0xD440'0000u, 0xD45E'0000u, 0xD4A0'0001u, 0xD4A0'0002u, 0xD4A0'0003u, 0xD6BF'03E0u}) {
    Rig rig(El::El1);
    rig.execute(insn);
    EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 1u << 25) << std::hex << insn;
  }
}

TEST(ExceptionEntry, CountsTimeAndTheSpan) {
  cpu::Config config;
  CpuRig rig(El::El1, config, test_model(), 0x4'0000);
  rig.core.reg(SysReg::HCR_EL2) = u64{1} << 31;
  rig.core.reg(SysReg::VBAR_EL1) = kVbar;
  rig.core.set_fidelity(cpu::Fidelity::Timed);
  const u64 before = rig.ledger.elapsed();
  rig.execute(kSvc);
  EXPECT_EQ(rig.ledger.elapsed() - before, config.exception_entry);
  rig.execute(kEret);
  EXPECT_EQ(rig.ledger.elapsed() - before, config.exception_entry + config.exception_return);
  rig.ledger.settle();
  ASSERT_EQ(rig.ledger.traps().size(), 1u);
  EXPECT_EQ(rig.ledger.traps().begin()->first.reason.control, "SVC");
  EXPECT_EQ(rig.ledger.traps().begin()->first.exception_class, 0x15);
}

// ---- ERET

struct Return {
  const char* what;
  El from;
  u64 spsr;
  u64 hcr = u64{1} << 31;
  u64 scr = kNonSecure;
  bool el2 = true;
};

TEST(ExceptionReturn, Legal) {
  const Return returns[] = {
      {"EL1h to EL0", El::El1, 0x0},
      {"EL1h to EL1t", El::El1, 0x4},
      {"EL1h to EL1h", El::El1, 0x5},
      {"EL2h to EL0", El::El2, 0x0},
      {"EL2h to EL1h", El::El2, 0x5},
      {"EL2h to EL2t", El::El2, 0x8},
      {"EL3h to EL2h", El::El3, 0x9},
      {"EL3h to EL1h", El::El3, 0x5},
      {"EL2 to EL0 with TGE", El::El2, 0x0, u64{1} << 31 | u64{1} << 27},
      {"EL3 to Secure EL1 with TGE", El::El3, 0x5, u64{1} << 27, 0x400},
  };
  for (const Return& r : returns) {
    SCOPED_TRACE(r.what);
    Rig rig(r.from, true);
    rig.core.reg(SysReg::HCR_EL2) = r.hcr;
    rig.core.reg(SysReg::SCR_EL3) = r.scr;
    const SysReg spsr = r.from == El::El1 ? SysReg::SPSR_EL1 : r.from == El::El2 ? SysReg::SPSR_EL2 : SysReg::SPSR_EL3;
    const SysReg elr = r.from == El::El1 ? SysReg::ELR_EL1 : r.from == El::El2 ? SysReg::ELR_EL2 : SysReg::ELR_EL3;
    rig.core.reg(spsr) = r.spsr | 0x6000'0000 | 0x80;
    rig.core.reg(elr) = 0x4000'0100;
    rig.core.monitor.valid = true;
    rig.execute(kEret);
    EXPECT_EQ(rig.core.pc, 0x4000'0100u);
    EXPECT_EQ(static_cast<u64>(rig.core.pstate.el), r.spsr >> 2);
    EXPECT_EQ(rig.core.pstate.sp_sel, (r.spsr & 1) != 0);
    EXPECT_EQ(rig.core.pstate.daif, 2);
    EXPECT_EQ(rig.nzcv(), 0x6000'0000u);
    EXPECT_FALSE(rig.core.pstate.il);
    EXPECT_FALSE(rig.core.monitor.valid) << "an exception return clears the local monitor";
    EXPECT_TRUE(rig.core.event_register) << "an exception return is an event";
  }
}

TEST(ExceptionReturn, Illegal) {
  const Return returns[] = {
      {"to a higher EL", El::El1, 0x9},
      {"to EL3 from EL2", El::El2, 0xD},
      {"M[1] set", El::El1, 0x6},
      {"EL0h", El::El1, 0x1},
      {"AArch32 user mode", El::El1, 0x10},
      {"AArch32 supervisor mode", El::El2, 0x13},
      {"EL1 with TGE", El::El2, 0x5, u64{1} << 31 | u64{1} << 27},
      {"AArch64 EL1 with HCR_EL2.RW = 0", El::El2, 0x5, 0},
      {"EL2 in Secure state", El::El3, 0x9, u64{1} << 31, 0x400},
      {"AArch64 EL2 with SCR_EL3.RW = 0", El::El3, 0x9, u64{1} << 31, 1},
  };
  for (const Return& r : returns) {
    SCOPED_TRACE(r.what);
    Rig rig(r.from, true);
    rig.core.reg(SysReg::HCR_EL2) = r.hcr;
    rig.core.reg(SysReg::SCR_EL3) = r.scr;
    const SysReg spsr = r.from == El::El1 ? SysReg::SPSR_EL1 : r.from == El::El2 ? SysReg::SPSR_EL2 : SysReg::SPSR_EL3;
    const SysReg elr = r.from == El::El1 ? SysReg::ELR_EL1 : r.from == El::El2 ? SysReg::ELR_EL2 : SysReg::ELR_EL3;
    const SysReg esr = r.from == El::El1 ? SysReg::ESR_EL1 : r.from == El::El2 ? SysReg::ESR_EL2 : SysReg::ESR_EL3;
    rig.core.reg(spsr) = r.spsr | 0x9000'0000 | 0x3C0;
    rig.core.reg(elr) = 0x4000'0100;
    rig.execute(kEret);
    EXPECT_TRUE(rig.core.pstate.il);
    EXPECT_EQ(rig.core.pstate.el, r.from);
    EXPECT_EQ(rig.core.pc, 0x4000'0100u);
    EXPECT_EQ(rig.nzcv(), 0x9000'0000u) << "NZCV comes from SPSR all the same";
    rig.core.step();  // the next instruction is an Illegal Execution State exception
    EXPECT_EQ(rig.core.reg(esr), 0x0Eu << 26 | 1u << 25);
    EXPECT_EQ(rig.core.reg(elr), 0x4000'0100u);
    EXPECT_NE(rig.core.reg(spsr) & (1 << 20), 0u) << "SPSR.IL";
    EXPECT_FALSE(rig.core.pstate.il);
  }
}

TEST(ExceptionReturn, AtEl0IsUndefined) {
  Rig rig(El::El0);
  rig.execute(kEret);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 1u << 25);
}

TEST(ExceptionReturn, ToAnUnalignedAddressFaultsAtTheTarget) {
  Rig rig(El::El1);
  rig.core.reg(SysReg::SPSR_EL1) = 0x5;
  rig.core.reg(SysReg::ELR_EL1) = 0x4000'0102;
  rig.execute(kEret);
  rig.core.step();
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x22u << 26 | 1u << 25);
  EXPECT_EQ(rig.core.reg(SysReg::FAR_EL1), 0x4000'0102u);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), 0x4000'0102u);
}

TEST(ExceptionReturn, IllegalOnesDropTheTagOfTheAddressToo) {
  Rig rig(El::El1);
  rig.core.controls.el1.tcr = u64{1} << 37;  // TBI0
  rig.core.reg(SysReg::SPSR_EL1) = 0x9;      // EL2
  rig.core.reg(SysReg::ELR_EL1) = 0x5A00'0000'4000'0100;
  rig.execute(kEret);
  EXPECT_TRUE(rig.core.pstate.il);
  EXPECT_EQ(rig.core.pc, 0x4000'0100u);
}

// Arm ARM D1.3.5.4: PC alignment, then instruction abort, then Illegal Execution state.
TEST(ExceptionReturn, FaultsOfTheFetchComeBeforeIllegalState) {
  const auto illegal_return = [](Rig& rig, u64 address) {
    rig.core.reg(SysReg::SPSR_EL1) = 0x9;
    rig.core.reg(SysReg::ELR_EL1) = address;
    rig.execute(kEret);
    rig.core.step();
    EXPECT_NE(rig.core.reg(SysReg::SPSR_EL1) & (1 << 20), 0u) << "SPSR.IL";
    return rig.core.reg(SysReg::ESR_EL1) >> 26;
  };
  Rig unaligned(El::El1);
  EXPECT_EQ(illegal_return(unaligned, 0x4000'0102), 0x22u);
  for (const bool shortcuts : {true, false}) {
    Rig unmapped(El::El1);
    unmapped.core.set_host_shortcuts(shortcuts);
    unmapped.mmu.fault = [](const vmsa::Access& access) {
      const bool faults = access.va == Va{0x5000'0000};
      return faults ? vmsa::Fault{.type = FaultType::Translation, .level = 3, .va = access.va} : vmsa::Fault{};
    };
    EXPECT_EQ(illegal_return(unmapped, 0x5000'0000), 0x21u);
    Rig mapped(El::El1);
    mapped.core.set_host_shortcuts(shortcuts);
    EXPECT_EQ(illegal_return(mapped, 0x4000'0100), 0x0Eu);
  }
}

// ---- aborts

vmsa::Fault data_fault(const vmsa::Access& access, FaultType type, u8 stage, i8 level) {
  if (access.kind == vmsa::AccessKind::Fetch) return {};
  return {
      .type = type, .stage = stage, .level = level, .write = access.write, .va = access.va, .ipa = Ipa{0x12'3456'7890}};
}

TEST(Aborts, Stage1) {
  Rig lower(El::El0);
  lower.mmu.fault = [](const vmsa::Access& a) { return data_fault(a, FaultType::Translation, 1, 3); };
  lower.execute(kLdrX0);
  EXPECT_EQ(lower.core.pstate.el, El::El1);
  EXPECT_EQ(lower.core.reg(SysReg::ESR_EL1), 0x24u << 26 | 1u << 25 | 0x07);
  EXPECT_EQ(lower.core.reg(SysReg::FAR_EL1), 0x4000'8000u);
  Rig same(El::El2);
  same.mmu.fault = [](const vmsa::Access& a) { return data_fault(a, FaultType::Permission, 1, 2); };
  same.execute(kStrW2);
  EXPECT_EQ(same.core.reg(SysReg::ESR_EL2), 0x25u << 26 | 1u << 25 | 1u << 6 | 0x0E);
}

TEST(Aborts, Stage2HasIpaAndInstructionSyndrome) {
  Rig rig(El::El1);
  rig.mmu.fault = [](const vmsa::Access& a) { return data_fault(a, FaultType::Translation, 2, 1); };
  rig.execute(kStrW2);
  ASSERT_EQ(rig.core.pstate.el, El::El2);
  // ISV, SAS = word, SRT = 2, SF = 0, WnR, DFSC = translation fault level 1.
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2), 0x24u << 26 | 1u << 25 | 1u << 24 | 2u << 22 | 2u << 16 | 1u << 6 | 0x05);
  EXPECT_EQ(rig.core.reg(SysReg::FAR_EL2), 0x4000'8000u);
  EXPECT_EQ(rig.core.reg(SysReg::HPFAR_EL2), 0x12'3456'7890u >> 12 << 4);
}

TEST(Aborts, Stage2OnAStage1WalkHasNoInstructionSyndrome) {
  Rig rig(El::El1);
  rig.mmu.fault = [](const vmsa::Access& a) {
    vmsa::Fault fault = data_fault(a, FaultType::Permission, 2, 3);
    fault.s1ptw = true;
    return fault;
  };
  rig.execute(kLdrX0);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2), 0x24u << 26 | 1u << 25 | 1u << 7 | 0x0F);
}

TEST(Aborts, TgeAndScrEaRoute) {
  Rig tge(El::El0);
  tge.core.reg(SysReg::HCR_EL2) |= u64{1} << 27;
  tge.mmu.fault = [](const vmsa::Access& a) { return data_fault(a, FaultType::Translation, 1, 0); };
  tge.execute(kLdrX0);
  EXPECT_EQ(tge.core.pstate.el, El::El2);
  EXPECT_EQ(tge.core.reg(SysReg::ESR_EL2), 0x24u << 26 | 1u << 25 | 0x04);
  for (const bool ea : {false, true}) {
    Rig external(El::El1, true);
    external.core.reg(SysReg::SCR_EL3) |= ea ? 8 : 0;
    external.core.x[1] = 0x9000'0000;  // nothing is there
    external.execute(kLdrX0);
    EXPECT_EQ(external.core.pstate.el, ea ? El::El3 : El::El1);
    EXPECT_EQ(external.core.reg(ea ? SysReg::ESR_EL3 : SysReg::ESR_EL1), (ea ? 0x24u : 0x25u) << 26 | 1u << 25 | 0x10);
  }
}

TEST(Aborts, Instruction) {
  Rig rig(El::El1);
  rig.mmu.fault = [](const vmsa::Access& a) {
    return a.kind == vmsa::AccessKind::Fetch && a.el == El::El1
               ? vmsa::Fault{.type = FaultType::AccessFlag, .stage = 2, .level = 3, .va = a.va, .ipa = Ipa{0x8000}}
               : vmsa::Fault{};
  };
  rig.core.pc = 0x4000'4000;
  rig.core.step();
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2), 0x20u << 26 | 1u << 25 | 0x0B);
  EXPECT_EQ(rig.core.reg(SysReg::FAR_EL2), 0x4000'4000u);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL2), 0x4000'4000u);
  EXPECT_EQ(rig.core.reg(SysReg::HPFAR_EL2), 0x80u);
}

// A vector that faults for ever must not hang the simulator.
TEST(Aborts, FaultingVectorUsesUpTheBudget) {
  Rig rig(El::El1);
  rig.mmu.fault = [](const vmsa::Access& a) {
    return vmsa::Fault{.type = FaultType::Translation, .stage = 1, .level = 0, .va = a.va};
  };
  rig.core.pc = 0;
  EXPECT_EQ(rig.core.run(1000), cpu::StopReason::Budget);
  EXPECT_GE(rig.ledger.elapsed(), 1000u);
}

TEST(Aborts, SpAlignment) {
  Rig rig(El::El1);
  rig.core.reg(SysReg::SCTLR_EL1) |= 8;
  rig.core.controls.el1.sctlr |= 8;
  rig.sp() = 0x4000'8008;
  rig.execute(0xF940'03E0);  // LDR x0, [sp]
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x26u << 26 | 1u << 25);
}

}  // namespace
}  // namespace tw::test
