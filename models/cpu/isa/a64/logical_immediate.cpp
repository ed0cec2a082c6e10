// AND, ORR, EOR, ANDS (immediate).
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/bit_mask.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

enum class Rd : u8 { Sp, Zero };

template <class Operation, Rd rd_31>
Handler select(Op& op) {
  const bool wide = is_64bit(op);
  const u32 n = field<22, 22>(op);
  const std::optional<u64> mask = decode_bit_mask(n, field<15, 10>(op), field<21, 16>(op));
  if (!mask || (!wide && n)) return nullptr;
  op.imm = wide ? *mask : static_cast<u32>(*mask);
  op.rn = source(field_rn(op));
  op.rd = rd_31 == Rd::Sp ? target_or_sp(field_rd(op)) : target(field_rd(op));
  if (std::is_same_v<Operation, Orr> && op.rn == kZero) return move_immediate;
  return wide ? with_immediate<u64, Operation> : with_immediate<u32, Operation>;
}

constexpr Encoding kEncodings[] = {
    {"AND (immediate)", "s00 100100 N rrrrrr ssssss nnnnn ddddd", cost::Cause::Integer, select<And, Rd::Sp>},
    {"ORR (immediate)", "s01 100100 N rrrrrr ssssss nnnnn ddddd", cost::Cause::Integer, select<Orr, Rd::Sp>},
    {"EOR (immediate)", "s10 100100 N rrrrrr ssssss nnnnn ddddd", cost::Cause::Integer, select<Eor, Rd::Sp>},
    {"ANDS (immediate)", "s11 100100 N rrrrrr ssssss nnnnn ddddd", cost::Cause::Integer, select<Ands, Rd::Zero>},
};

}  // namespace

std::span<const Encoding> logical_immediate_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
