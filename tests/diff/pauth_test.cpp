// Pointer authentication against Unicorn at EL1 (QARMA5): random keys, TCR_EL1, SCTLR_EL1 enables, pointers and
// modifiers.
#include <gtest/gtest.h>
#include <unicorn/unicorn.h>

#include <iostream>

#include "arm/sysreg.hpp"
#include "base/bits.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "diff/pair.hpp"

namespace tw::diff {
namespace {

using arm::SysReg;

constexpr SysReg kKeys[] = {SysReg::APIAKeyLo_EL1, SysReg::APIAKeyHi_EL1, SysReg::APIBKeyLo_EL1, SysReg::APIBKeyHi_EL1,
                            SysReg::APDAKeyLo_EL1, SysReg::APDAKeyHi_EL1, SysReg::APDBKeyLo_EL1, SysReg::APDBKeyHi_EL1,
                            SysReg::APGAKeyLo_EL1, SysReg::APGAKeyHi_EL1};
constexpr u64 kEnables[] = {u64{1} << 31, u64{1} << 30, u64{1} << 27, u64{1} << 13};
constexpr u64 kSctlr = 0x30D0'0800;

class Pauth : public testing::Test {
 protected:
  Pauth() : pair_(0x4000), random_(seed() + 21) {
    // EL2 and EL3 of the oracle would trap.
    write_behind({3, 4, 1, 1, 0}, u64{1} << 31 | u64{3} << 40);
    write_behind({3, 6, 1, 1, 0}, 0x3'0531);
    pair_.rig.core.reg(SysReg::HCR_EL2) = u64{1} << 31 | u64{3} << 40;
  }

  struct Encoding {
    u32 op0, op1, crn, crm, op2;
  };
  void write_behind(const Encoding& e, u64 value) {
    uc_arm64_cp_reg reg{.crn = e.crn, .crm = e.crm, .op0 = e.op0, .op1 = e.op1, .op2 = e.op2, .val = value};
    uc_reg_write(pair_.oracle.handle(), UC_ARM64_REG_CP_REG, &reg);
  }

  /// By an MSR on both sides.
  void write(SysReg reg, u64 value) {
    const u32 insn = 0xd5000000 | u32{arm::row_of(reg).encoding.packed} << 5 | 5;
    State state;
    state.pc = kAt;
    state.x[5] = value;
    const auto [ours, theirs] = run(insn, state);
    ASSERT_EQ(ours.pc, kAt + 4);
    ASSERT_EQ(theirs.pc, kAt + 4);
  }

  std::pair<State, State> run(u32 insn, const State& state) {
    pair_.write_code(kAt, insn);
    pair_.oracle.forget_code(kAt);
    pair_.set_ours(state);
    pair_.oracle.set(state);
    pair_.rig.step();
    EXPECT_TRUE(pair_.oracle.run(kAt, 0, 1)) << hex(insn);
    return {pair_.ours(), pair_.oracle.get()};
  }

  /// TCR_EL1: both halves of one size and with equal TBI, so that a non-canonical pointer's half does not matter (the
  /// oracle takes bit 55 where the manual takes bit 63).
  u64 random_tcr() {
    const u64 size = random_.below(64), tbi = random_.below(2), tbid = random_.below(2);
    return size | size << 16 | tbi << 37 | tbi << 38 | tbid << 51 | tbid << 52;
  }

  /// Canonical but for a tag where there are tags.
  u64 random_pointer(bool tagged) {
    const u64 bits = random_.bits();
    const u64 address = bits & low_mask(25);
    const u64 upper = random_.chance(2) ? ~low_mask(25) : 0;
    return tagged ? insert_bits(upper | address, 56, 8, bits >> 56) : upper | address;
  }

  static constexpr u64 kAt = Layout::kCode;
  Pair pair_;
  Generator random_;
};

TEST_F(Pauth, AgreesWithUnicorn) {
  const u64 rounds = instructions() / 60;
  std::cout << "TW_SEED=" << seed() << ", " << rounds << " settings" << std::endl;
  unsigned reports = 0;
  u64 authentic = 0;
  for (u64 round = 0; round < rounds && reports < kMaximumReports; ++round) {
    for (const SysReg key : kKeys) write(key, random_.value());
    u64 sctlr = kSctlr;
    for (const u64 enable : kEnables) sctlr |= random_.chance(8) ? 0 : enable;
    const u64 tcr = random_tcr();
    write(SysReg::SCTLR_EL1, sctlr);
    write(SysReg::TCR_EL1, tcr);
    for (const cpu::Encoding& row : cpu::a64::pauth_encodings()) {
      const u32 insn = row.pattern.value | (static_cast<u32>(random_.bits()) & ~row.pattern.mask & 0x1F'03FF);
      if (row.cost != cost::Cause::Integer) continue;
      State state;
      for (u64& x : state.x) x = random_.value();
      state.sp = random_.bits();
      state.pc = kAt;
      const unsigned rd = field_of(insn, 0);
      if (rd == 31) continue;
      const bool data =
          row.name.find("DA") != row.name.npos || row.name.find("DB") != row.name.npos || row.name == "XPACD";
      state.x[rd] = random_pointer((tcr >> 37 & 1) != 0 && (data || (tcr >> 51 & 1) == 0));
      auto [ours, theirs] = run(insn, state);
      // What was added is authenticated; now and then with another modifier or a bit less.
      if (row.name.starts_with("PAC") && row.name != "PACGA" && ours == theirs) {
        State again = theirs;
        again.pc = kAt;
        if (random_.chance(4)) again.x[rd] ^= u64{1} << random_.below(55);
        const auto [back, oracle] = run(insn | 1u << 12, again);
        authentic += back.x[rd] == state.x[rd];
        ours = back, theirs = oracle;
      }
      if (ours == theirs) continue;
      ++reports;
      ADD_FAILURE() << row.name << ' ' << hex(insn) << " TCR_EL1 " << std::hex << tcr << " SCTLR_EL1 " << sctlr << '\n'
                    << describe(state, ours, theirs);
    }
  }
  EXPECT_GT(authentic, rounds);
}

/// XPACI and XPACD need no key, but the oracle does nothing while SCTLR_EL1 enables none.
TEST_F(Pauth, TheOracleStripsNothingWithoutAKey) {
  write(SysReg::SCTLR_EL1, kSctlr);
  for (const u32 xpac : {0xdac143e0u, 0xdac147e0u}) {
    State state;
    state.pc = kAt;
    state.x[0] = 0x1234'0000'4000'0000;
    const auto [ours, theirs] = run(xpac, state);
    EXPECT_EQ(ours.x[0], 0x4000'0000u);
    EXPECT_NE(theirs.x[0], 0x4000'0000u) << "stale: the oracle now agrees";
  }
}

}  // namespace
}  // namespace tw::diff
