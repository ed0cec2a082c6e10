// Comparison, minimum and maximum.
#include "cpu/fp/host.hpp"
#include "cpu/fp/unpacked.hpp"

namespace tw::cpu::fp {
namespace {

/// Numbers in an order that integers have, both zeros in the middle.
template <class F>
i64 ordinal(F a) {
  const i64 magnitude = static_cast<i64>(abs(a));
  return (a & Format<F>::kSign) != 0 ? -magnitude : magnitude;
}
template <class F>
i64 ordinal(F a, const Unpacked& u) {
  return u.is_zero() ? 0 : ordinal(a);
}

enum class Wanted : u8 { Maximum, Minimum };

template <class F, Wanted wanted>
F extremum(F a, F b, FpEnv& env) {
  const Unpacked ua = unpack(a, env), ub = unpack(b, env);
  if (ua.is_nan() || ub.is_nan()) return process_nans(ua, a, ub, b, env);
  constexpr bool kMaximum = wanted == Wanted::Maximum;
  const i64 oa = ordinal(a, ua), ob = ordinal(b, ub);
  const bool first = kMaximum ? oa > ob : oa < ob;
  if ((first ? ua : ub).is_zero()) return zero<F>(kMaximum ? ua.sign && ub.sign : ua.sign || ub.sign);
  return first ? a : b;
}

/// FPMaxNum, FPMinNum: a quiet NaN beside a number counts as the infinity that loses.
template <class F, Wanted wanted>
F extremum_num(F a, F b, FpEnv& env) {
  FpEnv aside(env.control);  // operands are unpacked once more below: exceptions come from there
  const bool quiet_a = unpack(a, aside).kind == Kind::QuietNan;
  const bool quiet_b = unpack(b, aside).kind == Kind::QuietNan;
  const F loser = infinity<F>(wanted == Wanted::Maximum);
  if (quiet_a && !quiet_b) a = loser;
  if (quiet_b && !quiet_a) b = loser;
  return extremum<F, wanted>(a, b, env);
}

}  // namespace

template <class F>
F max(F a, F b, FpEnv& env) {
  return extremum<F, Wanted::Maximum>(a, b, env);
}

template <class F>
F min(F a, F b, FpEnv& env) {
  return extremum<F, Wanted::Minimum>(a, b, env);
}

template <class F>
F max_num(F a, F b, FpEnv& env) {
  return extremum_num<F, Wanted::Maximum>(a, b, env);
}

template <class F>
F min_num(F a, F b, FpEnv& env) {
  return extremum_num<F, Wanted::Minimum>(a, b, env);
}

template <class F>
Order compare(F a, F b, bool signal_all_nans, FpEnv& env) {
  if (is_plain(a) && is_plain(b)) [[likely]] {  // nothing to flush, to raise or to be unordered
    const i64 oa = ordinal(a), ob = ordinal(b);
    return oa < ob ? Order::Less : oa == ob ? Order::Equal : Order::Greater;
  }
  const Unpacked ua = unpack(a, env), ub = unpack(b, env);
  if (ua.is_nan() || ub.is_nan()) {
    const bool signalling = ua.kind == Kind::SignallingNan || ub.kind == Kind::SignallingNan;
    if (signalling || signal_all_nans) env.raise(kInvalidOperation);
    return Order::Unordered;
  }
  const i64 oa = ordinal(a, ua), ob = ordinal(b, ub);
  return oa < ob ? Order::Less : oa == ob ? Order::Equal : Order::Greater;
}

#define TW_INSTANTIATE(F)           \
  template F max(F, F, FpEnv&);     \
  template F min(F, F, FpEnv&);     \
  template F max_num(F, F, FpEnv&); \
  template F min_num(F, F, FpEnv&); \
  template Order compare(F, F, bool, FpEnv&);
TW_INSTANTIATE(u16)
TW_INSTANTIATE(u32)
TW_INSTANTIATE(u64)
#undef TW_INSTANTIATE

}  // namespace tw::cpu::fp
