#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "vmsa/fault_status.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::FaultType;
using vmsa::Regime;

class Stage1 : public testing::Test {
 protected:
  TranslationMachine m;
  vmsa::Translation go(const vmsa::Access& access) {
    return vmsa::Walker(m.memory).translate(access, m.controls).translation;
  }
  vmsa::WalkResult walk(const vmsa::Access& access) { return vmsa::Walker(m.memory).translate(access, m.controls); }
  void expect_fault(const vmsa::Access& access, FaultType type, int level) {
    const vmsa::Translation result = go(access);
    EXPECT_EQ(static_cast<int>(result.fault.type), static_cast<int>(type)) << std::hex << access.va.value;
    EXPECT_EQ(result.fault.level, level) << std::hex << access.va.value;
    EXPECT_EQ(result.fault.stage, 1);
    EXPECT_FALSE(result.fault.s1ptw);
    EXPECT_EQ(result.fault.va, access.va);
  }
};

constexpr u64 kUpperVa = 0xFFFF'0012'3456'7000;

TEST_F(Stage1, MapsPagesAndBlocksOfEveryGranule) {
  struct Row {
    Shape shape;
    int leaf;
  };
  const Row rows[] = {{{12, 48, 0}, 3}, {{12, 48, 0}, 2}, {{12, 48, 0}, 1}, {{12, 39, 1}, 3}, {{12, 30, 2}, 3},
                      {{12, 25, 2}, 3}, {{14, 48, 0}, 3}, {{14, 48, 0}, 2}, {{14, 47, 1}, 3}, {{14, 36, 2}, 2},
                      {{14, 25, 3}, 3}, {{16, 48, 1}, 3}, {{16, 48, 1}, 2}, {{16, 42, 2}, 3}, {{16, 29, 3}, 3}};
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.shape.page_bits << " bits, VA " << row.shape.input_bits << ", leaf "
                                    << row.leaf);
    TranslationMachine machine;
    machine.with_stage1(row.shape);
    const u64 va = 0x0000'7ABC'DEF5'4321 & ((u64{1} << row.shape.input_bits) - 1);
    machine.lower->map(va, 0x2'4000'0000, row.leaf, 0);
    machine.memory.requests.clear();
    const vmsa::Translation result = vmsa::Walker(machine.memory).translate(load(va), machine.controls).translation;
    ASSERT_TRUE(result.ok());
    const u64 size = u64{1} << machine.lower->shift(row.leaf);
    EXPECT_EQ(result.pa.value, 0x2'4000'0000 / size * size + va % size);
    EXPECT_EQ(u64{1} << result.page_bits, size);
    EXPECT_EQ(machine.memory.requests.size(), static_cast<std::size_t>(row.leaf - row.shape.start) + 1);
  }
}

TEST_F(Stage1, BlocksAtOtherLevelsAndReservedDescriptorsAreTranslationFaults) {
  m.with_stage1();
  m.lower->write_leaf(0, 0, kAccessFlag | 1);  // 512 GB block
  expect_fault(load(0), FaultType::Translation, 0);
  m.lower->write_leaf(u64{1} << 40, 3, 0x8000'0000 | kAccessFlag | 1);  // level 3, bits[1:0] = 01
  expect_fault(load(u64{1} << 40), FaultType::Translation, 3);
  m.lower->write_leaf(u64{1} << 41, 2, kAccessFlag | 2);  // bit 0 clear
  expect_fault(load(u64{1} << 41), FaultType::Translation, 2);
  for (const auto& [page_bits, input_bits, start] : {std::tuple{14u, 47u, 1}, std::tuple{16u, 48u, 1}}) {
    TranslationMachine other;
    other.with_stage1({page_bits, input_bits, start});
    other.lower->write_leaf(0, 1, kAccessFlag | 1);
    const vmsa::Translation result = vmsa::Walker(other.memory).translate(load(0), other.controls).translation;
    EXPECT_EQ(result.fault.type, FaultType::Translation);
    EXPECT_EQ(result.fault.level, 1);
  }
}

TEST_F(Stage1, AnEmptyEntryFaultsAtItsLevel) {
  m.with_stage1();
  for (int level = 0; level <= 3; ++level) {
    const u64 va = u64(level + 1) << 39;
    m.lower->write_leaf(va, level, 0);
    expect_fault(load(va), FaultType::Translation, level);
  }
}

TEST_F(Stage1, UpperRangeUsesTtbr1) {
  m.with_stage1();
  m.upper->map(kUpperVa, 0x8000'5000, 3, 0);
  const vmsa::Translation result = go(load(kUpperVa + 0x123));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.pa.value, 0x8000'5123u);
  expect_fault(load(kUpperVa & 0x0000'FFFF'FFFF'FFFF), FaultType::Translation, 0);
}

TEST_F(Stage1, AddressesBetweenTheRangesFault) {
  m.with_stage1({12, 39, 1});
  for (u64 va : {u64{1} << 39, u64{1} << 47, 0xFFFF'FF00'0000'0000u, 0x0100'0000'0000'0000u, 0x7FFF'FFFF'FFFF'FFFFu}) {
    expect_fault(load(va), FaultType::Translation, 0);
  }
  EXPECT_TRUE(m.memory.requests.empty());
}

TEST_F(Stage1, TopByteIsIgnoredByTbi) {
  m.with_stage1();
  m.lower->map(0x4000, 0x8000'4000, 3, 0);
  m.upper->map(kUpperVa, 0x8000'5000, 3, 0);
  const u64 tagged_low = 0xA500'0000'0000'4000, tagged_high = 0x5AFF'0012'3456'7000;
  expect_fault(load(tagged_low), FaultType::Translation, 0);
  expect_fault(load(tagged_high), FaultType::Translation, 0);
  m.controls.el1.tcr |= u64{1} << 37;  // TBI0
  EXPECT_EQ(go(load(tagged_low)).pa.value, 0x8000'4000u);
  expect_fault(load(tagged_high), FaultType::Translation, 0);
  m.controls.el1.tcr |= u64{1} << 38;  // TBI1
  EXPECT_EQ(go(load(tagged_high)).pa.value, 0x8000'5000u);
}

TEST_F(Stage1, EpdDisablesWalks) {
  m.with_stage1();
  m.lower->map(0x4000, 0x8000'4000, 3, 0);
  m.upper->map(kUpperVa, 0x8000'5000, 3, 0);
  m.controls.el1.tcr |= u64{1} << 7;
  expect_fault(load(0x4000), FaultType::Translation, 0);
  EXPECT_TRUE(go(load(kUpperVa)).ok());
  m.controls.el1.tcr ^= u64{1} << 7 | u64{1} << 23;
  EXPECT_TRUE(go(load(0x4000)).ok());
  expect_fault(load(kUpperVa), FaultType::Translation, 0);
}

TEST_F(Stage1, TxszOutOfRangeFaults) {
  m.with_stage1();
  m.lower->map(0, 0, 3, 0);
  for (u64 t0sz : {0, 15, 40, 63}) {
    m.controls.el1.tcr = (m.controls.el1.tcr & ~u64{0x3F}) | t0sz;
    expect_fault(load(0), FaultType::Translation, 0);
  }
}

TEST_F(Stage1, AddressSizeFaults) {
  m.with_stage1();
  m.controls.el1.tcr &= ~(u64{7} << 32);  // IPS 32 bits
  m.lower->map(0x1000, u64{1} << 32, 3, 0);
  expect_fault(load(0x1000), FaultType::AddressSize, 3);
  m.lower->map(u64{1} << 30, u64{1} << 33, 2, 0);
  expect_fault(load(u64{1} << 30), FaultType::AddressSize, 2);
  m.lower->write_leaf(u64{1} << 40, 0, (u64{1} << 32) | 3);  // a table out of range
  expect_fault(load(u64{1} << 40), FaultType::AddressSize, 0);
  m.controls.el1.ttbr0 = u64{1} << 32;
  expect_fault(load(0x1000), FaultType::AddressSize, 0);
  // IPS above the implemented size counts as the implemented size.
  TranslationMachine small(40);
  small.with_stage1();
  small.lower->map(0x1000, u64{1} << 40, 3, 0);
  EXPECT_EQ(vmsa::Walker(small.memory).translate(load(0x1000), small.controls).translation.fault.type,
            FaultType::AddressSize);
}

TEST_F(Stage1, AddressSizeComesBeforeAccessFlagAndAccessFlagBeforePermission) {
  m.with_stage1();
  m.lower->write_leaf(0x1000, 3, 0x8000'0000 | s1::kReadOnly | 3);  // AF clear
  expect_fault(store(0x1000), FaultType::AccessFlag, 3);
  m.lower->write_leaf(u64{1} << 30, 1, 0x4000'0000 | 1);
  expect_fault(load(u64{1} << 30), FaultType::AccessFlag, 1);
  m.lower->write_leaf(0x2000, 3, (u64{1} << 44) | 3);
  expect_fault(load(0x2000), FaultType::AddressSize, 3);
}

TEST_F(Stage1, ExternalAbortOnADescriptor) {
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  for (int level = 0; level <= 3; ++level) {
    m.memory.aborts = {m.lower->slot(0x1000, level)};
    expect_fault(load(0x1000), FaultType::ExternalOnWalk, level);
  }
}

TEST_F(Stage1, BigEndianDescriptors) {
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  m.memory.swap_all_words();
  EXPECT_FALSE(go(load(0x1000)).ok());
  m.controls.el1.sctlr |= u64{1} << 25;
  EXPECT_TRUE(go(load(0x1000)).ok());
}

TEST_F(Stage1, LeafKeepsWhatATlbNeeds) {
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, s1::kNotGlobal | s1::kContiguous | s1::index(kWt) | s1::kInnerShareable);
  const vmsa::Stage1Leaf leaf = walk(load(0x1000)).mapping.stage1;
  EXPECT_FALSE(leaf.global);
  EXPECT_TRUE(leaf.contiguous);
  EXPECT_EQ(leaf.mair, 0xAA);
  EXPECT_EQ(leaf.sh, 3);
  EXPECT_EQ(leaf.level, 3);
}

TEST_F(Stage1, El2HasOneRangeOnePrivilegeAndNoNonGlobalEntries) {
  m.with_single(Regime::El2);
  m.hyp->map(0x1000, 0x8000'0000, 3, s1::kNotGlobal | s1::kPxn);
  const vmsa::WalkResult result = walk(in(Regime::El2, fetch(0x1000)));
  ASSERT_TRUE(result.translation.ok());  // bit 53 is RES0 here
  EXPECT_TRUE(result.mapping.stage1.global);
  expect_fault(in(Regime::El2, load(kUpperVa)), FaultType::Translation, 0);
  m.hyp->map(0x2000, 0x8000'0000, 3, s1::kUxn);
  expect_fault(in(Regime::El2, fetch(0x2000)), FaultType::Permission, 3);
  m.hyp->map(u64{1} << 40, 0x8000'0000, 3, s1::kUserAccess, s1::kTableNoUser | s1::kPxnTable);
  EXPECT_TRUE(go(in(Regime::El2, fetch(u64{1} << 40))).ok());
  const u64 tagged = 0xFF00'0000'0000'1000;
  expect_fault(in(Regime::El2, load(tagged)), FaultType::Translation, 0);
  m.controls.el2.tcr |= u64{1} << 20;  // TBI
  EXPECT_EQ(go(in(Regime::El2, load(tagged))).pa.value, 0x8000'0000u);
}

TEST_F(Stage1, SecureTablesAndOutput) {
  m.controls.secure = true;
  m.with_single(Regime::El3);
  m.hyp->map(0x1000, 0x8000'0000, 3, 0);
  m.hyp->map(0x2000, 0x8000'0000, 3, s1::kNonSecure);
  m.hyp->map(u64{1} << 40, 0x8000'0000, 3, 0, s1::kNsTable);
  EXPECT_TRUE(go(in(Regime::El3, load(0x1000))).secure);
  EXPECT_FALSE(go(in(Regime::El3, load(0x2000))).secure);
  m.memory.requests.clear();
  EXPECT_FALSE(go(in(Regime::El3, load(u64{1} << 40))).secure);
  ASSERT_EQ(m.memory.requests.size(), 4u);
  EXPECT_EQ(m.memory.requests[0].security, Security::Secure);
  for (int at = 1; at < 4; ++at)
    EXPECT_EQ(m.memory.requests[static_cast<std::size_t>(at)].security, Security::NonSecure);
  m.controls.sif = true;
  EXPECT_TRUE(go(in(Regime::El3, fetch(0x1000))).ok());
  expect_fault(in(Regime::El3, fetch(0x2000)), FaultType::Permission, 3);
}

TEST_F(Stage1, SecureEl1ThroughANonSecureTableIsNotGlobal) {
  m.controls.secure = true;
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  m.lower->map(u64{1} << 40, 0x8000'0000, 3, 0, s1::kNsTable);
  EXPECT_TRUE(walk(load(0x1000)).mapping.stage1.global);
  EXPECT_FALSE(walk(load(u64{1} << 40)).mapping.stage1.global);
}

TEST_F(Stage1, NonSecureStateNeverSeesSecureMemory) {
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  EXPECT_FALSE(go(load(0x1000)).secure);
  for (const auto& request : m.memory.requests) EXPECT_EQ(request.security, Security::NonSecure);
}

TEST_F(Stage1, OffIsFlat) {
  const vmsa::Translation data = go(load(0x1234'5678));
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(data.pa.value, 0x1234'5678u);
  EXPECT_EQ(data.attributes.type, vmsa::MemoryType::DeviceNGnRnE);
  EXPECT_EQ(go(fetch(0x1000)).attributes.mair, 0xAA);
  m.controls.el1.sctlr &= ~(u64{1} << 12);
  EXPECT_EQ(go(fetch(0x1000)).attributes.mair, 0x44);
  expect_fault(load(u64{1} << 44), FaultType::AddressSize, 0);
  EXPECT_TRUE(go(load((u64{1} << 44) - 8)).ok());
  const u64 tagged = 0xEE00'0000'0000'1000;
  expect_fault(load(tagged), FaultType::AddressSize, 0);
  m.controls.el1.tcr |= u64{1} << 37;
  EXPECT_EQ(go(load(tagged)).pa.value, 0x1000u);
  EXPECT_TRUE(m.memory.requests.empty());
}

TEST_F(Stage1, TgeAndDcTurnItOff) {
  m.with_stage1();
  expect_fault(load(0x1000), FaultType::Translation, 0);
  m.controls.hcr = u64{1} << 27;  // TGE
  EXPECT_EQ(go(load(0x1000)).pa.value, 0x1000u);
  m.with_stage2();
  m.stage2->map(0x1000, 0x9000'0000, 3, s2::kPlain);
  m.controls.hcr = u64{1} << 12;  // DC: stage 2 on as if VM
  const vmsa::Translation result = go(load(0x1000));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.pa.value, 0x9000'0000u);
  EXPECT_EQ(result.attributes.mair, 0xFF);
  EXPECT_EQ(result.attributes.shareability, 0);
}

TEST_F(Stage1, ReservedGranuleIsTheSmallest) {
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  m.controls.el1.tcr |= u64{3} << 14;
  EXPECT_TRUE(go(load(0x1000)).ok());
}

TEST_F(Stage1, WalkCacheability) {
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  go(load(0x1000));
  EXPECT_TRUE(m.memory.requests.back().cacheable);
  m.controls.el1.tcr &= ~(u64{3} << 8);
  go(load(0x1000));
  EXPECT_FALSE(m.memory.requests.back().cacheable);
  m.controls.el1.tcr |= u64{1} << 8;
  m.controls.el1.sctlr &= ~u64{4};
  go(load(0x1000));
  EXPECT_FALSE(m.memory.requests.back().cacheable);
}

}  // namespace
}  // namespace tw
