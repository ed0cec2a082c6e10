// The AES instructions by the worked example of FIPS 197, appendix B, and which models have the instructions.
#include <gtest/gtest.h>

#include "arm/sysreg.hpp"
#include "cpu/isa/encoding.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

constexpr u32 kAese = 0x4e284820;    // aese v0.16b, v1.16b
constexpr u32 kAesd = 0x4e285820;    // aesd v0.16b, v1.16b
constexpr u32 kAesmc = 0x4e286820;   // aesmc v0.16b, v1.16b
constexpr u32 kAesimc = 0x4e287820;  // aesimc v0.16b, v1.16b

/// Bytes as FIPS 197 prints them, the first byte lowest in the register.
constexpr VectorRegister block(u64 first, u64 second) {
  return {{__builtin_bswap64(first), __builtin_bswap64(second)}};
}
constexpr VectorRegister kStart = block(0x193de3bea0f4e22b, 0x9ac68d2ae9f84808);
constexpr VectorRegister kShifted = block(0xd4bf5d30e0b452ae, 0xb84111f11e2798e5);
constexpr VectorRegister kMixed = block(0x046681e5e0cb199a, 0x48f8d37a2806264c);
constexpr VectorRegister kKey = block(0x2b7e151628aed2a6, 0xabf7158809cf4f3c);

VectorRegister both(VectorRegister a, VectorRegister b) { return {{a.d[0] ^ b.d[0], a.d[1] ^ b.d[1]}}; }

class SimdCrypto : public testing::Test {
 protected:
  SimdCrypto() { rig.core.reg(arm::SysReg::CPACR_EL1) = 3u << 20; }
  void expect(u32 insn, VectorRegister d, VectorRegister n, VectorRegister expected) {
    rig.core.v[0] = d;
    rig.core.v[1] = n;
    rig.execute(insn);
    EXPECT_EQ(rig.core.v[0].d[0], expected.d[0]);
    EXPECT_EQ(rig.core.v[0].d[1], expected.d[1]);
  }
  test::CpuRig rig;
};

TEST_F(SimdCrypto, FirstRoundOfFips197) {
  expect(kAese, both(kStart, kKey), kKey, kShifted);
  expect(kAesmc, {}, kShifted, kMixed);
  expect(kAesimc, {}, kMixed, kShifted);
  expect(kAesd, both(kShifted, kKey), kKey, kStart);
}

TEST(SimdCryptoFeature, FollowsTheIdRegister) {
  constexpr u32 kInstructions[] = {kAese, 0x5e020020 /* sha1c */, 0x5e024020 /* sha256h */, 0x0ee2e020 /* pmull .1q */};
  arm::CpuModel model = test::test_model();
  const auto exists = [&](u32 insn) {
    Op op{};
    op.insn = insn;
    decode_a64(op, model);
    return op.run != undefined;
  };
  for (const u32 insn : kInstructions) EXPECT_TRUE(exists(insn)) << std::hex << insn;
  const arm::IdValue aes_only[] = {{arm::SysReg::ID_AA64ISAR0_EL1, 0x10}};
  model.ids = aes_only;
  EXPECT_TRUE(exists(kAese));
  for (const u32 insn : {kInstructions[1], kInstructions[2], kInstructions[3]}) EXPECT_FALSE(exists(insn));
  model.ids = {};
  EXPECT_FALSE(exists(kAese));
}

}  // namespace
}  // namespace tw::cpu
