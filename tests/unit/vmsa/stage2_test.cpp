#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "vmsa/fault_status.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::FaultType;

class Stage2 : public testing::Test {
 protected:
  TranslationMachine m;
  vmsa::Translation go(const vmsa::Access& access) {
    return vmsa::Walker(m.memory).translate(access, m.controls).translation;
  }
  void expect_fault(const vmsa::Access& access, FaultType type, int level, u64 ipa, bool s1ptw = false) {
    const vmsa::Fault fault = go(access).fault;
    EXPECT_EQ(static_cast<int>(fault.type), static_cast<int>(type));
    EXPECT_EQ(fault.stage, 2);
    EXPECT_EQ(fault.level, level);
    EXPECT_EQ(fault.ipa.value, ipa);
    EXPECT_EQ(fault.s1ptw, s1ptw);
    EXPECT_EQ(fault.va, access.va);
  }
};

TEST_F(Stage2, MapsWithConcatenatedTables) {
  struct Row {
    Shape shape;
    int leaf;
    unsigned pa_bits;
  };
  const Row rows[] = {
      {{12, 40, 1}, 3, 40}, {{12, 40, 1}, 2, 40}, {{12, 40, 1}, 1, 40}, {{12, 34, 2}, 3, 40},  // 16 tables at level 2
      {{12, 43, 1}, 3, 44}, {{12, 44, 0}, 3, 44}, {{14, 40, 2}, 3, 40}, {{14, 42, 1}, 2, 42},
      {{14, 29, 3}, 3, 40}, {{16, 40, 2}, 3, 40}, {{16, 44, 1}, 2, 44}, {{16, 33, 3}, 3, 40},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.shape.page_bits << " " << row.shape.input_bits << " " << row.shape.start);
    TranslationMachine machine(row.pa_bits);
    machine.with_stage2(row.shape);
    const u64 ipa = (0xFFF'EDCB'A987'6543 & ((u64{1} << row.shape.input_bits) - 1));
    machine.stage2->map(ipa, 0x8'0000'0000, row.leaf, s2::kPlain);
    machine.memory.requests.clear();
    const vmsa::Translation result = vmsa::Walker(machine.memory).translate(load(ipa), machine.controls).translation;
    ASSERT_TRUE(result.ok()) << int(result.fault.type) << int(result.fault.level);
    const u64 size = u64{1} << machine.stage2->shift(row.leaf);
    EXPECT_EQ(result.pa.value, 0x8'0000'0000 / size * size + ipa % size);
    EXPECT_EQ(result.ipa.value, ipa);
    EXPECT_EQ(machine.memory.requests.size(), static_cast<std::size_t>(row.leaf - row.shape.start) + 1);
  }
}

TEST_F(Stage2, InconsistentStartLevelIsATranslationFaultOfLevel0) {
  struct Row {
    unsigned page_bits, input_bits;
    u64 sl0;
    unsigned pa_bits;
    bool valid;
  };
  const Row rows[] = {
      {12, 40, 1, 40, true},  {12, 40, 0, 40, false},  // level 2 for 40 bits: 512 tables
      {12, 40, 3, 40, false},                          // reserved
      {12, 40, 2, 40, false},                          // level 0 needs a PA above 42 bits
      {12, 44, 2, 44, true},  {12, 39, 2, 44, false},  // level 0 with less than two entries
      {12, 40, 2, 44, true},                           // level 0 with two entries
      {12, 43, 1, 44, true},  {12, 44, 1, 44, false},  // 16 tables, 32 tables
      {12, 34, 0, 40, true},  {12, 35, 0, 40, false}, {12, 31, 1, 40, true},
      {12, 30, 1, 40, false}, {12, 25, 0, 40, true},  {14, 40, 1, 40, true},
      {14, 40, 2, 40, false},  // 16K level 1 needs a PA above 40 bits
      {14, 42, 2, 42, true},  {14, 41, 1, 44, false}, {14, 30, 0, 40, false},
      {14, 29, 0, 40, true},  {14, 48, 3, 48, false}, {16, 40, 1, 40, true},
      {16, 43, 2, 44, true},  {16, 42, 2, 42, false}, {16, 48, 3, 48, false},
      {16, 33, 0, 40, true},  {16, 34, 0, 40, false}, {12, 42, 1, 40, false},  // IPA larger than the physical address
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.page_bits << " " << row.input_bits << " SL0 " << row.sl0 << " PA "
                                    << row.pa_bits);
    TranslationMachine machine(row.pa_bits);
    // One table full of level-3-like entries is enough to tell: any walk fetches something, or nothing.
    machine.controls.vtcr = (64 - row.input_bits) | row.sl0 << 6 | tg0(row.page_bits) << 14 | u64{5} << 16;
    machine.controls.hcr = 1;
    machine.controls.vttbr = 0x1000'0000;
    const vmsa::Fault fault = vmsa::Walker(machine.memory).translate(load(0), machine.controls).translation.fault;
    EXPECT_EQ(fault.type, FaultType::Translation);
    EXPECT_EQ(fault.stage, 2);
    EXPECT_EQ(machine.memory.requests.size(), row.valid ? 1u : 0u);
    if (!row.valid) {
      EXPECT_EQ(fault.level, 0);
    }
  }
}

TEST_F(Stage2, T0szOutOfRange) {
  m.with_stage2();
  for (u64 t0sz : {0, 15, 40, 63}) {
    m.controls.vtcr = (m.controls.vtcr & ~u64{0x3F}) | t0sz;
    expect_fault(load(0x1000), FaultType::Translation, 0, 0x1000);
  }
}

TEST_F(Stage2, FaultsOfEachKindAndLevel) {
  m.with_stage2();
  expect_fault(load(u64{1} << 40), FaultType::Translation, 0, u64{1} << 40);  // beyond the IPA space
  for (int level = 1; level <= 3; ++level) {
    const u64 ipa = (u64(level) << 30) + 0x123;
    m.stage2->write_leaf(ipa, level, 0);
    expect_fault(load(ipa), FaultType::Translation, level, ipa);
    m.stage2->write_leaf(ipa, level, s2::kPlain | (level == 3 ? 3 : 1));
    expect_fault(store(ipa), FaultType::AccessFlag, level, ipa);
    m.stage2->write_leaf(ipa, level, (u64{1} << 45) | kAccessFlag | s2::kPlain | (level == 3 ? 3 : 1));
    expect_fault(load(ipa), FaultType::AddressSize, level, ipa);
    m.stage2->write_leaf(ipa, level, kAccessFlag | s2::kNormal | (level == 3 ? 3 : 1));
    expect_fault(load(ipa), FaultType::Permission, level, ipa);
    m.memory.aborts = {m.stage2->slot(ipa, level)};
    expect_fault(load(ipa), FaultType::ExternalOnWalk, level, ipa);
    m.memory.aborts.clear();
  }
  m.controls.vttbr |= u64{1} << 45;
  expect_fault(load(0x1000), FaultType::AddressSize, 0, 0x1000);
}

TEST_F(Stage2, PsLimitsTheOutput) {
  m.with_stage2();
  m.stage2->map(0x1000, u64{1} << 36, 3, s2::kPlain);
  EXPECT_TRUE(go(load(0x1000)).ok());
  m.controls.vtcr &= ~(u64{7} << 16);
  expect_fault(load(0x1000), FaultType::AddressSize, 3, 0x1000);
}

TEST_F(Stage2, BigEndianBySctlrEl2) {
  m.with_stage2();
  m.stage2->map(0x1000, 0x8000'0000, 3, s2::kPlain);
  m.memory.swap_all_words();
  m.controls.el2.sctlr |= u64{1} << 25;
  EXPECT_TRUE(go(load(0x1000)).ok());
}

TEST_F(Stage2, IsNotForEl2NorSecureState) {
  m.with_stage2();
  EXPECT_TRUE(go(in(vmsa::Regime::El2, load(0x1000))).ok());
  m.controls.secure = true;
  EXPECT_TRUE(go(load(0x1000)).ok());
}

class Nested : public Stage2 {
 protected:
  // Stage-1 tables at IPA x lie at PA x + kMove; VA 0x40'0000'1000 -> IPA 0x2000 -> PA 0x9000'2000.
  static constexpr u64 kMove = 0x1'0000'0000;
  static constexpr u64 kVa = 0x40'0000'1000;
  void SetUp() override {
    m.with_stage1({}, kMove);
    m.lower->map(kVa, 0x2000, 3, s1::index(kWb) | s1::kInnerShareable);
    m.with_stage2();
    m.map_tables_in_stage2(3, s2::kPlain, kMove);
    m.stage2->map(0x2000, 0x9000'2000, 3, s2::kPlain);
  }
  u64 descriptor_ipa(int level) { return m.lower->slot(kVa, level) - kMove; }
};

TEST_F(Nested, DescriptorsAreAtIntermediateAddresses) {
  const vmsa::Translation result = go(load(kVa + 0x10));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.ipa.value, 0x2010u);
  EXPECT_EQ(result.pa.value, 0x9000'2010u);
  EXPECT_EQ(result.page_bits, 12);
}

TEST_F(Nested, Stage2FaultsOnTheWalkSaySoWithTheDescriptorsIpa) {
  for (int level = 0; level <= 3; ++level) {
    const u64 ipa = descriptor_ipa(level);
    const u64 slot = m.stage2->slot(ipa, 3);
    const u64 good = m.memory.read(slot);
    m.memory.write(slot, 0);
    expect_fault(load(kVa), FaultType::Translation, 3, ipa, true);
    EXPECT_TRUE(go(store(kVa)).fault.write);
    m.memory.write(slot, good & ~s2::kRead);
    expect_fault(fetch(kVa), FaultType::Permission, 3, ipa, true);
    m.memory.write(slot, good & ~s2::kWrite);  // the walk only reads
    EXPECT_TRUE(go(load(kVa)).ok());
    m.memory.write(slot, good & ~kAccessFlag);
    expect_fault(load(kVa), FaultType::AccessFlag, 3, ipa, true);
    m.memory.write(slot, good);
    m.memory.aborts = {slot};
    expect_fault(load(kVa), FaultType::ExternalOnWalk, 3, ipa, true);
    m.memory.aborts.clear();
  }
}

TEST_F(Nested, ExternalAbortOnAStage1DescriptorIsOfStage1) {
  m.memory.aborts = {m.lower->slot(kVa, 2)};
  const vmsa::Fault fault = go(load(kVa)).fault;
  EXPECT_EQ(fault.type, FaultType::ExternalOnWalk);
  EXPECT_EQ(fault.stage, 1);
  EXPECT_EQ(fault.level, 2);
  EXPECT_FALSE(fault.s1ptw);
}

TEST_F(Nested, PtwProtectsDeviceMemoryFromWalks) {
  const u64 ipa = descriptor_ipa(1);
  const u64 slot = m.stage2->slot(ipa, 3);
  m.memory.write(slot, (m.memory.read(slot) & ~(u64{0xF} << 2)) | s2::kDevice);
  EXPECT_TRUE(go(load(kVa)).ok());
  m.controls.hcr |= 4;
  expect_fault(load(kVa), FaultType::Permission, 3, ipa, true);
}

TEST_F(Nested, FinalFaultIsNotOnTheWalk) {
  m.stage2->write_leaf(0x2000, 3, 0);
  expect_fault(load(kVa + 4), FaultType::Translation, 3, 0x2004);
}

TEST_F(Nested, PageIsTheSmallerOfBoth) {
  m.lower->map(u64{1} << 41, 0x4000'0000, 1, 0);
  m.stage2->map(0x4000'0000, 0x4000'0000, 2, s2::kPlain);
  m.stage2->map(0x4020'0000, 0x8000'0000, 3, s2::kPlain);
  m.map_tables_in_stage2(3, s2::kPlain, kMove);
  ASSERT_TRUE(go(load(u64{1} << 41)).ok());
  EXPECT_EQ(go(load(u64{1} << 41)).page_bits, 21);
  EXPECT_EQ(go(load((u64{1} << 41) + 0x20'0000)).page_bits, 12);
  m.stage2->map(0x1'0000'0000, 0x1'0000'0000, 1, s2::kPlain);
  m.lower->map(u64{1} << 42, 0x1'0000'0000, 3, 0);
  m.map_tables_in_stage2(3, s2::kPlain, kMove);
  ASSERT_TRUE(go(load(u64{1} << 42)).ok());
  EXPECT_EQ(go(load(u64{1} << 42)).page_bits, 12);
}

TEST_F(Nested, Stage1OnlyAppliesStage2ToTheWalk) {
  vmsa::Access access = load(kVa);
  access.kind = vmsa::AccessKind::AddressTranslation;
  access.stage1_only = true;
  m.stage2->write_leaf(0x2000, 3, 0);
  EXPECT_EQ(go(access).pa.value, 0x2000u);
  m.memory.write(m.stage2->slot(descriptor_ipa(2), 3), 0);
  expect_fault(access, FaultType::Translation, 3, descriptor_ipa(2), true);
}

TEST_F(Nested, IpaAloneCanBeTranslated) {
  const vmsa::Walker walker(m.memory);
  const vmsa::Stage2Result good = walker.translate_ipa(Ipa{0x2345}, load(0), m.controls);
  ASSERT_FALSE(good.fault);
  EXPECT_EQ(good.leaf.output(Ipa{0x2345}).value, 0x9000'2345u);
  EXPECT_EQ(walker.translate_ipa(Ipa{0x5000}, load(0), m.controls).fault.type, FaultType::Translation);
}

}  // namespace
}  // namespace tw
