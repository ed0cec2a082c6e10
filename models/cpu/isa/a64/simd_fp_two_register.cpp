// Advanced SIMD floating point: two-register miscellaneous, across lanes, scalar pairwise (Arm ARM C4.1).
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_fp.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;
using enum fp::Rounding;

constexpr auto kAbsolute = [](auto n, auto&&...) { return fp::abs(n); };
constexpr auto kNegate = [](auto n, auto&&...) { return fp::neg(n); };
constexpr auto kRoot = [](auto n, unsigned, fp::FpEnv& env) { return fp::sqrt(n, env); };
constexpr auto kRecipEstimate = [](auto n, unsigned, fp::FpEnv& env) { return fp::recip_estimate(n, env); };
constexpr auto kRsqrtEstimate = [](auto n, unsigned, fp::FpEnv& env) { return fp::rsqrt_estimate(n, env); };
constexpr auto kRecipExponent = [](auto n, unsigned, fp::FpEnv& env) { return fp::recip_exponent(n, env); };

/// FRINTN, P, M, Z, A.
template <fp::Rounding rounding>
constexpr auto kIntegral =
    [](auto n, unsigned, fp::FpEnv& env) { return fp::round_to_integral(n, rounding, false, env); };
/// FRINTI and FRINTX: FPCR's rounding.
template <bool exact>
constexpr auto kIntegralByFpcr =
    [](auto n, unsigned, fp::FpEnv& env) { return fp::round_to_integral(n, env.control.rounding, exact, env); };

/// FRINT32Z to FRINT64X.
template <int width, bool by_fpcr>
constexpr auto kWidth = [](auto n, unsigned, fp::FpEnv& env) {
  return fp::round_to_width(n, width, by_fpcr ? env.control.rounding : Zero, env);
};

constexpr auto kTo32 = kWidth<32, false>;
constexpr auto kTo64 = kWidth<64, false>;
constexpr auto kTo32ByFpcr = kWidth<32, true>;
constexpr auto kTo64ByFpcr = kWidth<64, true>;

/// Comparisons with zero: `compare` of (n, 0), or of (0, n).
template <auto compare>
constexpr auto kWithZero = [](auto n, unsigned, fp::FpEnv& env) { return compare(n, decltype(n){0}, n, env); };
template <auto compare>
constexpr auto kZeroWith = [](auto n, unsigned, fp::FpEnv& env) { return compare(decltype(n){0}, n, n, env); };

/// One lane of all of Vn: four of single precision, four or eight of half precision.
template <auto fn>
Handler across(Op& op) {
  return q_field(op) ? fp_vector<FpAcross, fn>(op) : nullptr;
}

/// Both lanes of a pair.
template <auto fn>
Handler pair(Op& op) {
  fp_scalar<FpAcross, fn>(op);
  op.extra[kActive] *= 2;
  return fp_by_size<FpAcross, fn>(op);
}
template <auto fn>
Handler pair_half(Op& op) {
  fp_scalar_half<FpAcross, fn>(op);
  op.extra[kActive] *= 2;
  return with_fp_access<FpAcross<fn, u16>::run>;
}

// `a` is the upper bit of the size field.
#define TW_VECTOR(name, u, a, opcode, fn)                                                           \
  {name " (vector)",                                                                                \
   "0Q " u " 01110 " a "z 10000 " opcode " 10 nnnnn ddddd",                                         \
   Cause::FpSimd,                                                                                   \
   fp_vector<FpUnary, fn>,                                                                          \
   kSimd,                                                                                           \
   true},                                                                                           \
  {                                                                                                 \
    name " (vector, half)", "0Q " u " 01110 " a "1 11100 " opcode " 10 nnnnn ddddd", Cause::FpSimd, \
        fp_vector_half<FpUnary, fn>, Feature::Fp16, true                                            \
  }
#define TW_SCALAR(name, u, a, opcode, fn)                                                                \
  {name " (SIMD scalar)",                                                                                \
   "01 " u " 11110 " a "z 10000 " opcode " 10 nnnnn ddddd",                                              \
   Cause::FpSimd,                                                                                        \
   fp_scalar<FpUnary, fn>,                                                                               \
   kSimd,                                                                                                \
   true},                                                                                                \
  {                                                                                                      \
    name " (SIMD scalar, half)", "01 " u " 11110 " a "1 11100 " opcode " 10 nnnnn ddddd", Cause::FpSimd, \
        fp_scalar_half<FpUnary, fn>, Feature::Fp16, true                                                 \
  }
#define TW_BOTH(name, u, a, opcode, fn) TW_VECTOR(name, u, a, opcode, fn), TW_SCALAR(name, u, a, opcode, fn)
#define TW_ACROSS(name, a, opcode, fn)                                                                                \
  {name, "0Q 1 01110 " a "0 11000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, across<fn>, kSimd, true}, {              \
    name " (half)", "0Q 0 01110 " a "0 11000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, fp_vector_half<FpAcross, fn>, \
        Feature::Fp16, true                                                                                           \
  }
#define TW_PAIR(name, a, opcode, fn)                                                                               \
  {name " (scalar)", "01 1 11110 " a "z 11000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, pair<fn>, kSimd, true}, { \
    name " (scalar, half)", "01 0 11110 " a "0 11000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, pair_half<fn>,     \
        Feature::Fp16, true                                                                                        \
  }

#define TW_WIDTH(name, u, opcode, fn)                                                                             \
  {                                                                                                               \
    name " (vector)", "0Q " u " 01110 0z 10000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, fp_vector<FpUnary, fn>, \
        Feature::Frintts, true                                                                                    \
  }

constexpr Encoding kRows[] = {
    TW_BOTH("FCMGT (zero)", "0", "1", "01100", kWithZero<kFpGreater>),
    TW_BOTH("FCMGE (zero)", "1", "1", "01100", kWithZero<kFpGreaterEqual>),
    TW_BOTH("FCMEQ (zero)", "0", "1", "01101", kWithZero<kFpEqual>),
    TW_BOTH("FCMLE (zero)", "1", "1", "01101", kZeroWith<kFpGreaterEqual>),
    TW_BOTH("FCMLT (zero)", "0", "1", "01110", kZeroWith<kFpGreater>),
    TW_VECTOR("FABS", "0", "1", "01111", kAbsolute),
    TW_VECTOR("FNEG", "1", "1", "01111", kNegate),
    TW_VECTOR("FRINTN", "0", "0", "11000", kIntegral<TieEven>),
    TW_VECTOR("FRINTA", "1", "0", "11000", kIntegral<TieAway>),
    TW_VECTOR("FRINTP", "0", "1", "11000", kIntegral<Plus>),
    TW_VECTOR("FRINTM", "0", "0", "11001", kIntegral<Minus>),
    TW_VECTOR("FRINTX", "1", "0", "11001", kIntegralByFpcr<true>),
    TW_VECTOR("FRINTZ", "0", "1", "11001", kIntegral<Zero>),
    TW_VECTOR("FRINTI", "1", "1", "11001", kIntegralByFpcr<false>),
    TW_BOTH("FRECPE", "0", "1", "11101", kRecipEstimate),
    TW_BOTH("FRSQRTE", "1", "1", "11101", kRsqrtEstimate),
    TW_SCALAR("FRECPX", "0", "1", "11111", kRecipExponent),
    TW_VECTOR("FSQRT", "1", "1", "11111", kRoot),
    TW_WIDTH("FRINT32Z", "0", "11110", kTo32),
    TW_WIDTH("FRINT32X", "1", "11110", kTo32ByFpcr),
    TW_WIDTH("FRINT64Z", "0", "11111", kTo64),
    TW_WIDTH("FRINT64X", "1", "11111", kTo64ByFpcr),
    // ---- across lanes
    TW_ACROSS("FMAXNMV", "0", "01100", kFpMaxNum),
    TW_ACROSS("FMINNMV", "1", "01100", kFpMinNum),
    TW_ACROSS("FMAXV", "0", "01111", kFpMax),
    TW_ACROSS("FMINV", "1", "01111", kFpMin),
    // ---- scalar pairwise
    TW_PAIR("FMAXNMP", "0", "01100", kFpMaxNum),
    TW_PAIR("FMINNMP", "1", "01100", kFpMinNum),
    TW_PAIR("FADDP", "0", "01101", kFpAdd),
    TW_PAIR("FMAXP", "0", "01111", kFpMax),
    TW_PAIR("FMINP", "1", "01111", kFpMin),
};
#undef TW_WIDTH
#undef TW_PAIR
#undef TW_ACROSS
#undef TW_BOTH
#undef TW_SCALAR
#undef TW_VECTOR

}  // namespace

std::span<const Encoding> simd_fp_two_register_encodings() { return kRows; }

}  // namespace tw::cpu::a64
