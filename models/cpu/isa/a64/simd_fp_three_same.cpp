// Advanced SIMD floating point: three same, and by element; vector and scalar (Arm ARM C4.1). Half precision has
// encodings of its own.
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_fp.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

constexpr auto kSubtract = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::sub(n, m, env); };
constexpr auto kDivide = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::div(n, m, env); };
constexpr auto kRecipStep = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::recip_step(n, m, env); };
constexpr auto kRsqrtStep = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::rsqrt_step(n, m, env); };
constexpr auto kDifference = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::abs(fp::sub(n, m, env)); };
constexpr auto kAbsGreaterEqual = [](auto n, auto m, auto d, fp::FpEnv& env) {
  return kFpGreaterEqual(fp::abs(n), fp::abs(m), d, env);
};
constexpr auto kAbsGreater = [](auto n, auto m, auto d, fp::FpEnv& env) {
  return kFpGreater(fp::abs(n), fp::abs(m), d, env);
};

/// `select` with the element of 2^size bytes decoded behind it; size 0: that of sz.
template <Handler (*select)(Op&), unsigned size = 0>
Handler indexed(Op& op) {
  const Handler handler = select(op);
  const unsigned element = size != 0 ? size : is_double(op) ? 3 : 2;
  return decode_element(op, element) ? handler : nullptr;
}

// `a` is the upper bit of the size field, `low` are the lower three bits of the opcode.
#define TW_VECTOR(name, u, a, low, shape, fn)                                                       \
  {name " (vector)",                                                                                \
   "0Q " u " 01110 " a "z 1 mmmmm 11" low " 1 nnnnn ddddd",                                         \
   Cause::FpSimd,                                                                                   \
   fp_vector<shape, fn>,                                                                            \
   kSimd,                                                                                           \
   true},                                                                                           \
  {                                                                                                 \
    name " (vector, half)", "0Q " u " 01110 " a "1 0 mmmmm 00" low " 1 nnnnn ddddd", Cause::FpSimd, \
        fp_vector_half<shape, fn>, Feature::Fp16, true                                              \
  }
#define TW_BOTH(name, u, a, low, fn)                                                                     \
  TW_VECTOR(name, u, a, low, FpSame, fn),                                                                \
      {name " (SIMD scalar)",                                                                            \
       "01 " u " 11110 " a "z 1 mmmmm 11" low " 1 nnnnn ddddd",                                          \
       Cause::FpSimd,                                                                                    \
       fp_scalar<FpSame, fn>,                                                                            \
       kSimd,                                                                                            \
       true},                                                                                            \
  {                                                                                                      \
    name " (SIMD scalar, half)", "01 " u " 11110 " a "1 0 mmmmm 00" low " 1 nnnnn ddddd", Cause::FpSimd, \
        fp_scalar_half<FpSame, fn>, Feature::Fp16, true                                                  \
  }
#define TW_ELEMENT(name, u, opcode, fn)                                                                        \
  {name " (by element)",                                                                                       \
   "0Q " u " 01111 1z L mmmmm " opcode " H 0 nnnnn ddddd",                                                     \
   Cause::FpSimd,                                                                                              \
   indexed<fp_vector<FpElement, fn>>,                                                                          \
   kSimd,                                                                                                      \
   true},                                                                                                      \
      {name " (by element, half)",                                                                             \
       "0Q " u " 01111 00 L mmmmm " opcode " H 0 nnnnn ddddd",                                                 \
       Cause::FpSimd,                                                                                          \
       indexed<fp_vector_half<FpElement, fn>, 1>,                                                              \
       Feature::Fp16,                                                                                          \
       true},                                                                                                  \
      {name " (scalar, by element)",                                                                           \
       "01 " u " 11111 1z L mmmmm " opcode " H 0 nnnnn ddddd",                                                 \
       Cause::FpSimd,                                                                                          \
       indexed<fp_scalar<FpElement, fn>>,                                                                      \
       kSimd,                                                                                                  \
       true},                                                                                                  \
  {                                                                                                            \
    name " (scalar, by element, half)", "01 " u " 11111 00 L mmmmm " opcode " H 0 nnnnn ddddd", Cause::FpSimd, \
        indexed<fp_scalar_half<FpElement, fn>, 1>, Feature::Fp16, true                                         \
  }

constexpr Encoding kRows[] = {
    TW_VECTOR("FMAXNM", "0", "0", "000", FpSame, kFpMaxNum),
    TW_VECTOR("FMLA", "0", "0", "001", FpSame, kFpMla),
    TW_VECTOR("FADD", "0", "0", "010", FpSame, kFpAdd),
    TW_BOTH("FMULX", "0", "0", "011", kFpMulx),
    TW_BOTH("FCMEQ", "0", "0", "100", kFpEqual),
    TW_VECTOR("FMAX", "0", "0", "110", FpSame, kFpMax),
    TW_BOTH("FRECPS", "0", "0", "111", kRecipStep),
    TW_VECTOR("FMINNM", "0", "1", "000", FpSame, kFpMinNum),
    TW_VECTOR("FMLS", "0", "1", "001", FpSame, kFpMls),
    TW_VECTOR("FSUB", "0", "1", "010", FpSame, kSubtract),
    TW_VECTOR("FMIN", "0", "1", "110", FpSame, kFpMin),
    TW_BOTH("FRSQRTS", "0", "1", "111", kRsqrtStep),
    TW_VECTOR("FMAXNMP", "1", "0", "000", FpPairwise, kFpMaxNum),
    TW_VECTOR("FADDP", "1", "0", "010", FpPairwise, kFpAdd),
    TW_VECTOR("FMUL", "1", "0", "011", FpSame, kFpMul),
    TW_BOTH("FCMGE", "1", "0", "100", kFpGreaterEqual),
    TW_BOTH("FACGE", "1", "0", "101", kAbsGreaterEqual),
    TW_VECTOR("FMAXP", "1", "0", "110", FpPairwise, kFpMax),
    TW_VECTOR("FDIV", "1", "0", "111", FpSame, kDivide),
    TW_VECTOR("FMINNMP", "1", "1", "000", FpPairwise, kFpMinNum),
    TW_BOTH("FABD", "1", "1", "010", kDifference),
    TW_BOTH("FCMGT", "1", "1", "100", kFpGreater),
    TW_BOTH("FACGT", "1", "1", "101", kAbsGreater),
    TW_VECTOR("FMINP", "1", "1", "110", FpPairwise, kFpMin),
    TW_ELEMENT("FMLA", "0", "0001", kFpMla),
    TW_ELEMENT("FMLS", "0", "0101", kFpMls),
    TW_ELEMENT("FMUL", "0", "1001", kFpMul),
    TW_ELEMENT("FMULX", "1", "1001", kFpMulx),
};
#undef TW_ELEMENT
#undef TW_BOTH
#undef TW_VECTOR

}  // namespace

std::span<const Encoding> simd_fp_three_same_encodings() { return kRows; }

}  // namespace tw::cpu::a64
