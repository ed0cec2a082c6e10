// FEAT_PAuth instructions outside the hint space: codes in registers, branches, loads (Arm ARM C4.1 "data-processing,
// one source", "unconditional branch (register)", "load/store register (pac)"). ERETAA and ERETAB are with ERET.
#include "cpu/isa/a64/branch_address.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/loads_stores_access.hpp"
#include "cpu/isa/a64/pointer_authentication.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// PACIA to PACDB, AUTIA to AUTDB; with Z = 1 the modifier is zero (rm: kZero).
template <u64 (*operation)(Cpu&, u64, u64, AddressKey), AddressKey key>
const Op* in_register(Cpu& cpu, const Op* op) {
  if (!key_enabled(cpu, key)) return op + 1;
  if (const Op* trapped = trap_pointer_authentication(cpu, op)) return trapped;
  cpu.x[op->rd] = operation(cpu, cpu.x[op->rn], cpu.x[op->rm], key);
  return op + 1;
}

template <bool data>
const Op* strip(Cpu& cpu, const Op* op) {
  cpu.x[op->rd] = strip_code(cpu, cpu.x[op->rn], data);
  return op + 1;
}

const Op* generic(Cpu& cpu, const Op* op) {
  if (const Op* trapped = trap_pointer_authentication(cpu, op)) return trapped;
  cpu.x[op->rd] = generic_code(cpu, cpu.x[op->rn], cpu.x[op->rm]);
  return op + 1;
}

template <AddressKey key, bool link>
const Op* branch(Cpu& cpu, const Op* op) {
  u64 target = cpu.x[op->rn];
  if (key_enabled(cpu, key)) {
    if (const Op* trapped = trap_pointer_authentication(cpu, op)) return trapped;
    target = authenticate(cpu, target, cpu.x[op->rm], key);
  }
  if (link) cpu.x[30] = pc_of(cpu, op) + 4;
  return branch_to(cpu, op, branch_address(cpu, target, cpu.pstate.el));
}

/// LDRAA, LDRAB. With writeback the base loses its code.
template <AddressKey key, bool writeback>
const Op* load_authenticated(Cpu& cpu, const Op* op) {
  if (op->rn == kSp && !check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  u64 va = cpu.x[op->rn];
  if (key_enabled(cpu, key)) {
    if (const Op* trapped = trap_pointer_authentication(cpu, op)) return trapped;
    va = authenticate(cpu, va, 0, key);
  }
  va += op->imm;
  u64 value;
  if (!load<u64>(cpu, op, va, value)) return leave_before(cpu, op);
  cpu.x[op->rd] = value;
  if (writeback) cpu.x[op->rn] = va;
  return op + 1;
}

// ---- decoding

template <Handler handler>
Handler with_modifier(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source(field_rd(op));
  op.rm = source_or_sp(field_rn(op));
  return handler;
}
template <Handler handler>
Handler without_modifier(Op& op) {
  with_modifier<handler>(op);
  op.rm = kZero;
  return handler;
}
Handler select_generic(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source_or_sp(field_rm(op));
  return generic;
}
template <Handler handler>
Handler branch_with_modifier(Op& op) {
  op.rn = source(field_rn(op));
  op.rm = source_or_sp(field_rd(op));
  return handler;
}
template <Handler handler>
Handler branch_without_modifier(Op& op) {
  op.rn = source(field_rn(op));
  op.rm = kZero;
  return handler;
}
template <Handler handler>
Handler return_by_sp(Op& op) {
  op.rn = 30;
  op.rm = kSp;
  return handler;
}
template <AddressKey key>
Handler select_load(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  op.imm = static_cast<u64>(sign_extend(u64{field<22, 22>(op)} << 9 | field<20, 12>(op), 10)) * 8;
  return bit<11>(op.insn) ? load_authenticated<key, true> : load_authenticated<key, false>;
}

using enum AddressKey;
constexpr auto kFeature = Feature::Pauth;

#define TW_REGISTER(name, opcode, operation, key)                                                                    \
  {                                                                                                                  \
    name, "110 11010110 00001 00" opcode " nnnnn ddddd", Cause::Integer, with_modifier<in_register<operation, key>>, \
        kFeature                                                                                                     \
  }
#define TW_ZERO(name, opcode, operation, key)                            \
  {                                                                      \
    name, "110 11010110 00001 00" opcode " 11111 ddddd", Cause::Integer, \
        without_modifier<in_register<operation, key>>, kFeature          \
  }
constexpr Encoding kRows[] = {
    TW_REGISTER("PACIA", "0000", add_code, IA),
    TW_REGISTER("PACIB", "0001", add_code, IB),
    TW_REGISTER("PACDA", "0010", add_code, DA),
    TW_REGISTER("PACDB", "0011", add_code, DB),
    TW_REGISTER("AUTIA", "0100", authenticate, IA),
    TW_REGISTER("AUTIB", "0101", authenticate, IB),
    TW_REGISTER("AUTDA", "0110", authenticate, DA),
    TW_REGISTER("AUTDB", "0111", authenticate, DB),
    TW_ZERO("PACIZA", "1000", add_code, IA),
    TW_ZERO("PACIZB", "1001", add_code, IB),
    TW_ZERO("PACDZA", "1010", add_code, DA),
    TW_ZERO("PACDZB", "1011", add_code, DB),
    TW_ZERO("AUTIZA", "1100", authenticate, IA),
    TW_ZERO("AUTIZB", "1101", authenticate, IB),
    TW_ZERO("AUTDZA", "1110", authenticate, DA),
    TW_ZERO("AUTDZB", "1111", authenticate, DB),
    {"XPACI", "110 11010110 00001 010000 11111 ddddd", Cause::Integer, without_modifier<strip<false>>, kFeature},
    {"XPACD", "110 11010110 00001 010001 11111 ddddd", Cause::Integer, without_modifier<strip<true>>, kFeature},
    {"PACGA", "100 11010110 mmmmm 001100 nnnnn ddddd", Cause::Integer, select_generic, kFeature},
    // ---- branches
    {"BRAA", "1101011 1000 11111 000010 nnnnn mmmmm", Cause::Branch, branch_with_modifier<branch<IA, false>>, kFeature},
    {"BRAB", "1101011 1000 11111 000011 nnnnn mmmmm", Cause::Branch, branch_with_modifier<branch<IB, false>>, kFeature},
    {"BLRAA", "1101011 1001 11111 000010 nnnnn mmmmm", Cause::Branch, branch_with_modifier<branch<IA, true>>, kFeature},
    {"BLRAB", "1101011 1001 11111 000011 nnnnn mmmmm", Cause::Branch, branch_with_modifier<branch<IB, true>>, kFeature},
    {"BRAAZ", "1101011 0000 11111 000010 nnnnn 11111", Cause::Branch, branch_without_modifier<branch<IA, false>>,
     kFeature},
    {"BRABZ", "1101011 0000 11111 000011 nnnnn 11111", Cause::Branch, branch_without_modifier<branch<IB, false>>,
     kFeature},
    {"BLRAAZ", "1101011 0001 11111 000010 nnnnn 11111", Cause::Branch, branch_without_modifier<branch<IA, true>>,
     kFeature},
    {"BLRABZ", "1101011 0001 11111 000011 nnnnn 11111", Cause::Branch, branch_without_modifier<branch<IB, true>>,
     kFeature},
    {"RETAA", "1101011 0010 11111 000010 11111 11111", Cause::Branch, return_by_sp<branch<IA, false>>, kFeature},
    {"RETAB", "1101011 0010 11111 000011 11111 11111", Cause::Branch, return_by_sp<branch<IB, false>>, kFeature},
    // ---- loads
    {"LDRAA", "11 111 0 00 0S 1 iiiiiiiii w1 nnnnn ttttt", Cause::Load, select_load<DA>, kFeature},
    {"LDRAB", "11 111 0 00 1S 1 iiiiiiiii w1 nnnnn ttttt", Cause::Load, select_load<DB>, kFeature},
};
#undef TW_ZERO
#undef TW_REGISTER

}  // namespace

std::span<const Encoding> pauth_encodings() { return kRows; }

}  // namespace tw::cpu::a64
