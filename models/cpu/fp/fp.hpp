// Armv8 floating-point arithmetic, bit-exact: pure functions on the bits of half, single and double precision numbers.
// Semantics are those of the manual's shared/functions/float pseudocode (Arm ARM J1.3), whose function names stand in
// the comments. Everything is instantiated for u16, u32 and u64.
#pragma once

#include <type_traits>

#include "cpu/fp/format.hpp"

namespace tw::cpu::fp {

/// FPRounding. The first four have the values of FPCR.RMode.
enum class Rounding : u8 {
  TieEven,  ///< N
  Plus,     ///< P, towards plus infinity
  Minus,    ///< M, towards minus infinity
  Zero,     ///< Z
  TieAway,  ///< A, instructions only
  Odd,      ///< FCVTXN only: Von Neumann rounding
};

/// What FPCR says.
struct FpControl {
  Rounding rounding = Rounding::TieEven;
  bool flush_to_zero = false;     ///< FZ: single and double precision
  bool flush_to_zero_16 = false;  ///< FZ16: half-precision arithmetic (FEAT_FP16)
  bool default_nan = false;       ///< DN
  bool alternative_half = false;  ///< AHP: half precision has no infinities and no NaNs
  static constexpr FpControl from_fpcr(u64 fpcr) {
    return {static_cast<Rounding>((fpcr >> 22) & 3), ((fpcr >> 24) & 1) != 0, ((fpcr >> 19) & 1) != 0,
            ((fpcr >> 25) & 1) != 0, ((fpcr >> 26) & 1) != 0};
  }
};

/// Cumulative exception bits, in FPSR's positions.
inline constexpr u32 kInvalidOperation = 1u << 0;  ///< IOC
inline constexpr u32 kDivideByZero = 1u << 1;      ///< DZC
inline constexpr u32 kOverflow = 1u << 2;          ///< OFC
inline constexpr u32 kUnderflow = 1u << 3;         ///< UFC
inline constexpr u32 kInexact = 1u << 4;           ///< IXC
inline constexpr u32 kInputDenormal = 1u << 7;     ///< IDC
inline constexpr u32 kCumulative = 0x9F;

/// What an operation reads of FPCR and leaves for FPSR: make one an instruction, then or `exceptions` into FPSR.
/// Those that FPSR has already may be set beforehand: with Inexact there the host can do much of the work (host.hpp).
/// Exceptions are never trapped.
struct FpEnv {
  FpControl control;
  u32 exceptions = 0;
  FpEnv() = default;
  explicit FpEnv(FpControl which) : control(which) {}
  explicit FpEnv(u64 fpcr) : control(FpControl::from_fpcr(fpcr)) {}
  void raise(u32 which) { exceptions |= which; }
};

// ---- sign (no exceptions, NaNs are nothing special)

template <class F>
constexpr F abs(F a) {
  return static_cast<F>(a & ~Format<F>::kSign);
}
template <class F>
constexpr F neg(F a) {
  return static_cast<F>(a ^ Format<F>::kSign);
}

// ---- arithmetic (arithmetic.cpp)

template <class F>
F add(F a, F b, FpEnv& env);  ///< FPAdd
template <class F>
F sub(F a, F b, FpEnv& env);  ///< FPSub
template <class F>
F mul(F a, F b, FpEnv& env);  ///< FPMul
template <class F>
F nmul(F a, F b, FpEnv& env) {  ///< FNMUL: the product negated after rounding, NaNs too
  return neg(mul(a, b, env));
}
template <class F>
F mulx(F a, F b, FpEnv& env);  ///< FPMulX: infinity times zero is 2
template <class F>
F div(F a, F b, FpEnv& env);  ///< FPDiv
template <class F>
F sqrt(F a, FpEnv& env);  ///< FPSqrt
/// FPMulAdd: addend + a * b, rounded once. Negate operands beforehand for FMSUB, FNMADD, FNMSUB.
template <class F>
F mul_add(F addend, F a, F b, FpEnv& env);
template <class F>
F recip_step(F a, F b, FpEnv& env);  ///< FPRecipStepFused: 2 - a * b
template <class F>
F rsqrt_step(F a, F b, FpEnv& env);  ///< FPRSqrtStepFused: (3 - a * b) / 2

// ---- comparison (compare.cpp)

template <class F>
F max(F a, F b, FpEnv& env);  ///< FPMax
template <class F>
F min(F a, F b, FpEnv& env);  ///< FPMin
template <class F>
F max_num(F a, F b, FpEnv& env);  ///< FPMaxNum: a quiet NaN loses against a number
template <class F>
F min_num(F a, F b, FpEnv& env);  ///< FPMinNum

enum class Order : u8 { Less, Equal, Greater, Unordered };
/// Quiet: only signalling NaNs raise Invalid Operation (FCMP, FCMEQ); otherwise all NaNs do (FCMPE, FCMGE, FCMGT …).
template <class F>
Order compare(F a, F b, bool signal_all_nans, FpEnv& env);
/// N, Z, C, V of FPCompare, as a 4-bit number.
constexpr u32 nzcv_of(Order order) {
  constexpr u32 kFlags[] = {0b1000, 0b0110, 0b0010, 0b0011};
  return kFlags[static_cast<unsigned>(order)];
}

// ---- conversion (convert.cpp)

/// FPRoundInt: to an integral number in the same format; `exact`: Inexact is raised (FRINTX).
template <class F>
F round_to_integral(F a, Rounding rounding, bool exact, FpEnv& env);
/// FPRoundIntN: to an integral number that a signed integer of `width` bits holds; what does not fit, and NaNs, become
/// the most negative one.
template <class F>
F round_to_width(F a, int width, Rounding rounding, FpEnv& env);
/// FPToFixedJS: the integer part modulo 2^32, and whether that is the number.
struct JavaScriptInteger {
  u32 value;
  bool exact;
};
JavaScriptInteger to_javascript(u64 a, FpEnv& env);
/// FPConvert; FCVTXN passes Rounding::Odd, everything else env.control.rounding.
template <class To, class From>
To convert(From a, Rounding rounding, FpEnv& env);
template <class To, class From>
To convert(From a, FpEnv& env) {
  return convert<To, From>(a, env.control.rounding, env);
}
/// FPToFixed: `I` is i16, i32, i64, u16, u32 or u64; saturates. `fraction_bits` 0: FCVT{N,P,M,Z,A}{S,U}.
template <class I, class F>
I to_fixed(F a, unsigned fraction_bits, Rounding rounding, FpEnv& env);
/// FixedToFP, rounded as FPCR says; `I` as above.
template <class F, class I>
F from_fixed(I value, unsigned fraction_bits, FpEnv& env);

// ---- estimates (estimate.cpp)

template <class F>
F recip_estimate(F a, FpEnv& env);  ///< FPRecipEstimate
template <class F>
F rsqrt_estimate(F a, FpEnv& env);  ///< FPRSqrtEstimate
template <class F>
F recip_exponent(F a, FpEnv& env);         ///< FPRecpX
u32 unsigned_recip_estimate(u32 operand);  ///< UnsignedRecipEstimate (URECPE)
u32 unsigned_rsqrt_estimate(u32 operand);  ///< UnsignedRSqrtEstimate (URSQRTE)

/// VFPExpandImm: the 8-bit immediate of FMOV.
template <class F>
constexpr F expand_immediate(u32 imm8) {
  using T = Format<F>;
  const u64 sign = (imm8 >> 7) & 1;
  const u64 b = (imm8 >> 6) & 1;
  const u64 repeated = b ? (u64{1} << (T::kExponentBits - 3)) - 1 : 0;
  const u64 exponent = (b ^ 1) << (T::kExponentBits - 1) | repeated << 2 | ((imm8 >> 4) & 3);
  return static_cast<F>(sign << (T::kBits - 1) | exponent << T::kFractionBits |
                        u64{imm8 & 15} << (T::kFractionBits - 4));
}

}  // namespace tw::cpu::fp
