// Self-hosted debug: software step, breakpoints, watchpoints; syndromes and routing written from Arm ARM D2.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;

constexpr u64 bit_of(unsigned n) { return u64{1} << n; }
constexpr u64 kSs = bit_of(0), kKde = bit_of(13), kMde = bit_of(15), kD = bit_of(9);
constexpr u32 kNop = 0xD503'201F, kSvc = 0xD400'0001, kEret = 0xD69F'03E0, kLdxrX1X2 = 0xC85F'7C41;
constexpr u32 kLdrX1X2 = 0xF940'0041, kStrX1X2 = 0xF900'0041, kLdtrX1X2 = 0xF840'0841, kLdrbW1X2 = 0x3940'0041;
constexpr u32 kLdpX3X4X2 = 0xA940'1043, kZvaX2 = 0xD50B'7422;
constexpr u64 kCode = CpuRig::kMemoryBase, kVectors1 = kCode + 0x2'0000, kVectors2 = kCode + 0x3'0000;
constexpr u64 kData = kCode + 0x1'0000;
constexpr u32 kIl = 1u << 25;
constexpr u64 kUserStep = 0 | bit_of(21);  // SPSR: EL0, SS

struct Rig : CpuRig {
  explicit Rig(El el) : CpuRig(el, {}, test_model(), 0x8'0000) {
    core.reg(SysReg::HCR_EL2) = bit_of(31);
    core.reg(SysReg::VBAR_EL1) = kVectors1;
    core.reg(SysReg::VBAR_EL2) = kVectors2;
    core.reg(SysReg::OSLSR_EL1) = 8;  // the OS lock is set by a reset
    core.x[2] = kData;
  }
  void write(SysReg reg, u64 value) {
    const arm::SysRegEncoding e = arm::row_of(reg).encoding;
    core.x[0] = value;
    const El el = core.pstate.el;
    const bool low = el == El::El0;
    if (low) cpu::set_el_and_sp(core, El::El1, true);
    execute(0xD510'0000 | (e.op0() & 1) << 19 | e.op1() << 16 | e.crn() << 12 | e.crm() << 8 | e.op2() << 5,
            kCode + 0x4'0000);
    if (low) cpu::set_el_and_sp(core, El::El0, false);
  }
  u64 esr1() const { return core.reg(SysReg::ESR_EL1); }
};

// ---- software step

/// EL1 returns to EL0 with SPSR_EL1.SS set: one instruction, then the step exception.
struct Stepping : Rig {
  explicit Stepping(std::initializer_list<u32> user) : Rig(El::El1) {
    write(SysReg::MDSCR_EL1, kSs);
    program(user, kCode + 0x1000);
    core.reg(SysReg::ELR_EL1) = kCode + 0x1000;
    core.reg(SysReg::SPSR_EL1) = kUserStep;
    execute(kEret);
    EXPECT_TRUE(core.pstate.ss);
  }
};

TEST(SoftwareStep, ExecutesOneInstruction) {
  Stepping rig({kNop, kNop});
  rig.core.run(1);
  EXPECT_EQ(rig.core.pc, kCode + 0x1004);
  EXPECT_FALSE(rig.core.pstate.ss);
  rig.core.run(1);
  EXPECT_EQ(rig.core.pc, kVectors1 + 0x400);
  EXPECT_EQ(rig.esr1(), 0x32u << 26 | kIl | bit_of(24) | 0b100010);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), kCode + 0x1004);
  EXPECT_EQ(rig.core.reg(SysReg::SPSR_EL1) & bit_of(21), 0u);
}

TEST(SoftwareStep, SaysThatALoadExclusiveWasStepped) {
  Stepping rig({kLdxrX1X2, kNop});
  rig.step(2);
  EXPECT_EQ(rig.esr1(), 0x32u << 26 | kIl | bit_of(24) | bit_of(6) | 0b100010);
}

// The instruction that was to be stepped is a system call: it has been executed when the handler runs, and the return
// from there finds the step pending.
TEST(SoftwareStep, ASystemCallCountsAsExecuted) {
  Stepping rig({kSvc, kNop});
  rig.step();
  EXPECT_EQ(rig.core.pc, kVectors1 + 0x400);
  EXPECT_EQ(rig.esr1() >> 26, 0x15u);
  EXPECT_EQ(rig.core.reg(SysReg::SPSR_EL1) & bit_of(21), 0u);
  rig.execute(kEret);
  rig.step();
  EXPECT_EQ(rig.esr1(), 0x32u << 26 | kIl | 0b100010) << "nothing was stepped: ISV = 0";
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), kCode + 0x1004);
}

// An instruction that faults is still to be stepped: SPSR.SS stays set, the return executes it.
TEST(SoftwareStep, AFaultKeepsTheStep) {
  Stepping rig({kLdrX1X2, kNop});
  bool fails = true;
  rig.mmu.fault = [&fails](const vmsa::Access& access) {
    return access.kind == vmsa::AccessKind::Data && fails
               ? vmsa::Fault{.type = vmsa::FaultType::Translation, .level = 3, .va = access.va}
               : vmsa::Fault{};
  };
  rig.core.flush_translations();
  rig.step();
  EXPECT_EQ(rig.esr1() >> 26, 0x24u);
  EXPECT_EQ(rig.core.reg(SysReg::SPSR_EL1) & bit_of(21), bit_of(21));
  fails = false;
  rig.execute(kEret);
  rig.step(2);
  EXPECT_EQ(rig.esr1(), 0x32u << 26 | kIl | bit_of(24) | 0b100010);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), kCode + 0x1004);
}

TEST(SoftwareStep, OfEl1NeedsKdeAndD) {
  for (const bool kde : {false, true}) {
    for (const bool masked : {false, true}) {
      Rig rig(El::El1);
      rig.write(SysReg::MDSCR_EL1, kSs | (kde ? kKde : 0));
      rig.core.pstate.daif = 0xF;
      rig.program({kNop}, kCode + 0x1000);
      rig.core.reg(SysReg::ELR_EL1) = kCode + 0x1000;
      rig.core.reg(SysReg::SPSR_EL1) = 5 | bit_of(21) | (masked ? kD : 0);
      rig.execute(kEret);
      EXPECT_EQ(rig.core.pstate.ss, kde && !masked);
      rig.step(2);
      EXPECT_EQ(rig.esr1() >> 26, kde && !masked ? 0x33u : 0u);
    }
  }
}

TEST(SoftwareStep, TdeTakesItToEl2) {
  Rig rig(El::El2);
  rig.write(SysReg::MDSCR_EL1, kSs);
  rig.core.reg(SysReg::MDCR_EL2) |= bit_of(8);
  rig.program({kNop}, kCode + 0x1000);
  rig.core.reg(SysReg::ELR_EL2) = kCode + 0x1000;
  rig.core.reg(SysReg::SPSR_EL2) = 5 | bit_of(21) | kD;  // D does not mask what goes to EL2
  rig.execute(kEret);
  rig.step(2);
  EXPECT_EQ(rig.core.pstate.el, El::El2);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2), 0x32u << 26 | kIl | bit_of(24) | 0b100010);
}

TEST(SoftwareStep, TheOsLockSwitchesItOff) {
  Rig rig(El::El1);
  rig.write(SysReg::OSLAR_EL1, 1);
  rig.write(SysReg::MDSCR_EL1, kSs);
  rig.program({kNop, kNop}, kCode + 0x1000);
  rig.core.reg(SysReg::ELR_EL1) = kCode + 0x1000;
  rig.core.reg(SysReg::SPSR_EL1) = kUserStep;
  rig.execute(kEret);
  rig.step(2);
  EXPECT_EQ(rig.core.pc, kCode + 0x1008);
}

// ---- breakpoints

TEST(Breakpoints, StopBeforeTheInstruction) {
  Rig rig(El::El0);
  rig.write(SysReg::DBGBVR2_EL1, kCode + 0x1004);
  rig.write(SysReg::DBGBCR2_EL1, 1 | 2 << 1 | 0xF << 5);  // EL0
  rig.write(SysReg::MDSCR_EL1, kMde);
  rig.program({kNop, kNop, kNop}, kCode + 0x1000);
  rig.step(2);
  EXPECT_EQ(rig.esr1(), 0x30u << 26 | kIl | 0b100010);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), kCode + 0x1004);
}

TEST(Breakpoints, MatchTheirElAndNeedMde) {
  struct Row {
    El el;
    u64 control, mdscr;
    bool taken;
  };
  constexpr u64 kEl1 = 1 << 1, kEl0 = 2 << 1, kOn = 1 | 0xF << 5;
  const Row rows[] = {
      {El::El0, kOn | kEl0, kMde, true},
      {El::El0, kOn | kEl1, kMde, false},
      {El::El0, kOn | kEl0, 0, false},
      {El::El0, (kOn & ~u64{1}) | kEl0, kMde, false},
      {El::El1, kOn | kEl1, kMde | kKde, true},
      {El::El1, kOn | kEl1, kMde, false},
      {El::El1, kOn | kEl0, kMde | kKde, false},
      {El::El0, kOn | kEl0 | 1 << 14, kMde, true},   // Non-secure
      {El::El0, kOn | kEl0 | 2 << 14, kMde, false},  // Secure
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << std::hex << row.control << " " << row.mdscr << " EL"
                                    << static_cast<int>(row.el));
    Rig rig(row.el);
    rig.core.pstate.daif = 0;
    rig.write(SysReg::DBGBVR0_EL1, kCode + 0x1000);
    rig.write(SysReg::DBGBCR0_EL1, row.control);
    rig.write(SysReg::MDSCR_EL1, row.mdscr);
    rig.program({kNop}, kCode + 0x1000);
    rig.step();
    EXPECT_EQ(rig.core.pc == kCode + 0x1004, !row.taken);
    if (row.taken) {
      EXPECT_EQ(rig.esr1() >> 26, row.el == El::El0 ? 0x30u : 0x31u);
    }
  }
}

TEST(Breakpoints, LinkedToAContext) {
  for (const u64 context : {7u, 8u}) {
    Rig rig(El::El0);
    rig.core.reg(SysReg::CONTEXTIDR_EL1) = context;
    rig.write(SysReg::DBGBVR4_EL1, 7);
    rig.write(SysReg::DBGBCR4_EL1, 1 | 0xF << 5 | 3 << 20);  // linked context ID
    rig.write(SysReg::DBGBVR0_EL1, kCode + 0x1000);
    rig.write(SysReg::DBGBCR0_EL1, 1 | 2 << 1 | 0xF << 5 | 4 << 16 | 1 << 20);  // linked address
    rig.write(SysReg::MDSCR_EL1, kMde);
    rig.program({kNop}, kCode + 0x1000);
    rig.step();
    EXPECT_EQ(rig.core.pc == kCode + 0x1004, context != 7);
  }
}

// ---- watchpoints

struct Watching : Rig {
  Watching(u64 value, u64 control) : Rig(El::El0) {
    core.pstate.daif = 0;
    // A shortcut that would serve the access is there before.
    program({kStrX1X2}, kCode + 0x1000);
    step();
    write(SysReg::DBGWVR1_EL1, value);
    write(SysReg::DBGWCR1_EL1, control);
    write(SysReg::MDSCR_EL1, kMde);
  }
  bool taken(u32 insn) {
    program({insn}, kCode + 0x1000);
    step();
    return core.pc == kVectors1 + 0x400 && esr1() >> 26 == 0x34;
  }
};
constexpr u64 kWatchEl0 = 1 | 2 << 1, kLoads = 1 << 3, kStores = 2 << 3, kAllBytes = 0xFF << 5;

TEST(Watchpoints, StopBeforeTheAccess) {
  Watching rig(kData, kWatchEl0 | kStores | kAllBytes);
  rig.poke<u64>(kData, 5);
  rig.core.x[1] = 6;
  EXPECT_TRUE(rig.taken(kStrX1X2));
  EXPECT_EQ(rig.esr1(), 0x34u << 26 | kIl | bit_of(6) | 0b100010);
  EXPECT_EQ(rig.core.reg(SysReg::FAR_EL1), kData);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), kCode + 0x1000);
  EXPECT_EQ(rig.peek<u64>(kData), 5u);
}

TEST(Watchpoints, TellLoadsFromStores) {
  EXPECT_FALSE(Watching(kData, kWatchEl0 | kStores | kAllBytes).taken(kLdrX1X2));
  EXPECT_FALSE(Watching(kData, kWatchEl0 | kLoads | kAllBytes).taken(kStrX1X2));
  Watching load(kData, kWatchEl0 | kLoads | kAllBytes);
  EXPECT_TRUE(load.taken(kLdrX1X2));
  EXPECT_EQ(load.esr1(), 0x34u << 26 | kIl | 0b100010);
  Watching zero(kData, kWatchEl0 | kStores | kAllBytes);
  zero.core.reg(SysReg::SCTLR_EL1) |= bit_of(14);  // DZE
  EXPECT_TRUE(zero.taken(kZvaX2));
}

TEST(Watchpoints, SelectBytes) {
  const u64 third = kWatchEl0 | kLoads | 1 << (5 + 3);
  Watching wide(kData, third);
  EXPECT_TRUE(wide.taken(kLdrX1X2));
  EXPECT_EQ(wide.core.reg(SysReg::FAR_EL1), kData + 3);
  for (const u64 offset : {2u, 3u, 4u}) {
    Watching narrow(kData, third);
    narrow.core.x[2] = kData + offset;
    EXPECT_EQ(narrow.taken(kLdrbW1X2), offset == 3);
  }
}

TEST(Watchpoints, MaskCoversARange) {
  const u64 range = kWatchEl0 | kLoads | kAllBytes | u64{8} << 24;  // 256 bytes
  for (const u64 offset : {0u, 0xF8u, 0x100u}) {
    Watching rig(kData, range);
    rig.core.x[2] = kData + offset;
    EXPECT_EQ(rig.taken(kLdrX1X2), offset < 0x100);
  }
}

TEST(Watchpoints, SeeTheSecondHalfOfAPair) {
  Watching rig(kData + 8, kWatchEl0 | kLoads | kAllBytes);
  EXPECT_TRUE(rig.taken(kLdpX3X4X2));
  EXPECT_EQ(rig.core.reg(SysReg::FAR_EL1), kData + 8);
}

TEST(Watchpoints, LdtrIsAnAccessOfEl0) {
  Rig rig(El::El1);
  rig.core.pstate.daif = 0;
  rig.write(SysReg::DBGWVR1_EL1, kData);
  rig.write(SysReg::DBGWCR1_EL1, kWatchEl0 | kLoads | kAllBytes);
  rig.write(SysReg::MDSCR_EL1, kMde | kKde);
  rig.execute(kLdrX1X2);
  EXPECT_EQ(rig.core.pc, kCode + 4);
  rig.execute(kLdtrX1X2);
  EXPECT_EQ(rig.esr1() >> 26, 0x35u);
}

TEST(Watchpoints, GoWithTheirSwitch) {
  Watching rig(kData, kWatchEl0 | kLoads | kAllBytes);
  rig.write(SysReg::MDSCR_EL1, 0);
  rig.core.x[2] = kData;
  EXPECT_FALSE(rig.taken(kLdrX1X2));
  const u64 before = rig.mmu.translations;
  rig.program({kLdrX1X2}, kCode + 0x1000);
  rig.step();
  EXPECT_EQ(rig.mmu.translations, before) << "the shortcuts are back";
}

}  // namespace
}  // namespace tw::test
