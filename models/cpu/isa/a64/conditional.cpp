// Conditional compare (CCMN, CCMP) and conditional select (CSEL, CSINC, CSINV, CSNEG).
#include <array>
#include <cstring>
#include <utility>

#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

enum class Operand : u8 { Register, Immediate };

// The flags of a condition that fails are kept ready, in the layout of Flags.
static_assert(sizeof(Flags) == 4);

template <class T, class Operation, Operand operand, unsigned condition>
const Op* conditional_compare(Cpu& cpu, const Op* op) {
  if (holds<condition>(cpu.flags)) {
    const T b = operand == Operand::Register ? read<T>(cpu, op->rm) : static_cast<T>(op->imm);
    Operation::apply(cpu.flags, read<T>(cpu, op->rn), b);
  } else {
    std::memcpy(&cpu.flags, op->extra, sizeof(Flags));
  }
  return op + 1;
}

struct Select {
  template <class T>
  static T otherwise(T value) {
    return value;
  }
};
struct Increment {
  template <class T>
  static T otherwise(T value) {
    return static_cast<T>(value + 1);
  }
};
struct Invert {
  template <class T>
  static T otherwise(T value) {
    return static_cast<T>(~value);
  }
};
struct Negate {
  template <class T>
  static T otherwise(T value) {
    return static_cast<T>(~value + 1);
  }
};

template <class T, class Else, unsigned condition>
const Op* conditional_select(Cpu& cpu, const Op* op) {
  const T chosen = read<T>(cpu, op->rn);
  const T other = Else::otherwise(read<T>(cpu, op->rm));
  write<T>(cpu, op->rd, holds<condition>(cpu.flags) ? chosen : other);
  return op + 1;
}

// One handler for each of the sixteen conditions.

using ByCondition = std::array<Handler, 16>;

template <class T, class Operation, Operand operand, std::size_t... condition>
constexpr ByCondition compare_handlers(std::index_sequence<condition...>) {
  return {conditional_compare<T, Operation, operand, condition>...};
}

template <class T, class Else, std::size_t... condition>
constexpr ByCondition select_handlers(std::index_sequence<condition...>) {
  return {conditional_select<T, Else, condition>...};
}

constexpr auto kSixteen = std::make_index_sequence<16>{};

template <class Operation, Operand operand>
Handler select_compare(Op& op) {
  static constexpr ByCondition k32 = compare_handlers<u32, Operation, operand>(kSixteen);
  static constexpr ByCondition k64 = compare_handlers<u64, Operation, operand>(kSixteen);
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
  op.imm = field_rm(op);
  Flags otherwise;
  otherwise.set_nzcv(u64{field<3, 0>(op)} << 28);
  std::memcpy(op.extra, &otherwise, sizeof(Flags));
  return (is_64bit(op) ? k64 : k32)[field<15, 12>(op)];
}

template <class Else>
Handler select_select(Op& op) {
  static constexpr ByCondition k32 = select_handlers<u32, Else>(kSixteen);
  static constexpr ByCondition k64 = select_handlers<u64, Else>(kSixteen);
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
  return (is_64bit(op) ? k64 : k32)[field<15, 12>(op)];
}

constexpr auto kInteger = cost::Cause::Integer;

constexpr Encoding kEncodings[] = {
    {"CCMN (register)", "s01 11010010 mmmmm cccc 00 nnnnn 0 ffff", kInteger, select_compare<Adds, Operand::Register>},
    {"CCMP (register)", "s11 11010010 mmmmm cccc 00 nnnnn 0 ffff", kInteger, select_compare<Subs, Operand::Register>},
    {"CCMN (immediate)", "s01 11010010 iiiii cccc 10 nnnnn 0 ffff", kInteger, select_compare<Adds, Operand::Immediate>},
    {"CCMP (immediate)", "s11 11010010 iiiii cccc 10 nnnnn 0 ffff", kInteger, select_compare<Subs, Operand::Immediate>},

    {"CSEL", "s00 11010100 mmmmm cccc 00 nnnnn ddddd", kInteger, select_select<Select>},
    {"CSINC", "s00 11010100 mmmmm cccc 01 nnnnn ddddd", kInteger, select_select<Increment>},
    {"CSINV", "s10 11010100 mmmmm cccc 00 nnnnn ddddd", kInteger, select_select<Invert>},
    {"CSNEG", "s10 11010100 mmmmm cccc 01 nnnnn ddddd", kInteger, select_select<Negate>},
};

}  // namespace

std::span<const Encoding> conditional_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
