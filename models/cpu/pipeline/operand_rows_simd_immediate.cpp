// Arm ARM C4.1: Advanced SIMD by element and by immediate, copies, permutations, cryptography.
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {

std::span<const OperandRow> simd_immediate_operands() {
  using namespace rows;
  constexpr u16 kAccumulates = kOpAccumulates;
  static constexpr OperandRow kRows[] = {
      // by element: floating point
      {"0x1x1111 xx x mmmmm 0xx1 x 0 nnnnn ddddd", Class::FpFused, {Vn, Vm, Vd}, {Vd}, kAccumulates},  // FCMLA
      {"0x0x1111 00 x mmmmm 0x01 x 0 nnnnn ddddd", Class::FpFused, {Vn, Vm4, Vd}, {Vd}, kAccumulates},
      {"0x0x1111 xx x mmmmm 0x01 x 0 nnnnn ddddd", Class::FpFused, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1111 00 x mmmmm 1001 x 0 nnnnn ddddd", Class::FpMultiply, {Vn, Vm4}, {Vd}},
      {"0xxx1111 xx x mmmmm 1001 x 0 nnnnn ddddd", Class::FpMultiply, {Vn, Vm}, {Vd}},
      {"0x0x1111 10 x mmmmm 0x00 x 0 nnnnn ddddd", Class::FpFused, {Vn, Vm4, Vd}, {Vd}, kAccumulates},  // FMLAL …
      {"0x1x1111 10 x mmmmm 1x00 x 0 nnnnn ddddd", Class::FpFused, {Vn, Vm4, Vd}, {Vd}, kAccumulates},  // FMLAL2 …

      // by element: integer, which accumulates (MLA, MLAL, SQDMLAL, SQRDMLAH, DOT …) or does not
      {"0xxx1111 01 x mmmmm 0xxx x 0 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm4, Vd}, {Vd}, kAccumulates},
      {"0xxx1111 1x x mmmmm 0xxx x 0 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0x1x1111 01 x mmmmm 11x1 x 0 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm4, Vd}, {Vd}, kAccumulates},
      {"0x1x1111 1x x mmmmm 11x1 x 0 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1111 xx x mmmmm 1110 x 0 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm, Vd}, {Vd}, kAccumulates},
      {"0xxx1111 01 x mmmmm xxxx x 0 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm4}, {Vd}},
      {"0xxx1111 1x x mmmmm xxxx x 0 nnnnn ddddd", Class::SimdMultiply, {Vn, Vm}, {Vd}},

      // modified immediate (immh = 0): ORR and BIC have a source
      {"0xx01111 00000 xxx 0xx1 x1 xxxxx ddddd", Class::SimdAlu, {Vd}, {Vd}},
      {"0xx01111 00000 xxx 10x1 x1 xxxxx ddddd", Class::SimdAlu, {Vd}, {Vd}},
      {"0xx01111 00000 xxx xxxx x1 xxxxx ddddd", Class::SimdAlu, {}, {Vd}},

      // shift by immediate: accumulating, inserting; narrowing; plain; conversions of fixed point
      {"0xxx1111 0xxxx xxx 00x10 1 nnnnn ddddd", Class::SimdShiftComplex, {Vn, None, Vd}, {Vd}, kAccumulates},
      {"0x1x1111 0xxxx xxx 01000 1 nnnnn ddddd", Class::SimdShift, {Vn, None, Vd}, {Vd}},  // SRI
      {"0x1x1111 0xxxx xxx 01010 1 nnnnn ddddd", Class::SimdShift, {Vn, None, Vd}, {Vd}},  // SLI
      {"01001111 0xxxx xxx 10000 1 nnnnn ddddd", Class::SimdShift, {Vn, None, Vd}, {Vd}},  // SHRN2
      {"01x01111 0xxxx xxx 100xx 1 nnnnn ddddd", Class::SimdShiftComplex, {Vn, None, Vd}, {Vd}},
      {"00001111 0xxxx xxx 10000 1 nnnnn ddddd", Class::SimdShift, {Vn}, {Vd}},  // SHRN
      {"0xxx1111 0xxxx xxx 00000 1 nnnnn ddddd", Class::SimdShift, {Vn}, {Vd}},
      {"0xxx1111 0xxxx xxx 01010 1 nnnnn ddddd", Class::SimdShift, {Vn}, {Vd}},
      {"0xxx1111 0xxxx xxx 10100 1 nnnnn ddddd", Class::SimdShift, {Vn}, {Vd}},  // SSHLL
      {"0xxx1111 0xxxx xxx 111xx 1 nnnnn ddddd", Class::FpConvert, {Vn}, {Vd}},
      {"0xxx1111 0xxxx xxx xxxxx 1 nnnnn ddddd", Class::SimdShiftComplex, {Vn}, {Vd}},

      // copies: DUP, SMOV, UMOV, INS
      {"0x0x1110 000 xxxxx 0 0000 1 nnnnn ddddd", Class::SimdPermute, {Vn}, {Vd}},
      {"0x001110 000 xxxxx 0 0001 1 nnnnn ddddd", Class::FpFromGeneral, {Rn}, {Vd}},
      {"0x001110 000 xxxxx 0 0011 1 nnnnn ddddd", Class::FpFromGeneral, {Rn, Vd}, {Vd}},
      {"0x001110 000 xxxxx 0 01x1 1 nnnnn ddddd", Class::FpToGeneral, {Vn}, {Rd}},
      {"0x101110 000 xxxxx 0 xxxx 1 nnnnn ddddd", Class::SimdPermute, {Vn, Vd}, {Vd}},

      // permutations and look-ups: the table is the list
      {"0x101110 000 mmmmm 0 xxxx 0 nnnnn ddddd", Class::SimdPermute, {Vn, Vm}, {Vd}},  // EXT
      {"0x001110 xx0 mmmmm 0 xxx 10 nnnnn ddddd", Class::SimdPermute, {Vn, Vm}, {Vd}},
      {"0x001110 000 mmmmm 0 00 0 00 nnnnn ddddd", Class::SimdTable, {Vm}, {Vd}, kOpReadsList, 1},
      {"0x001110 000 mmmmm 0 01 0 00 nnnnn ddddd", Class::SimdTable, {Vm}, {Vd}, kOpReadsList, 2},
      {"0x001110 000 mmmmm 0 10 0 00 nnnnn ddddd", Class::SimdTable, {Vm}, {Vd}, kOpReadsList, 3},
      {"0x001110 000 mmmmm 0 11 0 00 nnnnn ddddd", Class::SimdTable, {Vm}, {Vd}, kOpReadsList, 4},
      {"0x001110 000 mmmmm 0 00 1 00 nnnnn ddddd", Class::SimdTable, {Vm, Vd}, {Vd}, kOpReadsList, 1},
      {"0x001110 000 mmmmm 0 01 1 00 nnnnn ddddd", Class::SimdTable, {Vm, Vd}, {Vd}, kOpReadsList, 2},
      {"0x001110 000 mmmmm 0 10 1 00 nnnnn ddddd", Class::SimdTable, {Vm, Vd}, {Vd}, kOpReadsList, 3},
      {"0x001110 000 mmmmm 0 11 1 00 nnnnn ddddd", Class::SimdTable, {Vm, Vd}, {Vd}, kOpReadsList, 4},

      // cryptography: AESMC, AESIMC, SHA1H, RAX1, SM4EKEY, EOR3, BCAX, SM3SS1, XAR do not read their destination
      {"01001110 xx 10100 0011x 10 nnnnn ddddd", Class::CryptoAes, {Vn}, {Vd}},
      {"01001110 xx 10100 xxxxx 10 nnnnn ddddd", Class::CryptoAes, {Vn, None, Vd}, {Vd}},
      {"01011110 xx 10100 00000 10 nnnnn ddddd", Class::CryptoSha, {Vn}, {Vd}},
      {"01011110 xx 10100 xxxxx 10 nnnnn ddddd", Class::CryptoSha, {Vn, None, Vd}, {Vd}},
      {"01011110 xx 0 mmmmm 0 xxx 00 nnnnn ddddd", Class::CryptoSha, {Vn, Vm, Vd}, {Vd}},
      {"11001110 011 mmmmm 1000 11 nnnnn ddddd", Class::CryptoSha, {Vn, Vm}, {Vd}},  // RAX1
      {"11001110 011 mmmmm 1100 10 nnnnn ddddd", Class::CryptoSha, {Vn, Vm}, {Vd}},  // SM4EKEY
      {"11001110 011 mmmmm 1x00 xx nnnnn ddddd", Class::CryptoSha, {Vn, Vm, Vd}, {Vd}},
      {"11001110 010 mmmmm 10 xx xx nnnnn ddddd", Class::CryptoSha, {Vn, Vm, Vd}, {Vd}},
      {"11001110 0xx mmmmm 0 aaaaa nnnnn ddddd", Class::CryptoSha, {Vn, Vm, Va}, {Vd}},
      {"11001110 100 mmmmm xxxxxx nnnnn ddddd", Class::CryptoSha, {Vn, Vm}, {Vd}},  // XAR
      {"11001110 110 00000 1000 xx nnnnn ddddd", Class::CryptoSha, {Vn, None, Vd}, {Vd}},
  };
  return kRows;
}

}  // namespace tw::cpu
