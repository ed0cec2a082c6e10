#include "base/bits.hpp"

#include <gtest/gtest.h>

namespace tw {
namespace {

TEST(Bits, FieldsAreTakenAsTheManualWritesThem) {
  EXPECT_EQ((bits<7, 4>(0xABCD)), 0xCu);
  EXPECT_EQ((bits<63, 0>(~u64{0})), ~u64{0});
  EXPECT_EQ((bits<63, 63>(u64{1} << 63)), 1u);
  EXPECT_TRUE(bit<12>(0x1000));
  EXPECT_FALSE(bit<11>(0x1000));
}

TEST(Bits, MasksCoverBothEnds) {
  EXPECT_EQ(low_mask(0), 0u);
  EXPECT_EQ(low_mask(1), 1u);
  EXPECT_EQ(low_mask(63), ~u64{0} >> 1);
  EXPECT_EQ(low_mask(64), ~u64{0});
}

TEST(Bits, InsertReplacesOnlyItsField) {
  EXPECT_EQ(insert_bits(0xFFFF, 4, 8, 0x00), 0xF00Fu);
  EXPECT_EQ(insert_bits(0, 4, 4, 0x1F), 0xF0u);
}

TEST(Bits, SignExtensionKeepsTheTopBitOfTheField) {
  EXPECT_EQ(sign_extend(0x80, 8), -128);
  EXPECT_EQ(sign_extend(0x7F, 8), 127);
  EXPECT_EQ(sign_extend(0x1FFFFFF, 26), 0x1FFFFFF);
  EXPECT_EQ(sign_extend(0x3FFFFFF, 26), -1);
  EXPECT_EQ(sign_extend(~u64{0}, 64), -1);
}

TEST(Addresses, DoNotMixButDoOffset) {
  static_assert(!std::is_convertible_v<Va, Ipa>);
  static_assert(!std::is_convertible_v<Ipa, Pa>);
  EXPECT_EQ((Va{0x1234} + 0x10).align_down(0x1000), Va{0x1000});
  EXPECT_EQ(Pa{0x1234}.offset_in(0x1000), 0x234u);
}

}  // namespace
}  // namespace tw
