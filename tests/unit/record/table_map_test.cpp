// What is a translation table, and until when.
#include "platforms/record/table_map.hpp"

#include <gtest/gtest.h>

#include "platforms/record/invalidations.hpp"

namespace tw::record {
namespace {

constexpr u64 kRoot = 0x4000'0000, kMiddle = 0x4001'0000, kLeaves = 0x4002'0000, kData = 0x4003'0000;

void step(TableMap& map, u64 descriptor, int level, u64 value, u8 stage = 1) {
  map.walked(0, {.address = Pa{descriptor}, .stage = stage, .level = static_cast<i8>(level)}, {.value = value});
}

/// Levels 1 to 3 for one page.
void walk(TableMap& map) {
  step(map, kRoot + 8, 1, kMiddle | 3);
  step(map, kMiddle + 16, 2, kLeaves | 3);
  step(map, kLeaves + 24, 3, kData | 3);
}

bool stores(TableMap& map, u64 at, u32 bytes = 8, El el = El::El1) { return map.written(Pa{at}, bytes, el); }

TEST(TableMap, WhatWalksHaveRead) {
  TableMap map(1);
  EXPECT_FALSE(stores(map, kLeaves));
  walk(map);
  EXPECT_EQ(map.pages(), 3u);
  EXPECT_TRUE(stores(map, kLeaves + 0xFF8));  // the page, not the descriptor alone
  EXPECT_TRUE(stores(map, kRoot + 0x100));
  EXPECT_FALSE(stores(map, kData));
  EXPECT_FALSE(stores(map, kLeaves + 0x1000));
}

TEST(TableMap, ATableGoesWithTheDescriptorThatLedToIt) {
  TableMap map(1);
  walk(map);
  EXPECT_TRUE(stores(map, kMiddle + 16));
  EXPECT_FALSE(stores(map, kLeaves));
  EXPECT_TRUE(stores(map, kMiddle));
  walk(map);
  EXPECT_TRUE(stores(map, kRoot + 8));  // and all below
  EXPECT_FALSE(stores(map, kMiddle));
  EXPECT_FALSE(stores(map, kLeaves));
  walk(map);
  EXPECT_TRUE(stores(map, kLeaves));
}

TEST(TableMap, APageThatIsUsedAsNoTableIsIsNone) {
  struct {
    const char* what;
    u64 at;
    u32 bytes;
    El el;
  } const uses[] = {{"a narrow store", kLeaves + 4, 4, El::El1},
                    {"a store across descriptors", kLeaves + 4, 8, El::El1},
                    {"DC ZVA", kLeaves + 64, 64, El::El1},
                    {"a store of EL0", kLeaves, 8, El::El0}};
  for (const auto& use : uses) {
    TableMap map(1);
    walk(map);
    EXPECT_FALSE(stores(map, use.at, use.bytes, use.el)) << use.what;
    EXPECT_FALSE(stores(map, kLeaves)) << use.what;
    EXPECT_TRUE(stores(map, kMiddle)) << use.what;
  }
  TableMap map(1);
  walk(map);
  map.read(Pa{kLeaves}, El::El1);
  EXPECT_TRUE(stores(map, kLeaves));
  map.read(Pa{kLeaves}, El::El0);
  EXPECT_FALSE(stores(map, kLeaves));
}

/// A guest that makes each of its tables the root of the next walk; the recorder's stack was as deep as that.
TEST(TableMap, AChainOfAnyLengthIsForgotten) {
  constexpr u64 kTables = 120'000, kBytes = 0x1000;
  TableMap map(1);
  for (u64 n = 0; n < kTables; ++n) {
    step(map, kRoot + n * kBytes, 1, (kRoot + (n + 1) * kBytes) | 3);
    step(map, kRoot + (n + 1) * kBytes, 2, 0);
  }
  EXPECT_EQ(map.pages(), kTables + 1);
  EXPECT_TRUE(stores(map, kRoot));
  EXPECT_EQ(map.pages(), 1u);
}

TEST(TableMap, StagesAndCoresDoNotMix) {
  TableMap map(2);
  step(map, kRoot + 8, 1, kMiddle | 3);
  step(map, 0x5000'0000, 2, 0x5001'0000 | 3, 2);  // a walk of stage 2 between
  map.walked(1, {.address = Pa{0x6000'0000}, .stage = 1, .level = 2}, {.value = 0});
  EXPECT_TRUE(stores(map, kRoot + 8));
  EXPECT_TRUE(stores(map, 0x5000'0000));
  EXPECT_TRUE(stores(map, 0x6000'0000));
  map.clear();
  EXPECT_FALSE(stores(map, kRoot + 8));
}

TEST(Invalidations, RangesAndWhatAScopeDoesNotName) {
  vmsa::Invalidate what{.scope = vmsa::InvalidateScope::VaAllAsid, .stage2_in_use = true};
  what.vmid = Vmid{4};
  what.asid = Asid{9};
  what.va = Va{0x1000};
  what.bytes = u64{5} << 30;
  const auto ranges = records_of(what, trace::Reach::Local, El::El1);
  ASSERT_EQ(ranges.size(), 3u);
  EXPECT_EQ(ranges[0].va, Va{0x1000});
  EXPECT_EQ(ranges[1].va, Va{0x8000'1000});
  EXPECT_EQ(ranges[2].size, u32{1} << 30);
  EXPECT_EQ(ranges[2].asid, Asid{});
  EXPECT_EQ(ranges[2].vmid, Vmid{4});
  what.scope = vmsa::InvalidateScope::All;
  const auto all = records_of(what, trace::Reach::Received, El::El1);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].va, Va{});
  EXPECT_EQ(all[0].vmid, Vmid{});
  EXPECT_EQ(all[0].target.reach(), trace::Reach::Received);
}

}  // namespace
}  // namespace tw::record
