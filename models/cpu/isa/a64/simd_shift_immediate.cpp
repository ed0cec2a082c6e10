// Advanced SIMD shifts by immediate, integer, vector and scalar (Arm ARM C4.1). The leading one of immh gives the
// element size: a row a size, since immh = 0 is the modified-immediate group.
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_operations.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// log2 of the element's bytes.
unsigned element_size(const Op& op) { return static_cast<unsigned>(std::bit_width(bits<22, 19>(op.insn))) - 1; }
u64 left_distance(const Op& op) { return bits<22, 16>(op.insn) - (u64{8} << element_size(op)); }
u64 right_distance(const Op& op) { return (u64{16} << element_size(op)) - bits<22, 16>(op.insn); }

enum class Way : u8 { Left, Right };
template <Way way>
void decode_shift(Op& op) {
  decode_registers(op);
  op.rm = 0;
  op.imm = way == Way::Left ? left_distance(op) : right_distance(op);
}

template <Way way, auto fn, class List>
Handler vector_shift(Op& op) {
  decode_shift<way>(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  if (element_size(op) == 3 && !q_field(op)) return nullptr;
  return handler_of_size<Immediate, fn>(element_size(op), List{});
}

template <Way way, auto fn, class List>
Handler scalar_shift(Op& op) {
  if (bits<22, 19>(op.insn) == 0) return nullptr;
  decode_shift<way>(op);
  op.extra[kActive] = static_cast<u8>(1u << element_size(op));
  return handler_of_size<Immediate, fn>(element_size(op), List{});
}

template <template <auto, class> class Shape, Way way, auto fn, class List>
Handler half_shift(Op& op) {
  decode_shift<way>(op);
  op.extra[kActive] = 16;
  op.extra[kHigh] = q_field(op);
  return handler_of_size<Shape, fn>(element_size(op), List{});
}

template <auto fn, class List>
Handler scalar_narrow_shift(Op& op) {
  if (bits<22, 19>(op.insn) == 0) return nullptr;
  decode_shift<Way::Right>(op);
  op.extra[kActive] = 1;
  return handler_of_size<NarrowShift, fn>(element_size(op), List{});
}

#define TW_ROW(name, u, immh, opcode, select) \
  { name, "0Q " u " 011110 " immh " bbb " opcode " 1 nnnnn ddddd", Cause::FpSimd, select, kSimd, true }
#define TW_NARROW(name, qualifier, u, opcode, select)                   \
  TW_ROW(name " (" qualifier "8-bit)", u, "0001", opcode, select),      \
      TW_ROW(name " (" qualifier "16-bit)", u, "001h", opcode, select), \
      TW_ROW(name " (" qualifier "32-bit)", u, "01hh", opcode, select)
#define TW_VECTOR(name, u, opcode, way, fn, list)                                        \
  TW_NARROW(name, "immediate, vector, ", u, opcode, (vector_shift<Way::way, fn, list>)), \
      TW_ROW(name " (immediate, vector, 64-bit)", u, "1hhh", opcode, (vector_shift<Way::way, fn, list>))
#define TW_SCALAR(name, u, opcode, select)                                                                          \
  {                                                                                                                 \
    name " (immediate, scalar)", "01 " u " 111110 hhhh bbb " opcode " 1 nnnnn ddddd", Cause::FpSimd, select, kSimd, \
        true                                                                                                        \
  }
#define TW_BOTH(name, u, opcode, way, fn, list, scalar_list) \
  TW_VECTOR(name, u, opcode, way, fn, list), TW_SCALAR(name, u, opcode, (scalar_shift<Way::way, fn, scalar_list>))
#define TW_SIGNS(rest, opcode, fn) \
  TW_BOTH("S" rest, "0", opcode, Right, fn, I8To64, I64Only), TW_BOTH("U" rest, "1", opcode, Right, fn, U8To64, U64Only)
#define TW_HALVES(name, u, opcode, shape, way, fn, list) \
  TW_NARROW(name ", " name "2", "", u, opcode, (half_shift<shape, Way::way, fn, list>))
#define TW_SATURATING_NARROW(name, u, opcode, fn, list) \
  TW_HALVES(name, u, opcode, NarrowShift, Right, fn, list), TW_SCALAR(name, u, opcode, (scalar_narrow_shift<fn, list>))

constexpr Encoding kRows[] = {
    TW_SIGNS("SHR", "00000", kRight<false>),
    TW_SIGNS("SRA", "00010", kRightAdd<false>),
    TW_SIGNS("RSHR", "00100", kRight<true>),
    TW_SIGNS("RSRA", "00110", kRightAdd<true>),
    TW_BOTH("SRI", "1", "01000", Right, kRightInsert, U8To64, U64Only),
    TW_BOTH("SHL", "0", "01010", Left, kLeft, U8To64, U64Only),
    TW_BOTH("SLI", "1", "01010", Left, kLeftInsert, U8To64, U64Only),
    TW_BOTH("SQSHLU", "1", "01100", Left, kSatLeftUnsigned, I8To64, I8To64),
    TW_BOTH("SQSHL", "0", "01110", Left, kSatLeft, I8To64, I8To64),
    TW_BOTH("UQSHL", "1", "01110", Left, kSatLeft, U8To64, U8To64),
    TW_HALVES("SHRN", "0", "10000", NarrowShift, Right, kRightNarrow<false>, U8To32),
    TW_HALVES("RSHRN", "0", "10001", NarrowShift, Right, kRightNarrow<true>, U8To32),
    TW_SATURATING_NARROW("SQSHRUN", "1", "10000", kSatRightNarrowUnsigned<false>, U8To32),
    TW_SATURATING_NARROW("SQRSHRUN", "1", "10001", kSatRightNarrowUnsigned<true>, U8To32),
    TW_SATURATING_NARROW("SQSHRN", "0", "10010", kSatRightNarrow<false>, I8To32),
    TW_SATURATING_NARROW("SQRSHRN", "0", "10011", kSatRightNarrow<true>, I8To32),
    TW_SATURATING_NARROW("UQSHRN", "1", "10010", kSatRightNarrow<false>, U8To32),
    TW_SATURATING_NARROW("UQRSHRN", "1", "10011", kSatRightNarrow<true>, U8To32),
    TW_HALVES("SSHLL", "0", "10100", WidenShift, Left, kLeftWide, I8To32),
    TW_HALVES("USHLL", "1", "10100", WidenShift, Left, kLeftWide, U8To32),
};
#undef TW_SATURATING_NARROW
#undef TW_HALVES
#undef TW_SIGNS
#undef TW_BOTH
#undef TW_SCALAR
#undef TW_VECTOR
#undef TW_NARROW
#undef TW_ROW

}  // namespace

std::span<const Encoding> simd_shift_immediate_encodings() { return kRows; }

}  // namespace tw::cpu::a64
