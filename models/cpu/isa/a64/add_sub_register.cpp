// ADD, SUB and their flag-setting forms with a shifted or an extended register, and with carry.
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

template <class Operation>
Handler select_shifted(Op& op) {
  const bool wide = is_64bit(op);
  const u32 kind = field<23, 22>(op);
  op.imm = field<15, 10>(op);
  if (kind == 3 || (!wide && op.imm >= 32)) return nullptr;
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
  return wide ? shifted_register_handler<u64, Operation>(kind, op.imm)
              : shifted_register_handler<u32, Operation>(kind, op.imm);
}

/// ExtendReg() without its shift: `option` is UXTB, UXTH, UXTW, UXTX, SXTB, SXTH, SXTW, SXTX.
template <unsigned option>
u64 extended(u64 value) {
  constexpr unsigned width = 8u << (option & 3);
  if constexpr ((option & 4) != 0) return static_cast<u64>(sign_extend(value, width));
  return value & low_mask(width);
}

template <class T, class Operation, unsigned option>
const Op* with_extended_register(Cpu& cpu, const Op* op) {
  const T operand = static_cast<T>(extended<option>(cpu.x[op->rm]) << op->imm);
  write<T>(cpu, op->rd, Operation::apply(cpu.flags, read<T>(cpu, op->rn), operand));
  return op + 1;
}

template <class T, class Operation>
Handler extended_register_handler(u32 option) {
  static constexpr Handler kByOption[] = {
      with_extended_register<T, Operation, 0>, with_extended_register<T, Operation, 1>,
      with_extended_register<T, Operation, 2>, with_extended_register<T, Operation, 3>,
      with_extended_register<T, Operation, 4>, with_extended_register<T, Operation, 5>,
      with_extended_register<T, Operation, 6>, with_extended_register<T, Operation, 7>};
  return kByOption[option];
}

template <class Operation, bool sets_flags>
Handler select_extended(Op& op) {
  op.imm = field<12, 10>(op);
  if (op.imm > 4) return nullptr;
  op.rd = sets_flags ? target(field_rd(op)) : target_or_sp(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  op.rm = source(field_rm(op));
  const u32 option = field<15, 13>(op);
  return is_64bit(op) ? extended_register_handler<u64, Operation>(option)
                      : extended_register_handler<u32, Operation>(option);
}

template <class Operation>
Handler select_with_carry(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
  return is_64bit(op) ? with_shifted_register<u64, Operation, Shift::None>
                      : with_shifted_register<u32, Operation, Shift::None>;
}

constexpr auto kInteger = cost::Cause::Integer;

constexpr Encoding kEncodings[] = {
    {"ADD (shifted register)", "s00 01011 tt 0 mmmmm iiiiii nnnnn ddddd", kInteger, select_shifted<Add>},
    {"ADDS (shifted register)", "s01 01011 tt 0 mmmmm iiiiii nnnnn ddddd", kInteger, select_shifted<Adds>},
    {"SUB (shifted register)", "s10 01011 tt 0 mmmmm iiiiii nnnnn ddddd", kInteger, select_shifted<Sub>},
    {"SUBS (shifted register)", "s11 01011 tt 0 mmmmm iiiiii nnnnn ddddd", kInteger, select_shifted<Subs>},

    {"ADD (extended register)", "s00 01011 00 1 mmmmm ooo iii nnnnn ddddd", kInteger, select_extended<Add, false>},
    {"ADDS (extended register)", "s01 01011 00 1 mmmmm ooo iii nnnnn ddddd", kInteger, select_extended<Adds, true>},
    {"SUB (extended register)", "s10 01011 00 1 mmmmm ooo iii nnnnn ddddd", kInteger, select_extended<Sub, false>},
    {"SUBS (extended register)", "s11 01011 00 1 mmmmm ooo iii nnnnn ddddd", kInteger, select_extended<Subs, true>},

    {"ADC", "s00 11010000 mmmmm 000000 nnnnn ddddd", kInteger, select_with_carry<Adc>},
    {"ADCS", "s01 11010000 mmmmm 000000 nnnnn ddddd", kInteger, select_with_carry<Adcs>},
    {"SBC", "s10 11010000 mmmmm 000000 nnnnn ddddd", kInteger, select_with_carry<Sbc>},
    {"SBCS", "s11 11010000 mmmmm 000000 nnnnn ddddd", kInteger, select_with_carry<Sbcs>},
};

}  // namespace

std::span<const Encoding> add_sub_register_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
