// Two Security states in GICv3. Expectations: IHI 0069, 4.6 (groups and signalling), 4.8 (priorities), 12.9 GICD_CTLR.
#include "unit/gic/v3_memory.hpp"

namespace tw::gic::test {
namespace {

constexpr auto kSecure = Security::Secure;
constexpr arm::GicAccess kEl3{.secure = true, .el3 = true, .fiq_to_el3 = true};
constexpr arm::GicAccess kSecureEl1{.secure = true, .fiq_to_el3 = true};
constexpr arm::GicAccess kNonSecure{.fiq_to_el3 = true};

struct SecurityV3 : BenchLpi {
  static Config two_states() {
    Config config = configuration(2);
    config.security_extensions = true;
    return config;
  }
  SecurityV3() : BenchLpi(two_states()) {}

  /// Everything on, by Secure software; SPI 40 in Group 0, 41 in Secure Group 1, 42 in Non-secure Group 1.
  void start() {
    gicd.secure_write(GICD_CTLR, 0x7);
    for (unsigned cpu = 0; cpu < 2; ++cpu) {
      gicr.secure_write(redistributor(cpu) + GICR_WAKER, 0);
      gic.write(cpu, IccPmr, 0xFF, kEl3);
      gic.write(cpu, IccIgrpen0, 1, kEl3);
      gic.write(cpu, IccIgrpen1El3, 3, kEl3);
    }
    gicd.secure_write(GICD_IGROUPR + 4, 0x400);
    gicd.secure_write(GICD_IGRPMODR + 4, 0x200);
    gicd.secure_write(GICD_ISENABLER + 4, 0x700);
    for (const u32 intid : {40u, 41u}) gicd.secure_write(GICD_IPRIORITYR + intid, 0x40, 0, 1);
    gicd.secure_write(GICD_IPRIORITYR + 42, 0xC0, 0, 1);
  }
};

TEST_F(SecurityV3, ThreeViewsOfTheControlRegister) {
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 0x30u) << "ARE_S, ARE_NS; DS = 0 at reset";
  EXPECT_EQ(gicd.read(GICD_CTLR), 0x10u) << "ARE_NS";
  EXPECT_EQ(gicd.read(GICD_TYPER) >> 10 & 1, 1u);
  gicd.write(GICD_CTLR, ~0u);
  EXPECT_EQ(gicd.read(GICD_CTLR), 0x12u);
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 0x32u) << "EnableGrp1NS";
  gicd.secure_write(GICD_CTLR, 0x7);
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 0x37u);
  gicd.secure_write(GICD_CTLR, 0x47);
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 0x53u) << "DS = 1: two groups, ARE";
  EXPECT_EQ(gicd.read(GICD_CTLR), 0x53u) << "and one view";
  EXPECT_EQ(gicd.read(GICD_TYPER) >> 10 & 1, 0u);
  gicd.secure_write(GICD_CTLR, 0x3);
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 0x53u) << "DS stays";
  gic.reset();
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 0x30u);
}

TEST_F(SecurityV3, NonSecureSoftwareSeesItsOwnInterrupts) {
  start();
  EXPECT_EQ(gicd.read(GICD_IGROUPR + 4), 0u);
  EXPECT_EQ(gicd.read(GICD_IGRPMODR + 4), 0u);
  EXPECT_EQ(gicd.secure_read(GICD_IGRPMODR + 4), 0x200u);
  EXPECT_EQ(gicd.read(GICD_ISENABLER + 4), 0x400u);
  gicd.write(GICD_ICENABLER + 4, ~0u);
  EXPECT_EQ(gicd.secure_read(GICD_ISENABLER + 4), 0x300u);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 42, 0, 1), 0x80u) << "the upper half of the priorities as the whole";
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 41, 0, 1), 0u);
  gicd.write(GICD_IPRIORITYR + 42, 0x40, 0, 1);
  EXPECT_EQ(gicd.secure_read(GICD_IPRIORITYR + 42, 0, 1), 0xA0u);
  gicd.write(GICD_IPRIORITYR + 41, 0xFF, 0, 1);
  EXPECT_EQ(gicd.secure_read(GICD_IPRIORITYR + 41, 0, 1), 0x40u);
  gicd.write(GICD_IROUTER + 8 * 41, 1, 0, 8);
  EXPECT_EQ(gicd.secure_read(GICD_IROUTER + 8 * 41, 0, 8), 0u);
}

TEST_F(SecurityV3, PrivateInterruptsToo) {
  start();
  gicr.secure_write(SGI_BASE + u32{GICD_IGROUPR}, 0x2);
  gicr.secure_write(SGI_BASE + u32{GICD_IGRPMODR}, 0x4);
  gicr.write(SGI_BASE + u32{GICD_ISENABLER}, 0xFF);
  EXPECT_EQ(gicr.secure_read(SGI_BASE + u32{GICD_ISENABLER}), 0x2u);
  EXPECT_EQ(gicr.read(SGI_BASE + u32{GICD_IGRPMODR}), 0u);
  gicr.secure_write(GICR_WAKER, 2);
  EXPECT_EQ(gicr.read(GICR_WAKER), 0u) << "Secure software's";
  gicr.write(GICR_WAKER, 0);
  EXPECT_EQ(gicr.secure_read(GICR_WAKER), 6u);
}

TEST_F(SecurityV3, IrqOrFiqByGroupAndWorld) {
  struct Case {
    u32 intid;
    arm::GicWorld world;
    bool fiq;
  };
  using enum arm::GicWorld;
  start();
  for (const Case& c : {Case{40, NonSecure, true}, Case{40, Secure, true}, Case{40, El3, true},
                        Case{41, NonSecure, true}, Case{41, Secure, false}, Case{41, El3, true},
                        Case{42, NonSecure, false}, Case{42, Secure, true}, Case{42, El3, true}}) {
    SCOPED_TRACE(c.intid);
    gic.set_spi(c.intid, true);
    gic.set_world(0, c.world);
    EXPECT_EQ(fiq(), c.fiq);
    EXPECT_EQ(irq(), !c.fiq);
    gic.set_spi(c.intid, false);
    EXPECT_FALSE(fiq() || irq());
  }
}

TEST_F(SecurityV3, WhoMayAcknowledge) {
  start();
  gic.set_spi(41, true);
  EXPECT_EQ(gic.read(0, IccHppir1, kNonSecure), 1023u);
  EXPECT_EQ(gic.read(0, IccIar1, kNonSecure), 1023u);
  EXPECT_EQ(gic.read(0, IccHppir0, kEl3), 1020u) << "tells EL3 that it is Secure Group 1";
  EXPECT_EQ(gic.read(0, IccIar0, kSecureEl1), 1023u);
  EXPECT_EQ(gic.read(0, IccIar1, kSecureEl1), 41u);
  gic.write(0, IccEoir1, 41, kNonSecure);
  EXPECT_EQ(gic.read(0, IccRpr, kSecureEl1), 0x40u) << "not its to end";
  EXPECT_EQ(gic.read(0, IccRpr, kNonSecure), 0u) << "in the half that it does not see";
  gic.set_spi(41, false);
  gic.write(0, IccEoir1, 41, kSecureEl1);
  gic.set_spi(42, true);
  EXPECT_EQ(gic.read(0, IccHppir0, kEl3), 1021u);
  EXPECT_EQ(gic.read(0, IccIar1, kSecureEl1), 1023u);
  EXPECT_EQ(gic.read(0, IccIar1, kNonSecure), 42u);
  EXPECT_EQ(gic.read(0, IccRpr, kNonSecure), 0x80u);
  EXPECT_EQ(gic.read(0, IccRpr, kEl3), 0xC0u);
  gic.set_spi(40, true);
  EXPECT_EQ(gic.read(0, IccIar0, kNonSecure), 1023u);
  EXPECT_EQ(gic.read(0, IccIar0, kEl3), 40u) << "preempts";
}

TEST_F(SecurityV3, DeactivationByState) {
  start();
  gic.write(0, IccCtlrEl3, 0x1C, kEl3);  // EOImode of all three
  gic.set_spi(41, true);
  gic.read(0, IccIar1, kSecureEl1);
  gic.set_spi(41, false);
  gic.write(0, IccEoir1, 41, kSecureEl1);
  gic.write(0, IccDir, 41, kNonSecure);
  EXPECT_EQ(gicd.secure_read(GICD_ISACTIVER + 4), 0x200u);
  gic.write(0, IccDir, 41, kSecureEl1);
  EXPECT_EQ(gicd.secure_read(GICD_ISACTIVER + 4), 0u);
}

TEST_F(SecurityV3, BankedRegisters) {
  gic.write(0, IccBpr1, 5, kNonSecure);
  gic.write(0, IccBpr1, 6, kSecureEl1);
  EXPECT_EQ(gic.read(0, IccBpr1, kNonSecure), 5u);
  EXPECT_EQ(gic.read(0, IccBpr1, kSecureEl1), 6u);
  gic.write(0, IccBpr1, 0, kNonSecure);
  gic.write(0, IccBpr1, 0, kSecureEl1);
  EXPECT_EQ(gic.read(0, IccBpr1, kNonSecure), 3u) << "one more than the smallest";
  EXPECT_EQ(gic.read(0, IccBpr1, kSecureEl1), 2u);
  gic.write(0, IccIgrpen1, 1, kSecureEl1);
  EXPECT_EQ(gic.read(0, IccIgrpen1, kNonSecure), 0u);
  EXPECT_EQ(gic.read(0, IccIgrpen1El3, kEl3), 2u);
  gic.write(0, IccCtlr, 3, kNonSecure);
  EXPECT_EQ(gic.read(0, IccCtlr, kNonSecure) & 3, 2u) << "CBPR is EL3's";
  EXPECT_EQ(gic.read(0, IccCtlr, kSecureEl1) & 3, 0u);
  gic.write(0, IccCtlrEl3, 2, kEl3);
  EXPECT_EQ(gic.read(0, IccCtlr, kNonSecure) & 3, 1u);
  gic.write(0, IccBpr0, 4, kEl3);
  EXPECT_EQ(gic.read(0, IccBpr1, kNonSecure), 5u) << "Group 0's, plus one";
  gic.write(0, IccAp1r0, 0x10000, kNonSecure);
  EXPECT_EQ(gic.read(0, IccAp1r0, kSecureEl1), 0u);
}

TEST_F(SecurityV3, PriorityMaskOfNonSecureSoftware) {
  gic.write(0, IccPmr, 0x60, kEl3);
  EXPECT_EQ(gic.read(0, IccPmr, kNonSecure), 0u);
  gic.write(0, IccPmr, 0xFF, kNonSecure);
  EXPECT_EQ(gic.read(0, IccPmr, kEl3), 0x60u) << "not its to change";
  gic.write(0, IccPmr, 0x80, kEl3);
  gic.write(0, IccPmr, 0xF0, kNonSecure);
  EXPECT_EQ(gic.read(0, IccPmr, kEl3), 0xF8u);
  EXPECT_EQ(gic.read(0, IccPmr, kNonSecure), 0xF0u);
  const arm::GicAccess unrestricted{};  // SCR_EL3.FIQ = 0
  EXPECT_EQ(gic.read(0, IccPmr, unrestricted), 0xF8u);
}

TEST_F(SecurityV3, SgisByGroup) {
  start();
  const auto pending = [&] { return gicr.secure_read(redistributor(1) + SGI_BASE + u32{GICD_ISPENDR}); };
  const auto clear = [&] { gicr.secure_write(redistributor(1) + SGI_BASE + u32{GICD_ICPENDR}, 0xFFFF); };
  gicr.secure_write(redistributor(1) + SGI_BASE + u32{GICD_IGROUPR}, 0x2);   // SGI 1: Non-secure
  gicr.secure_write(redistributor(1) + SGI_BASE + u32{GICD_IGRPMODR}, 0x4);  // SGI 2: Secure Group 1; SGI 0: Group 0
  const auto send = [&](arm::GicRegister reg, const arm::GicAccess& access) {
    clear();
    for (u64 intid = 0; intid < 3; ++intid) gic.write(0, reg, intid << 24 | 2, access);
    return pending() & 7;
  };
  EXPECT_EQ(send(IccSgi0r, kEl3), 1u);
  EXPECT_EQ(send(IccSgi1r, kSecureEl1), 5u) << "Secure Group 1, and Group 0 in its place";
  EXPECT_EQ(send(IccAsgi1r, kSecureEl1), 2u);
  EXPECT_EQ(send(IccSgi1r, kNonSecure), 2u);
  EXPECT_EQ(send(IccAsgi1r, kNonSecure), 0u) << "no GICR_NSACR";
  EXPECT_EQ(send(IccSgi0r, kNonSecure), 0u);
}

TEST_F(SecurityV3, LpisAreNonSecureAndInTheUpperHalf) {
  start();
  property(8195, 0x40);
  memory.word(pending_table(0) + 8192 / 8, 0x8);
  enable_lpis(0);
  EXPECT_TRUE(irq());
  EXPECT_EQ(gic.read(0, IccIar1, kSecureEl1), 1023u);
  EXPECT_EQ(gic.read(0, IccIar1, kNonSecure), 8195u);
  EXPECT_EQ(gic.read(0, IccRpr, kEl3), 0xA0u);
}

TEST_F(SecurityV3, ListRegistersReachNonSecureInterruptsOnly) {
  start();
  gicd.secure_write(GICD_ISACTIVER + 4, 0x600);
  gic.write(0, IchHcr, 1);
  guest(IccPmr, 0xFF);
  guest(IccIgrpen1, 1);
  for (const u64 intid : {41u, 42u}) {
    gic.write(0, IchLr0, u64{1} << 62 | u64{1} << 61 | u64{1} << 60 | intid << 32 | 50);
    EXPECT_EQ(guest(IccIar1), 50u);
    guest(IccEoir1, 50);
  }
  EXPECT_EQ(gicd.secure_read(GICD_ISACTIVER + 4), 0x200u);
}

TEST_F(SecurityV3, SecureMessages) {
  start();
  gicd.write(GICD_SETSPI_NSR, 41);
  gicd.write(GICD_SETSPI_SR, 41);
  EXPECT_EQ(gicd.secure_read(GICD_ISPENDR + 4), 0u);
  gicd.secure_write(GICD_SETSPI_SR, 41);
  EXPECT_EQ(gicd.secure_read(GICD_ISPENDR + 4), 0x200u);
}

TEST_F(SecurityV3, WhatFirmwareLeaves) {
  gic.hand_to_non_secure();
  gic.wake(0);
  gicd.write(GICD_CTLR, 2);
  gicd.write(GICD_ISENABLER + 4, 0x100);
  gic.write(0, IccPmr, 0xF0, kNonSecure);
  gic.write(0, IccIgrpen1, 1, kNonSecure);
  gic.set_spi(40, true);
  EXPECT_TRUE(irq());
  EXPECT_EQ(gic.read(0, IccIar1, kNonSecure), 40u);
}

}  // namespace
}  // namespace tw::gic::test
