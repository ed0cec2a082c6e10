// Advanced SIMD floating point after Armv8.2: complex numbers (FEAT_FCMA), and products of half-precision numbers into
// single precision (FEAT_FHM), vector and by element (Arm ARM C4.1).
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_fp.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

// ---- complex numbers: pairs of lanes, the real part first. op.imm: the rotation by so many quarter turns.

/// FCADD: Vn plus Vm turned by one or three quarters.
template <auto, class F>
struct ComplexAdd {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<F>(cpu.v[op->rn]), m = lanes<F>(cpu.v[op->rm]);
    const bool quarter = op->imm == 1;
    return fp_lanes<F>(cpu, op, [&](unsigned i, fp::FpEnv& env) {
      const bool imaginary = i % 2 != 0;
      const F other = m[i ^ 1];
      return fp::add(n[i], imaginary == quarter ? other : fp::neg(other), env);
    });
  }
};

/// FCMLA: Vd plus the real or the imaginary part of Vn times Vm, turned.
template <class F, class Second>
const Op* complex_multiply_add(Cpu& cpu, const Op* op, Second second) {
  const auto n = lanes<F>(cpu.v[op->rn]), d = lanes<F>(cpu.v[op->rd]);
  const bool odd = (op->imm & 1) != 0, half_turn = (op->imm & 2) != 0;
  return fp_lanes<F>(cpu, op, [&](unsigned i, fp::FpEnv& env) {
    const bool imaginary = i % 2 != 0;
    const F factor = second(odd ? i ^ 1 : i);
    const bool negative = odd ? imaginary == half_turn : half_turn;
    return fp::mul_add(d[i], n[odd ? i | 1 : i & ~1u], negative ? fp::neg(factor) : factor, env);
  });
}
template <auto, class F>
struct ComplexMultiplyAdd {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto m = lanes<F>(cpu.v[op->rm]);
    return complex_multiply_add<F>(cpu, op, [&](unsigned i) { return m[i]; });
  }
};
template <auto, class F>
struct ComplexElement {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto m = lanes<F>(cpu.v[op->rm]);
    const unsigned pair = 2u * op->extra[kIndex];
    return complex_multiply_add<F>(cpu, op, [&](unsigned i) { return m[pair + i % 2]; });
  }
};

/// Half, single and double precision by the size field; one pair needs at least the whole register.
template <template <auto, class> class Shape>
Handler by_precision(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  switch (size_field(op)) {
    case 1:
      return with_fp_access<Shape<0, u16>::run>;
    case 2:
      return with_fp_access<Shape<0, u32>::run>;
    case 3:
      return q_field(op) ? with_fp_access<Shape<0, u64>::run> : nullptr;
    default:
      return nullptr;
  }
}
Handler select_add(Op& op) {
  op.imm = bit<12>(op.insn) ? 3 : 1;
  return by_precision<ComplexAdd>(op);
}
Handler select_multiply_add(Op& op) {
  op.imm = bits<12, 11>(op.insn);
  return by_precision<ComplexMultiplyAdd>(op);
}
/// The element is a pair: H:L of half precision, H of single.
Handler select_element(Op& op) {
  op.imm = bits<14, 13>(op.insn);
  const u64 h = bits<11, 11>(op.insn), l = bits<21, 21>(op.insn), size = size_field(op);
  if (size == 1 ? h != 0 && !q_field(op) : size != 2 || l != 0 || !q_field(op)) return nullptr;
  const Handler handler = by_precision<ComplexElement>(op);
  op.extra[kIndex] = static_cast<u8>(size == 1 ? h << 1 | l : h);
  return handler;
}

// ---- half precision into single

/// The number in single precision; exact, and a NaN keeps its kind. FPCR.FZ16 flushes.
u32 widened(u16 a, const fp::FpEnv& env) {
  using T = fp::Format<u16>;
  const u32 sign = static_cast<u32>(a & T::kSign) << 16;
  const u32 exponent = (a & T::kInfinity) >> T::kFractionBits, fraction = a & T::kFraction;
  if (exponent == 31) return sign | 0x7F80'0000 | fraction << 13;
  if (exponent != 0) return sign | (exponent + 112) << 23 | fraction << 13;
  if (fraction == 0 || env.control.flush_to_zero_16) return sign;
  const int zeros = std::countl_zero(fraction) - 21;  // above bit 10
  return sign | static_cast<u32>(113 - zeros) << 23 | ((fraction << zeros) & T::kFraction) << 13;
}

/// FMLAL, FMLSL: extra[kHigh]: the upper half of the operands.
template <bool element, bool subtract>
const Op* multiply_long(Cpu& cpu, const Op* op) {
  const auto n = lanes<u16>(cpu.v[op->rn]), m = lanes<u16>(cpu.v[op->rm]);
  const auto d = lanes<u32>(cpu.v[op->rd]);
  const unsigned first = op->extra[kHigh] ? op->extra[kActive] / 4u : 0;
  return fp_lanes<u32>(cpu, op, [&](unsigned i, fp::FpEnv& env) {
    const u16 a = subtract ? fp::neg(n[first + i]) : n[first + i];
    return fp::mul_add(d[i], widened(a, env), widened(m[element ? op->extra[kIndex] : first + i], env), env);
  });
}
template <bool subtract, bool high, bool element>
Handler select_long(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  op.extra[kHigh] = high;
  if (element) decode_element(op, 1);
  return with_fp_access<multiply_long<element, subtract>>;
}

#define TW_LONG(name, head, opcode, element_head, element_opcode, subtract, high)                                   \
  {name " (vector)", "0Q " head " mmmmm " opcode " 1 nnnnn ddddd",                                                  \
   Cause::FpSimd,    select_long<subtract, high, false>,                                                            \
   Feature::Fhm,     true},                                                                                         \
  {                                                                                                                 \
    name " (by element)", "0Q " element_head " 01111 10 L mmmmm " element_opcode " H 0 nnnnn ddddd", Cause::FpSimd, \
        select_long<subtract, high, true>, Feature::Fhm, true                                                       \
  }

constexpr Encoding kRows[] = {
    {"FCADD", "0Q 1 01110 zz 0 mmmmm 1 11r0 1 nnnnn ddddd", Cause::FpSimd, select_add, Feature::Fcma, true},
    {"FCMLA", "0Q 1 01110 zz 0 mmmmm 1 10rr 1 nnnnn ddddd", Cause::FpSimd, select_multiply_add, Feature::Fcma, true},
    {"FCMLA (by element)", "0Q 1 01111 zz L mmmmm 0rr1 H 0 nnnnn ddddd", Cause::FpSimd, select_element, Feature::Fcma,
     true},
    TW_LONG("FMLAL", "0 01110 001", "11101", "0", "0000", false, false),
    TW_LONG("FMLSL", "0 01110 101", "11101", "0", "0100", true, false),
    TW_LONG("FMLAL2", "1 01110 001", "11001", "1", "1000", false, true),
    TW_LONG("FMLSL2", "1 01110 101", "11001", "1", "1100", true, true),
};
#undef TW_LONG

}  // namespace

std::span<const Encoding> simd_complex_encodings() { return kRows; }

}  // namespace tw::cpu::a64
