// What every A64 group needs to decode its operands and to touch registers.
#pragma once

#include <type_traits>

#include "base/bits.hpp"
#include "cpu/cpu.hpp"
#include "cpu/op.hpp"

namespace tw::cpu::a64 {

// ---- decoding

template <unsigned Hi, unsigned Lo>
constexpr u32 field(const Op& op) {
  return static_cast<u32>(bits<Hi, Lo>(op.insn));
}

/// The sf bit of most data-processing encodings: 64-bit registers.
constexpr bool is_64bit(const Op& op) { return bit<31>(op.insn); }

// Register 31 is the zero register or the stack pointer, by operand (Arm ARM C1.2.5).
constexpr u8 source(u32 number) { return static_cast<u8>(number); }
constexpr u8 source_or_sp(u32 number) { return number == 31 ? kSp : static_cast<u8>(number); }
constexpr u8 target(u32 number) { return number == 31 ? kSink : static_cast<u8>(number); }
constexpr u8 target_or_sp(u32 number) { return number == 31 ? kSp : static_cast<u8>(number); }

constexpr u32 field_rd(const Op& op) { return field<4, 0>(op); }
constexpr u32 field_rn(const Op& op) { return field<9, 5>(op); }
constexpr u32 field_ra(const Op& op) { return field<14, 10>(op); }
constexpr u32 field_rm(const Op& op) { return field<20, 16>(op); }

// ---- executing

template <class T>
inline T read(const Cpu& cpu, u8 slot) {
  return static_cast<T>(cpu.x[slot]);
}

/// A 32-bit result clears the register's upper half.
template <class T>
inline void write(Cpu& cpu, u8 slot, T value) {
  static_assert(std::is_unsigned_v<T>);
  cpu.x[slot] = value;
}

template <class T>
inline constexpr unsigned kWidth = sizeof(T) * 8;

}  // namespace tw::cpu::a64
