// The floating-point core (cpu/fp) against Unicorn's instructions, without our decoder: half-precision arithmetic and
// the functions that only Advanced SIMD instructions use are compared too. TW_SEED and TW_DIFF_INSTRUCTIONS as
// elsewhere.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "cpu/fp/fp.hpp"
#include "diff/fp_operands.hpp"
#include "diff/fp_state.hpp"

namespace tw::diff {
namespace {

using namespace cpu;

enum class In : u8 { V, X };
enum class Out : u8 { V, X, Nzcv };

/// The instruction's operands: V1 or X1, V2, V3.
struct Operands {
  u64 n, m, a;
};

struct Case {
  std::string name;
  u32 insn;  ///< Rd 0, Rn 1, Rm 2, Ra 3
  std::function<u64(const Operands&, fp::FpEnv&)> ours;
  std::function<u64(Generator&)> operand;
  In in = In::V;
  Out out = Out::V;
  u64 mask = ~u64{0};  ///< of the result
};

// Encodings by class (Arm ARM C4.1), with the registers of Case.
constexpr u32 two_sources(u32 type, u32 opcode) { return 0x1E22'0820 | type << 22 | opcode << 12; }
constexpr u32 one_source(u32 type, u32 opcode) { return 0x1E20'4020 | type << 22 | opcode << 15; }
constexpr u32 with_integer(u32 sf, u32 type, u32 rmode, u32 opcode) {
  return 0x1E20'0020 | sf << 31 | type << 22 | rmode << 19 | opcode << 16;
}
constexpr u32 with_fixed(u32 sf, u32 type, u32 rmode, u32 opcode, u32 fraction_bits) {
  return 0x1E00'0020 | sf << 31 | type << 22 | rmode << 19 | opcode << 16 | (64 - fraction_bits) << 10;
}

template <class F>
class Cases final {
 public:
  Cases() {
    two("FMUL", two_sources(kType, 0), fp::mul<F>);
    two("FDIV", two_sources(kType, 1), fp::div<F>);
    two("FADD", two_sources(kType, 2), fp::add<F>);
    two("FSUB", two_sources(kType, 3), fp::sub<F>);
    two("FMAX", two_sources(kType, 4), fp::max<F>);
    two("FMIN", two_sources(kType, 5), fp::min<F>);
    two("FMAXNM", two_sources(kType, 6), fp::max_num<F>);
    two("FMINNM", two_sources(kType, 7), fp::min_num<F>);
    two("FNMUL", two_sources(kType, 8), fp::nmul<F>);
    two("FMULX", kHalf ? 0x5E42'1C20 : 0x5E22'DC20 | kSize, fp::mulx<F>);
    two("FRECPS", kHalf ? 0x5E42'3C20 : 0x5E22'FC20 | kSize, fp::recip_step<F>);
    two("FRSQRTS", kHalf ? 0x5EC2'3C20 : 0x5EA2'FC20 | kSize, fp::rsqrt_step<F>);
    one("FSQRT", one_source(kType, 3), fp::sqrt<F>);
    one("FRECPE", kHalf ? 0x5EF9'D820 : 0x5EA1'D820 | kSize, fp::recip_estimate<F>);
    one("FRSQRTE", kHalf ? 0x7EF9'D820 : 0x7EA1'D820 | kSize, fp::rsqrt_estimate<F>);
    one("FRECPX", kHalf ? 0x5EF9'F820 : 0x5EA1'F820 | kSize, fp::recip_exponent<F>);
    add("FMADD", 0x1F02'0C20 | kType << 22, [](const Operands& o, fp::FpEnv& env) {
      return fp::mul_add(static_cast<F>(o.a), static_cast<F>(o.n), static_cast<F>(o.m), env);
    });
    compare("FCMP", 0x1E22'2020 | kType << 22, false);
    compare("FCMPE", 0x1E22'2030 | kType << 22, true);
    round("FRINTN", 8, fp::Rounding::TieEven);
    round("FRINTP", 9, fp::Rounding::Plus);
    round("FRINTM", 10, fp::Rounding::Minus);
    round("FRINTZ", 11, fp::Rounding::Zero);
    round("FRINTA", 12, fp::Rounding::TieAway);
    add("FRINTX", one_source(kType, 14), [](const Operands& o, fp::FpEnv& env) {
      return fp::round_to_integral(static_cast<F>(o.n), env.control.rounding, true, env);
    });
    integers<i32, u32>(0);
    integers<i64, u64>(1);
    if constexpr (sizeof(F) != 2) precision<u16>(7);
    if constexpr (sizeof(F) != 4) precision<u32>(4);
    if constexpr (sizeof(F) != 8) precision<u64>(5);
    if constexpr (sizeof(F) == 8) {
      add("FJCVTZS", 0x1E7E'0020, [](const Operands& o, fp::FpEnv& env) -> u64 {
        return fp::to_javascript(o.n, env).value;
      }).out = Out::X;
      one("FCVTXN", 0x7E61'6820, [](F a, fp::FpEnv& env) { return fp::convert<u32>(a, fp::Rounding::Odd, env); });
    }
    if constexpr (sizeof(F) == 4) {
      one(
          "URECPE", 0x0EA1'C820, [](F a, fp::FpEnv&) { return fp::unsigned_recip_estimate(a); }, 0xFFFF'FFFF);
      one(
          "URSQRTE", 0x2EA1'C820, [](F a, fp::FpEnv&) { return fp::unsigned_rsqrt_estimate(a); }, 0xFFFF'FFFF);
    }
  }

  std::vector<Case> all;

 private:
  static constexpr bool kHalf = sizeof(F) == 2;
  static constexpr u32 kType = kHalf ? 3 : sizeof(F) == 8 ? 1 : 0;
  static constexpr u32 kSize = sizeof(F) == 8 ? 1u << 22 : 0;

  template <class Ours>
  Case& add(std::string name, u32 insn, Ours ours) {
    const auto operand = [](Generator& random) -> u64 { return fp_value<F>(random); };
    all.push_back({name + std::to_string(sizeof(F) * 8), insn, ours, operand});
    return all.back();
  }
  template <class Ours>
  void one(const char* name, u32 insn, Ours ours, u64 mask = ~u64{0}) {
    add(name, insn, [ours](const Operands& o, fp::FpEnv& env) -> u64 { return ours(static_cast<F>(o.n), env); }).mask =
        mask;
  }
  template <class Ours>
  void two(const char* name, u32 insn, Ours ours) {
    add(name, insn, [ours](const Operands& o, fp::FpEnv& env) -> u64 {
      return ours(static_cast<F>(o.n), static_cast<F>(o.m), env);
    });
  }
  void compare(const char* name, u32 insn, bool signal_all_nans) {
    add(name, insn, [=](const Operands& o, fp::FpEnv& env) -> u64 {
      const fp::Order order = fp::compare(static_cast<F>(o.n), static_cast<F>(o.m), signal_all_nans, env);
      return u64{fp::nzcv_of(order)} << 28;
    }).out = Out::Nzcv;
  }
  void round(const char* name, u32 opcode, fp::Rounding rounding) {
    one(name, one_source(kType, opcode),
        [=](F a, fp::FpEnv& env) { return fp::round_to_integral(a, rounding, false, env); });
  }
  template <class To>
  void precision(u32 opcode) {
    one("FCVT", one_source(kType, opcode), [](F a, fp::FpEnv& env) { return fp::convert<To>(a, env); });
  }

  template <class I>
  void to_integer(const char* name, u32 insn, fp::Rounding rounding, unsigned fraction_bits = 0) {
    add(name, insn, [=](const Operands& o, fp::FpEnv& env) -> u64 {
      return static_cast<std::make_unsigned_t<I>>(fp::to_fixed<I>(static_cast<F>(o.n), fraction_bits, rounding, env));
    }).out = Out::X;
  }
  template <class I>
  void from_integer(const char* name, u32 insn, unsigned fraction_bits = 0) {
    Case& made = add(name, insn, [=](const Operands& o, fp::FpEnv& env) -> u64 {
      return fp::from_fixed<F>(static_cast<I>(o.n), fraction_bits, env);
    });
    made.operand = [](Generator& random) { return random.value(); };
    made.in = In::X;
  }
  template <class Signed, class Unsigned>
  void integers(u32 sf) {
    struct Mode {
      const char *of_signed, *of_unsigned;
      u32 rmode, opcode;
      fp::Rounding rounding;
    };
    for (const Mode& mode :
         {Mode{"FCVTNS", "FCVTNU", 0, 0, fp::Rounding::TieEven}, Mode{"FCVTPS", "FCVTPU", 1, 0, fp::Rounding::Plus},
          Mode{"FCVTMS", "FCVTMU", 2, 0, fp::Rounding::Minus}, Mode{"FCVTZS", "FCVTZU", 3, 0, fp::Rounding::Zero},
          Mode{"FCVTAS", "FCVTAU", 0, 4, fp::Rounding::TieAway}}) {
      to_integer<Signed>(mode.of_signed, with_integer(sf, kType, mode.rmode, mode.opcode), mode.rounding);
      to_integer<Unsigned>(mode.of_unsigned, with_integer(sf, kType, mode.rmode, mode.opcode + 1), mode.rounding);
    }
    from_integer<Signed>("SCVTF", with_integer(sf, kType, 0, 2));
    from_integer<Unsigned>("UCVTF", with_integer(sf, kType, 0, 3));
    for (const u32 fraction_bits : {1u, 7u, 32u}) {
      to_integer<Signed>("FCVTZS #", with_fixed(sf, kType, 3, 0, fraction_bits), fp::Rounding::Zero, fraction_bits);
      to_integer<Unsigned>("FCVTZU #", with_fixed(sf, kType, 3, 1, fraction_bits), fp::Rounding::Zero, fraction_bits);
      from_integer<Signed>("SCVTF #", with_fixed(sf, kType, 0, 2, fraction_bits), fraction_bits);
      from_integer<Unsigned>("UCVTF #", with_fixed(sf, kType, 0, 3, fraction_bits), fraction_bits);
    }
  }
};

TEST(FpCore, AgreesWithUnicorn) {
  std::cout << "TW_SEED=" << seed() << " TW_DIFF_INSTRUCTIONS=" << instructions() << std::endl;
  std::vector<Case> cases = Cases<u16>().all;
  for (const auto& more : {Cases<u32>().all, Cases<u64>().all}) cases.insert(cases.end(), more.begin(), more.end());
  Pair pair(4 * cases.size() + 0x1000);
  allow_fp(pair);
  for (std::size_t i = 0; i < cases.size(); ++i) pair.write_code(Layout::kCode + 4 * i, cases[i].insn);
  Generator random(seed() + 12);
  unsigned reports = 0;
  u64 exceptions_seen = 0;
  for (u64 i = 0; i < instructions() && reports < kMaximumReports; ++i) {
    const Case& test = cases[i % cases.size()];
    const Operands operands{test.operand(random), test.operand(random), test.operand(random)};
    State state;
    state.pc = Layout::kCode + 4 * (i % cases.size());
    FpState vectors;
    (test.in == In::X ? state.x[1] : vectors.v[1][0]) = operands.n;
    vectors.v[2][0] = operands.m;
    vectors.v[3][0] = operands.a;
    vectors.fpcr = random.chance(2) ? 0 : random_fpcr(random);
    vectors.fpsr = random.chance(2) ? fp::kInexact : 0;  // with it the host may compute
    pair.oracle.set(state);
    set_fp(pair, vectors);
    ASSERT_TRUE(pair.oracle.run(state.pc, 0, 1)) << test.name << ' ' << hex(test.insn);
    const State after = pair.oracle.get();
    const FpState fp_after = their_fp(pair);
    const u64 theirs = test.out == Out::X ? after.x[0] : test.out == Out::V ? fp_after.v[0][0] : after.nzcv;
    fp::FpEnv env(vectors.fpcr);
    env.exceptions = static_cast<u32>(vectors.fpsr);
    const u64 ours = test.ours(operands, env);
    exceptions_seen |= env.exceptions;
    if (ours == (theirs & test.mask) && env.exceptions == fp_after.fpsr) continue;
    ++reports;
    ADD_FAILURE() << std::hex << test.name << " of " << operands.n << ", " << operands.m << ", " << operands.a
                  << " under " << vectors.fpcr << ": " << ours << " with " << env.exceptions << ", oracle " << theirs
                  << " with " << fp_after.fpsr << " (TW_SEED=" << std::dec << seed() << ")";
  }
  EXPECT_EQ(exceptions_seen, 0x9Fu) << "not every exception took part";
  std::cout << cases.size() << " instructions" << std::endl;
}

}  // namespace
}  // namespace tw::diff
