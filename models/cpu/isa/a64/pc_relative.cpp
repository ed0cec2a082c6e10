// PC-relative addressing (Arm ARM C4.1, data processing, immediate).
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/operands.hpp"

namespace tw::cpu::a64 {
namespace {

u64 immediate_of(const Op& op) { return static_cast<u64>(sign_extend(field<23, 5>(op) << 2 | field<30, 29>(op), 21)); }

const Op* adr(Cpu& cpu, const Op* op) {
  cpu.x[op->rd] = pc_of(cpu, op) + op->imm;
  return op + 1;
}

// The page of the PC is the page that the ops are kept by.
static_assert(kPageBytes == 4096);
const Op* adrp(Cpu& cpu, const Op* op) {
  cpu.x[op->rd] = cpu.page_va + op->imm;
  return op + 1;
}

Handler select_adr(Op& op) {
  op.rd = target(field_rd(op));
  op.imm = immediate_of(op);
  return adr;
}

Handler select_adrp(Op& op) {
  op.rd = target(field_rd(op));
  op.imm = immediate_of(op) << 12;
  return adrp;
}

constexpr Encoding kEncodings[] = {
    {"ADR", "0ii10000 iiiiiiiiiiiiiiiiiii ddddd", cost::Cause::Integer, select_adr},
    {"ADRP", "1ii10000 iiiiiiiiiiiiiiiiiii ddddd", cost::Cause::Integer, select_adrp},
};

}  // namespace

std::span<const Encoding> pc_relative_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
