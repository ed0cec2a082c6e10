// Advanced SIMD three same extra, with the same by element: what came after Armv8.0 (Arm ARM C4.1). SQRDMLAH, SQRDMLSH
// (FEAT_RDM), SDOT, UDOT (FEAT_DotProd).
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_operations.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// The upper half of d plus or minus the doubled product, rounded; doubling is done by shifting one bit less.
template <bool subtract>
constexpr auto kDoublingHighAccumulate = [](auto n, auto m, auto d, Saturation& s) {
  using T = decltype(n);
  const i64 product = i64{n} * m;
  const i64 sum = (i64{d} << (kBits<T> - 1)) + (subtract ? -product : product) + (i64{1} << (kBits<T> - 2));
  return saturate<T>(sum >> (kBits<T> - 1), s);
};

/// Each 32-bit lane of Vd gains the product of four bytes of Vn and four of Vm, or of one 32-bit lane of Vm.
template <class T, bool element>
const Op* dot_product(Cpu& cpu, const Op* op) {
  const auto n = lanes<T>(active(cpu.v[op->rn], op));
  const auto m =
      element ? std::bit_cast<Lanes<T>>(broadcast<u32>(cpu.v[op->rm], op->extra[kIndex])) : lanes<T>(cpu.v[op->rm]);
  auto d = lanes<u32>(cpu.v[op->rd]);
  for (unsigned i = 0; i < 16; ++i) d[i / 4] += static_cast<u32>(int{n[i]} * int{m[i]});
  write_active(cpu, op, vector<u32>(d));
  return op + 1;
}

template <Handler body>
Handler of_words(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  return with_fp_access<body>;
}

/// `select` with the element decoded behind it.
template <Handler (*select)(Op&)>
Handler indexed(Op& op) {
  const Handler handler = select(op);
  return decode_element(op, size_field(op)) ? handler : nullptr;
}

#define TW_RDM(name, opcode, element_opcode, fn)                                                             \
  {name " (vector)", "0Q 1 01110 zz 0 mmmmm 1 " opcode " 1 nnnnn ddddd",                                     \
   Cause::FpSimd,    by_size<Same, fn, I16To32>,                                                             \
   Feature::Rdm,     true},                                                                                  \
      {name " (scalar)", "01 1 11110 zz 0 mmmmm 1 " opcode " 1 nnnnn ddddd",                                 \
       Cause::FpSimd,    scalar_by_size<Same, fn, I16To32>,                                                  \
       Feature::Rdm,     true},                                                                              \
      {name " (by element)", "0Q 1 01111 zz L mmmmm " element_opcode " H 0 nnnnn ddddd",                     \
       Cause::FpSimd,        indexed<by_size<Element, fn, I16To32>>,                                         \
       Feature::Rdm,         true},                                                                          \
  {                                                                                                          \
    name " (scalar, by element)", "01 1 11111 zz L mmmmm " element_opcode " H 0 nnnnn ddddd", Cause::FpSimd, \
        indexed<scalar_by_size<Element, fn, I16To32>>, Feature::Rdm, true                                    \
  }
#define TW_DOT(name, u, type)                                                              \
  {name " (vector)", "0Q " u " 01110 10 0 mmmmm 1 0010 1 nnnnn ddddd",                     \
   Cause::FpSimd,    of_words<dot_product<type, false>>,                                   \
   Feature::DotProd, true},                                                                \
  {                                                                                        \
    name " (by element)", "0Q " u " 01111 10 L mmmmm 1110 H 0 nnnnn ddddd", Cause::FpSimd, \
        indexed<of_words<dot_product<type, true>>>, Feature::DotProd, true                 \
  }

constexpr Encoding kRows[] = {
    TW_RDM("SQRDMLAH", "0000", "1101", kDoublingHighAccumulate<false>),
    TW_RDM("SQRDMLSH", "0001", "1111", kDoublingHighAccumulate<true>),
    TW_DOT("SDOT", "0", i8),
    TW_DOT("UDOT", "1", u8),
};
#undef TW_DOT
#undef TW_RDM

}  // namespace

std::span<const Encoding> simd_three_extra_encodings() { return kRows; }

}  // namespace tw::cpu::a64
