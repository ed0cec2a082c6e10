// ADD, ADDS, SUB, SUBS (immediate).
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

template <class Operation, bool sets_flags>
Handler select(Op& op) {
  op.imm = u64{field<21, 10>(op)} << (field<22, 22>(op) ? 12 : 0);
  op.rn = source_or_sp(field_rn(op));
  op.rd = sets_flags ? target(field_rd(op)) : target_or_sp(field_rd(op));
  return is_64bit(op) ? with_immediate<u64, Operation> : with_immediate<u32, Operation>;
}

constexpr Encoding kEncodings[] = {
    {"ADD (immediate)", "s00 100010 h iiiiiiiiiiii nnnnn ddddd", cost::Cause::Integer, select<Add, false>},
    {"ADDS (immediate)", "s01 100010 h iiiiiiiiiiii nnnnn ddddd", cost::Cause::Integer, select<Adds, true>},
    {"SUB (immediate)", "s10 100010 h iiiiiiiiiiii nnnnn ddddd", cost::Cause::Integer, select<Sub, false>},
    {"SUBS (immediate)", "s11 100010 h iiiiiiiiiiii nnnnn ddddd", cost::Cause::Integer, select<Subs, true>},
};

}  // namespace

std::span<const Encoding> add_sub_immediate_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
