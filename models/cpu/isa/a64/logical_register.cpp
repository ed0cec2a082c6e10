// AND, BIC, ORR, ORN, EOR, EON, ANDS, BICS (shifted register).
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

template <class Operation>
Handler select(Op& op) {
  const bool wide = is_64bit(op);
  op.imm = field<15, 10>(op);
  if (!wide && op.imm >= 32) return nullptr;
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
  if (std::is_same_v<Operation, Orr> && op.rn == kZero && op.imm == 0) {
    return wide ? move_register<u64> : move_register<u32>;
  }
  const u32 kind = field<23, 22>(op);
  return wide ? shifted_register_handler<u64, Operation>(kind, op.imm)
              : shifted_register_handler<u32, Operation>(kind, op.imm);
}

constexpr Encoding kEncodings[] = {
    {"AND (shifted register)", "s00 01010 tt 0 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<And>},
    {"BIC (shifted register)", "s00 01010 tt 1 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<Bic>},
    {"ORR (shifted register)", "s01 01010 tt 0 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<Orr>},
    {"ORN (shifted register)", "s01 01010 tt 1 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<Orn>},
    {"EOR (shifted register)", "s10 01010 tt 0 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<Eor>},
    {"EON (shifted register)", "s10 01010 tt 1 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<Eon>},
    {"ANDS (shifted register)", "s11 01010 tt 0 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<Ands>},
    {"BICS (shifted register)", "s11 01010 tt 1 mmmmm iiiiii nnnnn ddddd", cost::Cause::Integer, select<Bics>},
};

}  // namespace

std::span<const Encoding> logical_register_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
