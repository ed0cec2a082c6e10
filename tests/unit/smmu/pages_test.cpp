// The PRI queue: records, interrupts, overflow, answers of the SMMU's own (IHI 0070, chapter 8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/smmu/programming.hpp"

namespace tw::smmu {
namespace {

using test::Programming;
using Code = PageResponse::Code;

constexpr u32 kOverflow = u32{1} << 31;
constexpr u32 kLastOnly = u32{1} << 31;

PageRequest request(bool last = true, bool pasid = true) {
  PageRequest result;
  result.from = {.stream = StreamId{0x155}, .substream = pasid ? 0x77u : 0u, .has_substream = pasid};
  result.page = 0xF'FFFF'8765'4321;
  result.group = 0x1AB;
  result.read = true;
  result.last = last;
  return result;
}
PageRequest stop_marker() {
  PageRequest result = request();
  result.read = false;
  return result;
}

TEST(SmmuPages, Records) {
  PageRequest page = request();
  EXPECT_EQ(encode(page), (PageRecord{0xD000'0077'0000'0155, 0xFFFF'F876'5432'11AB}));
  page.write = page.instruction = page.privileged = true;
  page.from.substream = 0xF'FFFF;
  page.from.stream = StreamId{0xFFFF'FFFF};
  EXPECT_EQ(encode(page), (PageRecord{0xFC0F'FFFF'FFFF'FFFF, 0xFFFF'F876'5432'11AB}));
  page.last = false;
  page.from.has_substream = false;  // X and Priv go with the PASID
  EXPECT_EQ(encode(page)[0], 0x3000'0000'FFFF'FFFF);
  EXPECT_EQ(encode(stop_marker())[0], 0xC000'0077'0000'0155);
}

struct SmmuPageQueue : testing::Test {
  Programming p;
  PageQueue& pages = p.interface().pages;
  void start(u32 attributes = 0) {
    p.write(0xDC, attributes);
    p.write(0x50, 2);
    p.enable();
  }
  void fill() {
    for (unsigned n = 0; n < 8; ++n) pages.request(request(), 0);
  }
};

TEST_F(SmmuPageQueue, RecordsAndInterruptsWhenItIsNoLongerEmpty) {
  start();
  pages.request(request(false), 0);
  pages.request(request(), 0);
  EXPECT_EQ(p.read(0x100C8), 2u);
  EXPECT_EQ(p.page(0), encode(request(false)));
  EXPECT_EQ(p.page(1), encode(request()));
  ASSERT_EQ(p.signals.pulses.size(), 1u);
  EXPECT_EQ(p.signals.pulses[0].first, Wire::PriQueue);
  EXPECT_TRUE(p.endpoints.responses.empty());
}

TEST_F(SmmuPageQueue, LastOnlyInterruptsAtTheLastOfAGroup) {
  start(kLastOnly);
  pages.request(request(false), 0);
  EXPECT_TRUE(p.signals.pulses.empty());
  pages.request(request(), 0);
  pages.request(request(), 0);
  EXPECT_EQ(p.signals.pulses.size(), 2u);
}

TEST_F(SmmuPageQueue, OverflowAnswersTheLastAndTakesNothingUntilItIsAcknowledged) {
  start(kLastOnly);
  p.maintenance.has_pasid = true;
  fill();
  EXPECT_EQ(p.signals.pulses.size(), 8u);
  pages.request(request(false), 0);
  EXPECT_EQ(p.read(0x100C8), kOverflow | 8u);
  EXPECT_TRUE(p.endpoints.responses.empty());
  EXPECT_EQ(p.signals.pulses.size(), 8u);
  pages.request(request(), 0);
  EXPECT_EQ(p.signals.pulses.size(), 9u);
  p.write(0x100CC, 8);  // room alone does not help
  pages.request(request(), 0);
  EXPECT_EQ(p.endpoints.responses.size(), 2u);
  p.write(0x100CC, kOverflow | 8u);
  pages.request(request(), 0);
  EXPECT_EQ(p.read(0x100C8), kOverflow | 9u);
  EXPECT_EQ(p.endpoints.responses.size(), 2u);
}

TEST_F(SmmuPageQueue, AnswersOfOverflowFollowThePasidAndPpar) {
  start();
  fill();
  const auto answer = [&](bool pasid, std::optional<bool> ppar) {
    p.maintenance.has_pasid = ppar;
    pages.request(request(true, pasid), 0);
    return p.endpoints.responses.back();
  };
  PageResponse response = answer(true, true);
  EXPECT_EQ(response.code, Code::Success);
  EXPECT_EQ(response.group, 0x1AB);
  EXPECT_EQ(response.to, request().from);
  response = answer(true, false);
  EXPECT_EQ(response.code, Code::Success);
  EXPECT_EQ(response.to, (StreamKey{.stream = StreamId{0x155}}));
  response = answer(true, std::nullopt);  // no STE
  EXPECT_EQ(response.code, Code::Failure);
  EXPECT_FALSE(response.to.has_substream);
  response = answer(false, std::nullopt);
  EXPECT_EQ(response.code, Code::Success);
  EXPECT_FALSE(response.to.has_substream);
  pages.request(stop_marker(), 0);
  EXPECT_EQ(p.endpoints.responses.size(), 4u);
}

TEST_F(SmmuPageQueue, FailsAllWhileItIsDisabled) {
  start();
  for (const u32 cr0 : {0xDu, 0xEu}) {  // without PRIQEN, without SMMUEN
    p.write(0x20, cr0);
    pages.request(request(false), 0);
    pages.request(stop_marker(), 0);
    EXPECT_EQ(p.endpoints.responses.back().code, Code::Failure);
    EXPECT_FALSE(p.endpoints.responses.back().to.has_substream);
  }
  EXPECT_EQ(p.endpoints.responses.size(), 2u);
  EXPECT_EQ(p.read(0x100C8), 0u);
}

TEST_F(SmmuPageQueue, AnAbortFailsItAndAllUntilItIsAcknowledged) {
  start();
  p.memory.words.aborts.insert(Programming::kPages);
  pages.request(request(), 0);
  EXPECT_EQ(p.read(0x60), 1u << 3);
  EXPECT_EQ(p.read(0x100C8), 0u);
  p.memory.words.aborts.clear();
  pages.request(request(), 0);
  EXPECT_EQ(p.endpoints.responses.size(), 2u);
  EXPECT_EQ(p.endpoints.responses[0].code, Code::Failure);
  EXPECT_EQ(p.endpoints.responses[1].code, Code::Failure);
  p.write(0x64, 1u << 3);
  pages.request(request(), 0);
  EXPECT_EQ(p.read(0x100C8), 1u);
}

}  // namespace
}  // namespace tw::smmu
