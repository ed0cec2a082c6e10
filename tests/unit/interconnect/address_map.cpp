#include "interconnect/address_map.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "interconnect/link.hpp"

namespace tw::interconnect {
namespace {

AddressMap example() {
  AddressMap map;
  map.add({"high", Pa{0x4000}, 0x1000, 0});
  map.add({"low", Pa{0x1000}, 0x1000, 1});
  return map;
}

TEST(AddressMap, FindsFirstAndLastByte) {
  const AddressMap map = example();
  EXPECT_EQ(map.find(Pa{0x0FFF}), nullptr);
  ASSERT_NE(map.find(Pa{0x1000}), nullptr);
  EXPECT_EQ(map.find(Pa{0x1000})->target, 1u);
  EXPECT_EQ(map.find(Pa{0x1FFF})->target, 1u);
  EXPECT_EQ(map.find(Pa{0x2000}), nullptr);
  EXPECT_EQ(map.find(Pa{0x4FFF})->target, 0u);
  EXPECT_EQ(map.find(Pa{0x5000}), nullptr);
}

TEST(AddressMap, AnAccessMustEndInside) {
  const AddressMap map = example();
  EXPECT_NE(map.find(Pa{0x1FF8}, 8), nullptr);
  EXPECT_EQ(map.find(Pa{0x1FF9}, 8), nullptr);
}

TEST(AddressMap, TheTopOfTheAddressSpace) {
  AddressMap map;
  map.add({"top", Pa{~u64{0} - 0xFFF}, 0x1000, 7});
  EXPECT_EQ(map.find(Pa{~u64{0}})->target, 7u);
  EXPECT_EQ(map.find(Pa{~u64{0}}, 2), nullptr);
  EXPECT_THROW(map.add({"wraps", Pa{~u64{0}}, 2, 8}), UserError);
}

TEST(AddressMap, RefusesOverlapsByNameAndEmptyRegions) {
  AddressMap map = example();
  EXPECT_THROW(map.add({"inside", Pa{0x1800}, 1, 2}), UserError);
  EXPECT_THROW(map.add({"around", Pa{0}, 0x10000, 2}), UserError);
  EXPECT_THROW(map.add({"empty", Pa{0x8000}, 0, 2}), UserError);
  try {
    map.add({"tail", Pa{0x0}, 0x1001, 2});
    FAIL() << "an overlap of one byte";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("tail"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("low"), std::string::npos);
  }
  map.add({"between", Pa{0x2000}, 0x2000, 2});  // touches both neighbours
  EXPECT_EQ(map.regions().size(), 3u);
}

TEST(AddressMap, ToANonSecureAccessNothingIsWhereASecureRegionIs) {
  AddressMap map = example();
  map.add({"secure", Pa{0x8000}, 0x1000, 3, true});
  EXPECT_EQ(map.find(Pa{0x8000}, 8, Security::Secure)->name, "secure");
  EXPECT_EQ(map.find(Pa{0x8000}, 8, Security::NonSecure), nullptr);
  EXPECT_EQ(map.find(Pa{0x1000}, 8, Security::Secure), map.find(Pa{0x1000}, 8, Security::NonSecure));
  EXPECT_NE(map.find(Pa{0x1000}, 8, Security::NonSecure), nullptr);
}

TEST(AddressMap, GapsAreWhatIsBetween) {
  const AddressMap map = example();
  EXPECT_EQ(map.gap(Pa{0}).first, 0u);
  EXPECT_EQ(map.gap(Pa{0}).last, 0xFFFu);
  EXPECT_EQ(map.gap(Pa{0x3000}).first, 0x2000u);
  EXPECT_EQ(map.gap(Pa{0x3000}).last, 0x3FFFu);
  EXPECT_EQ(map.gap(Pa{0x9000}).first, 0x5000u);
  EXPECT_EQ(map.gap(Pa{0x9000}).last, ~u64{0});
}

TEST(Link, BeatsAreSizeOverWidthRoundedUp) {
  const Link link{.latency = 10, .width = 4, .beat = 3};
  EXPECT_EQ(transfer_cycles(link, 1), 10u);
  EXPECT_EQ(transfer_cycles(link, 4), 10u);
  EXPECT_EQ(transfer_cycles(link, 5), 13u);
  EXPECT_EQ(transfer_cycles(link, 8), 13u);
  EXPECT_EQ(transfer_cycles(link, 64), 55u);
}

}  // namespace
}  // namespace tw::interconnect
