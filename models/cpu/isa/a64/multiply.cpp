// MADD, MSUB and the widening and high-half multiplies.
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

__extension__ using u128 = unsigned __int128;
__extension__ using i128 = __int128;

/// The product's two factors, taken from a register as signed or unsigned words and widened.
struct Plain {
  template <class T>
  static T factor(const Cpu& cpu, u8 slot) {
    return read<T>(cpu, slot);
  }
};
struct SignedWord {
  template <class T>
  static T factor(const Cpu& cpu, u8 slot) {
    return static_cast<T>(sign_extend(cpu.x[slot], 32));
  }
};
struct UnsignedWord {
  template <class T>
  static T factor(const Cpu& cpu, u8 slot) {
    return read<u32>(cpu, slot);
  }
};

/// MUL, SMULL, UMULL: an addition to the zero register.
template <class T, class Widen>
const Op* multiply(Cpu& cpu, const Op* op) {
  const T product = static_cast<T>(Widen::template factor<T>(cpu, op->rn) * Widen::template factor<T>(cpu, op->rm));
  write<T>(cpu, op->rd, product);
  return op + 1;
}

template <class T, class Widen, class Operation>
const Op* multiply_accumulate(Cpu& cpu, const Op* op) {
  const T product = static_cast<T>(Widen::template factor<T>(cpu, op->rn) * Widen::template factor<T>(cpu, op->rm));
  write<T>(cpu, op->rd, Operation::apply(cpu.flags, read<T>(cpu, op->ra), product));
  return op + 1;
}

const Op* smulh(Cpu& cpu, const Op* op) {
  const i128 product = static_cast<i128>(static_cast<i64>(cpu.x[op->rn])) * static_cast<i64>(cpu.x[op->rm]);
  cpu.x[op->rd] = static_cast<u64>(product >> 64);
  return op + 1;
}

const Op* umulh(Cpu& cpu, const Op* op) {
  cpu.x[op->rd] = static_cast<u64>((static_cast<u128>(cpu.x[op->rn]) * cpu.x[op->rm]) >> 64);
  return op + 1;
}

void decode_registers(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
  op.ra = source(field_ra(op));
}

template <class T, class Widen, class Operation>
Handler handler(const Op& op) {
  if (std::is_same_v<Operation, Add> && op.ra == kZero) return multiply<T, Widen>;
  return multiply_accumulate<T, Widen, Operation>;
}

template <class Operation>
Handler select_plain(Op& op) {
  decode_registers(op);
  return is_64bit(op) ? handler<u64, Plain, Operation>(op) : handler<u32, Plain, Operation>(op);
}

template <class Widen, class Operation>
Handler select_long(Op& op) {
  decode_registers(op);
  return handler<u64, Widen, Operation>(op);
}

template <Handler high>
Handler select_high(Op& op) {
  decode_registers(op);
  return high;
}

constexpr auto kMultiply = cost::Cause::Multiply;

// SMULH and UMULH: bits <14:10> should be one; other values are CONSTRAINED UNPREDICTABLE, and ignored here.
constexpr Encoding kEncodings[] = {
    {"MADD", "s00 11011000 mmmmm 0 aaaaa nnnnn ddddd", kMultiply, select_plain<Add>},
    {"MSUB", "s00 11011000 mmmmm 1 aaaaa nnnnn ddddd", kMultiply, select_plain<Sub>},
    {"SMADDL", "100 11011001 mmmmm 0 aaaaa nnnnn ddddd", kMultiply, select_long<SignedWord, Add>},
    {"SMSUBL", "100 11011001 mmmmm 1 aaaaa nnnnn ddddd", kMultiply, select_long<SignedWord, Sub>},
    {"SMULH", "100 11011010 mmmmm 0 uuuuu nnnnn ddddd", kMultiply, select_high<smulh>},
    {"UMADDL", "100 11011101 mmmmm 0 aaaaa nnnnn ddddd", kMultiply, select_long<UnsignedWord, Add>},
    {"UMSUBL", "100 11011101 mmmmm 1 aaaaa nnnnn ddddd", kMultiply, select_long<UnsignedWord, Sub>},
    {"UMULH", "100 11011110 mmmmm 0 uuuuu nnnnn ddddd", kMultiply, select_high<umulh>},
};

}  // namespace

std::span<const Encoding> multiply_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
