// Loads and stores of V registers (Arm ARM C4.1 "Loads and stores", V = 1): one register in all addressing modes,
// literal, pairs and no-allocate pairs. A register is B, H, S, D or Q; what a load does not fill becomes zero.
#include <bit>

#include "cpu/isa/a64/fp_simd_access.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_access.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

template <unsigned Bytes>
struct LoadOne {
  static constexpr unsigned kScale = Bytes;
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    VectorRegister value;
    if (!load_vector<Bytes>(cpu, op, va, value)) return false;
    cpu.v[op->rd] = value;
    return true;
  }
};

template <unsigned Bytes>
struct StoreOne {
  static constexpr unsigned kScale = Bytes;
  static bool perform(Cpu& cpu, const Op* op, u64 va) { return store_vector<Bytes>(cpu, op, va, cpu.v[op->rd]); }
};

/// Both registers are read before one is written. With Rt == Rt2 (CONSTRAINED UNPREDICTABLE) the first one wins.
template <unsigned Bytes>
struct LoadTwo {
  static constexpr unsigned kScale = Bytes;
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    VectorRegister first, second;
    if (!load_vector<Bytes>(cpu, op, va, first) || !load_vector<Bytes>(cpu, op, va + Bytes, second)) return false;
    cpu.v[op->ra] = second;
    cpu.v[op->rd] = first;
    return true;
  }
};

template <unsigned Bytes>
struct StoreTwo {
  static constexpr unsigned kScale = Bytes;
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    return store_vector<Bytes>(cpu, op, va, cpu.v[op->rd]) && store_vector<Bytes>(cpu, op, va + Bytes, cpu.v[op->ra]);
  }
};

template <class Access, Form form>
const Op* execute(Cpu& cpu, const Op* op) {
  if constexpr (form != Form::Literal) {
    if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  }
  const u64 va = address_of<form>(cpu, op);
  if (!Access::perform(cpu, op, va)) return leave_before(cpu, op);
  write_back<form>(cpu, op, va);
  return op + 1;
}

// ---- decoding

template <class Access, Form form>
Handler finish(Op& op) {
  op.rd = static_cast<u8>(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  return with_fp_access<execute<Access, form>>;
}

struct UnsignedOffset {
  template <class Access>
  static Handler decode(Op& op) {
    op.imm = bits<21, 10>(op.insn) * Access::kScale;
    return finish<Access, Form::Offset>(op);
  }
};

template <Form form>
struct SignedOffset {
  template <class Access>
  static Handler decode(Op& op) {
    op.imm = static_cast<u64>(sign_extend(bits<20, 12>(op.insn), 9));
    return finish<Access, form>(op);
  }
};

struct RegisterOffset {
  template <class Access>
  static Handler decode(Op& op) {
    op.rm = source(field_rm(op));
    op.extra[0] = bit<12>(op.insn) ? static_cast<u8>(std::countr_zero(Access::kScale)) : u8{0};
    switch (bits<15, 13>(op.insn)) {
      case 0b010:
        return finish<Access, Form::Uxtw>(op);
      case 0b110:
        return finish<Access, Form::Sxtw>(op);
      case 0b011:
      case 0b111:
        return finish<Access, Form::Lsl>(op);
      default:
        return nullptr;
    }
  }
};

/// One register: size is opc<1>:size, B to Q.
template <template <unsigned> class Access, class Mode>
Handler one(Op& op) {
  switch (bits<23, 23>(op.insn) << 2 | bits<31, 30>(op.insn)) {
    case 0:
      return Mode::template decode<Access<1>>(op);
    case 1:
      return Mode::template decode<Access<2>>(op);
    case 2:
      return Mode::template decode<Access<4>>(op);
    case 3:
      return Mode::template decode<Access<8>>(op);
    case 4:
      return Mode::template decode<Access<16>>(op);
    default:
      return nullptr;
  }
}

template <unsigned Bytes, template <unsigned> class Access, Form form>
Handler pair_of(Op& op) {
  op.imm = static_cast<u64>(sign_extend(bits<21, 15>(op.insn), 7)) * Bytes;
  op.ra = static_cast<u8>(field_ra(op));
  return finish<Access<Bytes>, form>(op);
}

template <template <unsigned> class Access, Form form>
Handler pair(Op& op) {
  switch (bits<31, 30>(op.insn)) {
    case 0:
      return pair_of<4, Access, form>(op);
    case 1:
      return pair_of<8, Access, form>(op);
    case 2:
      return pair_of<16, Access, form>(op);
    default:
      return nullptr;
  }
}

Handler literal(Op& op) {
  op.imm = static_cast<u64>(sign_extend(bits<23, 5>(op.insn) << 2, 21));
  op.rd = static_cast<u8>(field_rd(op));
  switch (bits<31, 30>(op.insn)) {
    case 0:
      return with_fp_access<execute<LoadOne<4>, Form::Literal>>;
    case 1:
      return with_fp_access<execute<LoadOne<8>, Form::Literal>>;
    case 2:
      return with_fp_access<execute<LoadOne<16>, Form::Literal>>;
    default:
      return nullptr;
  }
}

constexpr auto kFp = Feature::FpSimd;

// One row a form; `l` is the encoding's bit L.
#define TW_FORMS(l, name, unscaled, pair_name, no_allocate, cause, One, Two)                  \
  {name " (immediate, SIMD&FP)",                                                              \
   "zz 111 1 01 o" l "iiiiiiiiiiii nnnnn ttttt",                                              \
   cause,                                                                                     \
   one<One, UnsignedOffset>,                                                                  \
   kFp,                                                                                       \
   true},                                                                                     \
      {unscaled " (SIMD&FP)",                                                                 \
       "zz 111 1 00 o" l "0 iiiiiiiii 00 nnnnn ttttt",                                        \
       cause,                                                                                 \
       one<One, SignedOffset<Form::Offset>>,                                                  \
       kFp,                                                                                   \
       true},                                                                                 \
      {name " (immediate, post-index, SIMD&FP)",                                              \
       "zz 111 1 00 o" l "0 iiiiiiiii 01 nnnnn ttttt",                                        \
       cause,                                                                                 \
       one<One, SignedOffset<Form::PostIndex>>,                                               \
       kFp,                                                                                   \
       true},                                                                                 \
      {name " (immediate, pre-index, SIMD&FP)",                                               \
       "zz 111 1 00 o" l "0 iiiiiiiii 11 nnnnn ttttt",                                        \
       cause,                                                                                 \
       one<One, SignedOffset<Form::PreIndex>>,                                                \
       kFp,                                                                                   \
       true},                                                                                 \
      {name " (register, SIMD&FP)",                                                           \
       "zz 111 1 00 o" l "1 mmmmm ooo S 10 nnnnn ttttt",                                      \
       cause,                                                                                 \
       one<One, RegisterOffset>,                                                              \
       kFp,                                                                                   \
       true},                                                                                 \
      {no_allocate " (SIMD&FP)",                                                              \
       "zz 101 1 000 " l " iiiiiii uuuuu nnnnn ttttt",                                        \
       cause,                                                                                 \
       pair<Two, Form::Offset>,                                                               \
       kFp,                                                                                   \
       true},                                                                                 \
      {pair_name " (post-index, SIMD&FP)",                                                    \
       "zz 101 1 001 " l " iiiiiii uuuuu nnnnn ttttt",                                        \
       cause,                                                                                 \
       pair<Two, Form::PostIndex>,                                                            \
       kFp,                                                                                   \
       true},                                                                                 \
      {pair_name " (offset, SIMD&FP)",                                                        \
       "zz 101 1 010 " l " iiiiiii uuuuu nnnnn ttttt",                                        \
       cause,                                                                                 \
       pair<Two, Form::Offset>,                                                               \
       kFp,                                                                                   \
       true},                                                                                 \
  {                                                                                           \
    pair_name " (pre-index, SIMD&FP)", "zz 101 1 011 " l " iiiiiii uuuuu nnnnn ttttt", cause, \
        pair<Two, Form::PreIndex>, kFp, true                                                  \
  }

constexpr Encoding kRows[] = {
    {"LDR (literal, SIMD&FP)", "zz 011 1 00 iiiiiiiiiiiiiiiiiii ttttt", Cause::Load, literal, kFp, true},
    TW_FORMS("0", "STR", "STUR", "STP", "STNP", Cause::Store, StoreOne, StoreTwo),
    TW_FORMS("1", "LDR", "LDUR", "LDP", "LDNP", Cause::Load, LoadOne, LoadTwo),
};
#undef TW_FORMS

}  // namespace

std::span<const Encoding> simd_loads_stores_encodings() { return kRows; }

}  // namespace tw::cpu::a64
