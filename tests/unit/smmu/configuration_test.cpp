// Stream tables, STEs, CD tables, CDs: how they are found, and which are ILLEGAL (IHI 0070, 5.1 - 5.4).
#include <gtest/gtest.h>

#include "smmu/configuration.hpp"
#include "smmu/context_descriptor.hpp"
#include "smmu/ste.hpp"
#include "smmu/translator.hpp"
#include "unit/smmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::Config;
using smmu::Configuration;
using smmu::EventClass;
using smmu::Finding;
using smmu::Lapse;
using smmu::State;
using smmu::StreamKey;
using smmu::StreamWorld;

StreamKey stream(u32 id) { return {StreamId{id}, 0, false}; }
StreamKey substream(u32 id, u32 substream) { return {StreamId{id}, substream, true}; }

struct SmmuConfiguration : testing::Test {
  Streams s;
  Lapse lapse;

  Configuration::SteResult ste(StreamKey key) {
    lapse = {};
    return Configuration(s.config, s.state, s.memory).fetch_ste(key, lapse);
  }
  Configuration::CdResult cd(StreamKey key, const Ste& ste) {
    lapse = {};
    return Configuration(s.config, s.state, s.memory).fetch_cd(key, ste.words, lapse);
  }
  static std::string kind(const Finding& finding) {
    if (!finding) return "none";
    for (const smmu::EventRow& row : smmu::kEvents) {
      if (row.kind == finding->kind) return std::string(row.name);
    }
    return "?";
  }
};

// ---- stream tables

TEST_F(SmmuConfiguration, LinearStreamTable) {
  s.linear(6);
  s.put(63, bypass_ste().with({{ste::kS2VMID, 0x1234}}));
  const Configuration::SteResult result = ste(stream(63));
  EXPECT_EQ(kind(result.fault), "none");
  EXPECT_EQ(result.at.value, s.ste_at(63));
  EXPECT_EQ(smmu::ste::s2vmid(result.words), 0x1234u);
  EXPECT_EQ(lapse.fetches, 1u);
  EXPECT_EQ(lapse.cycles, s.memory.words.latency);
  EXPECT_EQ(kind(ste(stream(64)).fault), "C_BAD_STREAMID");
  EXPECT_EQ(lapse.fetches, 0u);
  EXPECT_EQ(kind(ste(stream(1u << 31)).fault), "C_BAD_STREAMID");
}

TEST_F(SmmuConfiguration, TheTableIsAlignedToItsSizeAndCappedToSidBits) {
  s.linear(8);
  s.put(5, bypass_ste());
  s.state.strtab_base |= 0x3FC0 | u64{1} << 62;  // below the alignment of 16 KB; RA
  EXPECT_EQ(ste(stream(5)).at.value, s.ste_at(5));
  s.config.sid_bits = 4;
  EXPECT_EQ(kind(ste(stream(5)).fault), "none");
  EXPECT_EQ(kind(ste(stream(16)).fault), "C_BAD_STREAMID");
}

TEST_F(SmmuConfiguration, TwoLevelStreamTable) {
  for (unsigned split : {6u, 8u, 10u}) {
    SCOPED_TRACE(split);
    Streams fresh;
    fresh.two_level(16, split);
    const u32 id = (3u << split) + 5;
    fresh.put(id, bypass_ste());
    Lapse time;
    const Configuration configuration(fresh.config, fresh.state, fresh.memory);
    const Configuration::SteResult result = configuration.fetch_ste(stream(id), time);
    EXPECT_EQ(kind(result.fault), "none");
    EXPECT_EQ(result.at.value, fresh.ste_at(id));
    EXPECT_EQ(time.fetches, 2u);
    EXPECT_EQ(time.cycles, 2 * fresh.memory.words.latency);
    EXPECT_EQ(kind(configuration.fetch_ste(stream(7u << split), time).fault), "C_BAD_STREAMID") << "Span 0";
  }
}

TEST_F(SmmuConfiguration, SpanOfALevel1Descriptor) {
  s.two_level(12, 8);
  s.put(0x105, bypass_ste());
  s.put(0x101, bypass_ste());
  s.put(0x100, bypass_ste());
  const u64 slot = s.state.strtab_base + 8;
  const u64 table = s.memory.word(slot) & ~u64{0x3F};
  struct Row {
    u64 span;
    u32 last;  ///< of the streams that are reached; 0: none
  };
  for (const Row& row :
       {Row{9, 0x105}, {4, 0x105}, {3, 0x101}, {1, 0x100}, {0, 0}, {10, 0}, {11, 0}, {12, 0}, {31, 0}}) {
    s.memory.set_word(slot, l1std(table, row.span));
    for (u32 id : {0x100u, 0x101u, 0x105u}) {
      EXPECT_EQ(kind(ste(stream(id)).fault), id <= row.last ? "none" : "C_BAD_STREAMID") << row.span << " " << id;
    }
  }
}

TEST_F(SmmuConfiguration, ReservedSplitIsSixAndReservedFormatIsLinear) {
  s.two_level(12, 6);
  s.put(0x45, bypass_ste());
  s.state.strtab_base_cfg = 12 | 7u << 6 | 1u << 16;
  EXPECT_EQ(ste(stream(0x45)).at.value, s.ste_at(0x45));
  s.state.strtab_base_cfg = 12 | 6u << 6 | 2u << 16;
  s.state.strtab_base = u64{1} << 30;
  EXPECT_EQ(ste(stream(0x45)).at.value, (u64{1} << 30) + 0x45 * 64);
}

TEST_F(SmmuConfiguration, AbortsOfTheStreamTable) {
  s.two_level(12, 8);
  s.put(0x105, bypass_ste());
  s.memory.words.aborts = {s.ste_at(0x105)};
  Configuration::SteResult result = ste(stream(0x105));
  EXPECT_EQ(kind(result.fault), "F_STE_FETCH");
  EXPECT_EQ(result.fault->fetch.value, s.ste_at(0x105));
  EXPECT_EQ(result.fault->from, stream(0x105));
  s.memory.words.aborts = {s.state.strtab_base + 8};
  result = ste(stream(0x105));
  EXPECT_EQ(kind(result.fault), "F_STE_FETCH");
  EXPECT_EQ(result.fault->fetch.value, s.state.strtab_base + 8);
  // Beyond OAS.
  s.memory.words.aborts = {};
  s.config.pa_bits = 32;
  s.state.strtab_base = u64{1} << 40;
  s.memory.reads.clear();
  result = ste(stream(0x105));
  EXPECT_EQ(kind(result.fault), "F_STE_FETCH");
  EXPECT_EQ(result.fault->fetch.value, (u64{1} << 40) + 8);
  EXPECT_TRUE(s.memory.reads.empty());
}

TEST_F(SmmuConfiguration, LooksThatTakeNoTime) {
  s.linear(6);
  s.put(1, bypass_ste());
  Lapse time;
  time.timed = false;
  Configuration(s.config, s.state, s.memory).fetch_ste(stream(1), time);
  ASSERT_EQ(s.memory.reads.size(), 1u);
  EXPECT_FALSE(s.memory.reads[0].timed);
  EXPECT_EQ(time.cycles, 0u);
}

// ---- STEs

struct SteRow {
  const char* what;
  Structure ste;
  bool valid;
  void (*change)(Config&) = nullptr;
};

const Ste kS1 = stage1_ste(0x1000);
const Ste kS2 = with_stage2(bypass_ste(), 0x1000'0000);
const Ste kNested = with_stage2(stage1_ste(0x1000), 0x1000'0000);
/// Stage 2 of an AArch32 LPAE table; `t0sz` is signed.
Ste lpae(int t0sz, u64 sl0, const Ste& base = kS2) {
  return base.with({{ste::kS2AA64, 0}, {ste::kS2T0SZ, static_cast<u64>(t0sz) & 0xF}, {ste::kS2SL0, sl0}});
}

TEST_F(SmmuConfiguration, WhichStesAreIllegal) {
  using C = Config;
  const SteRow rows[] = {
      {"empty", {}, false},
      {"V alone: Config abort", {{ste::kV, 1}}, true},
      {"no V", bypass_ste().with({{ste::kV, 0}}), false},
      {"Config 0xx looks at nothing else", kNested.with({{ste::kConfig, 3}, {ste::kS2T0SZ, 0}, {ste::kS2TG, 3}}), true},
      {"bypass", bypass_ste(), true},
      {"bypass looks at neither stage", kNested.with({{ste::kConfig, 4}, {ste::kS2TG, 3}, {ste::kS1CDMax, 31}}), true},
      {"stage 1", kS1, true},
      {"stage 1 looks at no field of stage 2", kS1.with({{ste::kS2TG, 3}, {ste::kS2S, 1}}), true},
      {"stage 1 without it", kS1, false, [](C& c) { c.stage1 = false; }},
      {"stage 2", kS2, true},
      {"stage 2 without it", kS2, false, [](C& c) { c.stage2 = false; }},
      {"nested", kNested, true},
      {"nested without stage 1", kNested, false, [](C& c) { c.stage1 = false; }},
      // S1CDMax
      {"S1CDMax = SSIDSIZE", kS1.with({{ste::kS1CDMax, 16}}), true},
      {"S1CDMax > SSIDSIZE", kS1.with({{ste::kS1CDMax, 17}}), false},
      {"S1CDMax without substreams", kS1.with({{ste::kS1CDMax, 17}}), true, [](C& c) { c.ssid_bits = 0; }},
      {"S1Fmt 2 levels", kS1.with({{ste::kS1CDMax, 8}, {ste::kS1Fmt, 2}}), true},
      // S1ContextPtr
      {"S1ContextPtr beyond OAS", stage1_ste(u64{1} << 44), false},
      {"S1ContextPtr at the end of OAS", stage1_ste((u64{1} << 44) - 64), true},
      {"S1ContextPtr as an IPA", with_stage2(stage1_ste(u64{1} << 39), 0x1000'0000), true,
       [](C& c) { c.pa_bits = 36; }},
      {"S1ContextPtr as a PA", stage1_ste(u64{1} << 39), false, [](C& c) { c.pa_bits = 36; }},
      // S1STALLD
      {"S1STALLD", kS1.with({{ste::kS1STALLD, 1}}), true},
      {"S1STALLD, stalls only", kS1.with({{ste::kS1STALLD, 1}}), false, [](C& c) { c.stall = "stall"; }},
      {"S1STALLD, no stalls", kS1.with({{ste::kS1STALLD, 1}}), false, [](C& c) { c.stall = "terminate"; }},
      {"S1STALLD of a stage 2", kS2.with({{ste::kS1STALLD, 1}}), true, [](C& c) { c.stall = "terminate"; }},
      // STRW
      {"STRW EL2", kS1.with({{ste::kSTRW, 2}}), true},
      {"STRW EL3", kS1.with({{ste::kSTRW, 1}}), false},
      {"STRW reserved", kS1.with({{ste::kSTRW, 3}}), false},
      {"STRW reserved, no Hyp", kS1.with({{ste::kSTRW, 3}}), true, [](C& c) { c.hyp = false; }},
      {"STRW reserved, nested", kNested.with({{ste::kSTRW, 3}}), true},
      {"STRW reserved, bypass", bypass_ste().with({{ste::kSTRW, 3}}), true},
      // EATS
      {"EATS full, stage 1", kS1.with({{ste::kEATS, 1}}), true},
      {"EATS full, S2S without stage 2", kS1.with({{ste::kEATS, 1}, {ste::kS2S, 1}}), true},
      {"EATS full, S2S", kNested.with({{ste::kEATS, 1}, {ste::kS2S, 1}}), false},
      {"EATS full, S2S, no ATS", kNested.with({{ste::kEATS, 1}, {ste::kS2S, 1}}), true,
       [](C& c) { c.ats = c.pri = false; }},
      {"EATS split", kNested.with({{ste::kEATS, 2}}), true},
      {"EATS split, S2S", kNested.with({{ste::kEATS, 2}, {ste::kS2S, 1}}), false},
      {"EATS split, stage 1", kS1.with({{ste::kEATS, 2}}), false},
      {"EATS split, stage 2", kS2.with({{ste::kEATS, 2}}), false},
      {"EATS split, bypass", bypass_ste().with({{ste::kEATS, 2}}), true},
      {"EATS DPT", kS1.with({{ste::kEATS, 3}}), true},
      // S2VMID
      {"VMID of 16 bits", kS2.with({{ste::kS2VMID, 0x100}}), true},
      {"VMID of 16 bits, 8 implemented", kS2.with({{ste::kS2VMID, 0x100}}), false, [](C& c) { c.vmid16 = false; }},
      {"VMID of 8 bits", kS2.with({{ste::kS2VMID, 0xFF}}), true, [](C& c) { c.vmid16 = false; }},
      {"VMID of a stage 1", kS1.with({{ste::kS2VMID, 0x100}}), false, [](C& c) { c.vmid16 = false; }},
      {"VMID of an EL2 stream", kS1.with({{ste::kS2VMID, 0x100}, {ste::kSTRW, 2}}), true,
       [](C& c) { c.vmid16 = false; }},
      {"VMID of a bypass", bypass_ste().with({{ste::kS2VMID, 0x100}}), true, [](C& c) { c.vmid16 = false; }},
      {"VMID without stage 2", kS1.with({{ste::kS2VMID, 0x100}}), true, [](C& c) { c.vmid16 = c.stage2 = false; }},
      // S2T0SZ, S2SL0, S2TG
      {"S2T0SZ 16 beyond OAS", kS2.with({{ste::kS2T0SZ, 16}, {ste::kS2SL0, 2}}), false},
      {"S2T0SZ 16", kS2.with({{ste::kS2T0SZ, 16}, {ste::kS2SL0, 2}}), true, [](C& c) { c.pa_bits = 48; }},
      {"S2T0SZ 15", kS2.with({{ste::kS2T0SZ, 15}, {ste::kS2SL0, 2}}), false, [](C& c) { c.pa_bits = 48; }},
      {"S2T0SZ 20", kS2.with({{ste::kS2T0SZ, 20}, {ste::kS2SL0, 2}}), true},
      {"S2T0SZ 19", kS2.with({{ste::kS2T0SZ, 19}, {ste::kS2SL0, 2}}), false},
      {"S2T0SZ 39", kS2.with({{ste::kS2T0SZ, 39}, {ste::kS2SL0, 0}}), true},
      {"S2T0SZ 40", kS2.with({{ste::kS2T0SZ, 40}, {ste::kS2SL0, 0}}), false},
      {"IAS 40 of a smaller OAS", kS2, true, [](C& c) { c.pa_bits = 36; }},
      {"IAS of a smaller OAS alone", kS2, false,
       [](C& c) {
         c.pa_bits = 36;
         c.aarch32 = false;
       }},
      {"S2SL0 too low for 40 bits", kS2.with({{ste::kS2SL0, 0}}), false},
      {"S2SL0 reserved", kS2.with({{ste::kS2SL0, 3}}), false},
      {"16 concatenated tables", kS2.with({{ste::kS2T0SZ, 30}, {ste::kS2SL0, 0}}), true},
      {"32 concatenated tables", kS2.with({{ste::kS2T0SZ, 29}, {ste::kS2SL0, 0}}), false},
      {"16 KB", kS2.with({{ste::kS2TG, 2}, {ste::kS2SL0, 1}}), true},
      {"16 KB, not implemented", kS2.with({{ste::kS2TG, 2}, {ste::kS2SL0, 1}}), false,
       [](C& c) { c.granule_16k = false; }},
      {"64 KB", kS2.with({{ste::kS2TG, 1}, {ste::kS2SL0, 1}}), true},
      {"64 KB, not implemented", kS2.with({{ste::kS2TG, 1}, {ste::kS2SL0, 1}}), false,
       [](C& c) { c.granule_64k = false; }},
      {"4 KB, not implemented", kS2, false, [](C& c) { c.granule_4k = false; }},
      {"S2TG reserved", kS2.with({{ste::kS2TG, 3}, {ste::kS2SL0, 1}}), false},
      // S2TTB, S2PS
      {"S2TTB beyond S2PS", with_stage2(bypass_ste(), u64{1} << 32).with({{ste::kS2PS, 0}}), false},
      {"S2TTB within S2PS", with_stage2(bypass_ste(), u64{1} << 32).with({{ste::kS2PS, 1}}), true},
      {"S2TTB beyond OAS", with_stage2(bypass_ste(), u64{1} << 44), false},
      {"S2PS reserved is OAS", with_stage2(bypass_ste(), u64{1} << 43).with({{ste::kS2PS, 7}}), true},
      // Stalls
      {"S2S", kS2.with({{ste::kS2S, 1}}), true},
      {"S2S, no stalls", kS2.with({{ste::kS2S, 1}}), false, [](C& c) { c.stall = "terminate"; }},
      {"S2S, stalls only", kS2.with({{ste::kS2S, 1}}), true, [](C& c) { c.stall = "stall"; }},
      {"no S2S, stalls only", kS2, false, [](C& c) { c.stall = "stall"; }},
      // HTTU
      {"S2HA", kS2.with({{ste::kS2HA, 1}}), true},
      {"S2HA, none", kS2.with({{ste::kS2HA, 1}}), false, [](C& c) { c.httu = "none"; }},
      {"S2HD, none", kS2.with({{ste::kS2HD, 1}}), false, [](C& c) { c.httu = "none"; }},
      {"S2HA, Access flag", kS2.with({{ste::kS2HA, 1}}), true, [](C& c) { c.httu = "access"; }},
      {"S2HD, Access flag", kS2.with({{ste::kS2HA, 1}, {ste::kS2HD, 1}}), false, [](C& c) { c.httu = "access"; }},
      {"S2HD alone", kS2.with({{ste::kS2HD, 1}}), true},
      // Either endianness, FWB
      {"S2ENDI", kS2.with({{ste::kS2ENDI, 1}}), true},
      {"S2FWB", kS2.with({{ste::kS2FWB, 1}}), true},
      // AArch32
      {"LPAE of 40 bits", lpae(-8, 1), true},
      {"LPAE of 25 bits", lpae(7, 0), true},
      {"LPAE without it", lpae(-8, 1), false, [](C& c) { c.aarch32 = false; }},
      {"LPAE of 31 bits from level 1", lpae(1, 1), true},
      {"LPAE of 30 bits from level 1", lpae(2, 1), false},
      {"LPAE of 34 bits from level 2", lpae(-2, 0), true},
      {"LPAE of 35 bits from level 2", lpae(-3, 0), false},
      {"LPAE, SL0 reserved", lpae(-8, 2), false},
      {"LPAE, upper bits of S2T0SZ", lpae(-8, 1).with({{ste::kS2T0SZ, 0x38}}), true},
      {"LPAE, any granule field", lpae(-8, 1).with({{ste::kS2TG, 3}}), true},
      {"LPAE, S2FWB", lpae(-8, 1).with({{ste::kS2FWB, 1}}), false},
      {"LPAE, S2HA", lpae(-8, 1).with({{ste::kS2HA, 1}}), false},
      {"LPAE, S2HD", lpae(-8, 1).with({{ste::kS2HD, 1}}), false},
      {"LPAE, S2TTB of 40 bits, S2PS is ignored", lpae(-8, 1, with_stage2(bypass_ste(), u64{1} << 39)).with({{ste::kS2PS, 0}}),
       true},
      {"LPAE, S2TTB beyond 40 bits", lpae(-8, 1, with_stage2(bypass_ste(), u64{1} << 40)), false},
  };
  for (const SteRow& row : rows) {
    SCOPED_TRACE(row.what);
    Config config;
    if (row.change) row.change(config);
    EXPECT_EQ(smmu::is_illegal(row.ste.words, config), !row.valid);
  }
}

TEST_F(SmmuConfiguration, AnIllegalSteIsAnEvent) {
  s.linear(6);
  s.put(1, bypass_ste().with({{ste::kV, 0}}));
  const Configuration::SteResult result = ste(substream(1, 7));
  EXPECT_EQ(kind(result.fault), "C_BAD_STE");
  EXPECT_EQ(result.fault->from, substream(1, 7));
}

// ---- CD tables

TEST_F(SmmuConfiguration, OneCd) {
  const u64 table = s.cd_table();
  s.put_cd(table, 0, cd_of(0x1000'0000));
  const Configuration::CdResult result = cd(stream(1), stage1_ste(table));
  EXPECT_EQ(kind(result.fault), "none");
  EXPECT_EQ(result.at.value, table);
  EXPECT_EQ(lapse.fetches, 1u);
}

TEST_F(SmmuConfiguration, LinearCdTable) {
  const u64 table = s.cd_table(4);
  s.put_cd(table, 0, cd_of(0x1000'0000));
  s.put_cd(table, 15, cd_of(0x1000'0000));
  const Ste ste = stage1_ste(table, 4);
  EXPECT_EQ(cd(substream(1, 15), ste).at.value, table + 15 * 64);
  EXPECT_EQ(cd(stream(1), ste).at.value, table) << "S1DSS: substream 0";
  // Bits of S1ContextPtr below the table's size are taken as 0; reserved S1Fmt is linear.
  EXPECT_EQ(cd(substream(1, 15), stage1_ste(table | 0x40, 4).with({{ste::kS1Fmt, 3}})).at.value, table + 15 * 64);
  EXPECT_EQ(kind(cd(substream(1, 14), ste).fault), "C_BAD_CD");
}

TEST_F(SmmuConfiguration, TwoLevelCdTable) {
  struct Row {
    u64 format;
    unsigned leaf_bits;
  };
  for (const Row& row : {Row{1, 6}, {2, 10}}) {
    SCOPED_TRACE(row.format);
    const u64 top = s.memory.allocate(0x1000);
    const u64 leaf = s.memory.allocate(u64{64} << row.leaf_bits);
    const u32 id = (2u << row.leaf_bits) + 9;
    s.memory.set_word(top + 16, l1cd(leaf));
    s.put_cd(leaf, 9, cd_of(0x1000'0000));
    const Ste ste = stage1_ste(top, row.leaf_bits + 3).with({{ste::kS1Fmt, row.format}});
    const Configuration::CdResult result = cd(substream(1, id), ste);
    EXPECT_EQ(kind(result.fault), "none");
    EXPECT_EQ(result.at.value, leaf + 9 * 64);
    EXPECT_EQ(lapse.fetches, 2u);
    EXPECT_EQ(lapse.cycles, 2 * s.memory.words.latency);
    // Invalid, and out of range.
    EXPECT_EQ(kind(cd(substream(1, 3u << row.leaf_bits), ste).fault), "C_BAD_SUBSTREAMID");
    s.memory.set_word(top, l1cd(u64{1} << 44));
    const Finding finding = cd(stream(1), ste).fault;
    EXPECT_EQ(kind(finding), "C_BAD_SUBSTREAMID");
    EXPECT_EQ(finding->from.substream, 0u);
    s.memory.words.aborts = {top + 16};
    EXPECT_EQ(kind(cd(substream(1, id), ste).fault), "F_CD_FETCH");
    EXPECT_EQ(cd(substream(1, id), ste).fault->fetch.value, top + 16);
    s.memory.words.aborts = {leaf + 9 * 64 + 8};
    EXPECT_EQ(cd(substream(1, id), ste).fault->fetch.value, leaf + 9 * 64);
    s.memory.words.aborts.clear();
  }
}

TEST_F(SmmuConfiguration, CdsThroughStage2) {
  TableTree stage2(s.memory.words, 12, 40, 1);
  const u64 top = s.memory.allocate(0x1000), leaf = s.memory.allocate(0x1000);
  const u64 kMove = u64{1} << 36;  // IPA - PA
  stage2.map(top + kMove, top, 3, s2::kPlain);
  stage2.map(leaf + kMove, leaf, 3, s2::kPlain);
  s.memory.set_word(top, l1cd(leaf + kMove));
  s.put_cd(leaf, 3, cd_of(0x1000'0000));
  const Ste nested = with_stage2(stage1_ste(top + kMove, 8).with({{ste::kS1Fmt, 1}}), stage2.root());
  const Configuration::CdResult result = cd(substream(1, 3), nested);
  EXPECT_EQ(kind(result.fault), "none");
  EXPECT_EQ(result.at.value, leaf + 3 * 64);
  EXPECT_EQ(lapse.fetches, 2u);
  EXPECT_EQ(lapse.cycles, (3 + 1 + 3 + 1) * s.memory.words.latency);
  EXPECT_EQ(s.memory.reads.back().now, (3 + 1 + 3) * s.memory.words.latency);

  struct Row {
    const char* what;
    u64 descriptor;
    const char* kind;
  };
  const u64 page = leaf | 3 | kAccessFlag;
  for (const Row& row : {Row{"not mapped", 0, "F_TRANSLATION"},
                         {"no Access flag", leaf | 3 | s2::kPlain, "F_ACCESS"},
                         {"beyond S2PS", (u64{1} << 45) | 3 | kAccessFlag | s2::kPlain, "F_ADDR_SIZE"},
                         {"write-only", page | s2::kWrite | s2::kNormal, "F_PERMISSION"},
                         {"Device without S2PTW", page | s2::kReadWrite | s2::kDevice, "none"}}) {
    SCOPED_TRACE(row.what);
    stage2.write_leaf(leaf + kMove, 3, row.descriptor);
    const Finding finding = cd(substream(1, 3), nested).fault;
    ASSERT_EQ(kind(finding), row.kind);
    if (!finding) continue;
    EXPECT_TRUE(finding->stage2);
    EXPECT_EQ(finding->event_class, EventClass::ContextDescriptor);
    EXPECT_EQ(finding->ipa.value, leaf + kMove + 3 * 64);
  }
  EXPECT_EQ(kind(cd(substream(1, 3), nested.with({{ste::kS2PTW, 1}})).fault), "F_PERMISSION");
  s.memory.words.aborts = {stage2.slot(leaf + kMove, 3)};
  const Finding finding = cd(substream(1, 3), nested).fault;
  EXPECT_EQ(kind(finding), "F_WALK_EABT");
  EXPECT_EQ(finding->event_class, EventClass::ContextDescriptor);
  EXPECT_TRUE(finding->stage2);
  EXPECT_EQ(finding->fetch.value, stage2.slot(leaf + kMove, 3));
  s.memory.words.aborts = {leaf + 3 * 64};
  EXPECT_EQ(kind(cd(substream(1, 3), nested).fault), "F_CD_FETCH");
}

TEST_F(SmmuConfiguration, TheFetchOfACdMarksStage2AccessedNotDirty) {
  TableTree stage2(s.memory.words, 12, 40, 1);
  const u64 table = s.memory.allocate(0x1000);
  stage2.write_leaf(table, 3, table | 3 | s2::kRead | s2::kNormal | s2::kDbm);
  s.put_cd(table, 0, cd_of(0x1000'0000));
  const Ste nested = with_stage2(stage1_ste(table), stage2.root()).with({{ste::kS2HA, 1}, {ste::kS2HD, 1}});
  EXPECT_EQ(kind(cd(stream(1), nested).fault), "none");
  EXPECT_EQ(s.memory.word(stage2.slot(table, 3)), table | 3 | s2::kRead | s2::kNormal | s2::kDbm | kAccessFlag);
}

TEST_F(SmmuConfiguration, WhoNeedsACd) {
  const Configuration configuration(s.config, s.state, s.memory);
  const auto needs = [&](StreamKey key, const Ste& ste) { return configuration.needs_cd(key, ste.words); };
  EXPECT_FALSE(needs(stream(1), bypass_ste()));
  EXPECT_FALSE(needs(stream(1), kS2));
  EXPECT_TRUE(needs(stream(1), kS1));
  EXPECT_TRUE(needs(stream(1), kNested));
  const Ste skips = stage1_ste(0x1000, 4).with({{ste::kS1DSS, ste::kBypassStage1}});
  EXPECT_FALSE(needs(stream(1), skips));
  EXPECT_TRUE(needs(substream(1, 0), skips));
  EXPECT_TRUE(needs(stream(1), skips.with({{ste::kS1CDMax, 0}}))) << "S1DSS is ignored without substreams";
}

// ---- CDs

struct CdRow {
  const char* what;
  Structure cd;
  bool valid;
  void (*change)(Config&) = nullptr;
  Structure ste = kS1;
  StreamWorld world = StreamWorld::El1;
};

TEST_F(SmmuConfiguration, WhichCdsAreIllegal) {
  using C = Config;
  const Cd good = cd_of(0x1000'0000, 12, 48, 0x2000'0000);
  const Cd lower = cd_of(0x1000'0000);  // EPD1
  const Cd old = cd32_of(0x1000'0000);
  const Ste old_stage2 = lpae(-8, 1, kNested);
  const CdRow rows[] = {
      {"empty", {}, false},
      {"good", good, true},
      {"no V", good.with({{cd::kV, 0}}), false},
      // Stalls
      {"S", good.with({{cd::kS, 1}}), true},
      {"S and S1STALLD", good.with({{cd::kS, 1}}), false, nullptr, kS1.with({{ste::kS1STALLD, 1}})},
      {"S, no stalls", good.with({{cd::kS, 1}}), false, [](C& c) { c.stall = "terminate"; }},
      {"no S, stalls only", good, false, [](C& c) { c.stall = "stall"; }},
      {"S, stalls only", good.with({{cd::kS, 1}}), true, [](C& c) { c.stall = "stall"; }},
      {"A = 0", good.with({{cd::kA, 0}}), true},
      // TxSZ
      {"T0SZ 16", good.with({{cd::kT0SZ, 16}}), true},
      {"T0SZ 15", good.with({{cd::kT0SZ, 15}}), false},
      {"T0SZ 39", good.with({{cd::kT0SZ, 39}}), true},
      {"T0SZ 40", good.with({{cd::kT0SZ, 40}}), false},
      {"T1SZ 15", good.with({{cd::kT1SZ, 15}}), false},
      {"T1SZ 40", good.with({{cd::kT1SZ, 40}}), false},
      {"T0SZ 40 under EPD0", good.with({{cd::kT0SZ, 40}, {cd::kEPD0, 1}}), true},
      {"T1SZ 40 under EPD1", lower.with({{cd::kT1SZ, 40}}), true},
      {"EPD0 is ignored at EL2", good.with({{cd::kT0SZ, 40}, {cd::kEPD0, 1}}), false, nullptr, kS1, StreamWorld::El2},
      {"T1SZ does not exist at EL2", good.with({{cd::kT1SZ, 40}}), true, nullptr, kS1, StreamWorld::El2},
      {"T1SZ does at EL2 with E2H", good.with({{cd::kT1SZ, 40}}), false, nullptr, kS1, StreamWorld::El2E2h},
      {"EPD0 counts at EL2 with E2H", good.with({{cd::kT0SZ, 40}, {cd::kEPD0, 1}}), true, nullptr, kS1,
       StreamWorld::El2E2h},
      // Granules
      {"TG0 reserved", good.with({{cd::kTG0, 3}}), false},
      {"TG0 reserved under EPD0", good.with({{cd::kTG0, 3}, {cd::kEPD0, 1}}), true},
      {"TG1 reserved", good.with({{cd::kTG1, 0}}), false},
      {"TG1 reserved under EPD1", lower.with({{cd::kTG1, 0}}), true},
      {"TG0 64 KB", good.with({{cd::kTG0, 1}}), true},
      {"TG0 64 KB, not implemented", good.with({{cd::kTG0, 1}}), false, [](C& c) { c.granule_64k = false; }},
      {"TG1 16 KB", good.with({{cd::kTG1, 1}}), true},
      {"TG1 16 KB, not implemented", good.with({{cd::kTG1, 1}}), false, [](C& c) { c.granule_16k = false; }},
      {"TG1 64 KB, not implemented", good.with({{cd::kTG1, 3}}), false, [](C& c) { c.granule_64k = false; }},
      // TTB, IPS
      {"TTB0 beyond IPS", cd_of(u64{1} << 36).with({{cd::kIPS, 1}}), false},
      {"TTB0 within IPS", cd_of(u64{1} << 36).with({{cd::kIPS, 2}}), true},
      {"TTB0 beyond OAS", cd_of(u64{1} << 44), false},
      {"TTB0 beyond under EPD0", cd_of(u64{1} << 44).with({{cd::kEPD0, 1}}), true},
      {"TTB1 beyond IPS", cd_of(0, 12, 48, u64{1} << 36).with({{cd::kIPS, 1}}), false},
      {"TTB1 beyond under EPD1", cd_of(0, 12, 48, u64{1} << 36).with({{cd::kIPS, 1}, {cd::kEPD1, 1}}), true},
      {"IPS reserved is OAS", cd_of(u64{1} << 43).with({{cd::kIPS, 7}}), true},
      // ASID
      {"ASID of 16 bits", good.with({{cd::kASID, 0x100}}), true},
      {"ASID of 16 bits, 8 implemented", good.with({{cd::kASID, 0x100}}), false, [](C& c) { c.asid16 = false; }},
      {"ASID of 8 bits", good.with({{cd::kASID, 0xFF}}), true, [](C& c) { c.asid16 = false; }},
      {"ASID is ignored at EL2", good.with({{cd::kASID, 0x100}}), true, [](C& c) { c.asid16 = false; }, kS1,
       StreamWorld::El2},
      {"ASID of EL2 with E2H", good.with({{cd::kASID, 0x100}}), false, [](C& c) { c.asid16 = false; }, kS1,
       StreamWorld::El2E2h},
      // HTTU
      {"HA", good.with({{cd::kHA, 1}}), true},
      {"HA, none", good.with({{cd::kHA, 1}}), false, [](C& c) { c.httu = "none"; }},
      {"HD, none", good.with({{cd::kHD, 1}}), false, [](C& c) { c.httu = "none"; }},
      {"HA, Access flag", good.with({{cd::kHA, 1}}), true, [](C& c) { c.httu = "access"; }},
      {"HD, Access flag", good.with({{cd::kHA, 1}, {cd::kHD, 1}}), false, [](C& c) { c.httu = "access"; }},
      {"ENDI", good.with({{cd::kENDI, 1}}), true},
      // AArch32
      {"LPAE", old, true},
      {"LPAE without it", old, false, [](C& c) { c.aarch32 = false; }},
      {"LPAE at EL2", old, true, nullptr, kS1, StreamWorld::El2},
      {"LPAE at EL2 with E2H", old, false, nullptr, kS1, StreamWorld::El2E2h},
      {"LPAE looks at no granule, no upper bits of TxSZ, no HA",
       old.with({{cd::kTG0, 3}, {cd::kT0SZ, 0x38}, {cd::kHA, 1}}), true, [](C& c) { c.httu = "none"; }},
      {"LPAE, TTB0 of 40 bits, IPS is ignored", cd32_of(u64{1} << 39).with({{cd::kIPS, 0}}), true},
      {"LPAE, TTB0 beyond 40 bits", cd32_of(u64{1} << 40), false},
      {"LPAE over VMSAv8-64 stage 2", old, true, nullptr, kNested},
      {"LPAE over LPAE", old, true, nullptr, old_stage2},
      {"VMSAv8-64 over LPAE", good, false, nullptr, old_stage2},
      {"VMSAv8-64, stage 2 off", good, true, nullptr, kS1.with({{ste::kS2AA64, 0}})},
  };
  for (const CdRow& row : rows) {
    SCOPED_TRACE(row.what);
    Config config;
    if (row.change) row.change(config);
    EXPECT_EQ(smmu::is_illegal(row.cd.words, row.ste.words, row.world, config), !row.valid);
  }
}

TEST_F(SmmuConfiguration, WorldsByStrwAndE2h) {
  Config config;
  State state;
  const auto world = [&](const Ste& ste) { return smmu::world_of(ste.words, config, state); };
  EXPECT_EQ(world(kS1), StreamWorld::El1);
  EXPECT_EQ(world(kS1.with({{ste::kSTRW, 2}})), StreamWorld::El2);
  EXPECT_EQ(world(kNested.with({{ste::kSTRW, 2}})), StreamWorld::El1);
  state.cr2 = 1;
  EXPECT_EQ(world(kS1.with({{ste::kSTRW, 2}})), StreamWorld::El2E2h);
  config.hyp = false;
  EXPECT_EQ(world(kS1.with({{ste::kSTRW, 2}})), StreamWorld::El1);
}

}  // namespace
}  // namespace tw
