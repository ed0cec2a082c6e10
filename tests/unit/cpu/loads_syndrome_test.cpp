// ISS[24:14] of a data abort, from the encoding. Every expectation is written out by hand from the manual's
// description of ISV, SAS, SSE, SRT, SF and AR (Arm ARM D17.2.37); the words come from GNU as.
#include <gtest/gtest.h>

#include "cpu/isa/a64/access_syndrome.hpp"
#include "cpu/isa/encoding.hpp"

namespace tw::cpu {
namespace {

struct Valid {
  const char* text;
  u32 insn;
  unsigned sas;  // 0 byte, 1 halfword, 2 word, 3 doubleword
  bool sse;
  unsigned srt;
  bool sf, ar;
};

constexpr Valid kValid[] = {
    {"ldrb w3, [x1]", 0x39400023, 0, false, 3, false, false},
    {"strb w30, [x1, #5]", 0x3900143e, 0, false, 30, false, false},
    {"ldrsb w4, [x1, #1]", 0x39c00424, 0, true, 4, false, false},
    {"ldrsb x4, [x1, #1]", 0x39800424, 0, true, 4, true, false},
    {"ldrh w5, [x1, #2]", 0x79400425, 1, false, 5, false, false},
    {"strh wzr, [x1]", 0x7900003f, 1, false, 31, false, false},
    {"ldrsh w6, [x1]", 0x79c00026, 1, true, 6, false, false},
    {"ldrsh x6, [x1]", 0x79800026, 1, true, 6, true, false},
    {"ldr w7, [x1, #4]", 0xb9400427, 2, false, 7, false, false},
    {"str w7, [x1, #4]", 0xb9000427, 2, false, 7, false, false},
    {"ldrsw x8, [x1]", 0xb9800028, 2, true, 8, true, false},
    {"ldr x9, [sp, #8]", 0xf94007e9, 3, false, 9, true, false},
    {"str x9, [sp, #8]", 0xf90007e9, 3, false, 9, true, false},
    {"ldur x10, [x1, #-1]", 0xf85ff02a, 3, false, 10, true, false},
    {"sturb w11, [x1, #-1]", 0x381ff02b, 0, false, 11, false, false},
    {"ldursw x12, [x1, #-4]", 0xb89fc02c, 2, true, 12, true, false},
    {"ldursb w12, [x1, #-4]", 0x38dfc02c, 0, true, 12, false, false},
    {"ldtr w13, [x1]", 0xb840082d, 2, false, 13, false, false},
    {"sttrh w14, [x1, #2]", 0x7800282e, 1, false, 14, false, false},
    {"ldtrsb x15, [x1]", 0x3880082f, 0, true, 15, true, false},
    {"ldr x16, [x1, x2, lsl #3]", 0xf8627830, 3, false, 16, true, false},
    {"strb w17, [x1, w2, uxtw]", 0x38224831, 0, false, 17, false, false},
    {"ldrsh w18, [x1, w2, sxtw #1]", 0x78e2d832, 1, true, 18, false, false},
    {"ldr w19, .+8", 0x18000053, 2, false, 19, false, false},
    {"ldr x20, .+8", 0x58000054, 3, false, 20, true, false},
    {"ldrsw x21, .+8", 0x98000055, 2, true, 21, true, false},
    {"ldarb w22, [x1]", 0x08dffc36, 0, false, 22, false, true},
    {"ldarh w22, [x1]", 0x48dffc36, 1, false, 22, false, true},
    {"ldar w22, [x1]", 0x88dffc36, 2, false, 22, false, true},
    {"ldar x22, [x1]", 0xc8dffc36, 3, false, 22, true, true},
    {"stlrb w23, [x1]", 0x089ffc37, 0, false, 23, false, true},
    {"stlr x23, [x1]", 0xc89ffc37, 3, false, 23, true, true},
    {"ldlar w24, [x1]", 0x88df7c38, 2, false, 24, false, true},
    {"stllr x25, [x1]", 0xc89f7c39, 3, false, 25, true, true},
    {"ldaprh w26, [x1]", 0x78bfc03a, 1, false, 26, false, true},
    {"ldapr x27, [x1]", 0xf8bfc03b, 3, false, 27, true, true},
};

TEST(AccessSyndrome, SingleRegisterAccessesAreValid) {
  for (const Valid& row : kValid) {
    const u32 got = isv_syndrome(row.insn);
    EXPECT_EQ(got >> 24, 1u) << row.text;
    EXPECT_EQ(got >> 22 & 3, row.sas) << row.text;
    EXPECT_EQ(got >> 21 & 1, unsigned{row.sse}) << row.text;
    EXPECT_EQ(got >> 16 & 31, row.srt) << row.text;
    EXPECT_EQ(got >> 15 & 1, unsigned{row.sf}) << row.text;
    EXPECT_EQ(got >> 14 & 1, unsigned{row.ar}) << row.text;
    EXPECT_EQ(got & 0x3FFF, 0u) << row.text;
  }
}

struct Invalid {
  const char* text;
  u32 insn;
};

constexpr Invalid kInvalid[] = {
    {"ldr x0, [x1], #8", 0xf8408420},
    {"ldr x0, [x1, #8]!", 0xf8408c20},
    {"strb w0, [x1], #1", 0x38001420},
    {"ldrsw x0, [x1, #4]!", 0xb8804c20},
    {"ldp x0, x2, [x1]", 0xa9400820},
    {"stp w0, w2, [x1]", 0x29000820},
    {"ldpsw x0, x2, [x1, #8]", 0x69410820},
    {"ldnp x0, x2, [x1]", 0xa8400820},
    {"ldxr x0, [x1]", 0xc85f7c20},
    {"stxr w2, x0, [x1]", 0xc8027c20},
    {"ldaxr w0, [x1]", 0x885ffc20},
    {"stlxrb w2, w0, [x1]", 0x0802fc20},
    {"ldxp x0, x2, [x1]", 0xc87f0820},
    {"stlxp w3, x0, x2, [x1]", 0xc8238820},
    {"ldadd w0, w2, [x1]", 0xb8200022},
    {"swpal x0, x2, [x1]", 0xf8e08022},
    {"cas x0, x2, [x1]", 0xc8a07c22},
    {"caspal x0, x1, x2, x3, [x4]", 0x4860fc82},
    {"stset x0, [x1]", 0xf820303f},
    {"prfm pldl1keep, [x1]", 0xf9800020},
    {"prfum pldl1keep, [x1, #1]", 0xf8801020},
    {"prfm pldl1keep, .+8", 0xd8000040},
    {"prfm pldl1keep, [x1, x2]", 0xf8a26820},
    {"dc zva, x1", 0xd50b7421},
    {"ldr q0, [x1]", 0x3dc00020},
    {"str d0, [x1, #8]", 0xfd000420},
    {"ldr s0, .+8", 0x1c000040},
    {"ldp q0, q1, [x1]", 0xad400420},
    {"ld1 {v0.16b}, [x1]", 0x4c407020},
    {"add x0, x1, x2", 0x8b020020},
    {"nop", 0xd503201f},
};

TEST(AccessSyndrome, EverythingElseHasNone) {
  for (const Invalid& row : kInvalid) EXPECT_EQ(isv_syndrome(row.insn), 0u) << row.text;
}

TEST(AccessSyndrome, IsGivenForNothingThatIsNotALoadOrStore) {
  // Over all encodings in steps of a prime: what has a syndrome is a row of the load and store groups.
  for (u64 insn = 0; insn < (u64{1} << 32); insn += 4099) {
    const u32 word = static_cast<u32>(insn);
    const u32 syndrome = isv_syndrome(word);
    if (syndrome == 0) continue;
    const Encoding* const row = find_a64(word);
    ASSERT_NE(row, nullptr) << std::hex << word;
    EXPECT_TRUE(row->cost == cost::Cause::Load || row->cost == cost::Cause::Store ||
                row->cost == cost::Cause::Exclusive)
        << row->name;
    EXPECT_EQ(syndrome >> 16 & 31, word & 31);
  }
}

}  // namespace
}  // namespace tw::cpu
