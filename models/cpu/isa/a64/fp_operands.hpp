// What the scalar floating-point groups share: operand types, registers, FPCR and FPSR.
#pragma once

#include "arm/sysreg.hpp"
#include "cpu/cpu.hpp"
#include "cpu/fp/fp.hpp"
#include "cpu/isa/a64/fp_simd_access.hpp"
#include "cpu/isa/a64/operands.hpp"

namespace tw::cpu::a64 {

// ---- decoding

/// The ptype field, bits <23:22>.
enum class FpType : u8 { Single = 0b00, Double = 0b01, Reserved = 0b10, Half = 0b11 };
constexpr FpType fp_type(const Op& op) { return static_cast<FpType>(field<23, 22>(op)); }

/// Registers are V registers here, all 32 of them.
inline void decode_fp_registers(Op& op) {
  op.rd = static_cast<u8>(field_rd(op));
  op.rn = static_cast<u8>(field_rn(op));
  op.rm = static_cast<u8>(field_rm(op));
  op.ra = static_cast<u8>(field_ra(op));
}

/// Of rows with `half_is_fp16`.
constexpr Handler by_type(const Op& op, Handler half_precision, Handler single_precision, Handler double_precision) {
  switch (fp_type(op)) {
    case FpType::Half:
      return half_precision;
    case FpType::Single:
      return single_precision;
    case FpType::Double:
      return double_precision;
    case FpType::Reserved:
      return nullptr;
  }
  return nullptr;
}
inline constexpr bool kOverrides = true, kHalfIsFp16 = true;

// ---- executing

template <class F>
inline F read_fp(const Cpu& cpu, u8 n) {
  return static_cast<F>(cpu.v[n].d[0]);
}

/// The rest of the vector register becomes zero.
template <class F>
inline void write_fp(Cpu& cpu, u8 n, F value) {
  cpu.v[n] = {{value, 0}};
}

/// Runs `operation(env)` under FPCR; its exceptions accumulate in FPSR.
template <class Operation>
inline auto with_fp_env(Cpu& cpu, Operation operation) {
  fp::FpEnv env(cpu.reg(arm::SysReg::FPCR));
  u64& fpsr = cpu.reg(arm::SysReg::FPSR);
  env.exceptions = static_cast<u32>(fpsr) & fp::kCumulative;
  const auto result = operation(env);
  fpsr |= env.exceptions;
  return result;
}

}  // namespace tw::cpu::a64
