// What the floating-point groups of Advanced SIMD share: the shapes of instructions, over an operation and a format
// (u16, u32, u64 for half, single and double precision). An operation is a lambda of lanes and FpEnv. Only active lanes
// are computed, since a lane of zeros may raise an exception. The scalar forms are the vector forms with one lane.
#pragma once

#include "cpu/isa/a64/fp_operands.hpp"
#include "cpu/isa/a64/simd_operations.hpp"

namespace tw::cpu::a64 {

/// Vd = `lane(i, env)` in the active lanes, zero in the others.
template <class F, class Lane>
inline const Op* fp_lanes(Cpu& cpu, const Op* op, Lane lane) {
  const unsigned count = op->extra[kActive] / static_cast<unsigned>(sizeof(F));
  cpu.v[op->rd] = vector<F>(with_fp_env(cpu, [&](fp::FpEnv& env) {
    Lanes<F> d{};
    for (unsigned i = 0; i < count; ++i) d[i] = static_cast<F>(lane(i, env));
    return d;
  }));
  return op + 1;
}

/// Vd.F = fn(Vn.F, Vm.F, Vd.F, env).
template <auto fn, class F>
struct FpSame {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<F>(cpu.v[op->rn]), m = lanes<F>(cpu.v[op->rm]), d = lanes<F>(cpu.v[op->rd]);
    return fp_lanes<F>(cpu, op, [&](unsigned i, fp::FpEnv& env) { return fn(n[i], m[i], d[i], env); });
  }
};

/// Vd.F = fn(Vn.F, Vm.F[index], Vd.F, env).
template <auto fn, class F>
struct FpElement {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<F>(cpu.v[op->rn]), d = lanes<F>(cpu.v[op->rd]);
    const F m = lanes<F>(cpu.v[op->rm])[op->extra[kIndex]];
    return fp_lanes<F>(cpu, op, [&](unsigned i, fp::FpEnv& env) { return fn(n[i], m, d[i], env); });
  }
};

/// Lanes of Vn, then lanes of Vm, in pairs: Vd.F[i] = fn(pair i, -, env).
template <auto fn, class F>
struct FpPairwise {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<F>(cpu.v[op->rn]), m = lanes<F>(cpu.v[op->rm]);
    const unsigned count = op->extra[kActive] / static_cast<unsigned>(sizeof(F));
    const auto at = [&](unsigned i) { return i < count ? n[i] : m[i - count]; };
    return fp_lanes<F>(cpu, op, [&](unsigned i, fp::FpEnv& env) { return fn(at(2 * i), at(2 * i + 1), F{0}, env); });
  }
};

/// Vd.F = fn(Vn.F, imm, env); imm: the fraction bits of a conversion.
template <auto fn, class F>
struct FpUnary {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<F>(cpu.v[op->rn]);
    const auto imm = static_cast<unsigned>(op->imm);
    return fp_lanes<F>(cpu, op, [&](unsigned i, fp::FpEnv& env) { return fn(n[i], imm, env); });
  }
};

/// One lane from all of Vn: fn of the lower and the upper half, each reduced so (Reduce of the manual).
template <auto fn, class F>
struct FpAcross {
  static const Op* run(Cpu& cpu, const Op* op) {
    auto n = lanes<F>(cpu.v[op->rn]);
    const unsigned count = op->extra[kActive] / static_cast<unsigned>(sizeof(F));
    const F result = with_fp_env(cpu, [&](fp::FpEnv& env) {
      for (unsigned left = count / 2; left != 0; left /= 2) {
        for (unsigned i = 0; i < left; ++i) n[i] = fn(n[2 * i], n[2 * i + 1], F{0}, env);
      }
      return n[0];
    });
    write_fp<F>(cpu, op->rd, result);
    return op + 1;
  }
};

// ---- decoding

/// Single or double precision by bit 22.
inline bool is_double(const Op& op) { return bit<22>(op.insn); }

template <template <auto, class> class Shape, auto fn>
Handler fp_by_size(const Op& op) {
  return is_double(op) ? with_fp_access<Shape<fn, u64>::run> : with_fp_access<Shape<fn, u32>::run>;
}

/// Lanes in 64 or 128 bits; one lane of double precision in 64 bits is unallocated.
template <template <auto, class> class Shape, auto fn>
Handler fp_vector(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  return is_double(op) && !q_field(op) ? nullptr : fp_by_size<Shape, fn>(op);
}
template <template <auto, class> class Shape, auto fn>
Handler fp_scalar(Op& op) {
  decode_registers(op);
  op.extra[kActive] = is_double(op) ? 8 : 4;
  return fp_by_size<Shape, fn>(op);
}
template <template <auto, class> class Shape, auto fn>
Handler fp_vector_half(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  return with_fp_access<Shape<fn, u16>::run>;
}
template <template <auto, class> class Shape, auto fn>
Handler fp_scalar_half(Op& op) {
  decode_registers(op);
  op.extra[kActive] = 2;
  return with_fp_access<Shape<fn, u16>::run>;
}

// ---- operations of more than one class of instructions

inline constexpr auto kFpAdd = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::add(n, m, env); };
inline constexpr auto kFpMul = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::mul(n, m, env); };
inline constexpr auto kFpMulx = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::mulx(n, m, env); };
inline constexpr auto kFpMla = [](auto n, auto m, auto d, fp::FpEnv& env) { return fp::mul_add(d, n, m, env); };
inline constexpr auto kFpMls = [](auto n, auto m, auto d, fp::FpEnv& env) {
  return fp::mul_add(d, fp::neg(n), m, env);
};
inline constexpr auto kFpMax = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::max(n, m, env); };
inline constexpr auto kFpMin = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::min(n, m, env); };
inline constexpr auto kFpMaxNum = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::max_num(n, m, env); };
inline constexpr auto kFpMinNum = [](auto n, auto m, auto, fp::FpEnv& env) { return fp::min_num(n, m, env); };

/// FPCompareEQ, GE and GT: all ones or all zeros. Only FPCompareEQ is quiet.
inline constexpr auto kFpEqual = [](auto n, auto m, auto, fp::FpEnv& env) {
  return truth(fp::compare(n, m, false, env) == fp::Order::Equal, n);
};
inline constexpr auto kFpGreaterEqual = [](auto n, auto m, auto, fp::FpEnv& env) {
  const fp::Order order = fp::compare(n, m, true, env);
  return truth(order == fp::Order::Greater || order == fp::Order::Equal, n);
};
inline constexpr auto kFpGreater = [](auto n, auto m, auto, fp::FpEnv& env) {
  return truth(fp::compare(n, m, true, env) == fp::Order::Greater, n);
};

}  // namespace tw::cpu::a64
