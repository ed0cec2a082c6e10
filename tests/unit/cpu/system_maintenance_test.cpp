// TLBI, AT, DC, IC: what reaches the MMU and memory.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;
using vmsa::InvalidateScope;
using vmsa::Regime;

u32 sys(unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt = 3) {
  return 0xD508'0000 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5 | rt;
}

struct Rig : CpuRig {
  explicit Rig(El el, bool el3 = false) : CpuRig(el, config(el3), test_model(), 0x4'0000) {
    core.reg(SysReg::SCR_EL3) = 0x501;
    core.reg(SysReg::HCR_EL2) = u64{1} << 31;
    core.controls.vttbr = u64{5} << 48;
  }
  static cpu::Config config(bool el3) {
    cpu::Config c;
    c.has_el3 = el3;
    return c;
  }
  vmsa::Invalidate invalidate(u32 insn, u64 operand = 0) {
    core.x[3] = operand;
    mmu.invalidations.clear();
    execute(insn);
    EXPECT_EQ(mmu.invalidations.size(), 1u);
    return mmu.invalidations.empty() ? vmsa::Invalidate{} : mmu.invalidations.front();
  }
};

TEST(Tlbi, EveryInstruction) {
  struct Case {
    El el;
    unsigned op1, crm, op2;
    InvalidateScope scope;
    Regime regime;
    bool broadcast;
  };
  const Case cases[] = {
      {El::El1, 0, 3, 0, InvalidateScope::VmidStage1, Regime::El10, true},
      {El::El1, 0, 3, 1, InvalidateScope::VaAsid, Regime::El10, true},
      {El::El1, 0, 3, 2, InvalidateScope::AsidAll, Regime::El10, true},
      {El::El1, 0, 3, 3, InvalidateScope::VaAllAsid, Regime::El10, true},
      {El::El1, 0, 3, 5, InvalidateScope::VaLastAsid, Regime::El10, true},
      {El::El1, 0, 3, 7, InvalidateScope::VaLastAllAsid, Regime::El10, true},
      {El::El1, 0, 7, 0, InvalidateScope::VmidStage1, Regime::El10, false},
      {El::El1, 0, 7, 1, InvalidateScope::VaAsid, Regime::El10, false},
      {El::El1, 0, 7, 2, InvalidateScope::AsidAll, Regime::El10, false},
      {El::El1, 0, 7, 3, InvalidateScope::VaAllAsid, Regime::El10, false},
      {El::El1, 0, 7, 5, InvalidateScope::VaLastAsid, Regime::El10, false},
      {El::El1, 0, 7, 7, InvalidateScope::VaLastAllAsid, Regime::El10, false},
      {El::El2, 4, 0, 1, InvalidateScope::Ipa, Regime::El10, true},
      {El::El2, 4, 0, 5, InvalidateScope::IpaLast, Regime::El10, true},
      {El::El2, 4, 4, 1, InvalidateScope::Ipa, Regime::El10, false},
      {El::El2, 4, 4, 5, InvalidateScope::IpaLast, Regime::El10, false},
      {El::El2, 4, 3, 0, InvalidateScope::All, Regime::El2, true},
      {El::El2, 4, 3, 1, InvalidateScope::VaAsid, Regime::El2, true},
      {El::El2, 4, 3, 4, InvalidateScope::All, Regime::El10, true},
      {El::El2, 4, 3, 5, InvalidateScope::VaLastAsid, Regime::El2, true},
      {El::El2, 4, 3, 6, InvalidateScope::VmidAll, Regime::El10, true},
      {El::El2, 4, 7, 0, InvalidateScope::All, Regime::El2, false},
      {El::El2, 4, 7, 1, InvalidateScope::VaAsid, Regime::El2, false},
      {El::El2, 4, 7, 4, InvalidateScope::All, Regime::El10, false},
      {El::El2, 4, 7, 5, InvalidateScope::VaLastAsid, Regime::El2, false},
      {El::El2, 4, 7, 6, InvalidateScope::VmidAll, Regime::El10, false},
      {El::El3, 6, 3, 0, InvalidateScope::All, Regime::El3, true},
      {El::El3, 6, 3, 1, InvalidateScope::VaAsid, Regime::El3, true},
      {El::El3, 6, 3, 5, InvalidateScope::VaLastAsid, Regime::El3, true},
      {El::El3, 6, 7, 0, InvalidateScope::All, Regime::El3, false},
      {El::El3, 6, 7, 1, InvalidateScope::VaAsid, Regime::El3, false},
      {El::El3, 6, 7, 5, InvalidateScope::VaLastAsid, Regime::El3, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.op1) + " C8 C" + std::to_string(c.crm) + " " + std::to_string(c.op2));
    Rig rig(c.el, true);
    const vmsa::Invalidate what = rig.invalidate(sys(c.op1, 8, c.crm, c.op2));
    EXPECT_EQ(what.scope, c.scope);
    EXPECT_EQ(what.regime, c.regime);
    EXPECT_EQ(what.broadcast, c.broadcast);
    EXPECT_EQ(what.stage2_in_use, c.regime == Regime::El10);
    EXPECT_EQ(what.secure, c.regime == Regime::El3);
    EXPECT_EQ(rig.core.pc, CpuRig::kMemoryBase + 4);
  }
}

TEST(Tlbi, Operands) {
  Rig rig(El::El1);
  vmsa::Invalidate what = rig.invalidate(sys(0, 8, 7, 1), u64{0x1234} << 48 | 0x7F8'0123);
  EXPECT_EQ(what.asid, Asid{0x1234});
  EXPECT_EQ(what.va, Va{0x7F'8012'3000});
  EXPECT_EQ(what.vmid, Vmid{5});
  what = rig.invalidate(sys(0, 8, 7, 1), 0xFFF'F800'8012);
  EXPECT_EQ(what.va, Va{0xFFFF'FF80'0801'2000}) << "bit 55 is copied up";
  Rig el2(El::El2);
  what = el2.invalidate(sys(4, 8, 4, 1), 0xF'FFFF'1234);
  EXPECT_EQ(what.ipa, Ipa{0xFFFF'F123'4000});
}

TEST(Tlbi, ForceBroadcast) {
  Rig rig(El::El1);
  rig.core.reg(SysReg::HCR_EL2) |= 1 << 9;
  EXPECT_TRUE(rig.invalidate(sys(0, 8, 7, 0)).broadcast);
  Rig el2(El::El2);
  el2.core.reg(SysReg::HCR_EL2) |= 1 << 9;
  EXPECT_FALSE(el2.invalidate(sys(0, 8, 7, 0)).broadcast) << "EL1 only";
}

TEST(Tlbi, UnallocatedAndTooLow) {
  for (const u32 insn : {sys(0, 8, 7, 4), sys(0, 8, 1, 0), sys(4, 8, 7, 0), sys(6, 8, 7, 0)}) {
    Rig rig(El::El1);
    rig.execute(insn);
    EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 1u << 25);
    EXPECT_TRUE(rig.mmu.invalidations.empty());
  }
}

TEST(Tlbi, OfEl2IsUndefinedAtEl3WithoutEl2) {
  for (const u32 insn : {sys(4, 8, 7, 0), sys(4, 8, 3, 1), sys(4, 8, 7, 5), sys(4, 7, 8, 0), sys(4, 7, 8, 1)}) {
    Rig secure(El::El3, true);
    secure.core.reg(SysReg::SCR_EL3) = 0x500;
    secure.execute(insn);
    EXPECT_EQ(secure.core.reg(SysReg::ESR_EL3), 1u << 25);
    EXPECT_TRUE(secure.mmu.invalidations.empty());
    Rig non_secure(El::El3, true);
    non_secure.execute(insn);
    EXPECT_EQ(non_secure.core.pc, CpuRig::kMemoryBase + 4);
  }
  Rig allocated(El::El3, true);  // instructions of EL1&0 stay: Secure EL1 has a regime
  allocated.core.reg(SysReg::SCR_EL3) = 0x500;
  EXPECT_TRUE(allocated.invalidate(sys(4, 8, 7, 4)).secure);
}

TEST(At, El3AsksInTheStateThatScrSelects) {
  for (const bool non_secure : {true, false}) {
    for (const u32 insn : {sys(0, 7, 8, 0), sys(4, 7, 8, 4)}) {
      Rig rig(El::El3, true);
      rig.core.reg(SysReg::SCR_EL3) = 0x500 | u64{non_secure};
      rig.core.controls.secure = true;  // EL3 itself
      rig.execute(insn);
      EXPECT_EQ(rig.mmu.last_secure, !non_secure);
    }
    Rig own(El::El3, true);
    own.core.reg(SysReg::SCR_EL3) = 0x500 | u64{non_secure};
    own.core.controls.secure = true;
    own.execute(sys(6, 7, 8, 0));
    EXPECT_TRUE(own.mmu.last_secure);
  }
}

TEST(At, AsksForTheRightAccess) {
  struct Case {
    El el;
    unsigned op1, op2;
    Regime regime;
    bool write, privileged, stage1_only;
  };
  const Case cases[] = {
      {El::El1, 0, 0, Regime::El10, false, true, true},   {El::El1, 0, 1, Regime::El10, true, true, true},
      {El::El1, 0, 2, Regime::El10, false, false, true},  {El::El1, 0, 3, Regime::El10, true, false, true},
      {El::El2, 4, 0, Regime::El2, false, true, true},    {El::El2, 4, 1, Regime::El2, true, true, true},
      {El::El2, 4, 4, Regime::El10, false, true, false},  {El::El2, 4, 5, Regime::El10, true, true, false},
      {El::El2, 4, 6, Regime::El10, false, false, false}, {El::El2, 4, 7, Regime::El10, true, false, false},
  };
  for (const Case& c : cases) {
    Rig rig(c.el);
    vmsa::Access seen;
    rig.mmu.fault = [&seen](const vmsa::Access& a) {
      if (a.kind == vmsa::AccessKind::AddressTranslation) seen = a;
      return vmsa::Fault{};
    };
    rig.core.x[3] = 0x4000'5678;
    rig.execute(sys(c.op1, 7, 8, c.op2));
    EXPECT_EQ(seen.kind, vmsa::AccessKind::AddressTranslation);
    EXPECT_EQ(seen.va, Va{0x4000'5678});
    EXPECT_EQ(seen.regime, c.regime);
    EXPECT_EQ(seen.write, c.write);
    EXPECT_EQ(seen.read, !c.write);
    EXPECT_EQ(seen.privileged, c.privileged);
    if (c.regime == Regime::El10) {
      EXPECT_EQ(seen.stage1_only, c.stage1_only);
    }
    EXPECT_EQ(rig.core.reg(SysReg::PAR_EL1) & 0xFFFF'FFFF'F001, 0x4000'5000u) << "F = 0 and the address";
  }
}

vmsa::Fault at_fault(const vmsa::Access& a, bool s1ptw) {
  if (a.kind != vmsa::AccessKind::AddressTranslation) return {};
  return {.type = vmsa::FaultType::Translation,
          .stage = static_cast<u8>(s1ptw ? 2 : 1),
          .level = 3,
          .s1ptw = s1ptw,
          .va = a.va,
          .ipa = Ipa{0x7000}};
}

TEST(At, FaultsGoToPar) {
  Rig rig(El::El1);
  rig.mmu.fault = [](const vmsa::Access& a) { return at_fault(a, false); };
  rig.execute(sys(0, 7, 8, 0));
  EXPECT_EQ(rig.core.reg(SysReg::PAR_EL1) & 0x7F, 0x07u << 1 | 1);
  EXPECT_EQ(rig.core.pc, CpuRig::kMemoryBase + 4);
}

TEST(At, Stage2FaultOnTheGuestsWalkGoesToEl2) {
  Rig rig(El::El1);
  rig.core.x[3] = 0x1000;
  rig.mmu.fault = [](const vmsa::Access& a) { return at_fault(a, true); };
  rig.execute(sys(0, 7, 8, 0));
  EXPECT_EQ(rig.core.pstate.el, El::El2);
  // CM, S1PTW, WnR, translation fault level 3.
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2), 0x24u << 26 | 1u << 25 | 1u << 8 | 1u << 7 | 1u << 6 | 0x07);
  EXPECT_EQ(rig.core.reg(SysReg::HPFAR_EL2), 0x70u);
}

TEST(Dc, ZvaZeroesTheBlock) {
  Rig rig(El::El1);
  for (u64 i = 0; i < 32; ++i) rig.poke<u64>(0x4000'8000 + i * 8, ~u64{0});
  rig.core.x[3] = 0x4000'8055;
  rig.execute(sys(3, 7, 4, 1));
  for (u64 i = 0; i < 32; ++i) {
    const u64 address = 0x4000'8000 + i * 8;
    EXPECT_EQ(rig.peek<u64>(address), address >= 0x4000'8040 && address < 0x4000'8080 ? 0 : ~u64{0});
  }
}

// However it is reached: host pointers, the bus in pieces, timed. The translation is one, as that of any store.
TEST(Dc, ZvaTranslatesOnce) {
  for (const cpu::Fidelity fidelity : {cpu::Fidelity::Functional, cpu::Fidelity::Timed}) {
    for (const bool cacheable : {true, false}) {
      Rig rig(El::El1);
      rig.core.set_fidelity(fidelity);
      rig.core.set_host_shortcuts(cacheable);
      rig.mmu.attributes.inner_cacheable = rig.mmu.attributes.outer_cacheable = cacheable;
      unsigned writes = 0;
      rig.mmu.fault = [&writes](const vmsa::Access& a) {
        writes += a.write;
        return vmsa::Fault{};
      };
      for (u64 i = 0; i < 24; ++i) rig.poke<u64>(0x4000'8000 + i * 8, ~u64{0});
      rig.core.x[3] = 0x4000'8055;
      rig.execute(sys(3, 7, 4, 1));
      EXPECT_EQ(writes, 1u);
      for (u64 i = 0; i < 24; ++i) EXPECT_EQ(rig.peek<u64>(0x4000'8000 + i * 8), i / 8 == 1 ? 0 : ~u64{0});
    }
  }
}

TEST(Dc, ZvaIntoDecodedCodeIsSeen) {
  Rig rig(El::El1);
  rig.execute(0xD503'201F, 0x4000'8000);  // NOP: the page is code
  rig.core.x[3] = 0x4000'8000;
  rig.execute(sys(3, 7, 4, 1));
  rig.core.pc = 0x4000'8000;
  rig.step();
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 1u << 25) << "UDF #0";
}

TEST(Dc, ZvaOnDeviceMemoryIsAnAlignmentFaultAtTheGivenAddress) {
  Rig rig(El::El1);
  rig.mmu.fault = [](const vmsa::Access& a) {  // what the walker says of Device memory (unit/vmsa, Permission)
    if (a.aligned) return vmsa::Fault{};
    return vmsa::Fault{.type = vmsa::FaultType::Alignment, .write = a.write, .va = a.va};
  };
  rig.core.x[3] = 0x4000'8055;
  rig.execute(sys(3, 7, 4, 1));
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x25u << 26 | 1u << 25 | 1u << 6 | 0x21);
  EXPECT_EQ(rig.core.reg(SysReg::FAR_EL1), 0x4000'8055u);
}

TEST(Dc, FaultsSayCacheMaintenance) {
  Rig rig(El::El1);
  rig.core.x[3] = 0x4000'8000;
  rig.mmu.fault = [](const vmsa::Access& a) {
    return a.kind == vmsa::AccessKind::CacheMaintenance
               ? vmsa::Fault{.type = vmsa::FaultType::Translation, .stage = 1, .level = 2, .va = a.va}
               : vmsa::Fault{};
  };
  rig.execute(sys(3, 7, 14, 1));  // DC CIVAC
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x25u << 26 | 1u << 25 | 1u << 8 | 1u << 6 | 0x06);
}

TEST(Ic, IvauForgetsDecodedCode) {
  Rig rig(El::El1);
  constexpr u64 kCode = 0x4000'9000;
  rig.execute(0xD280'0020, kCode);  // MOV x0, #1
  EXPECT_EQ(rig.core.x[0], 1u);
  // Written behind the code cache's back, as an unobserved agent would.
  const u32 mov2 = 0xD280'0040;
  std::memcpy(rig.bus.host(kCode), &mov2, 4);
  rig.core.x[3] = kCode;
  rig.execute(sys(3, 7, 5, 1));
  rig.core.pc = kCode;
  rig.step();
  EXPECT_EQ(rig.core.x[0], 2u);
}

}  // namespace
}  // namespace tw::test
