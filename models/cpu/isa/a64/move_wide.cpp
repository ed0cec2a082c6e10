// MOVN, MOVZ, MOVK.
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

/// Bit position of the 16-bit immediate; 32-bit registers have two.
unsigned position_of(const Op& op) { return field<22, 21>(op) * 16; }
bool is_allocated(const Op& op) { return is_64bit(op) || position_of(op) < 32; }
u64 immediate_of(const Op& op) { return u64{field<20, 5>(op)} << position_of(op); }

Handler select_movz(Op& op) {
  if (!is_allocated(op)) return nullptr;
  op.rd = target(field_rd(op));
  op.imm = immediate_of(op);
  return move_immediate;
}

Handler select_movn(Op& op) {
  if (!is_allocated(op)) return nullptr;
  op.rd = target(field_rd(op));
  op.imm = is_64bit(op) ? ~immediate_of(op) : static_cast<u32>(~immediate_of(op));
  return move_immediate;
}

/// `extra[0]` is the bit position of the 16 bits replaced.
template <class T>
const Op* movk(Cpu& cpu, const Op* op) {
  const u64 kept = cpu.x[op->rn] & ~(u64{0xFFFF} << op->extra[0]);
  write<T>(cpu, op->rd, static_cast<T>(kept | op->imm));
  return op + 1;
}

Handler select_movk(Op& op) {
  if (!is_allocated(op)) return nullptr;
  op.rd = target(field_rd(op));
  op.rn = source(field_rd(op));
  op.imm = immediate_of(op);
  op.extra[0] = static_cast<u8>(position_of(op));
  return is_64bit(op) ? movk<u64> : movk<u32>;
}

constexpr Encoding kEncodings[] = {
    {"MOVN", "s00 100101 hh iiiiiiiiiiiiiiii ddddd", cost::Cause::Integer, select_movn},
    {"MOVZ", "s10 100101 hh iiiiiiiiiiiiiiii ddddd", cost::Cause::Integer, select_movz},
    {"MOVK", "s11 100101 hh iiiiiiiiiiiiiiii ddddd", cost::Cause::Integer, select_movk},
};

}  // namespace

std::span<const Encoding> move_wide_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
