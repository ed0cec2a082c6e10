// Arm ARM C4.1: "Data processing, immediate" and "Data processing, register".
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {

std::span<const OperandRow> integer_operands() {
  using namespace rows;
  static constexpr OperandRow kRows[] = {
      // PC-relative; add, subtract (immediate); logical (immediate); move wide; bit field; extract
      {"xxx10000 xxxxxxxxxxxxxxxxxxx ddddd", Class::Alu, {}, {Rd}},
      {"sx0100010 xxxxxxxxxxxxx nnnnn ddddd", Class::Alu, {RnSp}, {RdSp}},
      {"sx1100010 xxxxxxxxxxxxx nnnnn ddddd", Class::Alu, {RnSp}, {Rd, Nzcv}},
      {"s11100100 xxxxxxxxxxxxx nnnnn ddddd", Class::Alu, {Rn}, {Rd, Nzcv}},
      {"sxx100100 xxxxxxxxxxxxx nnnnn ddddd", Class::Alu, {Rn}, {RdSp}},
      {"s11100101 xxxxxxxxxxxxxxxxxx ddddd", Class::MoveWide, {Rd}, {Rd}},
      {"sxx100101 xxxxxxxxxxxxxxxxxx ddddd", Class::MoveWide, {}, {Rd}},
      {"s01100110 xxxxxxxxxxxxx nnnnn ddddd", Class::BitfieldInsert, {Rn, Rd}, {Rd}},
      {"sxx100110 xxxxxxxxxxxxx nnnnn ddddd", Class::ShiftImmediate, {Rn}, {Rd}},
      {"sxx100111 xx mmmmm xxxxxx nnnnn ddddd", Class::Extract, {Rn, Rm}, {Rd}},

      // logical (shifted register)
      {"s1101010 xx x mmmmm 000000 nnnnn ddddd", Class::Alu, {Rn, Rm}, {Rd, Nzcv}},
      {"s1101010 xx x mmmmm xxxxxx nnnnn ddddd", Class::LogicalShift, {Rn, Rm}, {Rd, Nzcv}},
      {"sxx01010 xx x mmmmm 000000 nnnnn ddddd", Class::Alu, {Rn, Rm}, {Rd}},
      {"sxx01010 xx x mmmmm xxxxxx nnnnn ddddd", Class::LogicalShift, {Rn, Rm}, {Rd}},

      // add, subtract (shifted register, extended register, with carry)
      {"sx001011 xx 0 mmmmm 000000 nnnnn ddddd", Class::Alu, {Rn, Rm}, {Rd}},
      {"sx001011 00 0 mmmmm 0000xx nnnnn ddddd", Class::AluShiftLeft, {Rn, Rm}, {Rd}},
      {"sx001011 00 0 mmmmm 000100 nnnnn ddddd", Class::AluShiftLeft, {Rn, Rm}, {Rd}},
      {"sx001011 xx 0 mmmmm xxxxxx nnnnn ddddd", Class::AluShift, {Rn, Rm}, {Rd}},
      {"sx101011 xx 0 mmmmm 000000 nnnnn ddddd", Class::Alu, {Rn, Rm}, {Rd, Nzcv}},
      {"sx101011 00 0 mmmmm 0000xx nnnnn ddddd", Class::AluShiftLeft, {Rn, Rm}, {Rd, Nzcv}},
      {"sx101011 00 0 mmmmm 000100 nnnnn ddddd", Class::AluShiftLeft, {Rn, Rm}, {Rd, Nzcv}},
      {"sx101011 xx 0 mmmmm xxxxxx nnnnn ddddd", Class::AluShift, {Rn, Rm}, {Rd, Nzcv}},
      {"1x001011 00 1 mmmmm x11000 nnnnn ddddd", Class::Alu, {RnSp, Rm}, {RdSp}},  // UXTX, SXTX #0: no extension
      {"sx001011 00 1 mmmmm xxxxxx nnnnn ddddd", Class::AluExtend, {RnSp, Rm}, {RdSp}},
      {"1x101011 00 1 mmmmm x11000 nnnnn ddddd", Class::Alu, {RnSp, Rm}, {Rd, Nzcv}},
      {"sx101011 00 1 mmmmm xxxxxx nnnnn ddddd", Class::AluExtend, {RnSp, Rm}, {Rd, Nzcv}},
      {"sx011010000 mmmmm 000000 nnnnn ddddd", Class::Alu, {Rn, Rm, Nzcv}, {Rd}},
      {"sx111010000 mmmmm 000000 nnnnn ddddd", Class::Alu, {Rn, Rm, Nzcv}, {Rd, Nzcv}},

      // flags: RMIF, SETF8, SETF16 keep what they do not set
      {"10111010000 xxxxxx 00001 nnnnn 0 xxxx", Class::Select, {Rn, None, Nzcv}, {Nzcv}},
      {"00111010000 000000 x0010 nnnnn 01101", Class::Select, {Rn, None, Nzcv}, {Nzcv}},
      {"sx111010010 xxxxx xxxx 10 nnnnn 0 xxxx", Class::Select, {Rn, None, Nzcv}, {Nzcv}},
      {"sx111010010 mmmmm xxxx 00 nnnnn 0 xxxx", Class::Select, {Rn, Rm, Nzcv}, {Nzcv}},
      {"sx011010100 mmmmm xxxx 0x nnnnn ddddd", Class::Select, {Rn, Rm, Nzcv}, {Rd}},

      // one source, with pointer authentication
      {"1101101011000001 0100xx 11111 ddddd", Class::PointerCode, {Rd}, {Rd}},  // XPACI, XPACD
      {"1101101011000001 001xxx 11111 ddddd", Class::PointerCode, {Rd}, {Rd}},  // PACIZA …
      {"1101101011000001 000xxx nnnnn ddddd", Class::PointerCode, {Rd, RnSp}, {Rd}},
      {"s1011010110 00000 xxxxxx nnnnn ddddd", Class::Reverse, {Rn}, {Rd}},

      // two sources
      {"00011010110 mmmmm 00001x nnnnn ddddd", Class::Divide32, {Rn, Rm}, {Rd}},
      {"10011010110 mmmmm 00001x nnnnn ddddd", Class::Divide64, {Rn, Rm}, {Rd}},
      {"s0011010110 mmmmm 0010xx nnnnn ddddd", Class::ShiftVariable, {Rn, Rm}, {Rd}},
      {"10011010110 mmmmm 001100 nnnnn ddddd", Class::PointerCode, {Rn, RmSp}, {Rd}},  // PACGA
      {"s0011010110 mmmmm 010xxx nnnnn ddddd", Class::Crc, {Rn, Rm}, {Rd}},

      // three sources; without an addend (Ra = 31) there is nothing to wait for
      {"00011011000 mmmmm x aaaaa nnnnn ddddd", Class::Multiply32, {Rn, Rm, Ra}, {Rd}, kOpAccumulates},
      {"10011011000 mmmmm x aaaaa nnnnn ddddd", Class::Multiply64, {Rn, Rm, Ra}, {Rd}, kOpAccumulates},
      {"10011011x10 mmmmm 0 xxxxx nnnnn ddddd", Class::MultiplyHigh, {Rn, Rm}, {Rd}},
      {"10011011x01 mmmmm x aaaaa nnnnn ddddd", Class::MultiplyLong, {Rn, Rm, Ra}, {Rd}, kOpAccumulates},
  };
  return kRows;
}

}  // namespace tw::cpu
