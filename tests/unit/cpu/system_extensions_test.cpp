// Armv8.1 and 8.2 system features of a Neoverse N1: PSTATE.{PAN,UAO,SSBS}, ordering regions, error records, ESB.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;

constexpr u64 bit_of(unsigned n) { return u64{1} << n; }
constexpr u32 kMsrPan0 = 0xD500'409F, kMsrPan1 = 0xD500'419F, kMsrUao1 = 0xD500'417F, kMsrSsbs1 = 0xD503'413F;
constexpr u32 kEsb = 0xD503'221F, kEret = 0xD69F'03E0, kSvc = 0xD400'0001;
constexpr u32 kLdtrX1X2 = 0xF840'0841, kSttrX1X2 = 0xF800'0841, kLdrX1X2 = 0xF940'0041, kStrX1X2 = 0xF900'0041;
constexpr u64 kData = CpuRig::kMemoryBase + 0x1'0000;

u32 mrs(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt) {
  return 0xD520'0000 | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5 | rt;
}
u32 msr(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt) {
  return mrs(op0, op1, crn, crm, op2, rt) & ~0x0020'0000u;
}

struct N1 : CpuRig {
  static cpu::Config config(bool el3) {
    cpu::Config c;
    c.has_el3 = el3;
    return c;
  }
  explicit N1(El el, bool el3 = false, const char* name = "neoverse-n1")
      : CpuRig(el, config(el3), test_model(name), 0x4'0000) {
    core.reg(SysReg::HCR_EL2) = bit_of(31);
    core.reg(SysReg::SCR_EL3) = 0x501;
    core.reg(SysReg::VBAR_EL1) = kMemoryBase + 0x2'0000;
    core.reg(SysReg::VBAR_EL2) = kMemoryBase + 0x3'0000;
    core.x[2] = kData;
    mmu.fault = [this](const vmsa::Access& access) {
      if (access.kind == vmsa::AccessKind::Data) last = access;
      return vmsa::Fault{};
    };
  }
  vmsa::Access last;
};

TEST(Pan, IsAFieldOfPstate) {
  N1 rig(El::El1);
  rig.execute(kMsrPan1);
  EXPECT_TRUE(rig.core.pstate.pan);
  rig.execute(mrs(3, 0, 4, 2, 3, 0));
  EXPECT_EQ(rig.core.x[0], bit_of(22));
  rig.core.x[0] = 0;
  rig.execute(msr(3, 0, 4, 2, 3, 0));
  EXPECT_FALSE(rig.core.pstate.pan);
  rig.execute(kMsrPan1);
  rig.execute(kMsrPan0);
  EXPECT_FALSE(rig.core.pstate.pan);
}

TEST(Pan, ExceptionEntrySetsItUnlessSpan) {
  for (const bool span : {false, true}) {
    N1 rig(El::El0);
    rig.core.reg(SysReg::SCTLR_EL1) = span ? bit_of(23) : 0;
    rig.execute(kSvc);
    EXPECT_EQ(rig.core.pstate.pan, !span);
    EXPECT_EQ(rig.core.reg(SysReg::SPSR_EL1) & bit_of(22), 0u);
    rig.core.pstate.pan = true;
    rig.core.reg(SysReg::SPSR_EL1) = 0;
    rig.execute(kEret);
    EXPECT_FALSE(rig.core.pstate.pan);
  }
  N1 rig(El::El1);
  rig.core.reg(SysReg::HCR_EL2) |= bit_of(27);  // to EL2, which has no use for PAN without VHE
  rig.execute(0xD400'0002);                     // HVC
  EXPECT_FALSE(rig.core.pstate.pan);
}

TEST(Pan, AppliesToPlainAccessesAtEl1) {
  N1 rig(El::El1);
  rig.execute(kMsrPan1);
  rig.execute(kLdrX1X2);
  EXPECT_TRUE(rig.last.pan && rig.last.privileged);
  rig.execute(kLdtrX1X2);
  EXPECT_FALSE(rig.last.pan || rig.last.privileged);
}

// A page that the fast path serves with PAN clear is asked for again with PAN set, and the other way round.
TEST(Pan, HostShortcutsAreOfOneSetting) {
  N1 rig(El::El1);
  const auto translations = [&rig] {
    const u64 before = rig.mmu.translations;
    rig.execute(kStrX1X2);
    return rig.mmu.translations - before;
  };
  rig.core.run(0);
  EXPECT_GE(translations(), 1u);
  EXPECT_EQ(translations(), 0u);
  rig.execute(kMsrPan1);
  EXPECT_EQ(translations(), 1u);
  EXPECT_EQ(translations(), 0u);
  rig.execute(kMsrPan0);
  EXPECT_EQ(translations(), 0u);
}

TEST(Uao, MakesUnprivilegedAccessesPrivileged) {
  N1 rig(El::El1);
  rig.execute(kMsrPan1);
  rig.execute(kMsrUao1);
  EXPECT_TRUE(rig.core.pstate.uao);
  rig.execute(kSttrX1X2);
  EXPECT_TRUE(rig.last.privileged && rig.last.pan);
}

TEST(Uao, IsClearedByExceptions) {
  N1 rig(El::El1);
  rig.execute(kMsrUao1);
  rig.execute(kSvc);
  EXPECT_FALSE(rig.core.pstate.uao);
  EXPECT_NE(rig.core.reg(SysReg::SPSR_EL1) & bit_of(23), 0u);
}

// LDTR and STTR at EL1 and accesses at EL0 share host shortcuts: same regime, same privilege.
TEST(Unprivileged, UsesTheShortcutsOfEl0) {
  N1 rig(El::El1);
  rig.poke<u64>(kData, 0x1122'3344'5566'7788);
  rig.execute(kLdtrX1X2);
  EXPECT_EQ(rig.core.x[1], 0x1122'3344'5566'7788u);
  const u64 before = rig.mmu.translations;
  rig.core.x[1] = 42;
  rig.execute(kSttrX1X2);
  rig.execute(kLdtrX1X2);
  EXPECT_EQ(rig.core.x[1], 42u);
  EXPECT_EQ(rig.peek<u64>(kData), 42u);
  EXPECT_EQ(rig.mmu.translations, before);
}

TEST(Ssbs, IsOpenToEl0AndTakenFromDssbs) {
  N1 rig(El::El0);
  rig.execute(kMsrSsbs1);
  rig.execute(mrs(3, 3, 4, 2, 6, 0));
  EXPECT_EQ(rig.core.x[0], bit_of(12));
  rig.execute(kSvc);
  EXPECT_FALSE(rig.core.pstate.ssbs) << "SCTLR_EL1.DSSBS = 0";
  EXPECT_NE(rig.core.reg(SysReg::SPSR_EL1) & bit_of(12), 0u);
  rig.execute(kEret);
  EXPECT_TRUE(rig.core.pstate.ssbs);
  rig.core.reg(SysReg::SCTLR_EL1) |= bit_of(44);
  rig.core.pstate.ssbs = false;
  rig.execute(kSvc);
  EXPECT_TRUE(rig.core.pstate.ssbs);
}

TEST(Ssbs, WithoutItsRegisterIsStillTakenFromDssbsAndKeptInSpsr) {
  N1 rig(El::El0, false, "cortex-a76");
  rig.core.reg(SysReg::SCTLR_EL1) |= bit_of(44);
  rig.execute(kSvc);
  EXPECT_TRUE(rig.core.pstate.ssbs);
  EXPECT_EQ(rig.core.reg(SysReg::SPSR_EL1) & bit_of(12), 0u);
  rig.execute(kEret);
  EXPECT_FALSE(rig.core.pstate.ssbs);
  rig.execute(kMsrSsbs1);
  EXPECT_EQ(rig.core.pstate.el, El::El1) << "UNDEFINED";
}

TEST(OrderingRegions, IdAndStorage) {
  N1 rig(El::El1);
  rig.execute(mrs(3, 0, 10, 4, 7, 0));
  EXPECT_EQ(rig.core.x[0], 0x4'0004u);
  rig.core.x[0] = ~u64{0};
  rig.execute(msr(3, 0, 10, 4, 3, 0));  // LORC_EL1: DS and EN
  rig.execute(mrs(3, 0, 10, 4, 3, 1));
  EXPECT_EQ(rig.core.x[1], 0x3FDu);
}

TEST(ErrorRecords, ThereAreNone) {
  N1 rig(El::El1);
  rig.core.x[0] = ~u64{0};
  rig.execute(msr(3, 0, 5, 3, 1, 0));  // ERRSELR_EL1
  for (const unsigned op2 : {0u, 1u}) {
    rig.execute(mrs(3, 0, 5, 3, op2, 1));
    EXPECT_EQ(rig.core.x[1], 0u);
  }
}

// A masked SError is deferred to DISR_EL1; one that is not masked is taken.
TEST(ErrorBarrier, DefersWhatIsMasked) {
  N1 rig(El::El1);
  rig.core.set_line(cpu::Line::SError, true);
  rig.execute(kEsb);
  EXPECT_FALSE(rig.core.line(cpu::Line::SError));
  rig.execute(mrs(3, 0, 12, 1, 1, 0));
  EXPECT_EQ(rig.core.x[0], bit_of(31));
  rig.core.x[0] = 0;
  rig.execute(msr(3, 0, 12, 1, 1, 0));
  rig.execute(mrs(3, 0, 12, 1, 1, 0));
  EXPECT_EQ(rig.core.x[0], 0u);
}

TEST(ErrorBarrier, LeavesWhatGoesToEl2) {
  N1 rig(El::El1);
  rig.core.reg(SysReg::HCR_EL2) |= bit_of(5);  // AMO: PSTATE.A of EL1 does not mask it
  rig.program({kEsb});
  rig.core.set_line(cpu::Line::SError, true);
  rig.step();
  EXPECT_EQ(rig.core.pstate.el, El::El2);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2) >> 26, 0x2Fu);
}

TEST(ErrorBarrier, DefersVirtualErrorsWithTheirSyndrome) {
  N1 rig(El::El1);
  rig.core.reg(SysReg::HCR_EL2) |= bit_of(5) | bit_of(8);  // AMO, VSE
  rig.core.reg(SysReg::VSESR_EL2) = bit_of(24) | 0x123;
  cpu::set_el_and_sp(rig.core, El::El1, true);
  rig.execute(kEsb);
  EXPECT_EQ(rig.core.reg(SysReg::HCR_EL2) & bit_of(8), 0u);
  EXPECT_EQ(rig.core.reg(SysReg::VDISR_EL2), bit_of(31) | bit_of(24) | 0x123);
  rig.execute(mrs(3, 0, 12, 1, 1, 0));  // DISR_EL1 at EL1 is VDISR_EL2
  EXPECT_EQ(rig.core.x[0], bit_of(31) | bit_of(24) | 0x123);
  EXPECT_EQ(rig.core.reg(SysReg::DISR_EL1), 0u);
}

TEST(ErrorBarrier, IsANopWithoutRas) {
  N1 rig(El::El1, false, "cortex-a57");
  rig.core.set_line(cpu::Line::SError, true);
  rig.execute(kEsb);
  EXPECT_TRUE(rig.core.line(cpu::Line::SError));
}

TEST(DeferredErrors, AreHiddenWhileEl3TakesThem) {
  N1 rig(El::El1, true);
  rig.core.reg(SysReg::DISR_EL1) = bit_of(31);
  rig.core.reg(SysReg::SCR_EL3) |= bit_of(3);  // EA
  rig.execute(mrs(3, 0, 12, 1, 1, 0));
  EXPECT_EQ(rig.core.x[0], 0u);
}

TEST(VirtualSError, TakesItsSyndromeFromVsesr) {
  N1 rig(El::El1);
  rig.core.reg(SysReg::HCR_EL2) |= bit_of(5) | bit_of(8);
  rig.core.reg(SysReg::VSESR_EL2) = 0x55;
  rig.core.pstate.daif = 0;
  cpu::set_el_and_sp(rig.core, El::El1, true);
  EXPECT_TRUE(cpu::take_pending_interrupt(rig.core));
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x2Fu << 26 | bit_of(25) | 0x55);
}

TEST(ExternalAborts, GoToEl2WithTea) {
  for (const bool tea : {false, true}) {
    N1 rig(El::El1);
    if (tea) rig.core.reg(SysReg::HCR_EL2) |= bit_of(37);
    rig.core.x[2] = 0x9000'0000;  // nothing there
    rig.execute(kLdrX1X2);
    EXPECT_EQ(rig.core.pstate.el, tea ? El::El2 : El::El1);
  }
}

TEST(AddressTranslation, S1e1rpLooksAtPan) {
  for (const bool pan : {false, true}) {
    for (const u32 crm : {8u, 9u}) {
      N1 rig(El::El1);
      rig.core.pstate.pan = pan;
      vmsa::Access seen;
      rig.mmu.fault = [&seen](const vmsa::Access& access) {
        if (access.kind == vmsa::AccessKind::AddressTranslation) seen = access;
        return vmsa::Fault{};
      };
      rig.execute(0xD508'0000 | 7 << 12 | crm << 8 | 2);  // AT S1E1R, S1E1RP, X2
      EXPECT_EQ(seen.pan, pan && crm == 9);
    }
  }
}

}  // namespace
}  // namespace tw::test
