// Permissions against the manual's tables, written out (Arm ARM D8.4, tables of data access and execute permissions).
#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "vmsa/permissions.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::FaultType;
using vmsa::Regime;

struct Row {
  u64 leaf;  ///< AP, UXN, PXN
  u64 table;
  bool wxn;
  const char* el1;  ///< of "rwx"
  const char* el0;
};

constexpr u64 kRo = s1::kReadOnly, kUser = s1::kUserAccess;
const Row kRows[] = {
    {0, 0, false, "rwx", "--x"},
    {kUser, 0, false, "rw-", "rwx"},
    {kRo, 0, false, "r-x", "--x"},
    {kRo | kUser, 0, false, "r-x", "r-x"},
    {s1::kPxn, 0, false, "rw-", "--x"},
    {s1::kUxn, 0, false, "rwx", "---"},
    {kUser | s1::kUxn, 0, false, "rw-", "rw-"},
    {kRo | kUser | s1::kPxn | s1::kUxn, 0, false, "r--", "r--"},
    {0, 0, true, "rw-", "--x"},
    {kUser, 0, true, "rw-", "rw-"},
    {kRo, 0, true, "r-x", "--x"},
    {kRo | kUser, 0, true, "r-x", "r-x"},
    {kUser, s1::kTableNoUser, false, "rwx", "--x"},
    {kUser, s1::kTableReadOnly, false, "r-x", "r-x"},
    {kUser, s1::kTableNoUser | s1::kTableReadOnly, false, "r-x", "--x"},
    {kRo | kUser, s1::kUxnTable, false, "r-x", "r--"},
    {kRo | kUser, s1::kPxnTable, false, "r--", "r-x"},
};

class Permission : public testing::Test {
 protected:
  TranslationMachine m;
  vmsa::Fault fault(const vmsa::Access& access) {
    return vmsa::Walker(m.memory).translate(access, m.controls).translation.fault;
  }
  void expect(const vmsa::Access& access, bool permitted, int stage, int level) {
    const vmsa::Fault result = fault(access);
    EXPECT_EQ(result.type == FaultType::None, permitted);
    if (permitted) return;
    EXPECT_EQ(result.type, FaultType::Permission);
    EXPECT_EQ(result.stage, stage);
    EXPECT_EQ(result.level, level);
  }
};

TEST_F(Permission, Stage1OfEl1And0) {
  for (const Row& row : kRows) {
    m = TranslationMachine();
    m.with_stage1();
    m.lower->map(0x1000, 0x8000'0000, 3, row.leaf, row.table);
    m.lower->map(u64{1} << 40, 0x8000'0000, 2, row.leaf, row.table);
    if (row.wxn) m.controls.el1.sctlr |= u64{1} << 19;
    for (bool privileged : {true, false}) {
      const std::string want = privileged ? row.el1 : row.el0;
      SCOPED_TRACE(testing::Message() << std::hex << row.leaf << " " << row.table << " EL" << privileged << " "
                                      << want);
      expect(load(0x1000, privileged), want[0] == 'r', 1, 3);
      expect(store(0x1000, privileged), want[1] == 'w', 1, 3);
      expect(fetch(0x1000, privileged), want[2] == 'x', 1, 3);
      expect(store(u64{1} << 40, privileged), want[1] == 'w', 1, 2);
      // What a permitted access reports about the page is the same.
      for (const vmsa::Access& access : {load(0x1000, privileged), fetch(0x1000, privileged)}) {
        const vmsa::Translation result = vmsa::Walker(m.memory).translate(access, m.controls).translation;
        if (!result.ok()) continue;
        EXPECT_EQ(result.readable, want[0] == 'r');
        EXPECT_EQ(result.writable, want[1] == 'w');
        EXPECT_EQ(result.executable, want[2] == 'x');
      }
    }
  }
}

// PSTATE.PAN: what EL0 may touch, EL1 may not; execution, EL0 and the other regimes do not change.
TEST_F(Permission, PrivilegedAccessNever) {
  m.with_stage1();
  const u64 attributes[] = {0, kUser, kRo, kRo | kUser};
  for (u64 page = 0; page < 4; ++page) m.lower->map(page << 12, 0x8000'0000, 3, attributes[page]);
  for (u64 page = 0; page < 4; ++page) {
    const bool user = (page & 1) != 0, writable = page < 2;
    const auto with_pan = [](vmsa::Access access) {
      access.pan = true;
      return access;
    };
    expect(with_pan(load(page << 12)), !user, 1, 3);
    expect(with_pan(store(page << 12)), !user && writable, 1, 3);
    expect(load(page << 12), true, 1, 3);
    expect(with_pan(load(page << 12, false)), user, 1, 3);
  }
  m.controls.el1.sctlr &= ~u64{1};
  vmsa::Access off = load(0x1000);
  off.pan = true;
  expect(off, true, 1, 3);
}

// TCR_EL1.HPD0: APTable, UXNTable and PXNTable say nothing; NSTable still does.
TEST_F(Permission, HierarchicalPermissionsDisabled) {
  m.with_stage1();
  m.controls.features.hpds = true;
  m.lower->map(0x1000, 0x8000'0000, 3, kUser,
               s1::kTableNoUser | s1::kTableReadOnly | s1::kUxnTable | s1::kPxnTable | s1::kNsTable);
  expect(store(0x1000), false, 1, 3);
  m.controls.el1.tcr |= u64{1} << 42;  // of the other half
  expect(store(0x1000), false, 1, 3);
  m.controls.el1.tcr |= u64{1} << 41;
  expect(store(0x1000), true, 1, 3);
  expect(load(0x1000, false), true, 1, 3);
  expect(fetch(0x1000, false), true, 1, 3);
  m.controls.secure = true;
  EXPECT_FALSE(vmsa::Walker(m.memory).translate(load(0x1000), m.controls).translation.secure);
  m.controls.features.hpds = false;
  expect(store(0x1000), false, 1, 3);
}

TEST_F(Permission, Stage1OfEl2) {
  m.with_single(Regime::El2);
  m.hyp->map(0x1000, 0x8000'0000, 3, 0);
  m.hyp->map(0x2000, 0x8000'0000, 3, s1::kReadOnly);
  expect(in(Regime::El2, fetch(0x1000)), true, 1, 3);
  expect(in(Regime::El2, store(0x2000)), false, 1, 3);
  m.controls.el2.sctlr |= u64{1} << 19;
  expect(in(Regime::El2, fetch(0x1000)), false, 1, 3);
  expect(in(Regime::El2, fetch(0x2000)), true, 1, 3);
}

TEST_F(Permission, Stage2) {
  m.with_stage2();
  m.stage2->map(0x0000, 0x8000'0000, 3, s2::kNormal);
  m.stage2->map(0x1000, 0x8000'0000, 3, s2::kNormal | s2::kRead);
  m.stage2->map(0x2000, 0x8000'0000, 3, s2::kNormal | s2::kWrite);
  m.stage2->map(0x3000, 0x8000'0000, 3, s2::kPlain | s2::kXn);
  m.stage2->map(0x4000, 0x8000'0000, 3, s2::kPlain | s2::kXn0);
  const char* expected[] = {"--x", "r-x", "-wx", "rw-", "rwx"};
  for (u64 page = 0; page < 5; ++page) {
    SCOPED_TRACE(page);
    expect(load(page << 12), expected[page][0] == 'r', 2, 3);
    expect(store(page << 12), expected[page][1] == 'w', 2, 3);
    expect(fetch(page << 12), expected[page][2] == 'x', 2, 3);
    EXPECT_EQ(fault(load(page << 12)).ipa.value, expected[page][0] == 'r' ? 0 : page << 12);
  }
}

TEST_F(Permission, Stage2XnWithXnx) {
  m.with_stage2();
  m.controls.features.xnx = true;
  const u64 fields[] = {0, s2::kXn0, s2::kXn, s2::kXn | s2::kXn0};
  const bool el1[] = {true, false, false, true};
  const bool el0[] = {true, true, false, false};
  for (u64 page = 0; page < 4; ++page) {
    m.stage2->map(page << 12, 0x8000'0000, 3, s2::kPlain | fields[page]);
    expect(fetch(page << 12, true), el1[page], 2, 3);
    expect(fetch(page << 12, false), el0[page], 2, 3);
  }
}

TEST_F(Permission, Stage1IsReportedBeforeStage2) {
  m.with_stage1();
  m.lower->map(0x1000, 0x5000, 3, s1::kReadOnly);
  m.with_stage2();
  m.map_tables_in_stage2();  // nothing at 0x5000
  expect(store(0x1000), false, 1, 3);
  EXPECT_EQ(fault(load(0x1000)).type, FaultType::Translation);
  EXPECT_EQ(fault(load(0x1000)).stage, 2);
}

TEST_F(Permission, WnrOfAtomicsSaysWhetherTheReadAloneWouldFail) {
  m.with_stage2();
  m.stage2->map(0x1000, 0x8000'0000, 3, s2::kNormal | s2::kRead);
  m.stage2->map(0x2000, 0x8000'0000, 3, s2::kNormal | s2::kWrite);
  EXPECT_TRUE(fault(atomic(0x1000)).write);
  EXPECT_EQ(fault(atomic(0x2000)).type, FaultType::Permission);
  EXPECT_FALSE(fault(atomic(0x2000)).write);
  EXPECT_FALSE(fault(atomic(0x9000)).write);  // unmapped: the read fails too
  EXPECT_TRUE(fault(store(0x9000)).write);
  EXPECT_FALSE(fault(load(0x9000)).write);
}

vmsa::Access maintenance(u64 va, bool write, bool privileged) {
  vmsa::Access access = load(va, privileged);
  access.kind = vmsa::AccessKind::CacheMaintenance;
  access.read = !write;
  access.write = write;
  return access;
}

TEST_F(Permission, CacheMaintenance) {
  m.with_stage1();
  m.lower->map(0x1000, 0x1000, 3, s1::kReadOnly);
  m.lower->map(0x2000, 0x2000, 3, s1::kReadOnly | s1::kUserAccess);
  expect(maintenance(0x1000, false, true), true, 1, 3);    // DC CVAC at EL1 needs no permission
  expect(maintenance(0x1000, true, true), false, 1, 3);    // DC IVAC needs write
  expect(maintenance(0x1000, false, false), false, 1, 3);  // at EL0 read
  expect(maintenance(0x2000, false, false), true, 1, 3);
  EXPECT_TRUE(fault(maintenance(0x1000, false, false)).write);
  EXPECT_TRUE(fault(maintenance(0x7000, false, true)).write);
  EXPECT_EQ(fault(maintenance(0x7000, false, true)).type, FaultType::Translation);
  m.controls.el1.sctlr &= ~u64{1};
  m.with_stage2();
  m.stage2->map(0x1000, 0x8000'0000, 3, s2::kNormal);
  expect(maintenance(0x1000, false, false), true, 2, 3);
  expect(maintenance(0x1000, true, true), false, 2, 3);
}

TEST_F(Permission, AlignmentHasItsPlaceBetweenTheStages) {
  m.with_stage1();
  m.lower->map(0x1000, 0x1000, 3, s1::index(kDeviceNGnRE));
  m.lower->map(0x2000, 0x2000, 3, s1::index(kDeviceNGnRE) | s1::kReadOnly);
  m.lower->map(0x3000, 0x3000, 3, s1::index(kWb));
  m.lower->map(0x4000, 0x4000, 3, s1::index(kWb));
  m.with_stage2();
  m.map_tables_in_stage2();
  m.stage2->map(0x3000, 0x8000'0000, 3, s2::kReadWrite | s2::kDevice);
  m.stage2->map(0x4000, 0x8000'0000, 3, s2::kPlain);
  vmsa::Access access = store(0x1001);
  access.aligned = false;
  EXPECT_EQ(fault(access).type, FaultType::Alignment);  // although stage 2 maps nothing there
  EXPECT_EQ(fault(access).stage, 1);
  access.va = Va{0x2001};
  EXPECT_EQ(fault(access).type, FaultType::Permission);
  access.va = Va{0x3001};
  EXPECT_EQ(fault(access).type, FaultType::Alignment);
  EXPECT_EQ(fault(access).stage, 2);
  access.va = Va{0x4001};
  EXPECT_EQ(fault(access).type, FaultType::None);
}

}  // namespace
}  // namespace tw
