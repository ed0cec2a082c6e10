// The decoder: reserved encodings, features, what is listed as unimplemented, and logical immediates in full.
#include <gtest/gtest.h>

#include <set>

#include "arm/sysreg.hpp"
#include "cpu/isa/a64/bit_mask.hpp"
#include "cpu/isa/encoding.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

constexpr u64 kBase = test::CpuRig::kMemoryBase;

bool is_undefined(u32 insn) {
  Op op{};
  op.insn = insn;
  decode_a64(op, test::test_model());
  return op.run == undefined;
}

TEST(Decoder, ReservedCombinationsAreUndefined) {
  EXPECT_TRUE(is_undefined(0x00000000));  // UDF #0
  EXPECT_TRUE(is_undefined(0x0000ffff));
  EXPECT_TRUE(is_undefined(0x12c00000));   // movn w0, #0, lsl #32
  EXPECT_TRUE(is_undefined(0x12400000));   // and w0, w0 with N = 1
  EXPECT_TRUE(is_undefined(0x9240fc00));   // and x0, x0, 64 ones
  EXPECT_TRUE(is_undefined(0x1200f800));   // and w0, w0 with imms = 111110
  EXPECT_TRUE(is_undefined(0x13400000));   // sbfm w0 with N = 1
  EXPECT_TRUE(is_undefined(0x13008000));   // sbfm w0 with imms = 32
  EXPECT_TRUE(is_undefined(0x13808000));   // extr w0 with imms = 32
  EXPECT_TRUE(is_undefined(0x0a028020));   // and w0, w1, w2, lsl #32
  EXPECT_TRUE(is_undefined(0x8bc20020));   // add x0, x1, x2, ror
  EXPECT_TRUE(is_undefined(0x8b221420));   // add x0, x1, w2, uxtb #5
  EXPECT_FALSE(is_undefined(0x8b221020));  // … #4
}

TEST(Decoder, FeaturesOfTheModelDecide) {
  arm::CpuModel model = test::test_model();
  Op op{};
  const arm::IdValue with_crc32[] = {{arm::SysReg::ID_AA64ISAR0_EL1, 0x1'0000}};
  for (const bool present : {true, false}) {
    model.ids = {with_crc32, present ? std::size_t{1} : 0};
    op.insn = 0x1ac24020;  // crc32b w0, w1, w2
    decode_a64(op, model);
    EXPECT_EQ(op.run != undefined, present);
  }
}

TEST(Decoder, ReservedIsUndefinedButOnlyTheUnknownIsListed) {
  test::CpuRig rig;
  rig.core.reg(arm::SysReg::VBAR_EL1) = kBase + 0x1000;
  rig.execute(0x0a028020);  // and w0, w1, w2, lsl #32
  EXPECT_EQ(rig.core.pc, kBase + 0x1200);
  EXPECT_EQ(rig.core.reg(arm::SysReg::ELR_EL1), kBase);
  EXPECT_EQ(rig.core.reg(arm::SysReg::ESR_EL1), u64{1} << 25);  // EC 0, IL
  EXPECT_TRUE(rig.system.unimplemented.empty());
  rig.execute(0x9ac21c20);  // data processing, two sources, opcode 7: no row
  EXPECT_EQ(rig.core.pc, kBase + 0x1200);
  EXPECT_EQ(rig.system.unimplemented, std::vector<u32>{0x9ac21c20});
}

// All 8192 combinations against the patterns built the other way round: from the element size, the number of ones and
// the rotation. 5334 distinct values is the known number of 64-bit logical immediates.
TEST(BitMask, EveryCombination) {
  std::set<u64> values;
  for (u32 n = 0; n < 2; ++n) {
    for (u32 imms = 0; imms < 64; ++imms) {
      for (u32 immr = 0; immr < 64; ++immr) {
        unsigned element = 0;
        if (n)
          element = 64;
        else if ((imms & 0b100000) == 0)
          element = 32;
        else if ((imms & 0b110000) == 0b100000)
          element = 16;
        else if ((imms & 0b111000) == 0b110000)
          element = 8;
        else if ((imms & 0b111100) == 0b111000)
          element = 4;
        else if ((imms & 0b111110) == 0b111100)
          element = 2;
        const unsigned ones = element ? imms % element + 1 : 0;
        const auto mask = a64::decode_bit_mask(n, imms, immr);
        if (element == 0 || ones == element) {
          EXPECT_FALSE(mask) << n << ' ' << imms;
          continue;
        }
        u64 want = 0;
        for (unsigned bit = 0; bit < 64; ++bit) {
          // Bit `bit` of the rotated element came from `immr` places above it.
          if ((bit % element + immr) % element < ones) want |= u64{1} << bit;
        }
        ASSERT_TRUE(mask);
        EXPECT_EQ(*mask, want) << n << ' ' << imms << ' ' << immr;
        values.insert(want);
      }
    }
  }
  EXPECT_EQ(values.size(), 5334u);
}

}  // namespace
}  // namespace tw::cpu
