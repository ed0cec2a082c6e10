// Floating-point conversions: between precisions, and with integers and fixed point in general registers.
#include "cpu/isa/a64/fp_operands.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

template <class To, class From>
const Op* convert_precision(Cpu& cpu, const Op* op) {
  const From a = read_fp<From>(cpu, op->rn);
  write_fp<To>(cpu, op->rd, with_fp_env(cpu, [&](fp::FpEnv& env) { return fp::convert<To>(a, env); }));
  return op + 1;
}

/// op->imm: the number of fraction bits.
template <class I, class F, fp::Rounding rounding>
const Op* to_general(Cpu& cpu, const Op* op) {
  const F a = read_fp<F>(cpu, op->rn);
  const auto fraction_bits = static_cast<unsigned>(op->imm);
  const I result = with_fp_env(cpu, [&](fp::FpEnv& env) { return fp::to_fixed<I>(a, fraction_bits, rounding, env); });
  write(cpu, op->rd, static_cast<std::make_unsigned_t<I>>(result));
  return op + 1;
}

template <class I, class F>
const Op* from_general(Cpu& cpu, const Op* op) {
  const auto value = static_cast<I>(cpu.x[op->rn]);
  const auto fraction_bits = static_cast<unsigned>(op->imm);
  write_fp<F>(cpu, op->rd,
              with_fp_env(cpu, [&](fp::FpEnv& env) { return fp::from_fixed<F>(value, fraction_bits, env); }));
  return op + 1;
}

/// FJCVTZS: Z says whether the conversion was exact.
const Op* to_javascript(Cpu& cpu, const Op* op) {
  const u64 a = read_fp<u64>(cpu, op->rn);
  const auto result = with_fp_env(cpu, [&](fp::FpEnv& env) { return fp::to_javascript(a, env); });
  write<u32>(cpu, op->rd, result.value);
  cpu.flags = {.z = result.exact};
  return op + 1;
}

// ---- decoding

Handler select_javascript(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = static_cast<u8>(field_rn(op));
  return with_fp_access<to_javascript>;
}

Handler select_precision(Op& op) {
  decode_fp_registers(op);
  const auto to = static_cast<FpType>(field<16, 15>(op));
  switch (fp_type(op)) {
    case FpType::Single:
      if (to == FpType::Double) return with_fp_access<convert_precision<u64, u32>>;
      if (to == FpType::Half) return with_fp_access<convert_precision<u16, u32>>;
      return nullptr;
    case FpType::Double:
      if (to == FpType::Single) return with_fp_access<convert_precision<u32, u64>>;
      if (to == FpType::Half) return with_fp_access<convert_precision<u16, u64>>;
      return nullptr;
    case FpType::Half:
      if (to == FpType::Single) return with_fp_access<convert_precision<u32, u16>>;
      if (to == FpType::Double) return with_fp_access<convert_precision<u64, u16>>;
      return nullptr;
    case FpType::Reserved:
      return nullptr;
  }
  return nullptr;
}

enum class Operand : u8 { Integer, FixedPoint };

/// Fixed point: fraction bits are 64 - scale, at most as many as the general register has bits.
template <Operand operand>
bool decode_scale(Op& op) {
  if (operand == Operand::Integer) return true;
  op.imm = 64 - field<15, 10>(op);
  return is_64bit(op) || op.imm <= 32;
}

template <class I32, class I64, fp::Rounding rounding, Operand operand = Operand::Integer>
Handler select_to_general(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = static_cast<u8>(field_rn(op));
  if (!decode_scale<operand>(op)) return nullptr;
  return is_64bit(op)
             ? by_type(op, with_fp_access<to_general<I64, u16, rounding>>,
                       with_fp_access<to_general<I64, u32, rounding>>, with_fp_access<to_general<I64, u64, rounding>>)
             : by_type(op, with_fp_access<to_general<I32, u16, rounding>>,
                       with_fp_access<to_general<I32, u32, rounding>>, with_fp_access<to_general<I32, u64, rounding>>);
}

template <class I32, class I64, Operand operand = Operand::Integer>
Handler select_from_general(Op& op) {
  op.rd = static_cast<u8>(field_rd(op));
  op.rn = source(field_rn(op));
  if (!decode_scale<operand>(op)) return nullptr;
  return is_64bit(op) ? by_type(op, with_fp_access<from_general<I64, u16>>, with_fp_access<from_general<I64, u32>>,
                                with_fp_access<from_general<I64, u64>>)
                      : by_type(op, with_fp_access<from_general<I32, u16>>, with_fp_access<from_general<I32, u32>>,
                                with_fp_access<from_general<I32, u64>>);
}

template <fp::Rounding rounding, Operand operand = Operand::Integer>
constexpr auto to_signed = select_to_general<i32, i64, rounding, operand>;
template <fp::Rounding rounding, Operand operand = Operand::Integer>
constexpr auto to_unsigned = select_to_general<u32, u64, rounding, operand>;

using enum fp::Rounding;
constexpr auto kCost = cost::Cause::FpSimd;
constexpr auto kFeature = Feature::FpSimd;

constexpr Encoding kRows[] = {
    {"FJCVTZS", "00011110 01 1 11 110 000000 nnnnn ddddd", kCost, select_javascript, Feature::Jscvt, kOverrides},
    {"FCVT", "00011110 tt 1 0001 oo 10000 nnnnn ddddd", kCost, select_precision, kFeature, kOverrides},

    {"SCVTF (scalar, fixed-point)", "s0011110 tt 0 00 010 ffffff nnnnn ddddd", kCost,
     select_from_general<i32, i64, Operand::FixedPoint>, kFeature, kOverrides, kHalfIsFp16},
    {"UCVTF (scalar, fixed-point)", "s0011110 tt 0 00 011 ffffff nnnnn ddddd", kCost,
     select_from_general<u32, u64, Operand::FixedPoint>, kFeature, kOverrides, kHalfIsFp16},
    {"FCVTZS (scalar, fixed-point)", "s0011110 tt 0 11 000 ffffff nnnnn ddddd", kCost,
     to_signed<Zero, Operand::FixedPoint>, kFeature, kOverrides, kHalfIsFp16},
    {"FCVTZU (scalar, fixed-point)", "s0011110 tt 0 11 001 ffffff nnnnn ddddd", kCost,
     to_unsigned<Zero, Operand::FixedPoint>, kFeature, kOverrides, kHalfIsFp16},

    {"FCVTNS (scalar)", "s0011110 tt 1 00 000 000000 nnnnn ddddd", kCost, to_signed<TieEven>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FCVTNU (scalar)", "s0011110 tt 1 00 001 000000 nnnnn ddddd", kCost, to_unsigned<TieEven>, kFeature, kOverrides,
     kHalfIsFp16},
    {"SCVTF (scalar, integer)", "s0011110 tt 1 00 010 000000 nnnnn ddddd", kCost, select_from_general<i32, i64>,
     kFeature, kOverrides, kHalfIsFp16},
    {"UCVTF (scalar, integer)", "s0011110 tt 1 00 011 000000 nnnnn ddddd", kCost, select_from_general<u32, u64>,
     kFeature, kOverrides, kHalfIsFp16},
    {"FCVTAS (scalar)", "s0011110 tt 1 00 100 000000 nnnnn ddddd", kCost, to_signed<TieAway>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FCVTAU (scalar)", "s0011110 tt 1 00 101 000000 nnnnn ddddd", kCost, to_unsigned<TieAway>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FCVTPS (scalar)", "s0011110 tt 1 01 000 000000 nnnnn ddddd", kCost, to_signed<Plus>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FCVTPU (scalar)", "s0011110 tt 1 01 001 000000 nnnnn ddddd", kCost, to_unsigned<Plus>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FCVTMS (scalar)", "s0011110 tt 1 10 000 000000 nnnnn ddddd", kCost, to_signed<Minus>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FCVTMU (scalar)", "s0011110 tt 1 10 001 000000 nnnnn ddddd", kCost, to_unsigned<Minus>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FCVTZS (scalar, integer)", "s0011110 tt 1 11 000 000000 nnnnn ddddd", kCost, to_signed<Zero>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FCVTZU (scalar, integer)", "s0011110 tt 1 11 001 000000 nnnnn ddddd", kCost, to_unsigned<Zero>, kFeature,
     kOverrides, kHalfIsFp16},
};

}  // namespace

std::span<const Encoding> fp_convert_encodings() { return kRows; }

}  // namespace tw::cpu::a64
