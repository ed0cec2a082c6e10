// Pointer authentication as the core sees it: enables, traps, hints, branches, loads, returns. The codes themselves are
// compared in tests/diff; the cipher's published vector is a static_assert.
#include <gtest/gtest.h>

#include "arm/sysreg.hpp"
#include "cpu/isa/a64/qarma.hpp"
#include "cpu/system/state.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

using arm::SysReg;

constexpr u64 kBase = test::CpuRig::kMemoryBase;
constexpr u64 kEnIA = u64{1} << 31, kEnDA = u64{1} << 27, kApi = u64{1} << 41;
constexpr u32 kPaciasp = 0xd503233f, kAutiasp = 0xd50323bf, kXpaclri = 0xd50320ff, kRetaa = 0xd65f0bff;
constexpr u32 kPacia01 = 0xdac10020, kAutia01 = 0xdac11020;  // x0, x1
constexpr u32 kPacga012 = 0x9ac23020;
constexpr u64 kPacSyndrome = 0x09u << 26 | 1u << 25;

struct PauthRig : test::CpuRig {
  explicit PauthRig(El el = El::El1, const Config& config = {}) : CpuRig(el, config, test::test_model("max")) {
    core.reg(SysReg::SCTLR_EL1) |= kEnIA | kEnDA;
    core.reg(SysReg::SCTLR_EL2) |= kEnIA | kEnDA;
    core.reg(SysReg::HCR_EL2) |= kApi;
    core.reg(SysReg::APIAKeyLo_EL1) = 0x0123'4567'89AB'CDEF;
    core.reg(SysReg::APDAKeyHi_EL1) = 0x55AA'55AA;
    core.reg(SysReg::TCR_EL1) = 16 | 16 << 16;
    core.reg(SysReg::VBAR_EL2) = kBase + 0x2000;
    update_controls(core);
    sp() = kBase + 0x8000;
  }
};

TEST(Pauth, ACodeIsAddedAndTakenAway) {
  PauthRig rig;
  rig.core.x[30] = kBase + 0x100;
  rig.execute(kPaciasp);
  const u64 with_code = rig.core.x[30];
  const u64 code = a64::qarma5(kBase + 0x100, rig.sp(), {0, 0x0123'4567'89AB'CDEF});
  EXPECT_EQ(with_code, (kBase + 0x100) | (code & 0xFF7F'0000'0000'0000));
  rig.execute(kAutiasp);
  EXPECT_EQ(rig.core.x[30], kBase + 0x100);
  rig.core.x[30] = with_code;
  rig.execute(kXpaclri);
  EXPECT_EQ(rig.core.x[30], kBase + 0x100);
  rig.core.x[30] = with_code;
  rig.program({kRetaa});
  rig.step();
  EXPECT_EQ(rig.core.pc, kBase + 0x100);
}

TEST(Pauth, AWrongCodeMakesThePointerNonCanonical) {
  PauthRig rig;
  rig.core.x[30] = kBase + 0x100;
  rig.execute(kPaciasp);
  rig.sp() += 16;
  rig.execute(kAutiasp);
  EXPECT_EQ(rig.core.x[30], (kBase + 0x100) | u64{0b01} << 61);
  // Of an upper address, key B: 10 in bits 62:61.
  rig.core.reg(SysReg::SCTLR_EL1) |= u64{1} << 30;
  rig.core.pstate.el = El::El1;
  rig.core.x[0] = ~u64{0xFFF};
  rig.core.controls.el1.sctlr |= u64{1} << 30;
  rig.execute(0xdac11420);  // autib x0, x1
  EXPECT_EQ(rig.core.x[0], ~u64{0xFFF} & ~(u64{1} << 61));
}

/// A pointer that is not canonical gets a code that does not authenticate (AddPAC).
TEST(Pauth, ABadPointerGetsABadCode) {
  PauthRig rig;
  const u64 bad = kBase | u64{1} << 50;
  rig.core.x[0] = bad;
  rig.core.x[1] = 7;
  rig.execute(kPacia01);
  const u64 code = a64::qarma5(kBase, 7, {0, 0x0123'4567'89AB'CDEF});
  EXPECT_EQ(rig.core.x[0], kBase | ((code ^ u64{1} << 62) & 0xFF7F'0000'0000'0000));
  rig.execute(kAutia01);
  EXPECT_EQ(rig.core.x[0], kBase | u64{0b01} << 61);
}

TEST(Pauth, WithTagsTheTopByteStays) {
  PauthRig rig;
  rig.core.controls.el1.tcr |= u64{1} << 37;
  rig.core.x[0] = kBase | u64{0xA5} << 56;
  rig.core.x[1] = 0;
  rig.execute(kPacia01);
  EXPECT_EQ(rig.core.x[0] >> 56, 0xA5u);
  rig.execute(kAutia01);
  EXPECT_EQ(rig.core.x[0], kBase | u64{0xA5} << 56);
  rig.core.controls.el1.tcr |= u64{1} << 51;  // TBID0: instruction addresses have no tags
  rig.core.x[0] = kBase;
  rig.execute(kPacia01);
  EXPECT_NE(rig.core.x[0] >> 56, 0u);
}

TEST(Pauth, DisabledKeysDoNothing) {
  PauthRig rig;
  rig.core.controls.el1.sctlr &= ~kEnIA;
  rig.core.reg(SysReg::HCR_EL2) &= ~kApi;  // nothing to trap either
  rig.core.x[30] = 0x1234'5678;
  for (const u32 insn : {kPaciasp, kAutiasp}) rig.execute(insn);
  EXPECT_EQ(rig.core.x[30], 0x1234'5678u);
  EXPECT_EQ(rig.core.pstate.el, El::El1);
  rig.execute(kPacga012);  // has no enable
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2), kPacSyndrome);
}

TEST(Pauth, HcrApiTraps) {
  for (const El el : {El::El0, El::El1}) {
    for (const u32 insn : {kPaciasp, kAutiasp, kPacia01, kPacga012, kRetaa, 0xf8200420u /* ldraa x0, [x1] */}) {
      PauthRig rig(el);
      rig.core.reg(SysReg::HCR_EL2) &= ~kApi;
      rig.execute(insn);
      EXPECT_EQ(rig.core.pstate.el, El::El2) << std::hex << insn;
      EXPECT_EQ(rig.core.reg(SysReg::ESR_EL2), kPacSyndrome);
      EXPECT_EQ(rig.core.reg(SysReg::ELR_EL2), kBase);
    }
  }
  PauthRig stripping;
  stripping.core.reg(SysReg::HCR_EL2) &= ~kApi;
  stripping.execute(kXpaclri);
  EXPECT_EQ(stripping.core.pstate.el, El::El1);
}

TEST(Pauth, ScrApiTrapsToEl3) {
  Config config;
  config.has_el3 = true;
  PauthRig rig(El::El2, config);
  rig.core.reg(SysReg::SCR_EL3) = 1 | 1 << 10;
  rig.core.reg(SysReg::VBAR_EL3) = kBase + 0x3000;
  rig.execute(kPaciasp);
  EXPECT_EQ(rig.core.pstate.el, El::El3);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL3), kPacSyndrome);
}

TEST(Pauth, WithoutTheFeatureHintsAreNopsAndTheRestIsUndefined) {
  test::CpuRig rig;
  rig.core.controls.el1.sctlr |= kEnIA;
  rig.core.x[30] = 0x1234'5678;
  for (const u32 insn : {kPaciasp, kAutiasp, kXpaclri}) rig.execute(insn);
  EXPECT_EQ(rig.core.x[30], 0x1234'5678u);
  for (const u32 insn : {kPacia01, kPacga012, kRetaa}) {
    rig.core.reg(SysReg::ESR_EL1) = 0;
    rig.execute(insn);
    EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), u64{1} << 25) << std::hex << insn;
  }
}

TEST(Pauth, LoadsAuthenticateTheirBase) {
  PauthRig rig;
  rig.poke<u64>(kBase + 0x1008, 77);
  rig.core.x[1] = kBase + 0x1000;
  rig.core.x[1] = kBase + 0x1000;
  rig.core.x[2] = 0;
  rig.execute(0xdac12be1);  // pacdza x1
  EXPECT_NE(rig.core.x[1], kBase + 0x1000);
  rig.execute(0xf8201c20);  // ldraa x0, [x1, #8]!
  EXPECT_EQ(rig.core.x[0], 77u);
  EXPECT_EQ(rig.core.x[1], kBase + 0x1008);
}

TEST(Pauth, ExceptionReturnAuthenticatesElr) {
  PauthRig rig(El::El1);
  rig.core.x[0] = kBase + 0x200;
  rig.core.x[1] = rig.sp();
  rig.execute(kPacia01);
  rig.core.reg(SysReg::ELR_EL1) = rig.core.x[0];
  rig.core.reg(SysReg::SPSR_EL1) = 5;
  rig.program({0xd69f0bff});  // eretaa
  rig.step();
  EXPECT_EQ(rig.core.pc, kBase + 0x200);
  rig.core.reg(SysReg::ELR_EL1) = kBase + 0x200;
  rig.program({0xd69f0bff});
  rig.step();
  EXPECT_EQ(rig.core.pc, (kBase + 0x200) | u64{0b01} << 61);
}

}  // namespace
}  // namespace tw::cpu
