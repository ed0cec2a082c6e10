// Buffers, tables and stream table of a study.
#include "platforms/dma_study/address_spaces.hpp"

#include <gtest/gtest.h>

#include "base/bits.hpp"
#include "devices/traffic/data.hpp"
#include "unit/tables/walks.hpp"

namespace tw::study {
namespace {

namespace traffic = devices::traffic;

constexpr Pa kBase{0x4000'0000};

struct Layout {
  explicit Layout(const Config& c, const traffic::Config& t = {}) : config(c) {
    AddressSpaces::Context context{.config = config, .memory = memory, .sid_bits = 9, .pa_bits = 44, .seed = 3};
    spaces = std::make_unique<AddressSpaces>(context, traffic::windows_of(t));
  }
  Config config;
  memory::Ram ram{256 << 20};
  tables::PhysicalMemory memory{ram, kBase};
  std::unique_ptr<AddressSpaces> spaces;

  u64 ste(u32 stream, unsigned word) const {
    return memory.read((spaces->stream_tables().strtab_base() & low_mask(52)) + 64 * u64{stream} + 8 * word);
  }
};

TEST(AddressSpaces, EveryPageOfAWindowLeadsToItsData) {
  traffic::Config traffic;
  traffic.base += 0x800;  // not at a page
  Layout layout({}, traffic);
  const AddressSpace& space = layout.spaces->spaces().front();
  const tables::TableFormat& format = space.stage1->format();
  test::CountingPort port(layout.memory);
  const vmsa::Controls controls = test::controls_of(&format, space.stage1->root(), nullptr, 0);
  bool moved = false;
  u64 before = 0;
  for (u64 at = traffic.base; at < traffic.base + traffic.window; at += 2048) {
    const vmsa::Translation found = test::walk(port, controls, at);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(port.fetches, 4u);
    EXPECT_TRUE(traffic::is_right(layout.memory.bytes(found.pa, 2048), Iova{at}, space.window.salt, false));
    moved = moved || found.pa.value < before;
    before = found.pa.value;
  }
  EXPECT_TRUE(moved) << "pages are shuffled";
  EXPECT_FALSE(test::walk(port, controls, traffic.base + traffic.window + 4096).ok());
  EXPECT_EQ(layout.spaces->wrong_words(), 0u);
}

/// (n1 + 1)(n2 + 1) - 1 descriptors with every cache off.
TEST(AddressSpaces, NestedWalksOfAllGranules) {
  constexpr struct {
    u64 granule, leaf;
    u64 granule2, leaf2, ipa_bits;
    unsigned accesses;
  } kNested[] = {{4096, 4096, 4096, 4096, 48, 24},     {4096, 4096, 4096, 4096, 40, 19},
                 {4096, 4096, 4096, 2 << 20, 48, 19},  {4096, 2 << 20, 4096, 2 << 20, 48, 15},
                 {4096, 2 << 20, 4096, 4096, 40, 15},  {16384, 16384, 16384, 16384, 48, 19},
                 {65536, 65536, 65536, 65536, 48, 15}, {65536, 65536, 4096, 2 << 20, 40, 11}};
  for (const auto& row : kNested) {
    SCOPED_TRACE(testing::Message() << row.granule << "/" << row.leaf << " over " << row.granule2 << "/" << row.leaf2);
    Config config;
    config.translation = "nested";
    config.granule = row.granule;
    config.leaf = row.leaf;
    config.granule2 = row.granule2;
    config.leaf2 = row.leaf2;
    config.ipa_bits = row.ipa_bits;
    traffic::Config traffic;
    traffic.substreams = 2;
    Layout layout(config, traffic);
    test::CountingPort port(layout.memory);
    for (const AddressSpace& space : layout.spaces->spaces()) {
      const tables::TableFormat stage2{true, row.granule2, row.leaf2, static_cast<unsigned>(row.ipa_bits)};
      const u64 root2 = layout.ste(space.window.stream.value, 3);
      const vmsa::Controls controls = test::controls_of(&space.stage1->format(), space.stage1->root(), &stage2, root2);
      for (u64 at = traffic.base; at < traffic.base + traffic.window; at += 4096) {
        const vmsa::Translation found = test::walk(port, controls, at);
        ASSERT_TRUE(found.ok());
        EXPECT_EQ(port.fetches, row.accesses);
        EXPECT_TRUE(traffic::is_right(layout.memory.bytes(found.pa, 4096), Iova{at}, space.window.salt, false));
      }
    }
  }
}

TEST(AddressSpaces, WithoutTranslationAWindowIsInMemory) {
  Config config;
  config.translation = "bypass";
  Layout layout(config);
  const AddressSpace& space = layout.spaces->spaces().front();
  EXPECT_EQ(space.stage1, nullptr);
  const Pa pa{space.window.base.value};
  EXPECT_TRUE(traffic::is_right(layout.memory.bytes(pa, 4096), space.window.base, space.window.salt, false));
  EXPECT_EQ((layout.ste(0x100, 0) >> 1) & 7, 4u);
}

TEST(AddressSpaces, WrongDataAreFound) {
  Layout layout({});
  const Piece& piece = layout.spaces->spaces().front().pieces[3];
  layout.memory.bytes(piece.pa, 8)[1] ^= 4;
  EXPECT_EQ(layout.spaces->wrong_words(), 1u);
}

/// IHI 0070, 5.2 and 5.4: the fields that matter, by their bit numbers.
TEST(StreamTables, SteAndCdOfNested) {
  Config config;
  config.translation = "nested";
  traffic::Config traffic;
  traffic.substreams = 3;
  Layout layout(config, traffic);
  const u64 ste0 = layout.ste(0x100, 0), ste2 = layout.ste(0x100, 2);
  EXPECT_EQ(ste0 & 1, 1u) << "V";
  EXPECT_EQ((ste0 >> 1) & 7, 7u) << "Config: both stages";
  EXPECT_EQ(ste0 >> 59, 2u) << "S1CDMax: four CDs";
  EXPECT_EQ(ste2 & 0xFFFF, 1u) << "S2VMID";
  EXPECT_EQ((ste2 >> 32) & 0x3F, 64u - 40) << "S2T0SZ";
  EXPECT_EQ((ste2 >> 38) & 3, 1u) << "S2SL0: level 1";
  EXPECT_EQ((ste2 >> 46) & 3, 0u) << "S2TG: 4K";
  EXPECT_EQ((ste2 >> 48) & 7, 4u) << "S2PS: 44 bits";
  EXPECT_EQ((ste2 >> 51) & 1, 1u) << "S2AA64";
  EXPECT_EQ((ste2 >> 58) & 1, 1u) << "S2R";
  EXPECT_EQ((layout.ste(0x1, 0) >> 1) & 7, 0u) << "who is not there aborts";

  Config one;
  Layout plain(one);
  EXPECT_EQ((plain.ste(0x100, 0) >> 1) & 7, 5u) << "Config: stage 1";
  const u64 cd = plain.ste(0x100, 0) & low_mask(52) & ~low_mask(6);
  const u64 cd0 = plain.memory.read(cd);
  EXPECT_EQ(cd0 & 0x3F, 16u) << "T0SZ";
  EXPECT_EQ((cd0 >> 31) & 1, 1u) << "V";
  EXPECT_EQ((cd0 >> 30) & 1, 1u) << "EPD1";
  EXPECT_EQ((cd0 >> 32) & 7, 4u) << "IPS";
  EXPECT_EQ((cd0 >> 41) & 1, 1u) << "AA64";
  EXPECT_EQ((cd0 >> 45) & 3, 3u) << "R, A";
  EXPECT_EQ(cd0 >> 48, plain.spaces->spaces().front().asid.value) << "ASID";
  EXPECT_EQ(plain.memory.read(cd + 8), plain.spaces->spaces().front().stage1->root()) << "TTB0";
  EXPECT_EQ(plain.memory.read(cd + 24), 0xFFu) << "MAIR";
}

TEST(StudyConfig, WhatDoesNotFitTogetherIsSaid) {
  const auto keys = [](const Config& config) {
    std::vector<std::string> list;
    for (const Complaint& complaint : validate(config)) list.push_back(complaint.where);
    return list;
  };
  EXPECT_TRUE(keys({}).empty());
  Config config;
  config.granule = 8192;
  config.leaf2 = 65536;
  EXPECT_EQ(keys(config), (std::vector<std::string>{"study.granule", "study.leaf2"}));
  Config io;
  io.work = "io";
  io.translation = "nested";
  EXPECT_EQ(keys(io), (std::vector<std::string>{"study.translation"}));
}

}  // namespace
}  // namespace tw::study
