// Arm ARM C4.1: "Branches, exception generating and system instructions".
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {

std::span<const OperandRow> branch_operands() {
  using namespace rows;
  constexpr u16 kDirect = kOpBranch;
  constexpr u16 kConditional = kOpBranch | kOpConditional;
  constexpr u16 kIndirect = kOpBranch | kOpIndirect;
  constexpr u16 kIndirectCall = kIndirect | kOpCall;
  constexpr u16 kReturn = kIndirect | kOpReturn;
  constexpr u16 kPauth = kOpAuthenticates;
  static constexpr OperandRow kRows[] = {
      {"000101 xxxxxxxxxxxxxxxxxxxxxxxxxx", Class::BranchDirect, {}, {}, kDirect},
      {"100101 xxxxxxxxxxxxxxxxxxxxxxxxxx", Class::Call, {}, {X30}, kDirect | kOpCall},
      {"01010100 xxxxxxxxxxxxxxxxxxx 0 xxxx", Class::BranchConditional, {Nzcv}, {}, kConditional},
      {"x 01101xx xxxxxxxxxxxxxxxxxxx ttttt", Class::BranchConditional, {Rd}, {}, kConditional},
      {"1101011 0000 11111 000000 nnnnn 00000", Class::BranchIndirect, {Rn}, {}, kIndirect},
      {"1101011 0001 11111 000000 nnnnn 00000", Class::CallIndirect, {Rn}, {X30}, kIndirectCall},
      {"1101011 0010 11111 000000 nnnnn 00000", Class::Return, {Rn}, {}, kReturn},
      {"1101011 0000 11111 00001x nnnnn 11111", Class::BranchIndirect, {Rn}, {}, kIndirect | kPauth},
      {"1101011 0001 11111 00001x nnnnn 11111", Class::CallIndirect, {Rn}, {X30}, kIndirectCall | kPauth},
      {"1101011 0010 11111 00001x 11111 11111", Class::Return, {X30, Sp}, {}, kReturn | kPauth},
      {"1101011 1000 11111 00001x nnnnn mmmmm", Class::BranchIndirect, {Rn, RdSp}, {}, kIndirect | kPauth},
      {"1101011 1001 11111 00001x nnnnn mmmmm", Class::CallIndirect, {Rn, RdSp}, {X30}, kIndirectCall | kPauth},

      // exceptions and returns from them: ELR, SPSR and the vectors are no operands, since nothing overtakes
      {"11010100 xxxxxxxxxxxxxxxxxxxxxxxx", Class::ExceptionGenerating, {}, {}, kOpSerialising},
      {"1101011 0100 11111 00001x 11111 11111", Class::ExceptionReturn, {Sp}, {}, kOpSerialising | kPauth},
      {"1101011 010x 11111 000000 11111 00000", Class::ExceptionReturn, {}, {}, kOpSerialising},
      {"0000000000000000 xxxxxxxxxxxxxxxx", Class::Undefined, {}, {}, kOpSerialising},

      // hints: FEAT_PAuth's first (time_of makes NOPs of them on cores without it)
      {"11010101000000110010 0000 111 11111", Class::PointerCode, {X30}, {X30}},       // XPACLRI
      {"11010101000000110010 0001 xx0 11111", Class::PointerCode, {X17, X16}, {X17}},  // PACIA1716 …
      {"11010101000000110010 0011 xx0 11111", Class::PointerCode, {X30}, {X30}},       // PACIAZ …
      {"11010101000000110010 0011 xx1 11111", Class::PointerCode, {X30, Sp}, {X30}},   // PACIASP …
      {"11010101000000110010 0000 01x 11111", Class::Wait, {}, {}, kOpSerialising},    // WFE, WFI
      {"11010101000000110010 0010 000 11111", Class::Wait, {}, {}, kOpSerialising},    // ESB
      {"11010101000000110010 xxxx xxx 11111", Class::Hint},
      {"11010101000000110011 xxxx 010 11111", Class::Clrex},
      {"11010101000000110011 xxxx 100 11111", Class::Dsb, {}, {}, kOpSerialising},
      {"11010101000000110011 xxxx 101 11111", Class::Dmb, {}, {}, kOpAcquire | kOpRelease},
      {"11010101000000110011 xxxx 110 11111", Class::Isb, {}, {}, kOpSerialising},

      // CFINV, XAFLAG, AXFLAG; MSR (immediate); SYS and MSR, SYSL and MRS: classes in time_of, from the registers' rows
      {"11010101000000000100 xxxx 000 11111", Class::Select, {None, None, Nzcv}, {Nzcv}},
      {"11010101000000000100 xxxx 001 11111", Class::Select, {None, None, Nzcv}, {Nzcv}},
      {"11010101000000000100 xxxx 010 11111", Class::Select, {None, None, Nzcv}, {Nzcv}},
      {"1101010100000 xxx 0100 xxxx xxx 11111", Class::MsrFast},
      {"1101010100001 xxx xxxx xxxx xxx ttttt", Class::Msr, {Rd}},
      {"1101010100011 011 0100 0010 000 ttttt", Class::MsrFast, {Rd}, {Nzcv}},
      {"110101010001x xxx xxxx xxxx xxx ttttt", Class::Msr, {Rd}},
      {"1101010100101 xxx xxxx xxxx xxx ttttt", Class::Mrs, {}, {Rd}},
      {"1101010100111 011 0100 0010 000 ttttt", Class::MrsFast, {Nzcv}, {Rd}},
      {"110101010011x xxx xxxx xxxx xxx ttttt", Class::Mrs, {}, {Rd}},
  };
  return kRows;
}

}  // namespace tw::cpu
