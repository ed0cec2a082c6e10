// RBIT, REV16, REV, REV32, CLZ, CLS.
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

/// Swaps neighbouring groups of `distance` bits; `mask` selects the lower group of each pair.
template <class T>
constexpr T swap_groups(T value, unsigned distance, u64 mask) {
  const T low = static_cast<T>(mask);
  return static_cast<T>(((value >> distance) & low) | ((value & low) << distance));
}

constexpr u64 kOddBytes = 0x00FF00FF00FF00FF;

template <class T>
T reverse_bytes(T value) {
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
  return static_cast<T>(__builtin_bswap32(static_cast<u32>(value)));
}

struct Rbit {
  template <class T>
  static T apply(T value) {
    value = swap_groups(value, 1, 0x5555555555555555);
    value = swap_groups(value, 2, 0x3333333333333333);
    value = swap_groups(value, 4, 0x0F0F0F0F0F0F0F0F);
    return reverse_bytes(value);
  }
};
struct Rev16 {
  template <class T>
  static T apply(T value) {
    return swap_groups(value, 8, kOddBytes);
  }
};
struct Rev {
  template <class T>
  static T apply(T value) {
    return reverse_bytes(value);
  }
};
struct Rev32 {
  static u64 apply(u64 value) { return std::rotr(reverse_bytes(value), 32); }
};
struct Clz {
  template <class T>
  static T apply(T value) {
    return static_cast<T>(std::countl_zero(value));
  }
};
struct Cls {
  template <class T>
  static T apply(T value) {
    const T changes = static_cast<T>(value ^ shifted<T, Shift::Asr>(value, 1));
    return static_cast<T>(std::countl_zero(changes) - 1);
  }
};

template <class T, class Operation>
const Op* one_source(Cpu& cpu, const Op* op) {
  write<T>(cpu, op->rd, Operation::apply(read<T>(cpu, op->rn)));
  return op + 1;
}

void decode_registers(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
}

template <class Operation>
Handler select(Op& op) {
  decode_registers(op);
  return is_64bit(op) ? one_source<u64, Operation> : one_source<u32, Operation>;
}

template <class T, class Operation>
Handler select_one_width(Op& op) {
  decode_registers(op);
  return one_source<T, Operation>;
}

constexpr Encoding kEncodings[] = {
    {"RBIT", "s10 11010110 00000 000000 nnnnn ddddd", cost::Cause::Integer, select<Rbit>},
    {"REV16", "s10 11010110 00000 000001 nnnnn ddddd", cost::Cause::Integer, select<Rev16>},
    {"REV (32-bit)", "010 11010110 00000 000010 nnnnn ddddd", cost::Cause::Integer, select_one_width<u32, Rev>},
    {"REV32", "110 11010110 00000 000010 nnnnn ddddd", cost::Cause::Integer, select_one_width<u64, Rev32>},
    {"REV (64-bit)", "110 11010110 00000 000011 nnnnn ddddd", cost::Cause::Integer, select_one_width<u64, Rev>},
    {"CLZ", "s10 11010110 00000 000100 nnnnn ddddd", cost::Cause::Integer, select<Clz>},
    {"CLS", "s10 11010110 00000 000101 nnnnn ddddd", cost::Cause::Integer, select<Cls>},
};

}  // namespace

std::span<const Encoding> one_source_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
