// Arm ARM C4.1: scalar floating point. A result clears the rest of its V register, which so is no source. FPCR and FPSR
// are no operands: their writes are rare and slow, and accumulate without order.
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {

std::span<const OperandRow> fp_operands() {
  using namespace rows;
  static constexpr OperandRow kRows[] = {
      // with general registers: FMOV to and from V.D[1], FJCVTZS, FMOV, conversions
      {"1 0011110 10 1 01 111 000000 nnnnn ddddd", Class::FpFromGeneral, {Rn, Vd}, {Vd}},
      {"0 0011110 01 1 11 110 000000 nnnnn ddddd", Class::FpToGeneral, {Vn}, {Rd, Nzcv}},
      {"x 0011110 xx 1 xx 111 000000 nnnnn ddddd", Class::FpFromGeneral, {Rn}, {Vd}},
      {"x 0011110 xx 1 xx 01x 000000 nnnnn ddddd", Class::FpFromGeneral, {Rn}, {Vd}},
      {"x 0011110 xx 1 xx xxx 000000 nnnnn ddddd", Class::FpToGeneral, {Vn}, {Rd}},
      {"x 0011110 xx 0 xx 01x xxxxxx nnnnn ddddd", Class::FpFromGeneral, {Rn}, {Vd}},
      {"x 0011110 xx 0 xx xxx xxxxxx nnnnn ddddd", Class::FpToGeneral, {Vn}, {Rd}},

      // one source: FMOV, FABS, FNEG, FSQRT; FCVT, FRINT
      {"00011110 01 1 000011 10000 nnnnn ddddd", Class::FpRoot64, {Vn}, {Vd}},
      {"00011110 xx 1 000011 10000 nnnnn ddddd", Class::FpRoot32, {Vn}, {Vd}},
      {"00011110 xx 1 0000xx 10000 nnnnn ddddd", Class::FpMove, {Vn}, {Vd}},
      {"00011110 xx 1 xxxxxx 10000 nnnnn ddddd", Class::FpConvert, {Vn}, {Vd}},

      // FCMP with zero and with a register; FMOV (immediate); FCCMP; FCSEL
      {"00011110 xx 1 xxxxx xx 1000 nnnnn x1 xxx", Class::FpCompare, {Vn}, {Nzcv}},
      {"00011110 xx 1 mmmmm xx 1000 nnnnn x0 xxx", Class::FpCompare, {Vn, Vm}, {Nzcv}},
      {"00011110 xx 1 xxxxxxxx 100 xxxxx ddddd", Class::FpMove, {}, {Vd}},
      {"00011110 xx 1 mmmmm xxxx 01 nnnnn x xxxx", Class::FpCompare, {Vn, Vm, Nzcv}, {Nzcv}},
      {"00011110 xx 1 mmmmm xxxx 11 nnnnn ddddd", Class::FpMove, {Vn, Vm, Nzcv}, {Vd}},

      // two sources
      {"00011110 01 1 mmmmm 0001 10 nnnnn ddddd", Class::FpDivide64, {Vn, Vm}, {Vd}},
      {"00011110 xx 1 mmmmm 0001 10 nnnnn ddddd", Class::FpDivide32, {Vn, Vm}, {Vd}},
      {"00011110 xx 1 mmmmm x000 10 nnnnn ddddd", Class::FpMultiply, {Vn, Vm}, {Vd}},
      {"00011110 xx 1 mmmmm 001x 10 nnnnn ddddd", Class::FpAdd, {Vn, Vm}, {Vd}},
      {"00011110 xx 1 mmmmm 01xx 10 nnnnn ddddd", Class::FpMinMax, {Vn, Vm}, {Vd}},

      // three sources
      {"00011111 xx x mmmmm x aaaaa nnnnn ddddd", Class::FpFused, {Vn, Vm, Va}, {Vd}, kOpAccumulates},
  };
  return kRows;
}

}  // namespace tw::cpu
