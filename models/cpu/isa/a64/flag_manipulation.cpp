// Flag manipulation (FEAT_FlagM, FEAT_FlagM2): RMIF, SETF8, SETF16, CFINV, XAFLAG, AXFLAG.
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// NZCV bits of `op->imm` from the low four bits of Xn rotated right by extra[0].
const Op* rotate_into_flags(Cpu& cpu, const Op* op) {
  const u64 value = std::rotr(cpu.x[op->rn], op->extra[0]) << 28;
  cpu.flags.set_nzcv((cpu.flags.nzcv() & ~op->imm) | (value & op->imm));
  return op + 1;
}
Handler select_rotate(Op& op) {
  op.rn = source(field_rn(op));
  op.extra[0] = static_cast<u8>(field<20, 15>(op));
  op.imm = u64{field<3, 0>(op)} << 28;
  return rotate_into_flags;
}

/// Flags as an addition of T would leave them in a wider register; C stays.
template <class T>
const Op* set_flags(Cpu& cpu, const Op* op) {
  const u64 value = cpu.x[op->rn];
  constexpr unsigned kSign = kWidth<T> - 1;
  set_nz(cpu.flags, static_cast<T>(value));
  cpu.flags.v = bit_at(value, kSign) != bit_at(value, kSign + 1);
  return op + 1;
}
template <class T>
Handler select_set(Op& op) {
  op.rn = source(field_rn(op));
  return set_flags<T>;
}

const Op* invert_carry(Cpu& cpu, const Op* op) {
  cpu.flags.c ^= 1;
  return op + 1;
}
/// From the flags of x86's comparisons of floating-point numbers to Arm's, and back.
const Op* from_external(Cpu& cpu, const Op* op) {
  const Flags f = cpu.flags;
  cpu.flags.n = !f.c && !f.z;
  cpu.flags.z = f.z && f.c;
  cpu.flags.c = f.c || f.z;
  cpu.flags.v = !f.c && f.z;
  return op + 1;
}
const Op* to_external(Cpu& cpu, const Op* op) {
  const Flags f = cpu.flags;
  cpu.flags.n = 0;
  cpu.flags.z = f.z || f.v;
  cpu.flags.c = f.c && !f.v;
  cpu.flags.v = 0;
  return op + 1;
}
template <Handler handler>
Handler select(Op&) {
  return handler;
}

constexpr Encoding kRows[] = {
    {"RMIF", "101 11010000 iiiiii 00001 nnnnn 0 mmmm", Cause::Integer, select_rotate, Feature::FlagM},
    {"SETF8", "001 11010000 000000 0 0010 nnnnn 0 1101", Cause::Integer, select_set<u8>, Feature::FlagM},
    {"SETF16", "001 11010000 000000 1 0010 nnnnn 0 1101", Cause::Integer, select_set<u16>, Feature::FlagM},
    {"CFINV", "1101 0101 0000 0000 0100 0000 0001 1111", Cause::Integer, select<invert_carry>, Feature::FlagM, true},
    {"XAFLAG", "1101 0101 0000 0000 0100 0000 0011 1111", Cause::Integer, select<from_external>, Feature::FlagM2, true},
    {"AXFLAG", "1101 0101 0000 0000 0100 0000 0101 1111", Cause::Integer, select<to_external>, Feature::FlagM2, true},
};

}  // namespace

std::span<const Encoding> flag_manipulation_encodings() { return kRows; }

}  // namespace tw::cpu::a64
