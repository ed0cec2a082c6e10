// GICv3 system registers: each with no trap, under each trap control, and under HCR_EL2.FMO and IMO, at every EL; and
// absent without a GIC that has them. Encodings and rules are written from IHI 0069, chapter 12.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "cpu/exceptions.hpp"
#include "tables/permissive_core.hpp"

namespace tw::test {
namespace {

using G = arm::GicRegister;

struct FakeGic final : cpu::GicPort {
  struct Call {
    G reg;
    bool write, is_virtual;
    bool operator==(const Call&) const = default;
  };
  std::optional<Call> last;
  u64 value = 0;
  arm::GicWorld present{};
  arm::GicAccess from;
  u64 read(G reg, const arm::GicAccess& access) override {
    from = access;
    if (!access.debug) last = Call{reg, false, access.guest};
    return 0x1234;
  }
  void write(G reg, u64 written, const arm::GicAccess& access) override {
    last = Call{reg, true, access.guest};
    value = written;
  }
  void world(arm::GicWorld world) override { present = world; }
};

enum class Kind { Common, Dir, Group0, Group1, Sgi, Sre, El2, El3 };
struct Row {
  Target target;
  G reg;
  Kind kind;
};

std::vector<Row> registers() {
  using enum Kind;
  std::vector<Row> rows = {
      {{3, 0, 4, 6, 0}, G::IccPmr, Common},         {{3, 0, 12, 8, 0, R}, G::IccIar0, Group0},
      {{3, 0, 12, 8, 1, W}, G::IccEoir0, Group0},   {{3, 0, 12, 8, 2, R}, G::IccHppir0, Group0},
      {{3, 0, 12, 8, 3}, G::IccBpr0, Group0},       {{3, 0, 12, 8, 4}, G::IccAp0r0, Group0},
      {{3, 0, 12, 9, 0}, G::IccAp1r0, Group1},      {{3, 0, 12, 11, 1, W}, G::IccDir, Dir},
      {{3, 0, 12, 11, 3, R}, G::IccRpr, Common},    {{3, 0, 12, 11, 5, W}, G::IccSgi1r, Sgi},
      {{3, 0, 12, 11, 6, W}, G::IccAsgi1r, Sgi},    {{3, 0, 12, 11, 7, W}, G::IccSgi0r, Sgi},
      {{3, 0, 12, 12, 0, R}, G::IccIar1, Group1},   {{3, 0, 12, 12, 1, W}, G::IccEoir1, Group1},
      {{3, 0, 12, 12, 2, R}, G::IccHppir1, Group1}, {{3, 0, 12, 12, 3}, G::IccBpr1, Group1},
      {{3, 0, 12, 12, 4}, G::IccCtlr, Common},      {{3, 0, 12, 12, 5}, G::IccSreEl1, Sre},
      {{3, 0, 12, 12, 6}, G::IccIgrpen0, Group0},   {{3, 0, 12, 12, 7}, G::IccIgrpen1, Group1},
      {{3, 4, 12, 8, 0}, G::IchAp0r0, El2},         {{3, 4, 12, 9, 0}, G::IchAp1r0, El2},
      {{3, 4, 12, 9, 5}, G::IccSreEl2, El2},        {{3, 4, 12, 11, 0}, G::IchHcr, El2},
      {{3, 4, 12, 11, 1, R}, G::IchVtr, El2},       {{3, 4, 12, 11, 2, R}, G::IchMisr, El2},
      {{3, 4, 12, 11, 3, R}, G::IchEisr, El2},      {{3, 4, 12, 11, 5, R}, G::IchElrsr, El2},
      {{3, 4, 12, 11, 7}, G::IchVmcr, El2},         {{3, 6, 12, 12, 5}, G::IccSreEl3, El3},
      {{3, 6, 12, 12, 4}, G::IccCtlrEl3, El3},      {{3, 6, 12, 12, 7}, G::IccIgrpen1El3, El3},
  };
  for (unsigned n = 0; n < 16; ++n) {
    rows.push_back({{3, 4, 12, 12 + n / 8, n % 8}, static_cast<G>(static_cast<unsigned>(G::IchLr0) + n), El2});
  }
  return rows;
}

unsigned lowest(Kind kind) { return kind == Kind::El2 ? 2 : kind == Kind::El3 ? 3 : 1; }

/// The control bits of one setting; its traps are what `to` says below.
struct Setting {
  const char* name;
  u64 ich_hcr = 0, hcr = 0, scr = 0;
};
constexpr Setting kSettings[] = {
    {.name = "nothing"},
    {.name = "TC", .ich_hcr = b(10)},
    {.name = "TALL0", .ich_hcr = b(11)},
    {.name = "TALL1", .ich_hcr = b(12)},
    {.name = "TSEI", .ich_hcr = b(13)},
    {.name = "TDIR", .ich_hcr = b(14)},
    {.name = "FMO", .hcr = b(3)},
    {.name = "IMO", .hcr = b(4)},
    {.name = "SCR.IRQ", .scr = b(1)},
    {.name = "SCR.FIQ", .scr = b(2)},
    {.name = "SCR.IRQ,FIQ", .scr = b(1) | b(2)},
    {.name = "FMO, SCR.IRQ,FIQ", .hcr = b(3), .scr = b(1) | b(2)},
    {.name = "IMO, SCR.IRQ,FIQ", .hcr = b(4), .scr = b(1) | b(2)},
};

bool is_virtual(const Setting& s, Kind kind, unsigned el) {
  const bool fmo = s.hcr & b(3), imo = s.hcr & b(4);
  if (el != 1) return false;
  if (kind == Kind::Group0) return fmo;
  if (kind == Kind::Group1) return imo;
  return (kind == Kind::Common || kind == Kind::Dir) && (fmo || imo);
}

/// The EL that the access traps to, or 0.
unsigned trapped_to(const Setting& s, Kind kind, unsigned el) {
  const bool is_shared = kind == Kind::Common || kind == Kind::Dir || kind == Kind::Sgi;
  if (el == 1) {
    if (is_shared && (s.ich_hcr & b(10))) return 2;
    if (kind == Kind::Group0 && (s.ich_hcr & b(11))) return 2;
    if (kind == Kind::Group1 && (s.ich_hcr & b(12))) return 2;
    if (kind == Kind::Dir && (s.ich_hcr & b(14))) return 2;
    if (kind == Kind::Sgi && s.hcr) return 2;
  }
  if (el == 3 || is_virtual(s, kind, el)) return 0;
  if (is_shared && s.scr == (b(1) | b(2))) return 3;
  if (kind == Kind::Group0 && (s.scr & b(2))) return 3;
  if (kind == Kind::Group1 && (s.scr & b(1))) return 3;
  return 0;
}

TEST(GicRegisters, TrapMatrix) {
  for (const Setting& setting : kSettings) {
    for (const Row& row : registers()) {
      for (unsigned el = 0; el <= 3; ++el) {
        for (const bool read : {true, false}) {
          if ((row.target.has & (read ? R : W)) == 0) continue;
          SCOPED_TRACE(std::string(setting.name) + ": " + show(row.target, read, el));
          FakeGic gic;
          Permissive rig(el, true);
          rig.core.gic = &gic;
          rig.core.reg(SysReg::ICH_HCR_EL2) = setting.ich_hcr;
          rig.core.reg(SysReg::HCR_EL2) |= setting.hcr;
          rig.core.reg(SysReg::SCR_EL3) |= setting.scr;
          const u32 insn = word(row.target, read, 7);
          if (el < lowest(row.kind)) {
            rig.expect_trap(insn, el == 0 ? 1 : el, kUndefinedSyndrome);
            EXPECT_FALSE(gic.last);
          } else if (const unsigned to = trapped_to(setting, row.kind, el)) {
            rig.expect_trap(insn, to, sysreg_syndrome(row.target, read, 7));
            EXPECT_FALSE(gic.last);
          } else {
            rig.core.x[7] = 0x4000;
            rig.expect_executes(insn);
            EXPECT_EQ(gic.last, (FakeGic::Call{row.reg, !read, is_virtual(setting, row.kind, el)}));
            if (read) {
              EXPECT_EQ(rig.core.x[7], 0x1234u);
            } else {
              EXPECT_EQ(gic.value, 0x4000u);
            }
          }
        }
      }
    }
  }
}

TEST(GicRegisters, Directions) {
  for (const Row& row : registers()) {
    for (const bool read : {true, false}) {
      if ((row.target.has & (read ? R : W)) != 0) continue;
      SCOPED_TRACE(show(row.target, read, 3));
      FakeGic gic;
      Permissive rig(3, true);
      rig.core.gic = &gic;
      rig.expect_trap(word(row.target, read, 7), 3, kUndefinedSyndrome);
      EXPECT_FALSE(gic.last);
    }
  }
}

TEST(GicRegisters, UndefinedWithoutTheInterface) {
  for (const Row& row : registers()) {
    for (unsigned el = 1; el <= 3; ++el) {
      SCOPED_TRACE(show(row.target, true, el));
      Permissive rig(el, true);
      rig.expect_trap(word(row.target, (row.target.has & R) != 0, 7), el, kUndefinedSyndrome);
    }
  }
}

TEST(GicRegisters, WritingIchHcrArmsItsTraps) {
  FakeGic gic;
  Permissive rig(2, true);
  rig.core.gic = &gic;
  rig.core.x[7] = b(12) | 1;
  rig.expect_executes(word({3, 4, 12, 11, 0}, false, 7));
  EXPECT_EQ(gic.value, b(12) | 1);
  EXPECT_EQ(rig.core.reg(SysReg::ICH_HCR_EL2), b(12) | 1);
}

TEST(GicRegisters, IdentificationSaysWhetherTheyAreThere) {
  FakeGic gic;
  Permissive rig(1);
  EXPECT_EQ(rig.core.reg(SysReg::ID_AA64PFR0_EL1) >> 24 & 15, 0u);
  EXPECT_EQ(rig.core.reg(SysReg::ID_PFR1_EL1) >> 28 & 15, 0u);
  rig.core.gic = &gic;
  rig.core.reset(Va{0x4000'0000});
  EXPECT_EQ(rig.core.reg(SysReg::ID_AA64PFR0_EL1) >> 24 & 15, 1u);
  EXPECT_EQ(rig.core.reg(SysReg::ID_PFR1_EL1) >> 28 & 15, 1u);
}

TEST(GicRegisters, TheInterfaceHearsWhereTheCoreExecutes) {
  FakeGic gic;
  Permissive rig(1, true);
  rig.core.gic = &gic;
  rig.core.reset(Va{0x4000'0000});
  EXPECT_EQ(gic.present, arm::GicWorld::El3);
  cpu::set_el_and_sp(rig.core, El::El1, true);
  EXPECT_EQ(gic.present, arm::GicWorld::Secure);
  cpu::set_el_and_sp(rig.core, El::El3, true);
  EXPECT_EQ(gic.present, arm::GicWorld::El3);
  rig.core.reg(SysReg::SCR_EL3) |= b(0);
  EXPECT_EQ(gic.present, arm::GicWorld::El3) << "until it leaves EL3";
  cpu::set_el_and_sp(rig.core, El::El2, true);
  EXPECT_EQ(gic.present, arm::GicWorld::NonSecure);
}

TEST(GicRegisters, AnAccessSaysWhereItComesFrom) {
  FakeGic gic;
  Permissive rig(3, true);
  rig.core.gic = &gic;
  rig.core.reg(SysReg::SCR_EL3) = (rig.core.reg(SysReg::SCR_EL3) & ~u64{7}) | b(2);
  rig.expect_executes(word({3, 0, 12, 12, 0, R}, true, 7));
  EXPECT_TRUE(gic.from.el3 && gic.from.secure && gic.from.fiq_to_el3);
  EXPECT_FALSE(gic.from.irq_to_el3);
}

}  // namespace
}  // namespace tw::test
