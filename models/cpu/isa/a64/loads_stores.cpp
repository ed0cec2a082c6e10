// Loads and stores of one general-purpose register, and prefetch (Arm ARM C4.1 "Loads and stores": unsigned
// immediate, unscaled, pre- and post-indexed, register offset, literal, unprivileged; V = 0).
#include <bit>

#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/loads_stores_access.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// Loads a `Memory` element. `Result` is the type that it is extended to, by its signedness, before the register's
/// upper half is cleared: u64 zero-extends, i64 and i32 sign-extend to X and to W.
template <class Memory, class Result = u64>
struct Load {
  static constexpr unsigned kBytes = sizeof(Memory);
  static u8 register_of(u32 number) { return target(number); }
  static bool perform(Cpu& cpu, const Op* op, u64 va, AccessFlags flags) {
    Memory value;
    if (!load<Memory>(cpu, op, va, value, flags)) return false;
    if constexpr (std::is_signed_v<Result>) {
      const Result extended = static_cast<std::make_signed_t<Memory>>(value);
      cpu.x[op->rd] = static_cast<std::make_unsigned_t<Result>>(extended);
    } else {
      cpu.x[op->rd] = value;
    }
    return true;
  }
};

template <class Memory>
struct Store {
  static constexpr unsigned kBytes = sizeof(Memory);
  static u8 register_of(u32 number) { return source(number); }
  static bool perform(Cpu& cpu, const Op* op, u64 va, AccessFlags flags) {
    return store<Memory>(cpu, op, va, static_cast<Memory>(cpu.x[op->rd]), flags);
  }
};

/// LDTR and STTR use EL0's permissions at EL1 only, and not with PSTATE.UAO (C6.2 LDTR; AArch64.IsUnprivAccessPriv).
AccessFlags unprivileged(const Cpu& cpu) { return {.unprivileged = cpu.pstate.el == El::El1 && !cpu.pstate.uao}; }

template <class Access, Form form, bool SpBase>
const Op* execute(Cpu& cpu, const Op* op) {
  if constexpr (SpBase) {
    if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  }
  AccessFlags flags;
  const u64 va = address_of<form>(cpu, op);
  if constexpr (form == Form::Unprivileged) flags = unprivileged(cpu);
  if (!Access::perform(cpu, op, va, flags)) return leave_before(cpu, op);
  write_back<form>(cpu, op, va);
  return op + 1;
}

/// The operation is in bits 4:0: type PLD, PLI, PST in 4:3; the level and the policy are hints that nothing follows.
template <Form form>
const Op* prefetch_line(Cpu& cpu, const Op* op) {
  const u64 type = bits<4, 3>(op->insn);
  if (type == 0 || type == 2) prefetch(cpu, op, address_of<form>(cpu, op), type == 2);
  return op + 1;
}

// ---- decoding

template <class Access, Form form>
Handler finish(Op& op) {
  op.rd = Access::register_of(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  return op.rn == kSp ? execute<Access, form, true> : execute<Access, form, false>;
}

template <class Access>
Handler unsigned_offset(Op& op) {
  op.imm = bits<21, 10>(op.insn) * Access::kBytes;
  return finish<Access, Form::Offset>(op);
}

template <class Access, Form form>
Handler signed_offset(Op& op) {
  op.imm = static_cast<u64>(sign_extend(bits<20, 12>(op.insn), 9));
  return finish<Access, form>(op);
}

template <class Access>
Handler register_offset(Op& op) {
  op.rm = source(field_rm(op));
  op.extra[0] = bit<12>(op.insn) ? static_cast<u8>(std::countr_zero(Access::kBytes)) : u8{0};
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

template <class Access>
Handler literal(Op& op) {
  op.imm = static_cast<u64>(sign_extend(bits<23, 5>(op.insn) << 2, 21));
  op.rd = Access::register_of(field_rd(op));
  return execute<Access, Form::Literal, false>;
}

Handler prefetch_register(Op& op) {
  op.rn = source_or_sp(field_rn(op));
  op.rm = source(field_rm(op));
  op.extra[0] = bit<12>(op.insn) ? u8{3} : u8{0};
  switch (bits<15, 13>(op.insn)) {
    case 0b010:
      return prefetch_line<Form::Uxtw>;
    case 0b110:
      return prefetch_line<Form::Sxtw>;
    case 0b011:
    case 0b111:
      return prefetch_line<Form::Lsl>;
    default:
      return nullptr;
  }
}
Handler prefetch_scaled(Op& op) {
  op.rn = source_or_sp(field_rn(op));
  op.imm = u64{bits<21, 10>(op.insn)} * 8;
  return prefetch_line<Form::Offset>;
}
Handler prefetch_unscaled(Op& op) {
  op.rn = source_or_sp(field_rn(op));
  op.imm = static_cast<u64>(sign_extend(bits<20, 12>(op.insn), 9));
  return prefetch_line<Form::Offset>;
}
Handler prefetch_literal(Op& op) {
  op.imm = static_cast<u64>(sign_extend(bits<23, 5>(op.insn) << 2, 21));
  return prefetch_line<Form::Literal>;
}

/// The two accesses of one name; `Bit` of the encoding chooses (size<0>, or opc<0> of a sign-extending load).
template <unsigned Bit, class Clear, class Set>
struct Choice {
  static Handler offset(Op& op) { return bit<Bit>(op.insn) ? unsigned_offset<Set>(op) : unsigned_offset<Clear>(op); }
  template <Form form>
  static Handler indexed(Op& op) {
    return bit<Bit>(op.insn) ? signed_offset<Set, form>(op) : signed_offset<Clear, form>(op);
  }
  static Handler with_register(Op& op) {
    return bit<Bit>(op.insn) ? register_offset<Set>(op) : register_offset<Clear>(op);
  }
};
template <class Access>
using Only = Choice<0, Access, Access>;

using Strb = Only<Store<u8>>;
using Ldrb = Only<Load<u8>>;
using Ldrsb = Choice<22, Load<u8, i64>, Load<u8, i32>>;
using Strh = Only<Store<u16>>;
using Ldrh = Only<Load<u16>>;
using Ldrsh = Choice<22, Load<u16, i64>, Load<u16, i32>>;
using Str = Choice<30, Store<u32>, Store<u64>>;
using Ldr = Choice<30, Load<u32>, Load<u64>>;
using Ldrsw = Only<Load<u32, i64>>;

// One row a form; `size` and `opc` are the encoding's fields of those names.
#define TW_FORMS(size, opc, name, unscaled, unprivileged, cause, Which)                                            \
  {name " (immediate)", size "111 0 01" opc "iiiiiiiiiiii nnnnn ttttt", cause, Which::offset},                     \
      {unscaled, size "111 0 00" opc "0 iiiiiiiii 00 nnnnn ttttt", cause, Which::indexed<Form::Offset>},           \
      {name " (immediate, post-index)", size "111 0 00" opc "0 iiiiiiiii 01 nnnnn ttttt", cause,                   \
       Which::indexed<Form::PostIndex>},                                                                           \
      {unprivileged, size "111 0 00" opc "0 iiiiiiiii 10 nnnnn ttttt", cause, Which::indexed<Form::Unprivileged>}, \
      {name " (immediate, pre-index)", size "111 0 00" opc "0 iiiiiiiii 11 nnnnn ttttt", cause,                    \
       Which::indexed<Form::PreIndex>},                                                                            \
  {                                                                                                                \
    name " (register)", size "111 0 00" opc "1 mmmmm ooo S 10 nnnnn ttttt", cause, Which::with_register            \
  }

constexpr Encoding kRows[] = {
    // ---- load register (literal)
    {"LDR (literal)", "00 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", Cause::Load, literal<Load<u32>>},
    {"LDR (literal, 64-bit)", "01 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", Cause::Load, literal<Load<u64>>},
    {"LDRSW (literal)", "10 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", Cause::Load, literal<Load<u32, i64>>},
    {"PRFM (literal)", "11 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", Cause::Hint, prefetch_literal},
    // ---- load/store register
    TW_FORMS("00", "00", "STRB", "STURB", "STTRB", Cause::Store, Strb),
    TW_FORMS("00", "01", "LDRB", "LDURB", "LDTRB", Cause::Load, Ldrb),
    TW_FORMS("00", "1o", "LDRSB", "LDURSB", "LDTRSB", Cause::Load, Ldrsb),
    TW_FORMS("01", "00", "STRH", "STURH", "STTRH", Cause::Store, Strh),
    TW_FORMS("01", "01", "LDRH", "LDURH", "LDTRH", Cause::Load, Ldrh),
    TW_FORMS("01", "1o", "LDRSH", "LDURSH", "LDTRSH", Cause::Load, Ldrsh),
    TW_FORMS("1s", "00", "STR", "STUR", "STTR", Cause::Store, Str),
    TW_FORMS("1s", "01", "LDR", "LDUR", "LDTR", Cause::Load, Ldr),
    TW_FORMS("10", "10", "LDRSW", "LDURSW", "LDTRSW", Cause::Load, Ldrsw),
    // ---- prefetch: no fault whatever the address, and no effect but on caches
    {"PRFM (immediate)", "11 111 0 01 10 iiiiiiiiiiii nnnnn ttttt", Cause::Hint, prefetch_scaled},
    {"PRFUM", "11 111 0 00 10 0 iiiiiiiii 00 nnnnn ttttt", Cause::Hint, prefetch_unscaled},
    {"PRFM (register)", "11 111 0 00 10 1 mmmmm ooo S 10 nnnnn ttttt", Cause::Hint, prefetch_register},
};
#undef TW_FORMS

}  // namespace

std::span<const Encoding> loads_stores_encodings() { return kRows; }

}  // namespace tw::cpu::a64
