// Data processing against answers worked out by hand. One row an instruction: what stands in x0 … x3 and NZCV before,
// what in x0 and NZCV after. Breadth comes from tests/diff; these rows are the corners, and they name the culprit.
#include <gtest/gtest.h>

#include <ostream>

#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

constexpr u64 kOnes = ~u64{0};
constexpr u64 kMin64 = u64{1} << 63;
constexpr u64 kJunk = 0xDEAD'BEEF'DEAD'BEEF;  // x0 before, unless a row needs it
constexpr u64 N = 8, Z = 4, C = 2, V = 1;

struct Row {
  const char* text;
  u32 insn;
  u64 x1, x2, x3;
  u64 nzcv;
  u64 x0_after;
  u64 nzcv_after;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.text; }

class DataProcessing : public testing::TestWithParam<Row> {};

TEST_P(DataProcessing, GivesTheManualsResult) {
  const Row& row = GetParam();
  test::CpuRig rig;
  rig.core.x[0] = kJunk;
  rig.core.x[1] = row.x1;
  rig.core.x[2] = row.x2;
  rig.core.x[3] = row.x3;
  rig.core.flags.set_nzcv(row.nzcv << 28);
  rig.execute(row.insn);
  EXPECT_EQ(rig.core.x[0], row.x0_after);
  EXPECT_EQ(rig.nzcv() >> 28, row.nzcv_after);
  EXPECT_EQ(rig.core.x[kZero], 0u);
  EXPECT_EQ(rig.core.pc, test::CpuRig::kMemoryBase + 4);
  EXPECT_EQ(rig.core.retired, 1u);
}

constexpr Row kImmediate[] = {
    {"add x0, x1, #0xabc, lsl #12", 0x916af020, 1, 0, 0, N | C, 0xABC001, N | C},
    {"add w0, w1, #1 wraps to zero", 0x11000420, kOnes, 0, 0, V, 0, V},
    {"adds w0, w1, #1 overflows", 0x31000420, 0x7FFFFFFF, 0, 0, 0, 0x80000000, N | V},
    {"adds w0, w1, #1 carries", 0x31000420, 0xFFFFFFFF, 0, 0, 0, 0, Z | C},
    {"subs x0, x1, #1 borrows", 0xf1000420, 0, 0, 0, 0, kOnes, N},
    {"subs x0, x1, #1 overflows", 0xf1000420, kMin64, 0, 0, 0, kMin64 - 1, C | V},
    {"cmp w1, #5 equal; upper half ignored", 0x7100143f, 0xFFFFFFFF'00000005, 0, 0, 0, kJunk, Z | C},
    {"and x0, x1, #0x5555555555555555", 0x9200f020, 0xFF, 0, 0, N, 0x55, N},
    {"orr w0, w1, #0x80000001", 0x32010420, 0xFFFFFFFF'00000010, 0, 0, 0, 0x80000011, 0},
    {"ands x0, x1, #0x8000000000000000 clears C and V", 0xf2410020, kOnes, 0, 0, C | V, kMin64, N},
    {"movn w0, #0xffff, lsl #16", 0x12bfffe0, 0, 0, 0, 0, 0xFFFF, 0},
    {"movn x0, #0", 0x92800000, 0, 0, 0, 0, kOnes, 0},
    {"movz x0, #0x1234, lsl #48", 0xd2e24680, 0, 0, 0, 0, 0x1234'0000'0000'0000, 0},
    {"movk x0, #0xbeef, lsl #16 keeps the rest", 0xf2b7dde0, 0, 0, 0, 0, 0xDEAD'BEEF'BEEF'BEEF, 0},
    {"movk w0, #0xbeef clears the upper half", 0x7297dde0, 0, 0, 0, 0, 0xDEAD'BEEF, 0},
    {"adr x0, .-4", 0x10ffffe0, 0, 0, 0, 0, test::CpuRig::kMemoryBase - 4, 0},
    {"adrp x0, .+0x1000", 0xb0000000, 0, 0, 0, 0, test::CpuRig::kMemoryBase + 0x1000, 0},
};

constexpr Row kBitfield[] = {
    {"sbfx x0, x1, #4, #8", 0x93442c20, 0x800, 0, 0, 0, kOnes << 7, 0},
    {"sbfiz w0, w1, #4, #8", 0x131c1c20, 0x80, 0, 0, 0, 0xFFFFF800, 0},
    {"asr w0, w1, #31", 0x131f7c20, 0x80000000, 0, 0, 0, 0xFFFFFFFF, 0},
    {"lsr x0, x1, #63", 0xd37ffc20, kMin64, 0, 0, 0, 1, 0},
    {"lsl x0, x1, #60", 0xd3440c20, 0xAB, 0, 0, 0, 0xB000'0000'0000'0000, 0},
    {"ubfx x0, x1, #0, #64", 0xd340fc20, kMin64 + 5, 0, 0, 0, kMin64 + 5, 0},
    {"uxtb w0, w1", 0x53001c20, 0x1234, 0, 0, 0, 0x34, 0},
    {"bfi x0, x1, #8, #16", 0xb3783c20, 0x11234, 0, 0, 0, 0xDEAD'BEEF'DE12'34EF, 0},
    {"bfxil w0, w1, #28, #4", 0x331c7c20, 0xA0000000, 0, 0, 0, 0xDEADBEEA, 0},
    {"extr x0, x1, x2, #4", 0x93c21020, 0x5, 0x123, 0, 0, 0x5000'0000'0000'0012, 0},
    {"extr x0, x1, x2, #0", 0x93c20020, 0x5, 0x123, 0, 0, 0x123, 0},
    {"ror w0, w1, #8", 0x13812020, 0x11223344, 0, 0, 0, 0x44112233, 0},
};

constexpr Row kRegister[] = {
    {"bics x0, x1, x2, asr #60", 0xeaa2f020, 0xFF, kMin64, 0, C | V, 7, 0},
    {"orn w0, w1, w2, ror #4", 0x2ae21020, 0, 0x0000000F, 0, 0, 0x0FFFFFFF, 0},
    {"mov w0, w2", 0x2a0203e0, 0, kOnes, 0, 0, 0xFFFFFFFF, 0},
    {"eon x0, x1, x2, lsl #1", 0xca220420, 0, kMin64 + 1, 0, 0, ~u64{2}, 0},
    {"adds x0, x1, x2 overflows and carries", 0xab020020, kMin64, kMin64, 0, 0, 0, Z | C | V},
    {"subs w0, w1, w2, lsr #4", 0x6b421020, 1, 0x20, 0, 0, 0xFFFFFFFF, N},
    {"adds w0, w1, w2, uxth", 0x2b222020, 1, 0xFFFF'FFFF, 0, 0, 0x10000, 0},
    {"adcs x0, x1, x2 with carry", 0xba020020, kOnes, 0, 0, C, 0, Z | C},
    {"adcs x0, x1, x2 without carry", 0xba020020, kOnes, 0, 0, 0, kOnes, N},
    {"sbcs w0, w1, w2 without carry", 0x7a020020, 5, 5, 0, 0, 0xFFFFFFFF, N},
    {"sbcs w0, w1, w2 with carry", 0x7a020020, 5, 5, 0, C, 0, Z | C},
    {"sbc x0, x1, x2", 0xda020020, 0, 0, 0, C, 0, C},
    {"ccmp x1, #5, #0xb, eq holds", 0xfa45082b, 5, 0, 0, Z, kJunk, Z | C},
    {"ccmp x1, #5, #0xb, eq fails", 0xfa45082b, 5, 0, 0, 0, kJunk, N | C | V},
    {"ccmn w1, w2, #4, ne holds", 0x3a421024, 0xFFFFFFFF, 1, 0, 0, kJunk, Z | C},
    {"ccmn w1, w2, #4, ne fails", 0x3a421024, 1, 1, 0, Z, kJunk, Z},
    {"csinc x0, x1, x2, lt holds", 0x9a82b420, 1, 9, 0, N, 1, N},
    {"csinc x0, x1, x2, lt fails", 0x9a82b420, 1, 9, 0, N | V, 10, N | V},
    {"csinv w0, w1, w2, hi holds", 0x5a828020, 1, 0, 0, C, 1, C},
    {"csinv w0, w1, w2, hi fails on Z", 0x5a828020, 1, 0, 0, C | Z, 0xFFFFFFFF, C | Z},
    {"csneg x0, x1, x2, al", 0xda82e420, 7, 1, 0, Z, 7, Z},
    {"csel x0, x1, x2, nv is always", 0x9a82f020, 7, 1, 0, Z, 7, Z},
};

constexpr Row kSources[] = {
    {"rbit x0, x1", 0xdac00020, 0x1, 0, 0, 0, kMin64, 0},
    {"rev16 x0, x1", 0xdac00420, 0x0102030405060708, 0, 0, 0, 0x0201040306050807, 0},
    {"rev32 x0, x1", 0xdac00820, 0x0102030405060708, 0, 0, 0, 0x0403020108070605, 0},
    {"rev x0, x1", 0xdac00c20, 0x0102030405060708, 0, 0, 0, 0x0807060504030201, 0},
    {"rev w0, w1", 0x5ac00820, 0x0102030405060708, 0, 0, 0, 0x08070605, 0},
    {"clz w0, w1 of zero", 0x5ac01020, u64{1} << 40, 0, 0, 0, 32, 0},
    {"cls x0, x1 of ones", 0xdac01420, kOnes, 0, 0, 0, 63, 0},
    {"cls w0, w1", 0x5ac01420, 0x40000000, 0, 0, 0, 0, 0},
    {"udiv x0, x1, x2 by zero", 0x9ac20820, 5, 0, 0, 0, 0, 0},
    {"udiv x0, x1, x2", 0x9ac20820, kOnes, 10, 0, 0, 0x1999999999999999, 0},
    {"sdiv w0, w1, w2 minimum by -1", 0x1ac20c20, 0x80000000, 0xFFFFFFFF, 0, 0, 0x80000000, 0},
    {"sdiv w0, w1, w2 rounds to zero", 0x1ac20c20, 0xFFFFFFF9, 2, 0, 0, 0xFFFFFFFD, 0},
    {"sdiv w0, w1, w2 by zero", 0x1ac20c20, 0xFFFFFFF9, 0, 0, 0, 0, 0},
    {"lsl w0, w1, w2 modulo 32", 0x1ac22020, 1, 33, 0, 0, 2, 0},
    {"ror x0, x1, x2 modulo 64", 0x9ac22c20, 1, 65, 0, 0, kMin64, 0},
    {"asr w0, w1, w2", 0x1ac22820, 0x80000000, 4, 0, 0, 0xF8000000, 0},
    // CRC-32 of the ASCII digits "123456789" is 0xCBF43926: its last step, from the state before '9'.
    {"crc32b w0, w1, w2", 0x1ac24020, 0x651F2550, 0x39, 0, 0, 0x340BC6D9, 0},
    {"madd w0, w1, w2, w3", 0x1b020c20, 3, 5, kOnes, 0, 14, 0},
    {"msub x0, x1, x2, x3", 0x9b028c20, 3, 5, 10, 0, static_cast<u64>(-5), 0},
    {"smaddl x0, w1, w2, x3", 0x9b220c20, 0xFFFFFFFF, 2, 1, 0, kOnes, 0},
    {"umsubl x0, w1, w2, x3", 0x9ba28c20, 0xFFFFFFFF, 2, 0, 0, static_cast<u64>(-0x1FFFFFFFE), 0},
    {"smulh x0, x1, x2", 0x9b427c20, kOnes, 1, 0, 0, kOnes, 0},
    {"umulh x0, x1, x2", 0x9bc27c20, kOnes, kOnes, 0, 0, kOnes - 1, 0},
    {"smull x0, w1, w2", 0x9b227c20, 0x80000000, 2, 0, 0, static_cast<u64>(-0x1'0000'0000), 0},
};

INSTANTIATE_TEST_SUITE_P(Immediate, DataProcessing, testing::ValuesIn(kImmediate));
INSTANTIATE_TEST_SUITE_P(Bitfield, DataProcessing, testing::ValuesIn(kBitfield));
INSTANTIATE_TEST_SUITE_P(Register, DataProcessing, testing::ValuesIn(kRegister));
INSTANTIATE_TEST_SUITE_P(Sources, DataProcessing, testing::ValuesIn(kSources));

TEST(StackPointer, IsRegister31WhereTheManualSaysSo) {
  test::CpuRig rig;
  rig.core.x[1] = 0x1000;
  rig.execute(0x9100403f);  // add sp, x1, #16
  EXPECT_EQ(rig.sp(), 0x1010u);
  rig.execute(0xd10083ff);  // sub sp, sp, #32
  EXPECT_EQ(rig.sp(), 0xFF0u);
  rig.core.x[2] = 0x2;
  rig.execute(0xcb226fff);  // sub sp, sp, x2, lsl #3
  EXPECT_EQ(rig.sp(), 0xFE0u);
  rig.core.x[2] = 0xFF;
  rig.execute(0x8b228be0);  // add x0, sp, w2, sxtb #2
  EXPECT_EQ(rig.core.x[0], 0xFDCu);
  rig.core.x[2] = 0xFE0;
  rig.execute(0xeb2263ff);  // cmp sp, x2
  EXPECT_EQ(rig.nzcv() >> 28, Z | C);
  rig.execute(0xb27ff3ff);  // orr sp, xzr, #0x3ffffffffffffffe
  EXPECT_EQ(rig.sp(), 0x3FFF'FFFF'FFFF'FFFEu);
}

// CRC of a whole string, byte by byte and word by word, against the published check values: CRC-32/ISO-HDLC of
// "123456789" is 0xCBF43926, CRC-32/ISCSI (the C polynomial) is 0xE3069283; both invert before and after.
TEST(Crc32, MatchesThePublishedCheckValues) {
  test::CpuRig rig;
  rig.core.x[0] = 0xFFFFFFFF;
  for (const char digit : {'1', '2', '3', '4', '5', '6', '7', '8', '9'}) {
    rig.core.x[2] = static_cast<u64>(digit);
    rig.execute(0x1ac24000);  // crc32b w0, w0, w2
  }
  EXPECT_EQ(rig.core.x[0] ^ 0xFFFFFFFF, 0xCBF43926u);

  rig.core.x[0] = 0xFFFFFFFF;
  rig.core.x[2] = 0x3837363534333231;  // "12345678"
  rig.execute(0x9ac25c00);             // crc32cx w0, w0, x2
  rig.core.x[2] = '9';
  rig.execute(0x1ac25000);  // crc32cb w0, w0, w2
  EXPECT_EQ(rig.core.x[0] ^ 0xFFFFFFFF, 0xE3069283u);
}

}  // namespace
}  // namespace tw::cpu
