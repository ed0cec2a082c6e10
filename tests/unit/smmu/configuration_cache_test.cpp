// The caches of STEs and CDs by themselves, and who takes what out of them.
#include <gtest/gtest.h>

#include "smmu/configuration_cache.hpp"

namespace tw::smmu {
namespace {

using Scope = ConfigurationInvalidate::Scope;

StreamKey stream(u32 id) { return {StreamId{id}}; }
StreamKey substream(u32 id, u32 ssid) { return {StreamId{id}, ssid, true}; }

struct Caches {
  ConfigurationCache cache;

  explicit Caches(u64 entries = 8, u64 ways = 0) : cache(config_of(entries, ways)) {}
  static Config config_of(u64 entries, u64 ways) {
    Config config;
    config.ste_entries = config.cd_entries = entries;
    config.ste_ways = config.cd_ways = ways;
    return config;
  }
  void put(StreamKey key) {
    Configuration::SteResult ste;
    ste.words[0] = key.stream.value;
    cache.keep(key.stream, ste, {100, 120});
    Configuration::CdResult cd;
    cd.words[0] = key.substream;
    cache.keep(key, cd, {120, 150});
  }
  bool has_ste(u32 id) {
    u64 wait = 0;
    const auto* found = cache.find_ste(StreamId{id}, 1000, wait);
    return found != nullptr && found->words[0] == id;
  }
  bool has_cd(StreamKey key) {
    u64 wait = 0;
    const auto* found = cache.find_cd(key, 1000, wait);
    return found != nullptr && found->words[0] == key.substream;
  }
};

TEST(SmmuConfigurationCache, HoldsWhatItHasRoomFor) {
  Caches c(4, 0);
  for (u32 id = 0; id < 4; ++id) c.put(stream(id));
  for (u32 id = 0; id < 4; ++id) EXPECT_TRUE(c.has_ste(id) && c.has_cd(stream(id)));
  c.put(stream(4));
  EXPECT_FALSE(c.has_ste(0) || c.has_cd(stream(0)));
  EXPECT_EQ(c.cache.ste_statistics().evictions, 1u);
  EXPECT_EQ(c.cache.cd_statistics().evictions, 1u);
}

TEST(SmmuConfigurationCache, SubstreamsOfAStreamLieSideBySide) {
  Caches c(8, 1);
  for (u32 ssid = 0; ssid < 8; ++ssid) c.put(substream(3, ssid));
  for (u32 ssid = 0; ssid < 8; ++ssid) EXPECT_TRUE(c.has_cd(substream(3, ssid))) << ssid;
}

TEST(SmmuConfigurationCache, NoSubstreamIsNotSubstreamZero) {
  Caches c;
  c.put(stream(5));
  EXPECT_FALSE(c.has_cd(substream(5, 0)));
}

TEST(SmmuConfigurationCache, AnSteTakesItsCdsWithIt) {
  Caches c;
  c.put(substream(1, 0));
  c.put(substream(1, 9));
  c.put(substream(2, 0));
  c.cache.invalidate({.scope = Scope::Ste, .stream = StreamId{1}});
  EXPECT_FALSE(c.has_ste(1) || c.has_cd(substream(1, 0)) || c.has_cd(substream(1, 9)));
  EXPECT_TRUE(c.has_ste(2) && c.has_cd(substream(2, 0)));
}

TEST(SmmuConfigurationCache, RangesAreOfStreamsThatAgreeInAllButTheLowBits) {
  Caches c(16);
  for (u32 id = 6; id <= 13; ++id) c.put(stream(id));
  c.cache.invalidate({.scope = Scope::SteRange, .stream = StreamId{9}, .range = 1});  // 8 to 11
  for (u32 id = 6; id <= 13; ++id) EXPECT_EQ(c.has_ste(id), id < 8 || id > 11) << id;
  c.cache.invalidate({.scope = Scope::SteRange, .stream = StreamId{0}, .range = 31});
  for (u32 id = 6; id <= 13; ++id) EXPECT_FALSE(c.has_ste(id) || c.has_cd(stream(id))) << id;
}

TEST(SmmuConfigurationCache, CdsGoAloneOrAllOfAStream) {
  Caches c;
  for (u32 ssid = 0; ssid < 3; ++ssid) c.put(substream(1, ssid));
  c.put(substream(2, 1));
  c.cache.invalidate({.scope = Scope::Cd, .stream = StreamId{1}, .substream = 1});
  EXPECT_TRUE(c.has_ste(1) && c.has_cd(substream(1, 0)) && c.has_cd(substream(1, 2)) && c.has_cd(substream(2, 1)));
  EXPECT_FALSE(c.has_cd(substream(1, 1)));
  c.cache.invalidate({.scope = Scope::CdAll, .stream = StreamId{1}});
  EXPECT_FALSE(c.has_cd(substream(1, 0)) || c.has_cd(substream(1, 2)));
  EXPECT_TRUE(c.has_ste(1) && c.has_cd(substream(2, 1)));
  c.cache.invalidate({.scope = Scope::All});
  EXPECT_FALSE(c.has_ste(1) || c.has_ste(2) || c.has_cd(substream(2, 1)));
}

TEST(SmmuConfigurationCache, WhatIsOnItsWayIsWaitedFor) {
  Caches c;
  c.put(stream(1));
  u64 wait = 0;
  c.cache.find_ste(StreamId{1}, 110, wait);
  EXPECT_EQ(wait, 10u);
  c.cache.find_ste(StreamId{1}, 120, wait);
  EXPECT_EQ(wait, 0u);
  c.cache.find_cd(stream(1), 120, wait);
  EXPECT_EQ(wait, 30u);
  c.cache.find_cd(stream(1), 50, wait);  // from before that began: as long, and ready the sooner
  EXPECT_EQ(wait, 30u);
  c.cache.find_cd(stream(1), 100, wait);
  EXPECT_EQ(wait, 0u);
}

TEST(SmmuConfigurationCache, WithoutEntriesItIsOff) {
  Caches c(0);
  c.put(stream(1));
  EXPECT_TRUE(c.cache.off());
  EXPECT_FALSE(c.has_ste(1) || c.has_cd(stream(1)));
}

struct Known {
  ResolvedStreams streams{2};
  Account account{{}};
  Resolved& put(StreamKey key) {
    Stream resolved;
    resolved.key = key;
    return streams.keep(resolved, false, account);
  }
};

TEST(SmmuResolvedStreams, ATbuKnowsWhatItHasAskedFor) {
  Known k;
  Resolved& resolved = k.put(stream(7));
  EXPECT_EQ(k.streams.find(stream(7)), &resolved);
  EXPECT_EQ(k.streams.known(0, stream(7)), nullptr);
  k.streams.told(resolved, 0, {});
  EXPECT_EQ(k.streams.known(0, stream(7)), &resolved);
  EXPECT_EQ(k.streams.known(0, stream(7)), &resolved);
  EXPECT_EQ(k.streams.known(1, stream(7)), nullptr);
  EXPECT_EQ(k.streams.known(0, substream(7, 0)), nullptr);
  EXPECT_EQ(k.streams.known(0, stream(7), true), nullptr);
  EXPECT_EQ(k.streams.known(0, stream(7 + 16)), nullptr);
}

TEST(SmmuResolvedStreams, InvalidationIsForAllTbus) {
  Known k;
  for (const u32 id : {1u, 2u}) k.streams.told(k.put(stream(id)), 1, {});
  ASSERT_NE(k.streams.known(1, stream(1)), nullptr);
  k.streams.invalidate({.scope = Scope::Ste, .stream = StreamId{1}});
  EXPECT_EQ(k.streams.known(1, stream(1)), nullptr);
  EXPECT_NE(k.streams.known(1, stream(2)), nullptr);
  k.streams.forget(stream(2));
  EXPECT_EQ(k.streams.known(1, stream(2)), nullptr);
}

}  // namespace
}  // namespace tw::smmu
