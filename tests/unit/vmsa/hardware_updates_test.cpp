// FEAT_HAFDBS: the Access flag and dirty state that hardware leaves in descriptors, of both stages (Arm ARM D8.5).
#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::FaultType;
using vmsa::Regime;

constexpr u64 kHa1 = u64{1} << 39, kHd1 = u64{1} << 40;  // TCR_EL1
constexpr u64 kHa2 = u64{1} << 21, kHd2 = u64{1} << 22;  // TCR_EL2, TCR_EL3, VTCR_EL2
constexpr u64 kPage = 0x8000'0000, kApRead = u64{1} << 7, kS2Write = u64{1} << 7;

class HardwareUpdates : public testing::Test {
 protected:
  TranslationMachine m;
  HardwareUpdates() { m.controls.features.hafdbs = m.controls.features.dirty = true; }
  vmsa::Translation translate(const vmsa::Access& access, bool updates = true) {
    return vmsa::Walker(m.memory)
        .translate(access, m.controls, {.assist = nullptr, .record = nullptr, .timed = false, .updates = updates})
        .translation;
  }
  /// A page descriptor of stage 1 at `va`, as it stands.
  void put(u64 va, u64 attributes, u64 output = kPage) { m.lower->write_leaf(va, 3, output | attributes | 3); }
  u64 descriptor(u64 va) { return m.memory.read(m.lower->slot(va, 3)); }
};

TEST_F(HardwareUpdates, AccessFlagOfStage1) {
  m.with_stage1();
  put(0x1000, 0);
  EXPECT_EQ(translate(load(0x1000)).fault.type, FaultType::AccessFlag);
  EXPECT_TRUE(m.memory.updates.empty());
  m.controls.el1.tcr |= kHa1;
  EXPECT_TRUE(translate(load(0x1000)).ok());
  EXPECT_EQ(descriptor(0x1000), kPage | kAccessFlag | 3);
  ASSERT_EQ(m.memory.updates.size(), 1u);
  EXPECT_EQ(m.memory.updates[0].address.value, m.lower->slot(0x1000, 3));
  EXPECT_TRUE(translate(load(0x1000)).ok());
  EXPECT_EQ(m.memory.updates.size(), 1u) << "nothing is left to mark";
}

TEST_F(HardwareUpdates, NeedTheFeature) {
  m.controls.features.hafdbs = false;
  m.with_stage1();
  m.controls.el1.tcr |= kHa1 | kHd1;
  put(0x1000, 0);
  EXPECT_EQ(translate(load(0x1000)).fault.type, FaultType::AccessFlag);
}

TEST_F(HardwareUpdates, ADebuggersLookChangesNothing) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1 | kHd1;
  put(0x1000, s1::kReadOnly | s1::kDbm);
  EXPECT_TRUE(translate(store(0x1000), false).ok());
  EXPECT_EQ(descriptor(0x1000), kPage | s1::kReadOnly | s1::kDbm | 3);
  EXPECT_TRUE(m.memory.updates.empty());
}

TEST_F(HardwareUpdates, DirtyStateOfStage1) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1;
  put(0x1000, s1::kReadOnly | s1::kDbm | kAccessFlag);
  EXPECT_EQ(translate(store(0x1000)).fault.type, FaultType::Permission) << "HD is 0";
  m.controls.el1.tcr |= kHd1;
  const vmsa::Translation clean = translate(load(0x1000));
  EXPECT_TRUE(clean.ok());
  EXPECT_FALSE(clean.writable) << "the first write must walk";
  EXPECT_EQ(descriptor(0x1000) & kApRead, kApRead);
  const vmsa::Translation dirty = translate(store(0x1000));
  EXPECT_TRUE(dirty.ok() && dirty.writable);
  EXPECT_EQ(descriptor(0x1000), kPage | s1::kDbm | kAccessFlag | 3);
  EXPECT_TRUE(translate(load(0x1000)).writable);
  EXPECT_EQ(m.memory.updates.size(), 1u);
}

TEST_F(HardwareUpdates, OneUpdateMarksBoth) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1 | kHd1;
  put(0x1000, s1::kReadOnly | s1::kDbm);
  EXPECT_TRUE(translate(store(0x1000)).ok());
  EXPECT_EQ(descriptor(0x1000), kPage | s1::kDbm | kAccessFlag | 3);
  EXPECT_EQ(m.memory.updates.size(), 1u);
}

TEST_F(HardwareUpdates, DbmAloneAndReadOnlyAloneDoNothing) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1 | kHd1;
  put(0x1000, s1::kReadOnly | kAccessFlag);
  EXPECT_EQ(translate(store(0x1000)).fault.type, FaultType::Permission);
  m.controls.el1.tcr &= ~kHa1;  // HD without HA is nothing
  put(0x2000, s1::kReadOnly | s1::kDbm | kAccessFlag);
  EXPECT_EQ(translate(store(0x2000)).fault.type, FaultType::Permission);
}

TEST_F(HardwareUpdates, APTableTakesTheWritePermissionAway) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1 | kHd1;
  m.lower->write_leaf(0x1000, 3, kPage | s1::kReadOnly | s1::kDbm | kAccessFlag | 3, s1::kTableReadOnly);
  EXPECT_EQ(translate(store(0x1000)).fault.type, FaultType::Permission);
  EXPECT_TRUE(m.memory.updates.empty());
}

// The choice where the architecture leaves one: a permission fault marks nothing.
TEST_F(HardwareUpdates, PermissionFaultsMarkNothing) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1 | kHd1;
  put(0x1000, s1::kReadOnly | s1::kDbm);  // not for EL0
  EXPECT_EQ(translate(store(0x1000, false)).fault.type, FaultType::Permission);
  EXPECT_TRUE(m.memory.updates.empty());
}

TEST_F(HardwareUpdates, MaintenanceAndAddressTranslationAreNoWrites) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1 | kHd1;
  for (const vmsa::AccessKind kind : {vmsa::AccessKind::CacheMaintenance, vmsa::AccessKind::AddressTranslation}) {
    put(0x1000, s1::kReadOnly | s1::kDbm);
    vmsa::Access access = store(0x1000);
    access.kind = kind;
    EXPECT_TRUE(translate(access).ok());
    EXPECT_EQ(descriptor(0x1000), kPage | s1::kReadOnly | s1::kDbm | kAccessFlag | 3);
  }
}

TEST_F(HardwareUpdates, BlocksOfEl2) {
  m.with_single(Regime::El2);
  m.controls.el2.tcr |= kHa2 | kHd2;
  m.hyp->write_leaf(0x4000'0000, 2, kPage | s1::kReadOnly | s1::kDbm | 1);
  EXPECT_TRUE(translate(in(Regime::El2, store(0x4000'1234))).ok());
  EXPECT_EQ(m.memory.read(m.hyp->slot(0x4000'0000, 2)), kPage | s1::kDbm | kAccessFlag | 1);
}

TEST_F(HardwareUpdates, BigEndianDescriptors) {
  m.with_stage1();
  put(0x1000, 0);
  const u64 slot = m.lower->slot(0x1000, 3);
  m.memory.swap_all_words();
  m.controls.el1.sctlr |= u64{1} << 25;
  m.controls.el1.tcr |= kHa1;
  EXPECT_TRUE(translate(load(0x1000)).ok());
  EXPECT_EQ(__builtin_bswap64(m.memory.read(slot)), kPage | kAccessFlag | 3);
}

TEST_F(HardwareUpdates, Stage2) {
  m.with_stage2();
  m.stage2->write_leaf(0x1000, 3, kPage | s2::kNormal | s2::kRead | s2::kDbm | 3);
  const auto stage2 = [&] { return m.memory.read(m.stage2->slot(0x1000, 3)); };
  EXPECT_EQ(translate(load(0x1000)).fault.type, FaultType::AccessFlag);
  m.controls.vtcr |= kHa2;
  EXPECT_TRUE(translate(load(0x1000)).ok());
  EXPECT_EQ(stage2(), kPage | s2::kNormal | s2::kRead | s2::kDbm | kAccessFlag | 3);
  EXPECT_EQ(translate(store(0x1000)).fault.type, FaultType::Permission);
  m.controls.vtcr |= kHd2;
  EXPECT_FALSE(translate(load(0x1000)).writable);
  EXPECT_TRUE(translate(store(0x1000)).writable);
  EXPECT_EQ(stage2() & kS2Write, kS2Write);
}

TEST_F(HardwareUpdates, NestedWithTablesThatAreReadOnlyInStage2) {
  m.with_stage1();
  put(0x1000, 0, 0x5000);
  m.with_stage2();
  m.stage2->map(0x5000, kPage, 3, s2::kPlain);
  m.map_tables_in_stage2(3, s2::kNormal | s2::kRead);
  m.controls.el1.tcr |= kHa1;
  const vmsa::Fault fault = translate(load(0x1000)).fault;
  EXPECT_EQ(fault.type, FaultType::Permission);
  EXPECT_EQ(fault.stage, 2);
  EXPECT_TRUE(fault.s1ptw);
  EXPECT_TRUE(fault.write);
  EXPECT_EQ(fault.ipa.value, m.lower->slot(0x1000, 3));
  EXPECT_TRUE(m.memory.updates.empty());
}

// The update of a stage-1 descriptor is a write in stage 2: it makes the table's page dirty there.
TEST_F(HardwareUpdates, NestedMarksTheTablesPageDirty) {
  m.with_stage1();
  put(0x1000, 0, 0x5000);
  m.with_stage2();
  m.stage2->map(0x5000, kPage, 3, s2::kPlain);
  m.map_tables_in_stage2(3, s2::kNormal | s2::kRead | s2::kDbm);
  m.controls.el1.tcr |= kHa1;
  m.controls.vtcr |= kHa2 | kHd2;
  EXPECT_TRUE(translate(load(0x1000)).ok());
  EXPECT_EQ(descriptor(0x1000), 0x5000 | kAccessFlag | 3);
  const u64 leaf_table = m.lower->slot(0x1000, 3);
  const u64 upper_table = m.lower->slot(0x1000, 2);
  EXPECT_EQ(m.memory.read(m.stage2->slot(leaf_table, 3)) & kS2Write, kS2Write);
  EXPECT_EQ(m.memory.read(m.stage2->slot(upper_table, 3)) & kS2Write, 0u) << "read only";
}

TEST_F(HardwareUpdates, FaultsOnTheUpdate) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1;
  put(0x1000, 0);
  m.memory.update_aborts.insert(m.lower->slot(0x1000, 3));
  EXPECT_EQ(translate(load(0x1000)).fault.type, FaultType::ExternalOnWalk);
  EXPECT_EQ(translate(load(0x1000)).fault.level, 3);
  m.memory.not_atomic.insert(m.lower->slot(0x1000, 3));
  EXPECT_EQ(translate(load(0x1000)).fault.type, FaultType::UnsupportedUpdate);
}

// The descriptor changes between fetch and update: what stands there then is what translates.
TEST_F(HardwareUpdates, AnotherObserverIsFaster) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1;
  put(0x1000, 0);
  bool once = true;
  m.memory.before_update = [&](u64 address) {
    if (std::exchange(once, false)) m.memory.write(address, 0x9000'0000 | 3);
  };
  EXPECT_EQ(translate(load(0x1000)).pa.value, 0x9000'0000u);
  EXPECT_EQ(descriptor(0x1000), 0x9000'0000 | kAccessFlag | 3);
}

TEST_F(HardwareUpdates, MemoryThatNeverRestsIsAFault) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1;
  put(0x1000, 0);
  u64 page = kPage;
  m.memory.before_update = [&](u64 address) { m.memory.write(address, (page += 0x1000) | 3); };
  EXPECT_EQ(translate(load(0x1000)).fault.type, FaultType::UnsupportedUpdate);
}

TEST_F(HardwareUpdates, RecordShowsTheUpdateAsOneMoreAccess) {
  m.with_stage1();
  m.controls.el1.tcr |= kHa1;
  put(0x1000, 0);
  cost::WalkRecord record;
  vmsa::Walker(m.memory).translate(load(0x1000), m.controls, {.record = &record});
  ASSERT_EQ(record.fetches.size(), 5u);
  EXPECT_EQ(record.fetches[4].address.value, m.lower->slot(0x1000, 3));
  EXPECT_EQ(record.cycles, 5 * m.memory.latency);
}

}  // namespace
}  // namespace tw
