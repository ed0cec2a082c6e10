// Floating-point moves: FMOV between V registers, of an immediate, and to and from general registers.
#include "cpu/isa/a64/fp_operands.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

template <class F>
const Op* move_register(Cpu& cpu, const Op* op) {
  write_fp<F>(cpu, op->rd, read_fp<F>(cpu, op->rn));
  return op + 1;
}

const Op* move_immediate(Cpu& cpu, const Op* op) {
  write_fp<u64>(cpu, op->rd, op->imm);
  return op + 1;
}

template <class F>
const Op* move_to_general(Cpu& cpu, const Op* op) {
  write<F>(cpu, op->rd, read_fp<F>(cpu, op->rn));
  return op + 1;
}

template <class F>
const Op* move_from_general(Cpu& cpu, const Op* op) {
  write_fp<F>(cpu, op->rd, read<F>(cpu, op->rn));
  return op + 1;
}

const Op* move_top_half_to_general(Cpu& cpu, const Op* op) {
  write<u64>(cpu, op->rd, cpu.v[op->rn].d[1]);
  return op + 1;
}

const Op* move_top_half_from_general(Cpu& cpu, const Op* op) {
  cpu.v[op->rd].d[1] = read<u64>(cpu, op->rn);
  return op + 1;
}

Handler select_register(Op& op) {
  decode_fp_registers(op);
  return by_type(op, with_fp_access<move_register<u16>>, with_fp_access<move_register<u32>>,
                 with_fp_access<move_register<u64>>);
}

Handler select_immediate(Op& op) {
  op.rd = static_cast<u8>(field_rd(op));
  const u32 imm8 = field<20, 13>(op);
  op.imm = fp_type(op) == FpType::Half     ? fp::expand_immediate<u16>(imm8)
           : fp_type(op) == FpType::Single ? fp::expand_immediate<u32>(imm8)
                                           : fp::expand_immediate<u64>(imm8);
  return by_type(op, with_fp_access<move_immediate>, with_fp_access<move_immediate>, with_fp_access<move_immediate>);
}

/// The general register is as wide as the floating-point one, or of either width for half precision; the upper half of
/// a V register is the one with ptype 10 and rmode 01.
template <Handler half_precision, Handler single_precision, Handler double_precision, Handler top_half>
Handler select_general(const Op& op) {
  const bool top = field<20, 19>(op) == 0b01;
  if (top) return is_64bit(op) && fp_type(op) == FpType::Reserved ? top_half : nullptr;
  if (fp_type(op) == FpType::Half) return half_precision;
  if (is_64bit(op) != (fp_type(op) == FpType::Double)) return nullptr;
  return by_type(op, half_precision, single_precision, double_precision);
}

Handler select_to_general(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = static_cast<u8>(field_rn(op));
  return select_general<with_fp_access<move_to_general<u16>>, with_fp_access<move_to_general<u32>>,
                        with_fp_access<move_to_general<u64>>, with_fp_access<move_top_half_to_general>>(op);
}

Handler select_from_general(Op& op) {
  op.rd = static_cast<u8>(field_rd(op));
  op.rn = source(field_rn(op));
  return select_general<with_fp_access<move_from_general<u16>>, with_fp_access<move_from_general<u32>>,
                        with_fp_access<move_from_general<u64>>, with_fp_access<move_top_half_from_general>>(op);
}

constexpr auto kCost = cost::Cause::FpSimd;
constexpr auto kFeature = Feature::FpSimd;

constexpr Encoding kRows[] = {
    {"FMOV (register)", "00011110 tt 1 000000 10000 nnnnn ddddd", kCost, select_register, kFeature, kOverrides,
     kHalfIsFp16},
    {"FMOV (scalar, immediate)", "00011110 tt 1 iiiiiiii 100 00000 ddddd", kCost, select_immediate, kFeature,
     kOverrides, kHalfIsFp16},
    {"FMOV (general, from floating point)", "s0011110 tt 1 0r 110 000000 nnnnn ddddd", kCost, select_to_general,
     kFeature, kOverrides, kHalfIsFp16},
    {"FMOV (general, to floating point)", "s0011110 tt 1 0r 111 000000 nnnnn ddddd", kCost, select_from_general,
     kFeature, kOverrides, kHalfIsFp16},
};

}  // namespace

std::span<const Encoding> fp_move_encodings() { return kRows; }

}  // namespace tw::cpu::a64
