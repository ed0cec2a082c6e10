// Where the host's floating point gives what the manual demands, bit for bit, it does the work; elsewhere nullopt.
//
// Both sides round IEEE 754 binary32 and binary64 numbers to nearest even, so a result differs only through NaNs,
// denormals, FZ and exceptions. Taken together these conditions leave none of them:
//  - FPCR.RMode is nearest; operands are zeros or normal (no NaN, no infinity, nothing to flush, no Input Denormal);
//  - the result is finite and at least twice the smallest normal number: no overflow, and neither side of the rounding
//    is tiny, so no Underflow and nothing to flush; or it is a zero that is exact;
//  - Inexact is all that is left to raise, and it is raised already (FPSR.IXC is cumulative).
// The host must be in its default modes: rounding to nearest. Flushing on the host changes nothing here.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "cpu/fp/fp.hpp"

namespace tw::cpu::fp {

static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

template <class F>
inline constexpr bool kOnHost = sizeof(F) != 2;
template <class F>
using Host = std::conditional_t<sizeof(F) == 4, float, double>;

template <class F>
inline Host<F> to_host(F a) {
  return std::bit_cast<Host<F>>(a);
}
inline u32 from_host(float a) { return std::bit_cast<u32>(a); }
inline u64 from_host(double a) { return std::bit_cast<u64>(a); }

inline bool only_nearest(const FpEnv& env) {
  return env.control.rounding == Rounding::TieEven && (env.exceptions & kInexact) != 0;
}

template <class F>
constexpr bool is_zero(F a) {
  return abs(a) == 0;
}
template <class F>
constexpr bool is_normal(F a) {
  constexpr F kSmallest = static_cast<F>(F{1} << Format<F>::kFractionBits);
  return static_cast<F>(abs(a) - kSmallest) < static_cast<F>(Format<F>::kInfinity - kSmallest);
}
template <class F>
constexpr bool is_plain(F a) {
  return is_normal(a) || is_zero(a);
}
/// Finite and at least twice the smallest normal number.
template <class F>
constexpr bool is_safe(F a) {
  constexpr F kLowest = static_cast<F>(F{2} << Format<F>::kFractionBits);
  return static_cast<F>(abs(a) - kLowest) < static_cast<F>(Format<F>::kInfinity - kLowest);
}

/// A sum or difference that is zero is exact, and has the sign of rounding to nearest.
template <class F, class Operation>
inline std::optional<F> host_sum(F a, F b, const FpEnv& env, Operation operation) {
  if constexpr (kOnHost<F>) {
    if (only_nearest(env) && is_plain(a) && is_plain(b)) {
      const F result = from_host(operation(to_host(a), to_host(b)));
      if (is_safe(result) || is_zero(result)) return result;
    }
  }
  return std::nullopt;
}

/// A product or quotient of normal numbers.
template <class F, class Operation>
inline std::optional<F> host_product(F a, F b, const FpEnv& env, Operation operation) {
  if constexpr (kOnHost<F>) {
    if (only_nearest(env) && is_normal(a) && is_normal(b)) {
      const F result = from_host(operation(to_host(a), to_host(b)));
      if (is_safe(result)) return result;
    }
  }
  return std::nullopt;
}

template <class F>
inline std::optional<F> host_root(F a, const FpEnv& env) {
  if constexpr (kOnHost<F>) {
    if (only_nearest(env) && is_normal(a) && (a & Format<F>::kSign) == 0) return from_host(std::sqrt(to_host(a)));
  }
  return std::nullopt;
}

/// std::fma rounds once, whether the host has an instruction for it or not.
template <class F>
inline std::optional<F> host_mul_add(F addend, F a, F b, const FpEnv& env) {
  if constexpr (kOnHost<F>) {
    if (only_nearest(env) && is_normal(addend) && is_normal(a) && is_normal(b)) {
      const F result = from_host(std::fma(to_host(a), to_host(b), to_host(addend)));
      if (is_safe(result)) return result;
    }
  }
  return std::nullopt;
}

}  // namespace tw::cpu::fp
