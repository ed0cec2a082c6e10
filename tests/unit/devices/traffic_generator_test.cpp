// The traffic generator's core: patterns, streams, rates, the check of data.
#include "devices/traffic/generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "devices/traffic/data.hpp"

namespace tw::devices::traffic {
namespace {

std::vector<Request> take(Generator& generator, std::size_t count) {
  std::vector<Request> requests(count);
  for (Request& request : requests) {
    if (generator.next(request, 0) != Source::Answer::Request) ADD_FAILURE() << "it ended";
  }
  return requests;
}

std::vector<u64> offsets(Config config, std::size_t count) {
  Generator generator(config);
  std::vector<u64> list;
  for (const Request& request : take(generator, count)) list.push_back(request.at.value - config.base);
  return list;
}

TEST(TrafficPattern, Sequential) {
  EXPECT_EQ(offsets({.pattern = "sequential", .window = 200, .size = 64}, 5), (std::vector<u64>{0, 64, 128, 0, 64}));
}

TEST(TrafficPattern, StridedVisitsEachPageOnceARound) {
  const auto list = offsets({.pattern = "strided", .window = 3 * 4096, .stride = 4096}, 7);
  EXPECT_EQ(list, (std::vector<u64>{0, 4096, 8192, 0, 4096, 8192, 0}));
}

TEST(TrafficPattern, RandomIsAlignedInsideTheWindowAndReachesBothEnds) {
  const auto list = offsets({.pattern = "random", .window = 4096, .alignment = 64, .size = 64}, 4000);
  for (const u64 offset : list) {
    EXPECT_EQ(offset % 64, 0u);
    EXPECT_LE(offset, 4096u - 64);
  }
  EXPECT_EQ(std::set<u64>(list.begin(), list.end()).size(), 64u) << "every line of the window";
}

TEST(TrafficPattern, ScatterGatherCutsSegmentsAndBeginsAgain) {
  SplitMix64 random(1);
  const auto pattern = scatter_gather({{1000, 150}, {5000, 64}});
  const Place expected[] = {{1000, 64}, {1064, 64}, {1128, 22}, {5000, 64}, {1000, 64}};
  for (const Place& place : expected) EXPECT_EQ(pattern->next(64, random), place);
}

TEST(TrafficPattern, AMadeListLiesInTheWindow) {
  Config config{.pattern = "scatter-gather", .window = 1 << 20, .alignment = 4096, .size = 1024};
  config.segments = 32;
  config.segment_bytes = 10'000;
  Generator generator(config);
  u64 begun = 0;
  for (const Request& request : take(generator, 32 * 10)) {
    EXPECT_LE(request.at.value - config.base + request.bytes, config.window);
    begun += (request.at.value - config.base) % 4096 == 0 && request.bytes == 1024;
  }
  EXPECT_GE(begun, 32u) << "segments begin at a page";
}

TEST(TrafficPattern, EveryNameOfTheParameterIsARow) {
  std::string names;
  for (const PatternRow& row : patterns()) names += (names.empty() ? "" : "|") + std::string(row.name);
  EXPECT_EQ(kParameters[0].choices, names);
}

TEST(TrafficGenerator, EqualSeedsMakeEqualRequestsOthersDoNot) {
  const auto first = offsets({.seed = 7}, 50);
  EXPECT_EQ(first, offsets({.seed = 7}, 50));
  EXPECT_NE(first, offsets({.seed = 8}, 50));
}

TEST(TrafficGenerator, StreamsComeByTheirWeightAndSubstreamsEquallyOften) {
  Config config;
  config.streams = 2;
  config.substreams = 2;
  config.weights = "3,1";
  Generator generator(config);
  std::map<std::pair<u32, u32>, int> counts;
  for (const Request& request : take(generator, 8000)) {
    EXPECT_TRUE(request.has_substream);
    ++counts[{request.stream.value, request.substream}];
  }
  ASSERT_EQ(counts.size(), 4u);
  EXPECT_NEAR((counts[{0x100, 1}]), 3000, 150);
  EXPECT_NEAR((counts[{0x100, 2}]), 3000, 150);
  EXPECT_NEAR((counts[{0x101, 1}]), 1000, 100);
  EXPECT_NEAR((counts[{0x101, 2}]), 1000, 100);
}

TEST(TrafficGenerator, PcieLikeSizesArePowersOfTwoTimesTheLeast) {
  Generator generator({.window = 1 << 16, .size = 64, .size_max = 1024});
  std::map<u32, int> counts;
  for (const Request& request : take(generator, 5000)) ++counts[request.bytes];
  ASSERT_EQ(counts.size(), 5u);
  for (const auto& [bytes, count] : counts) EXPECT_NEAR(count, 1000, 120) << bytes;
}

TEST(TrafficGenerator, ShareOfReads) {
  Generator generator({.read_share = 70});
  const auto requests = take(generator, 10'000);
  const auto writes = std::count_if(requests.begin(), requests.end(), [](const Request& r) { return r.write; });
  EXPECT_NEAR(static_cast<double>(writes), 3000, 200);
}

TEST(TrafficGenerator, ARateSpacesRequestsByTheirBytes) {
  Generator generator({.size = 64, .rate = 640});  // 10 requests a microsecond
  Request request;
  for (u64 n = 0; n < 4; ++n) {
    ASSERT_EQ(generator.next(request, 5000 + 7 * n), Source::Answer::Request);
    EXPECT_EQ(request.not_before, 5000 + n * 100'000) << "from the first request on";
  }
}

TEST(TrafficGenerator, EndsAfterWarmUpAndRequestsAndCountsOnlyThese) {
  Generator generator({.requests = 3, .warm_up = 2});
  Request request;
  std::vector<u8> data(64);
  for (u64 n = 0; n < 5; ++n) {
    ASSERT_EQ(generator.next(request, 0), Source::Answer::Request);
    fill(data, request.at, generator.windows()[0].salt, Version::Initial);
    EXPECT_EQ(generator.is_warm(), n >= 2);
    generator.completed(request, {.ok = true, .issued = 1000 * n, .completed = 1000 * n + 500, .data = data});
  }
  EXPECT_EQ(generator.next(request, 0), Source::Answer::End);
  EXPECT_TRUE(generator.is_done());
  const StreamStatistics total = generator.statistics().total();
  EXPECT_EQ(total.reads, 3u);
  EXPECT_EQ(total.read_bytes, 3u * 64);
  EXPECT_EQ(total.wrong, 0u);
  EXPECT_EQ(total.read_ps.mean(), 500.0);
  EXPECT_EQ(generator.statistics().elapsed_ps(), 2500u);
}

TEST(TrafficGenerator, WrongDataAndRefusalsAreCounted) {
  Generator generator({.requests = 3});
  Request request;
  std::vector<u8> data(64);
  ASSERT_EQ(generator.next(request, 0), Source::Answer::Request);
  fill(data, request.at + 4096, generator.windows()[0].salt, Version::Initial);  // of another page
  generator.completed(request, {.ok = true, .completed = 1, .data = data});
  fill(data, request.at, generator.windows()[0].salt + 8, Version::Initial);  // of another address space
  generator.completed(request, {.ok = true, .completed = 1, .data = data});
  generator.completed(request, {.ok = false, .completed = 1, .data = data});
  const StreamStatistics total = generator.statistics().total();
  EXPECT_EQ(total.wrong, 2u);
  EXPECT_EQ(total.refused, 1u);
  EXPECT_EQ(total.read_ps.count(), 2u);
}

TEST(TrafficData, PiecesAreThoseOfTheWhole) {
  std::vector<u8> whole(64), piece(17);
  fill(whole, Iova{0x1000}, 0x55550, Version::Initial);
  for (u64 at = 0; at + piece.size() <= whole.size(); ++at) {
    fill(piece, Iova{0x1000 + at}, 0x55550, Version::Initial);
    EXPECT_TRUE(std::equal(piece.begin(), piece.end(), whole.begin() + static_cast<long>(at))) << at;
    EXPECT_TRUE(is_right(piece, Iova{0x1000 + at}, 0x55550, false));
  }
}

TEST(TrafficData, OneWrongBitIsSeen) {
  std::vector<u8> data(40);
  for (const bool written_too : {false, true}) {
    for (unsigned bit = 0; bit < 8 * data.size(); ++bit) {
      fill(data, Iova{0x1003}, 16, Version::Initial);
      data[bit / 8] = static_cast<u8>(data[bit / 8] ^ (1u << (bit % 8)));
      EXPECT_FALSE(is_right(data, Iova{0x1003}, 16, written_too)) << bit;
    }
  }
}

TEST(TrafficData, WhatWasWrittenIsRightToWhoExpectsWrites) {
  std::vector<u8> data(64);
  fill(data, Iova{0x2000}, 8, Version::Initial);
  EXPECT_EQ(written_words(data, Iova{0x2000}, 8), 0u);
  fill(std::span(data).subspan(12, 7), Iova{0x200C}, 8, Version::Written);  // parts of two words
  EXPECT_TRUE(is_right(data, Iova{0x2000}, 8, true));
  EXPECT_FALSE(is_right(data, Iova{0x2000}, 8, false));
  EXPECT_EQ(written_words(data, Iova{0x2000}, 8), 2u);
}

TEST(TrafficConfig, WhatDoesNotFitTogetherIsSaid) {
  const auto keys = [](const Config& config) {
    std::vector<std::string> list;
    for (const Complaint& complaint : validate(config)) list.push_back(complaint.where);
    return list;
  };
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys({}), Keys{});
  EXPECT_EQ(keys({.size = 128, .size_max = 64}), Keys{"traffic.size_max"});
  EXPECT_EQ(keys({.window = 32, .size = 64}), Keys{"traffic.window"});
  EXPECT_EQ(keys({.pattern = "scatter-gather", .window = 4096}), Keys{"traffic.segment_bytes"});
  EXPECT_EQ(keys({.streams = 32, .substreams = 16}), Keys{"traffic.substreams"});
  EXPECT_EQ(keys({.weights = "1,2"}), Keys{"traffic.weights"});
  EXPECT_EQ(keys({.weights = "x"}), Keys{"traffic.weights"});
  EXPECT_EQ(keys({.weights = "0"}), Keys{"traffic.weights"});
}

}  // namespace
}  // namespace tw::devices::traffic
