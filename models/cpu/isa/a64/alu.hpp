// The two-operand operations of data processing, and the shapes of instruction that apply them. An operation is a type
// with `apply(flags, a, b)`; an instruction is a shape instantiated with it, so no handler decides anything at run
// time.
#pragma once

#include <bit>

#include "cpu/isa/a64/operands.hpp"

namespace tw::cpu::a64 {

// ---- flags

template <class T>
inline void set_nz(Flags& flags, T result) {
  flags.n = static_cast<u8>(result >> (kWidth<T> - 1));
  flags.z = result == 0;
}

template <class T>
inline T add_setting_flags(Flags& flags, T a, T b) {
  const T result = static_cast<T>(a + b);
  set_nz(flags, result);
  flags.c = result < a;
  flags.v = static_cast<u8>(((a ^ result) & (b ^ result)) >> (kWidth<T> - 1));
  return result;
}

template <class T>
inline T sub_setting_flags(Flags& flags, T a, T b) {
  const T result = static_cast<T>(a - b);
  set_nz(flags, result);
  flags.c = a >= b;
  flags.v = static_cast<u8>(((a ^ b) & (a ^ result)) >> (kWidth<T> - 1));
  return result;
}

/// AddWithCarry() of the manual's shared pseudocode.
template <class T>
inline T add_with_carry_setting_flags(Flags& flags, T a, T b) {
  const T partial = static_cast<T>(a + b);
  const T result = static_cast<T>(partial + flags.c);
  const bool carry = partial < a || result < partial;
  set_nz(flags, result);
  flags.c = carry;
  flags.v = static_cast<u8>(((a ^ result) & (b ^ result)) >> (kWidth<T> - 1));
  return result;
}

template <class T>
inline T logical_setting_flags(Flags& flags, T result) {
  set_nz(flags, result);
  flags.c = 0;
  flags.v = 0;
  return result;
}

// ---- operations

#define TW_OPERATION(Name, expression)                        \
  struct Name {                                               \
    template <class T>                                        \
    static T apply([[maybe_unused]] Flags& flags, T a, T b) { \
      return static_cast<T>(expression);                      \
    }                                                         \
  }
TW_OPERATION(Add, a + b);
TW_OPERATION(Sub, a - b);
TW_OPERATION(Adds, add_setting_flags(flags, a, b));
TW_OPERATION(Subs, sub_setting_flags(flags, a, b));
TW_OPERATION(Adc, a + b + flags.c);
TW_OPERATION(Sbc, a + static_cast<T>(~b) + flags.c);
TW_OPERATION(Adcs, add_with_carry_setting_flags(flags, a, b));
TW_OPERATION(Sbcs, add_with_carry_setting_flags(flags, a, static_cast<T>(~b)));
TW_OPERATION(And, a& b);
TW_OPERATION(Bic, a & ~b);
TW_OPERATION(Orr, a | b);
TW_OPERATION(Orn, a | ~b);
TW_OPERATION(Eor, a ^ b);
TW_OPERATION(Eon, a ^ ~b);
TW_OPERATION(Ands, logical_setting_flags(flags, static_cast<T>(a& b)));
TW_OPERATION(Bics, logical_setting_flags(flags, static_cast<T>(a & ~b)));
#undef TW_OPERATION

// ---- shapes

/// Rd := Rn op immediate
template <class T, class Operation>
const Op* with_immediate(Cpu& cpu, const Op* op) {
  write<T>(cpu, op->rd, Operation::apply(cpu.flags, read<T>(cpu, op->rn), static_cast<T>(op->imm)));
  return op + 1;
}

/// Rd := immediate
inline const Op* move_immediate(Cpu& cpu, const Op* op) {
  cpu.x[op->rd] = op->imm;
  return op + 1;
}

/// Rd := Rm
template <class T>
const Op* move_register(Cpu& cpu, const Op* op) {
  write<T>(cpu, op->rd, read<T>(cpu, op->rm));
  return op + 1;
}

enum class Shift : u8 { Lsl, Lsr, Asr, Ror, None };

template <class T, Shift kind>
constexpr T shifted(T value, unsigned amount) {
  if constexpr (kind == Shift::Lsl) return static_cast<T>(value << amount);
  if constexpr (kind == Shift::Lsr) return static_cast<T>(value >> amount);
  if constexpr (kind == Shift::Asr) return static_cast<T>(static_cast<std::make_signed_t<T>>(value) >> amount);
  if constexpr (kind == Shift::Ror) return std::rotr(value, static_cast<int>(amount));
  if constexpr (kind == Shift::None) return value;
}

/// Rd := Rn op (Rm shifted by imm)
template <class T, class Operation, Shift kind>
const Op* with_shifted_register(Cpu& cpu, const Op* op) {
  const T operand = shifted<T, kind>(read<T>(cpu, op->rm), static_cast<unsigned>(op->imm));
  write<T>(cpu, op->rd, Operation::apply(cpu.flags, read<T>(cpu, op->rn), operand));
  return op + 1;
}

template <class T, class Operation>
Handler shifted_register_handler(u32 kind, u64 amount) {
  if (amount == 0) return with_shifted_register<T, Operation, Shift::None>;
  static constexpr Handler kByKind[] = {
      with_shifted_register<T, Operation, Shift::Lsl>, with_shifted_register<T, Operation, Shift::Lsr>,
      with_shifted_register<T, Operation, Shift::Asr>, with_shifted_register<T, Operation, Shift::Ror>};
  return kByKind[kind];
}

// ---- conditions

/// ConditionHolds() of the manual, for a condition known at decode. 0b1111 is "always" too.
template <unsigned condition>
inline bool holds(const Flags& flags) {
  constexpr bool inverted = (condition & 1) != 0 && condition != 15;
  bool result = true;
  if constexpr (condition / 2 == 0) result = flags.z != 0;
  if constexpr (condition / 2 == 1) result = flags.c != 0;
  if constexpr (condition / 2 == 2) result = flags.n != 0;
  if constexpr (condition / 2 == 3) result = flags.v != 0;
  if constexpr (condition / 2 == 4) result = flags.c > flags.z;
  if constexpr (condition / 2 == 5) result = flags.n == flags.v;
  if constexpr (condition / 2 == 6) result = (flags.z | (flags.n ^ flags.v)) == 0;
  return result != inverted;
}

}  // namespace tw::cpu::a64
