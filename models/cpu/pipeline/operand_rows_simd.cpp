// Arm ARM C4.1: Advanced SIMD, register operands. Vector (bit 28 clear) and scalar (set) share opcodes. An accumulator
// is the third source; a narrowing instruction that writes the upper half of its destination keeps the lower one.
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {

std::span<const OperandRow> simd_operands() {
  using namespace rows;
  constexpr u16 kAccumulates = kOpAccumulates;
  static constexpr OperandRow kRows[] = {
      // three same: integer. BSL, BIT, BIF have a third source.
      {"0x1x1110 01 1 mmmmm 00011 1 nnnnn ddddd", Class::SimdAlu, {Vn, Vm, Vd}, {Vd}},
      {"0x1x1110 1x 1 mmmmm 00011 1 nnnnn ddddd", Class::SimdAlu, {Vn, Vm, Vd}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 00011 1 nnnnn ddddd", Class::SimdAlu, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 0011x 1 nnnnn ddddd", Class::SimdAlu, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 00xxx 1 nnnnn ddddd", Class::SimdComplex, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 01000 1 nnnnn ddddd", Class::SimdShift, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 010xx 1 nnnnn ddddd", Class::SimdShiftComplex, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 01111 1 nnnnn ddddd", Class::SimdComplex, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 1 mmmmm 011xx 1 nnnnn ddddd", Class::SimdAlu, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 1000x 1 nnnnn ddddd", Class::SimdAlu, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 10010 1 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 1 mmmmm 10x1x 1 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 1010x 1 nnnnn ddddd", Class::SimdComplex, {Vn, Vm}, {Vd}},

      // three same: floating point, single and double precision; FMLAL, FMLSL
      {"0xxx1110 xx 1 mmmmm 11000 1 nnnnn ddddd", Class::FpMinMax, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 11001 1 nnnnn ddddd", Class::FpFused, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 1 mmmmm 11010 1 nnnnn ddddd", Class::FpAdd, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 11011 1 nnnnn ddddd", Class::FpMultiply, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 11100 1 nnnnn ddddd", Class::FpCompare, {Vn, Vm}, {Vd}},
      {"0x0x1110 xx 1 mmmmm 11101 1 nnnnn ddddd", Class::FpFused, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0x1x1110 xx 1 mmmmm 11101 1 nnnnn ddddd", Class::FpCompare, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 11110 1 nnnnn ddddd", Class::FpMinMax, {Vn, Vm}, {Vd}},
      {"0x1x1110 x1 1 mmmmm 11111 1 nnnnn ddddd", Class::FpDivide64, {Vn, Vm}, {Vd}},
      {"0x1x1110 x0 1 mmmmm 11111 1 nnnnn ddddd", Class::FpDivide32, {Vn, Vm}, {Vd}},
      {"0x0x1110 xx 1 mmmmm 11111 1 nnnnn ddddd", Class::FpFused, {Vn, Vm}, {Vd}},

      // three same: half precision
      {"0xxx1110 x10 mmmmm 00 000 1 nnnnn ddddd", Class::FpMinMax, {Vn, Vm}, {Vd}},
      {"0xxx1110 x10 mmmmm 00 001 1 nnnnn ddddd", Class::FpFused, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 x10 mmmmm 00 010 1 nnnnn ddddd", Class::FpAdd, {Vn, Vm}, {Vd}},
      {"0xxx1110 x10 mmmmm 00 011 1 nnnnn ddddd", Class::FpMultiply, {Vn, Vm}, {Vd}},
      {"0xxx1110 x10 mmmmm 00 10x 1 nnnnn ddddd", Class::FpCompare, {Vn, Vm}, {Vd}},
      {"0xxx1110 x10 mmmmm 00 110 1 nnnnn ddddd", Class::FpMinMax, {Vn, Vm}, {Vd}},
      {"0x1x1110 x10 mmmmm 00 111 1 nnnnn ddddd", Class::FpDivide32, {Vn, Vm}, {Vd}},
      {"0x0x1110 x10 mmmmm 00 111 1 nnnnn ddddd", Class::FpFused, {Vn, Vm}, {Vd}},

      // three same, extra: SQRDMLAH, SQRDMLSH, SDOT, UDOT, FCMLA, FCADD
      {"0xxx1110 xx 0 mmmmm 1 0xxx 1 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 0 mmmmm 1 10xx 1 nnnnn ddddd", Class::FpFused, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 0 mmmmm 1 11xx 1 nnnnn ddddd", Class::FpAdd, {Vn, Vm}, {Vd}},

      // three different: ADDHN2 …, ABAL, MLAL, MLSL, PMULL, MULL, the rest
      {"01x01110 xx 1 mmmmm 01x0 00 nnnnn ddddd", Class::SimdComplex, {Vn, Vm, Vd}, {Vd}},
      {"00x01110 xx 1 mmmmm 01x0 00 nnnnn ddddd", Class::SimdComplex, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 0101 00 nnnnn ddddd", Class::SimdComplex, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 1 mmmmm 10xx 00 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 1 mmmmm 1110 00 nnnnn ddddd", Class::PolynomialLong, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm 11xx 00 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm}, {Vd}},
      {"0xxx1110 xx 1 mmmmm xxxx 00 nnnnn ddddd", Class::SimdAlu, {Vn, Vm}, {Vd}},

      // two registers: integer. SUQADD, USQADD, SADALP, UADALP accumulate; XTN2, SQXTN2 … keep the lower half.
      {"0xx01110 xx 10000 0000x 10 nnnnn ddddd", Class::SimdPermute, {Vn}, {Vd}},  // REV16, REV32, REV64
      {"0xxx1110 xx 10000 00010 10 nnnnn ddddd", Class::SimdComplex, {Vn}, {Vd}},  // SADDLP, UADDLP
      {"0xxx1110 xx 10000 00011 10 nnnnn ddddd", Class::SimdComplex, {Vn, None, Vd}, {Vd}},
      {"0xxx1110 xx 10000 00110 10 nnnnn ddddd", Class::SimdComplex, {Vn, None, Vd}, {Vd}, kAccumulates},
      {"0xxx1110 xx 10000 00111 10 nnnnn ddddd", Class::SimdComplex, {Vn}, {Vd}},  // SQABS, SQNEG
      {"0xxx1110 xx 10000 0010x 10 nnnnn ddddd", Class::SimdPermute, {Vn}, {Vd}},  // CLS, CLZ, CNT, NOT, RBIT
      {"0xxx1110 xx 10000 010xx 10 nnnnn ddddd", Class::SimdAlu, {Vn}, {Vd}},
      {"01x01110 xx 10000 10010 10 nnnnn ddddd", Class::SimdShift, {Vn, None, Vd}, {Vd}},  // XTN2, SQXTUN2
      {"01x01110 xx 10000 10100 10 nnnnn ddddd", Class::SimdShiftComplex, {Vn, None, Vd}, {Vd}},
      {"0xxx1110 xx 10000 1001x 10 nnnnn ddddd", Class::SimdShift, {Vn}, {Vd}},  // XTN, SQXTUN, SHLL
      {"0xxx1110 xx 10000 10100 10 nnnnn ddddd", Class::SimdShiftComplex, {Vn}, {Vd}},

      // two registers: floating point
      {"0xxx1110 1x 10000 011x0 10 nnnnn ddddd", Class::FpCompare, {Vn}, {Vd}},  // FCMGT, FCMLT … with zero
      {"0xxx1110 1x 10000 01101 10 nnnnn ddddd", Class::FpCompare, {Vn}, {Vd}},
      {"0xxx1110 1x 10000 01111 10 nnnnn ddddd", Class::FpMove, {Vn}, {Vd}},               // FABS, FNEG
      {"01x01110 xx 10000 10110 10 nnnnn ddddd", Class::FpConvert, {Vn, None, Vd}, {Vd}},  // FCVTN2, FCVTXN2
      {"0x1x1110 11 10000 11111 10 nnnnn ddddd", Class::FpRoot64, {Vn}, {Vd}},
      {"0x1x1110 10 10000 11111 10 nnnnn ddddd", Class::FpRoot32, {Vn}, {Vd}},
      {"0xxx1110 1x 10000 1110x 10 nnnnn ddddd", Class::FpEstimate, {Vn}, {Vd}},  // FRECPE, FRSQRTE, URECPE …
      {"0x0x1110 1x 10000 11111 10 nnnnn ddddd", Class::FpEstimate, {Vn}, {Vd}},  // FRECPX
      {"0xxx1110 xx 10000 xxxxx 10 nnnnn ddddd", Class::FpConvert, {Vn}, {Vd}},

      // two registers: half precision
      {"0xxx1110 1 111100 011x0 10 nnnnn ddddd", Class::FpCompare, {Vn}, {Vd}},
      {"0xxx1110 1 111100 01101 10 nnnnn ddddd", Class::FpCompare, {Vn}, {Vd}},
      {"0xxx1110 1 111100 01111 10 nnnnn ddddd", Class::FpMove, {Vn}, {Vd}},
      {"0x1x1110 1 111100 11111 10 nnnnn ddddd", Class::FpRoot32, {Vn}, {Vd}},
      {"0xxx1110 1 111100 11101 10 nnnnn ddddd", Class::FpEstimate, {Vn}, {Vd}},
      {"0x0x1110 1 111100 11111 10 nnnnn ddddd", Class::FpEstimate, {Vn}, {Vd}},
      {"0xxx1110 x 111100 xxxxx 10 nnnnn ddddd", Class::FpConvert, {Vn}, {Vd}},

      // across lanes, and pairs of a scalar
      {"0xx11110 xx 11000 01101 10 nnnnn ddddd", Class::FpAdd, {Vn}, {Vd}},     // FADDP
      {"0xx11110 xx 11000 11011 10 nnnnn ddddd", Class::SimdAlu, {Vn}, {Vd}},   // ADDP
      {"0xx11110 xx 11000 xxxxx 10 nnnnn ddddd", Class::FpMinMax, {Vn}, {Vd}},  // FMAXP …
      {"0xxx1110 xx 11000 xxxxx 10 nnnnn ddddd", Class::SimdReduce, {Vn}, {Vd}},
  };
  return kRows;
}

}  // namespace tw::cpu
