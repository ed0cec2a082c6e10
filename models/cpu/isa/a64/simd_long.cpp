// Advanced SIMD three different: widening and narrowing; and multiplies by an element, of all widths; vector and scalar
// (Arm ARM C4.1 "three different", "vector x indexed element").
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_operations.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// One narrow lane of Vn.
template <template <auto, class> class Shape, auto fn, class List>
Handler scalar_long(Op& op) {
  decode_registers(op);
  op.extra[kActive] = 1;
  return handler_of_size<Shape, fn>(size_field(op), List{});
}

/// `select` with the element decoded behind it.
template <Handler (*select)(Op&)>
Handler indexed(Op& op) {
  const Handler handler = select(op);
  return decode_element(op, size_field(op)) ? handler : nullptr;
}

#define TW_THREE(name, u, opcode, shape, fn, list)                                            \
  {                                                                                           \
    name ", " name "2", "0Q " u " 01110 zz 1 mmmmm " opcode " 00 nnnnn ddddd", Cause::FpSimd, \
        by_half<shape, fn, list>, kSimd, true                                                 \
  }
#define TW_SIGNS(rest, opcode, shape, fn) \
  TW_THREE("S" rest, "0", opcode, shape, fn, I8To32), TW_THREE("U" rest, "1", opcode, shape, fn, U8To32)
#define TW_DOUBLING(name, opcode, element_opcode, fn)                                                        \
  TW_THREE(name, "0", opcode, Widen, fn, I16To32),                                                           \
      {name " (scalar)",                                                                                     \
       "01 0 11110 zz 1 mmmmm " opcode " 00 nnnnn ddddd",                                                    \
       Cause::FpSimd,                                                                                        \
       scalar_long<Widen, fn, I16To32>,                                                                      \
       kSimd,                                                                                                \
       true},                                                                                                \
      {name ", " name "2 (by element)",                                                                      \
       "0Q 0 01111 zz L mmmmm " element_opcode " H 0 nnnnn ddddd",                                           \
       Cause::FpSimd,                                                                                        \
       indexed<by_half<WidenElement, fn, I16To32>>,                                                          \
       kSimd,                                                                                                \
       true},                                                                                                \
  {                                                                                                          \
    name " (scalar, by element)", "01 0 11111 zz L mmmmm " element_opcode " H 0 nnnnn ddddd", Cause::FpSimd, \
        indexed<scalar_long<WidenElement, fn, I16To32>>, kSimd, true                                         \
  }
#define TW_ELEMENT(name, u, opcode, fn, list)                                                    \
  {                                                                                              \
    name " (by element)", "0Q " u " 01111 zz L mmmmm " opcode " H 0 nnnnn ddddd", Cause::FpSimd, \
        indexed<by_size<Element, fn, list>>, kSimd, true                                         \
  }
#define TW_ELEMENT_SCALAR(name, opcode, fn)                                                          \
  {                                                                                                  \
    name " (scalar, by element)", "01 0 11111 zz L mmmmm " opcode " H 0 nnnnn ddddd", Cause::FpSimd, \
        indexed<scalar_by_size<Element, fn, I16To32>>, kSimd, true                                   \
  }
#define TW_ELEMENT_LONG(name, u, opcode, fn, list)                                                          \
  {                                                                                                         \
    name ", " name "2 (by element)", "0Q " u " 01111 zz L mmmmm " opcode " H 0 nnnnn ddddd", Cause::FpSimd, \
        indexed<by_half<WidenElement, fn, list>>, kSimd, true                                               \
  }
#define TW_ELEMENT_SIGNS(rest, opcode, fn) \
  TW_ELEMENT_LONG("S" rest, "0", opcode, fn, I16To32), TW_ELEMENT_LONG("U" rest, "1", opcode, fn, U16To32)

constexpr Encoding kRows[] = {
    // ---- three different
    TW_SIGNS("ADDL", "0000", Widen, kAdd),
    TW_SIGNS("ADDW", "0001", WidenSecond, kAdd),
    TW_SIGNS("SUBL", "0010", Widen, kSub),
    TW_SIGNS("SUBW", "0011", WidenSecond, kSub),
    TW_THREE("ADDHN", "0", "0100", Narrow, (kHighHalf<kAdd, false>), U8To32),
    TW_THREE("RADDHN", "1", "0100", Narrow, (kHighHalf<kAdd, true>), U8To32),
    TW_SIGNS("ABAL", "0101", Widen, kAba),
    TW_THREE("SUBHN", "0", "0110", Narrow, (kHighHalf<kSub, false>), U8To32),
    TW_THREE("RSUBHN", "1", "0110", Narrow, (kHighHalf<kSub, true>), U8To32),
    TW_SIGNS("ABDL", "0111", Widen, kAbd),
    TW_SIGNS("MLAL", "1000", Widen, kMla),
    TW_SIGNS("MLSL", "1010", Widen, kMls),
    TW_SIGNS("MULL", "1100", Widen, kMul),
    {"PMULL, PMULL2 (8-bit)", "0Q 0 01110 00 1 mmmmm 1110 00 nnnnn ddddd", Cause::FpSimd,
     by_half<Widen, kPolynomial, U8Only>, kSimd, true},
    // ---- with those by element, and scalar
    TW_DOUBLING("SQDMLAL", "1001", "0011", kDoublingLongAdd),
    TW_DOUBLING("SQDMLSL", "1011", "0111", kDoublingLongSub),
    TW_DOUBLING("SQDMULL", "1101", "1011", kDoublingLong),
    // ---- by element
    TW_ELEMENT("MLA", "1", "0000", kMla, U16To32),
    TW_ELEMENT("MLS", "1", "0100", kMls, U16To32),
    TW_ELEMENT("MUL", "0", "1000", kMul, U16To32),
    TW_ELEMENT_SIGNS("MLAL", "0010", kMla),
    TW_ELEMENT_SIGNS("MLSL", "0110", kMls),
    TW_ELEMENT_SIGNS("MULL", "1010", kMul),
    TW_ELEMENT("SQDMULH", "0", "1100", kDoublingHigh<false>, I16To32),
    TW_ELEMENT("SQRDMULH", "0", "1101", kDoublingHigh<true>, I16To32),
    TW_ELEMENT_SCALAR("SQDMULH", "1100", kDoublingHigh<false>),
    TW_ELEMENT_SCALAR("SQRDMULH", "1101", kDoublingHigh<true>),
};
#undef TW_ELEMENT_SIGNS
#undef TW_ELEMENT_LONG
#undef TW_ELEMENT_SCALAR
#undef TW_ELEMENT
#undef TW_DOUBLING
#undef TW_SIGNS
#undef TW_THREE

}  // namespace

std::span<const Encoding> simd_long_encodings() { return kRows; }

}  // namespace tw::cpu::a64
