// SBFM, BFM, UBFM and EXTR: the bit-field moves behind all immediate shifts, extensions, extracts and inserts.
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

// SBFM and UBFM are one shift left, which drops what is above the field, and one shift right, which places and extends
// it. `imm` is the shift left, `extra[0]` the shift right.

template <class T, Shift right>
const Op* extend_field(Cpu& cpu, const Op* op) {
  const T field_at_top = static_cast<T>(read<T>(cpu, op->rn) << op->imm);
  write<T>(cpu, op->rd, shifted<T, right>(field_at_top, op->extra[0]));
  return op + 1;
}

/// LSL
template <class T>
const Op* shift_left(Cpu& cpu, const Op* op) {
  write<T>(cpu, op->rd, static_cast<T>(read<T>(cpu, op->rn) << op->imm));
  return op + 1;
}

/// LSR, ASR
template <class T, Shift right>
const Op* shift_right(Cpu& cpu, const Op* op) {
  write<T>(cpu, op->rd, shifted<T, right>(read<T>(cpu, op->rn), op->extra[0]));
  return op + 1;
}

/// BFM: `imm` is the mask of the destination bits that are replaced, `extra[0]` the rotation of the source.
template <class T>
const Op* insert_field(Cpu& cpu, const Op* op) {
  const T mask = static_cast<T>(op->imm);
  const T source_bits = std::rotr(read<T>(cpu, op->rn), op->extra[0]);
  write<T>(cpu, op->rd, static_cast<T>((read<T>(cpu, op->ra) & ~mask) | (source_bits & mask)));
  return op + 1;
}

/// N = sf, and 32-bit forms only count to 31.
bool is_allocated(const Op& op) {
  const bool wide = is_64bit(op);
  return wide == (field<22, 22>(op) != 0) && (wide || (field<21, 21>(op) == 0 && field<15, 15>(op) == 0));
}

template <Shift right>
Handler select_extend(Op& op) {
  if (!is_allocated(op)) return nullptr;
  const bool wide = is_64bit(op);
  const unsigned width = wide ? 64 : 32;
  const unsigned r = field<21, 16>(op), s = field<15, 10>(op);
  const unsigned left = width - 1 - s;
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.imm = left;
  // Extract: the field <s:r> goes to bit 0. Insert (s < r): the field <s:0> goes to bit (width - r).
  op.extra[0] = static_cast<u8>(s >= r ? left + r : left - (width - r));
  if (left == 0) return wide ? shift_right<u64, right> : shift_right<u32, right>;
  if (op.extra[0] == 0) return wide ? shift_left<u64> : shift_left<u32>;
  return wide ? extend_field<u64, right> : extend_field<u32, right>;
}

Handler select_bfm(Op& op) {
  if (!is_allocated(op)) return nullptr;
  const bool wide = is_64bit(op);
  const unsigned width = wide ? 64 : 32;
  const unsigned r = field<21, 16>(op), s = field<15, 10>(op);
  op.rd = target(field_rd(op));
  op.ra = source(field_rd(op));
  op.rn = source(field_rn(op));
  op.imm = s >= r ? low_mask(s - r + 1) : low_mask(s + 1) << (width - r);
  op.extra[0] = static_cast<u8>(r);
  return wide ? insert_field<u64> : insert_field<u32>;
}

/// EXTR has Rm where the bit-field moves have immr.
bool is_extr_allocated(const Op& op) {
  const bool wide = is_64bit(op);
  return wide == (field<22, 22>(op) != 0) && (wide || field<15, 15>(op) == 0);
}

/// EXTR: `imm` is the lowest bit taken from Rm, never zero here.
template <class T>
const Op* extract(Cpu& cpu, const Op* op) {
  const T low = static_cast<T>(read<T>(cpu, op->rm) >> op->imm);
  const T high = static_cast<T>(read<T>(cpu, op->rn) << (kWidth<T> - op->imm));
  write<T>(cpu, op->rd, static_cast<T>(high | low));
  return op + 1;
}

Handler select_extr(Op& op) {
  if (!is_extr_allocated(op)) return nullptr;
  const bool wide = is_64bit(op);
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
  op.imm = field<15, 10>(op);
  if (op.imm == 0) return wide ? move_register<u64> : move_register<u32>;
  return wide ? extract<u64> : extract<u32>;
}

constexpr Encoding kEncodings[] = {
    {"SBFM", "s00 100110 N rrrrrr ssssss nnnnn ddddd", cost::Cause::Integer, select_extend<Shift::Asr>},
    {"BFM", "s01 100110 N rrrrrr ssssss nnnnn ddddd", cost::Cause::Integer, select_bfm},
    {"UBFM", "s10 100110 N rrrrrr ssssss nnnnn ddddd", cost::Cause::Integer, select_extend<Shift::Lsr>},
    {"EXTR", "s00 100111 N 0 mmmmm ssssss nnnnn ddddd", cost::Cause::Integer, select_extr},
};

}  // namespace

std::span<const Encoding> bitfield_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
