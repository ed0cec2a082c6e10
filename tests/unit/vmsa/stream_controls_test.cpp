// What an SMMU's streams ask of the walker beyond a core: AArch32 LPAE tables, Access flag faults disabled, forced
// Write-Back, the attributes of who does not say them.
#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "vmsa/attributes.hpp"
#include "vmsa/permissions.hpp"
#include "vmsa/tlb/tags.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::FaultType;

vmsa::Translation go(TranslationMachine& m, const vmsa::Access& access) {
  return vmsa::Walker(m.memory).translate(access, m.controls).translation;
}

// ---- AArch32 LPAE

struct Halves {
  u64 t0sz, t1sz;
};

TranslationMachine lpae_machine(Halves halves) {
  TranslationMachine m;
  const auto start = [](u64 txsz) { return 32 - txsz > 30 ? 1 : 2; };
  m.lower = std::make_unique<TableTree>(m.memory, 12, static_cast<unsigned>(32 - halves.t0sz), start(halves.t0sz));
  m.upper = std::make_unique<TableTree>(m.memory, 12, static_cast<unsigned>(32 - halves.t1sz), start(halves.t1sz));
  m.controls.el1.tcr = (32 + halves.t0sz) | (32 + halves.t1sz) << 16 | u64{2} << 30 | u64{2} << 32;
  m.controls.el1.ttbr0 = m.lower->root();
  m.controls.el1.ttbr1 = m.upper->root();
  m.controls.el1.sctlr |= 1;
  m.controls.stream.lpae1 = true;
  return m;
}

TEST(StreamControls, WhichHalfAnAArch32AddressIsIn) {
  enum Half { kLower, kUpper, kNeither };
  struct Row {
    Halves halves;
    u64 va;
    Half half;
  };
  const Row rows[] = {
      {{0, 0}, 0, kLower},           {{0, 0}, 0xFFFF'F000, kLower},    {{0, 1}, 0x7FFF'F000, kLower},
      {{0, 1}, 0x8000'0000, kUpper}, {{0, 3}, 0xDFFF'F000, kLower},    {{0, 3}, 0xE000'0000, kUpper},
      {{1, 0}, 0x7FFF'F000, kLower}, {{1, 0}, 0x8000'0000, kUpper},    {{3, 0}, 0x1FFF'F000, kLower},
      {{3, 0}, 0x2000'0000, kUpper}, {{1, 1}, 0x7FFF'F000, kLower},    {{1, 1}, 0x8000'0000, kUpper},
      {{2, 2}, 0x3FFF'F000, kLower}, {{2, 2}, 0x4000'0000, kNeither},  {{2, 2}, 0xBFFF'F000, kNeither},
      {{2, 2}, 0xC000'0000, kUpper}, {{7, 7}, 0x01FF'F000, kLower},    {{7, 7}, 0x0200'0000, kNeither},
      {{7, 7}, 0xFE00'0000, kUpper}, {{0, 0}, u64{1} << 32, kNeither}, {{1, 1}, 0xFFFF'FFFF'8000'0000, kNeither},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.halves.t0sz << " " << row.halves.t1sz << " " << std::hex << row.va);
    TranslationMachine m = lpae_machine(row.halves);
    const u64 low = row.va & 0xFFFF'FFFF;
    if (row.half == kLower) m.lower->map(low, 0x1'0000'0000, 3, 0);
    if (row.half == kUpper) m.upper->map(low, 0x2'0000'0000, 3, 0);
    const vmsa::Translation result = go(m, load(row.va + 0x234));
    if (row.half == kNeither) {
      EXPECT_EQ(result.fault.type, FaultType::Translation);
      EXPECT_EQ(result.fault.va.value, row.va + 0x234);
      EXPECT_TRUE(m.memory.requests.empty());
    } else {
      EXPECT_EQ(result.pa.value, row.half == kLower ? 0x1'0000'0234u : 0x2'0000'0234u);
      const u64 txsz = row.half == kLower ? row.halves.t0sz : row.halves.t1sz;
      EXPECT_EQ(m.memory.requests.size(), txsz < 2 ? 3u : 2u);
    }
  }
}

// Found by fuzz_smmu_streams.
TEST(StreamControls, AnAArch32TableIsOfferedForItsHalfAlone) {
  struct Assist final : vmsa::WalkAssist {
    const vmsa::Stage2Leaf* find_stage2(Ipa, const vmsa::Controls&, int) override { return nullptr; }
    void found_stage2(Ipa, const vmsa::Stage2Leaf&, const vmsa::Controls&) override {}
    const vmsa::TablePointer* find_table(vmsa::Regime, Va, const vmsa::Controls&) override { return nullptr; }
    void found_table(vmsa::Regime, Va, const vmsa::TablePointer& table, const vmsa::Controls&) override {
      regions.push_back(table.region_bits);
    }
    std::vector<unsigned> regions;
  };
  struct Row {
    Halves halves;
    u64 va;
    std::vector<unsigned> regions;
  };
  for (const Row& row : {Row{{0, 3}, 0xC000'0000, {21}},
                         {{0, 3}, 0x8000'0000, {30, 21}},
                         {{0, 2}, 0x8000'0000, {30, 21}},
                         {{3, 0}, 0x3000'0000, {21}},
                         {{3, 0}, 0x4000'0000, {30, 21}}}) {
    TranslationMachine m = lpae_machine(row.halves);
    (row.halves.t0sz == 0 ? m.lower : m.upper)->map(row.va, 0x5000, 3, 0);
    Assist assist;
    EXPECT_TRUE(vmsa::Walker(m.memory).translate(load(row.va), m.controls, {.assist = &assist}).translation.ok());
    EXPECT_EQ(assist.regions, row.regions) << std::hex << row.va;
  }
  // And a block is one of its own half.
  TranslationMachine m = lpae_machine({0, 3});
  m.lower->map(0xC000'0000, 0x4000'0000, 1, 0);
  const vmsa::WalkResult result = vmsa::Walker(m.memory).translate(load(0xC123'4567), m.controls);
  EXPECT_EQ(result.translation.pa.value, 0x4123'4567u);
  EXPECT_EQ(result.mapping.stage1.page_bits, 21);
  EXPECT_EQ(result.mapping.stage1.page.value, 0x4120'0000u);
}

TEST(StreamControls, AArch32HierarchicalPermissionsOfEachHalf) {
  TranslationMachine m = lpae_machine({1, 1});
  m.controls.features.hpds = true;
  m.lower->map(0x1000, 0x1000, 3, 0, s1::kTableReadOnly);
  m.upper->map(0x8000'1000, 0x1000, 3, 0, s1::kTableReadOnly);
  EXPECT_EQ(go(m, store(0x1000)).fault.type, FaultType::Permission);
  m.controls.el1.tcr |= u64{1} << 42;  // HPD1
  EXPECT_EQ(go(m, store(0x1000)).fault.type, FaultType::Permission);
  EXPECT_TRUE(go(m, store(0x8000'1000)).ok());
}

TEST(StreamControls, AArch32Permissions) {
  // AP[2:1], XN, PXN -> for EL1 and EL0: r, w, x.
  struct Row {
    u8 ap;
    bool xn, pxn, wxn, uwxn;
    const char* privileged;
    const char* user;
  };
  const Row rows[] = {
      {0, false, false, false, false, "rwx", "---"}, {1, false, false, false, false, "rwx", "rwx"},
      {2, false, false, false, false, "r-x", "---"}, {3, false, false, false, false, "r-x", "r-x"},
      {1, true, false, false, false, "rw-", "rw-"},  {1, false, true, false, false, "rw-", "rwx"},
      {1, false, false, true, false, "rw-", "rw-"},  {3, false, false, true, false, "r-x", "r-x"},
      {1, false, false, false, true, "rw-", "rwx"},  {0, false, false, false, true, "rwx", "---"},
      {3, false, false, false, true, "r-x", "r-x"},
  };
  for (const Row& row : rows) {
    vmsa::Controls controls;
    controls.stream.lpae1 = true;
    controls.stream.uwxn = row.uwxn;
    controls.el1.sctlr = u64{row.wxn} << 19;
    vmsa::Stage1Leaf leaf;
    leaf.ap = row.ap;
    leaf.uxn = row.xn;
    leaf.pxn = row.pxn;
    const auto text = [&](bool privileged) {
      const vmsa::Permissions p = vmsa::stage1_permissions(leaf, vmsa::Regime::El10, privileged, controls);
      return std::string{p.read ? 'r' : '-', p.write ? 'w' : '-', p.execute ? 'x' : '-'};
    };
    EXPECT_EQ(text(true), row.privileged) << int(row.ap) << row.xn << row.pxn << row.wxn << row.uwxn;
    EXPECT_EQ(text(false), row.user) << int(row.ap) << row.xn << row.pxn << row.wxn << row.uwxn;
  }
}

TEST(StreamControls, AArch32Stage2HasNoExecuteOnly) {
  vmsa::Stage2Leaf leaf;
  leaf.s2ap = 0;
  vmsa::Controls controls;
  EXPECT_TRUE(vmsa::stage2_permissions(leaf, true, controls).execute);
  controls.stream.lpae2 = true;
  EXPECT_FALSE(vmsa::stage2_permissions(leaf, true, controls).execute);
  leaf.s2ap = 1;
  EXPECT_TRUE(vmsa::stage2_permissions(leaf, true, controls).execute);
}

TEST(StreamControls, AnAArch32Stage2TranslatesMoreThanThePhysicalAddressHas) {
  TranslationMachine m(36);
  m.controls.stream.incoming = true;
  m.with_stage2({12, 40, 1});
  m.stage2->map(u64{1} << 39, 0x1000, 3, s2::kPlain);
  EXPECT_EQ(go(m, load(u64{1} << 39)).fault.type, FaultType::AddressSize) << "stage 1 that is off";
  m.controls.features.ipa_bits = 40;
  EXPECT_EQ(go(m, load(u64{1} << 39)).pa.value, 0x1000u);
  EXPECT_EQ(go(m, load(u64{1} << 40)).fault.type, FaultType::AddressSize);
  EXPECT_EQ(go(m, load(u64{1} << 40)).fault.stage, 1);
  m.controls.features.ipa_bits = 0;
  m.controls.stream.lpae1 = m.controls.stream.lpae2 = true;
  m.lower = std::make_unique<TableTree>(m.memory, 12, 32, 1);
  m.lower->map(0x5000, u64{1} << 39, 3, 0);
  m.controls.el1.tcr = 32 | u64{2} << 32;
  m.controls.el1.ttbr0 = m.lower->root();
  m.controls.el1.sctlr |= 1;
  for (u64 table : m.lower->tables) m.stage2->map(table, table, 3, s2::kPlain);
  EXPECT_EQ(go(m, load(0x5000)).pa.value, 0x1000u);
}

// ---- Access flag faults

TEST(StreamControls, AccessFlagFaultsDisabled) {
  for (bool nested : {false, true}) {
    TranslationMachine m;
    m.with_stage1();
    if (nested) m.with_stage2();
    m.lower->write_leaf(0x1000, 3, 0x5000 | 3);
    if (nested) {
      m.map_tables_in_stage2();
      m.stage2->write_leaf(0x5000, 3, 0x7000 | s2::kPlain | 3);
    }
    EXPECT_EQ(go(m, load(0x1000)).fault.stage, 1);
    m.controls.stream.affd1 = true;
    if (nested) {
      EXPECT_EQ(go(m, load(0x1000)).fault.type, FaultType::AccessFlag);
      EXPECT_EQ(go(m, load(0x1000)).fault.stage, 2);
      m.controls.stream.affd2 = true;
    }
    EXPECT_EQ(go(m, load(0x1000)).pa.value, nested ? 0x7000u : 0x5000u);
    EXPECT_TRUE(m.memory.updates.empty());
    // It is ignored where hardware manages the flag.
    m.controls.features.hafdbs = true;
    m.controls.el1.tcr |= u64{1} << 39;
    m.controls.vtcr |= u64{1} << 21;
    EXPECT_TRUE(go(m, load(0x1000)).ok());
    EXPECT_EQ(m.memory.updates.size(), nested ? 2u : 1u);
  }
}

// ---- attributes

TEST(StreamControls, ForcedWriteBack) {
  // Stage-1 MAIR, SH; stage-2 MemAttr[2:0], SH -> MAIR, SH (Arm ARM D8.5.5, HCR_EL2.FWB = 1).
  struct Row {
    u8 mair1, sh1, mem_attr, sh2;
    u8 mair, sh;
  };
  const Row rows[] = {
      {0xFF, 3, 0b111, 0, 0xFF, 3},  // as stage 1
      {0x44, 0, 0b111, 3, 0x44, 2}, {0x04, 0, 0b111, 3, 0x04, 2}, {0xBB, 0, 0b111, 3, 0xBB, 3},
      {0xFF, 0, 0b110, 3, 0xFF, 3},  // Write-Back
      {0x44, 0, 0b110, 3, 0xFF, 2},  // stage 1's effective shareability counts
      {0x04, 0, 0b110, 3, 0xFF, 2}, {0xAA, 3, 0b110, 0, 0xEE, 3}, {0x22, 3, 0b110, 0, 0x66, 3},
      {0x4F, 3, 0b110, 0, 0xFF, 3}, {0xFF, 3, 0b101, 0, 0x44, 2},  // Non-cacheable unless Device
      {0x08, 3, 0b101, 0, 0x08, 2}, {0xFF, 3, 0b100, 0, 0x44, 2}, {0xFF, 3, 0b000, 0, 0x00, 2},  // Device
      {0xFF, 3, 0b001, 0, 0x04, 2}, {0x0C, 3, 0b001, 0, 0x04, 2}, {0x00, 3, 0b011, 0, 0x00, 2},
      {0x44, 3, 0b011, 0, 0x0C, 2},
  };
  vmsa::Controls controls;
  controls.features.fwb = true;
  controls.hcr = 1 | u64{1} << 46;
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << std::hex << int(row.mair1) << " " << int(row.mem_attr));
    vmsa::Stage2Leaf leaf;
    leaf.mem_attr = row.mem_attr;
    leaf.sh = row.sh2;
    const vmsa::Attributes result = vmsa::combine(vmsa::decode_mair(row.mair1, row.sh1), leaf, load(0), controls);
    EXPECT_EQ(result.mair, row.mair);
    EXPECT_EQ(result.shareability, row.sh);
    EXPECT_EQ(result.is_device(), row.mair < 0x10);
    EXPECT_EQ(vmsa::stage2_memory_type(leaf, controls) == vmsa::MemoryType::Normal, (row.mem_attr & 4) != 0);
  }
  controls.features.fwb = false;  // HCR_EL2.FWB is RES0
  vmsa::Stage2Leaf leaf;
  leaf.mem_attr = 0xF;
  EXPECT_EQ(vmsa::combine(vmsa::decode_mair(0x44, 0), leaf, load(0), controls).mair, 0x44);
}

TEST(StreamControls, AttributesOfWhatStage1DoesNotTranslate) {
  TranslationMachine m;
  m.with_stage2();
  m.stage2->map(0x1000, 0x5000, 3, s2::kPlain);
  EXPECT_TRUE(go(m, load(0x1000)).attributes.is_device()) << "a core without stage 1";
  m.controls.stream.incoming = true;
  m.controls.stream.incoming_mair = 0xFF;
  EXPECT_EQ(go(m, load(0x1000)).attributes.mair, 0xFF);
  EXPECT_EQ(go(m, load(0x1000)).attributes.shareability, 0);
  m.controls.stream.incoming_mair = 0x44;
  EXPECT_EQ(go(m, load(0x1000)).attributes.mair, 0x44);
}

// ---- faults

TEST(StreamControls, AFaultNamesTheDescriptorThatWasNotThere) {
  TranslationMachine m;
  m.with_stage1();
  m.lower->map(0x1000, 0x5000, 3, 0);
  m.memory.aborts = {m.lower->slot(0x1000, 2)};
  EXPECT_EQ(go(m, load(0x1000)).fault.descriptor.value, m.lower->slot(0x1000, 2));
}

TEST(StreamControls, AFaultTellsTheUpdateOfADescriptorFromItsFetch) {
  TranslationMachine m;
  m.with_stage1();
  m.with_stage2();
  m.controls.features.hafdbs = true;
  m.controls.el1.tcr |= u64{1} << 39;
  m.lower->write_leaf(0x1000, 3, 0x5000 | 3);
  m.map_tables_in_stage2(3, s2::kRead | s2::kNormal);
  const vmsa::Fault fault = go(m, load(0x1000)).fault;
  EXPECT_EQ(fault.type, FaultType::Permission);
  EXPECT_TRUE(fault.s1ptw);
  EXPECT_TRUE(fault.update);
  EXPECT_EQ(fault.ipa.value, m.lower->slot(0x1000, 3));
  m.map_tables_in_stage2(3, s2::kWrite | s2::kNormal);
  EXPECT_FALSE(go(m, store(0x1000)).fault.update);
}

// ---- tags

TEST(StreamControls, GlobalEntriesServeTheirOwnSetOfAsids) {
  vmsa::Context shared;
  shared.asid = Asid{1};
  vmsa::Context own = shared;
  own.private_set = true;
  own.asid = Asid{2};
  const vmsa::ContextWord global(shared, true);
  EXPECT_FALSE(global.serves({own, false}));
  own.private_set = false;
  EXPECT_TRUE(global.serves({own, false}));
  own.private_set = true;
  EXPECT_EQ(vmsa::ContextWord(own, false).context(), own);
}

}  // namespace
}  // namespace tw
