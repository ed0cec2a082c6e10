#include "vmsa/attributes.hpp"

#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::MemoryType;

struct MairRow {
  u8 mair;
  u8 sh;
  MemoryType type;
  u8 reported;  ///< PAR_EL1.ATTR
  u8 shareability;
  bool inner, outer;
};

const MairRow kMairRows[] = {
    {0x00, 0, MemoryType::DeviceNGnRnE, 0x00, 2, false, false},
    {0x04, 3, MemoryType::DeviceNGnRE, 0x04, 2, false, false},
    {0x08, 0, MemoryType::DeviceNGRE, 0x08, 2, false, false},
    {0x0C, 0, MemoryType::DeviceGRE, 0x0C, 2, false, false},
    {0x44, 3, MemoryType::Normal, 0x44, 2, false, false},  // Non-cacheable: outer shareable whatever SH says
    {0xFF, 0, MemoryType::Normal, 0xFF, 0, true, true},
    {0xFF, 3, MemoryType::Normal, 0xFF, 3, true, true},
    {0xFF, 2, MemoryType::Normal, 0xFF, 2, true, true},
    {0xBB, 3, MemoryType::Normal, 0xBB, 3, true, true},
    {0x4F, 3, MemoryType::Normal, 0x4F, 3, true, false},
    {0xF4, 3, MemoryType::Normal, 0xF4, 3, false, true},
    {0x77, 3, MemoryType::Normal, 0x77, 3, true, true},  // Write-Back transient
};

TEST(Mair, IsDecoded) {
  for (const MairRow& row : kMairRows) {
    SCOPED_TRACE(testing::Message() << std::hex << int(row.mair) << " SH " << int(row.sh));
    const vmsa::Attributes attributes = vmsa::decode_mair(row.mair, row.sh);
    EXPECT_EQ(attributes.type, row.type);
    EXPECT_EQ(attributes.mair, row.reported);
    EXPECT_EQ(attributes.shareability, row.shareability);
    EXPECT_EQ(attributes.inner_cacheable, row.inner);
    EXPECT_EQ(attributes.outer_cacheable, row.outer);
  }
}

TEST(Mair, CachesOffMakeNormalMemoryNonCacheable) {
  TranslationMachine m;
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, s1::index(kWb) | s1::kInnerShareable);
  const vmsa::Walker walker(m.memory);
  EXPECT_EQ(walker.translate(load(0x1000), m.controls).translation.attributes.mair, 0xFF);
  m.controls.el1.sctlr &= ~u64{4};  // C
  EXPECT_EQ(walker.translate(load(0x1000), m.controls).translation.attributes.mair, 0x44);
  EXPECT_EQ(walker.translate(fetch(0x1000), m.controls).translation.attributes.mair, 0xFF);
  m.controls.el1.sctlr |= u64{4};
  m.controls.el1.sctlr &= ~(u64{1} << 12);  // I
  EXPECT_EQ(walker.translate(load(0x1000), m.controls).translation.attributes.mair, 0xFF);
  EXPECT_EQ(walker.translate(fetch(0x1000), m.controls).translation.attributes.mair, 0x44);
}

struct CombineRow {
  u8 mair, sh1, mem_attr, sh2;
  u64 hcr;
  u8 data_mair, data_sh, fetch_mair;
};

constexpr u64 kCd = u64{1} << 32, kId = u64{1} << 33;
const CombineRow kCombineRows[] = {
    {0xFF, 3, 0xF, 0, 0, 0xFF, 3, 0xFF},  // WB + WB
    {0xFF, 0, 0xF, 3, 0, 0xFF, 3, 0xFF},  // the stronger shareability
    {0xFF, 3, 0xF, 2, 0, 0xFF, 2, 0xFF},   {0xFF, 0, 0xF, 0, 0, 0xFF, 0, 0xFF},
    {0xFF, 3, 0xA, 3, 0, 0xBB, 3, 0xBB},                                         // WB + WT: WT with stage 1's hints
    {0xAA, 3, 0xF, 3, 0, 0xAA, 3, 0xAA},                                         // WT + WB
    {0xFF, 3, 0x5, 3, 0, 0x44, 2, 0x44},                                         // WB + NC
    {0xFF, 3, 0xD, 3, 0, 0xF4, 3, 0xF4},                                         // outer WB, inner NC at stage 2
    {0x44, 3, 0xF, 3, 0, 0x44, 2, 0x44},   {0xFF, 3, 0x1, 3, 0, 0x04, 2, 0x04},  // Device-nGnRE at stage 2
    {0x0C, 0, 0x1, 0, 0, 0x04, 2, 0x04},                                         // GRE + nGnRE: the stricter
    {0x04, 0, 0x3, 0, 0, 0x04, 2, 0x04},   {0x00, 0, 0xF, 3, 0, 0x00, 2, 0x00},
    {0xFF, 3, 0xF, 3, kCd, 0x44, 2, 0xFF},  // HCR_EL2.CD: data only
    {0xFF, 3, 0xF, 3, kId, 0xFF, 3, 0x44},  // HCR_EL2.ID: fetches only
};

TEST(CombinedAttributes, AreTheMoreRestrictive) {
  for (const CombineRow& row : kCombineRows) {
    SCOPED_TRACE(testing::Message() << std::hex << int(row.mair) << " + " << int(row.mem_attr));
    TranslationMachine m;
    m.controls.el1.mair = row.mair;
    m.with_stage1();
    m.lower->map(0x1000, 0x2000, 3, u64{row.sh1} << 8);
    m.with_stage2();
    m.map_tables_in_stage2();
    m.stage2->map(0x2000, 0x8000'0000, 3, s2::kReadWrite | u64{row.mem_attr} << 2 | u64{row.sh2} << 8);
    m.controls.hcr |= row.hcr;
    const vmsa::Walker walker(m.memory);
    const vmsa::Attributes data = walker.translate(load(0x1000), m.controls).translation.attributes;
    EXPECT_EQ(data.mair, row.data_mair);
    EXPECT_EQ(data.shareability, row.data_sh);
    EXPECT_EQ(walker.translate(fetch(0x1000), m.controls).translation.attributes.mair, row.fetch_mair);
  }
}

}  // namespace
}  // namespace tw
