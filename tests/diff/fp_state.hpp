// Floating-point state and operands for the differential tests: V registers, FPCR and FPSR, which `State` does not
// hold.
#pragma once

#include <unicorn/unicorn.h>

#include <array>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>

#include "arm/sysreg.hpp"
#include "base/bits.hpp"
#include "cpu/fp/format.hpp"
#include "diff/pair.hpp"

namespace tw::diff {

struct FpState {
  std::array<std::array<u64, 2>, 32> v{};
  u64 fpcr = 0;
  u64 fpsr = 0;
  bool operator==(const FpState&) const = default;
};

namespace fp_registers {

inline void check(uc_err error) {
  if (error != UC_ERR_OK) throw std::runtime_error(std::string("Unicorn: ") + uc_strerror(error));
}
inline void write(const Oracle& oracle, int id, u64 value) { check(uc_reg_write(oracle.handle(), id, &value)); }
inline u64 read(const Oracle& oracle, int id) {
  u64 value = 0;
  check(uc_reg_read(oracle.handle(), id, &value));
  return value;
}

}  // namespace fp_registers

/// CPACR_EL1.FPEN = 0b11 for the oracle.
inline void enable_fp(const Oracle& oracle) { fp_registers::write(oracle, UC_ARM64_REG_CPACR_EL1, u64{3} << 20); }

inline void set_fp(const Oracle& oracle, const FpState& state) {
  for (int i = 0; i < 32; ++i) {
    fp_registers::check(uc_reg_write(oracle.handle(), UC_ARM64_REG_Q0 + i, state.v[static_cast<unsigned>(i)].data()));
  }
  fp_registers::write(oracle, UC_ARM64_REG_FPCR, state.fpcr);
  fp_registers::write(oracle, UC_ARM64_REG_FPSR, state.fpsr);
}

inline FpState get_fp(const Oracle& oracle) {
  FpState state;
  for (int i = 0; i < 32; ++i) {
    fp_registers::check(uc_reg_read(oracle.handle(), UC_ARM64_REG_Q0 + i, state.v[static_cast<unsigned>(i)].data()));
  }
  state.fpcr = static_cast<u32>(fp_registers::read(oracle, UC_ARM64_REG_FPCR));
  state.fpsr = static_cast<u32>(fp_registers::read(oracle, UC_ARM64_REG_FPSR));
  return state;
}

inline void set_fp(cpu::Cpu& core, const FpState& state) {
  for (unsigned i = 0; i < 32; ++i) std::memcpy(core.v[i].d, state.v[i].data(), 16);
  core.reg(arm::SysReg::FPCR) = state.fpcr;
  core.reg(arm::SysReg::FPSR) = state.fpsr;
}

inline FpState get_fp(const cpu::Cpu& core) {
  FpState state;
  for (unsigned i = 0; i < 32; ++i) std::memcpy(state.v[i].data(), core.v[i].d, 16);
  state.fpcr = core.reg(arm::SysReg::FPCR);
  state.fpsr = core.reg(arm::SysReg::FPSR);
  return state;
}

// ---- operands

/// A number of format F: signed zeros, infinities, NaNs of both kinds, the ends of the denormal and normal ranges,
/// integers and ties around the limits of the integer types, numbers near one (so that sums cancel), and noise.
template <class F>
F fp_value(Generator& random) {
  using T = cpu::fp::Format<F>;
  const F sign = random.chance(2) ? T::kSign : F{0};
  const F noise = static_cast<F>(random.bits());
  const auto with_exponent = [&](int exponent) {
    const int biased = exponent + T::kBias;
    if (biased <= 0 || biased >= T::kMaxBiased) return static_cast<F>(noise & T::kFraction);
    return static_cast<F>(u64{static_cast<unsigned>(biased)} << T::kFractionBits | (noise & T::kFraction));
  };
  const auto magnitude = [&]() -> F {
    switch (random.below(16)) {
      case 0:
        return 0;
      case 1:
        return T::kInfinity;
      case 2:
        return static_cast<F>(T::kDefaultNan | (noise & T::kFraction));
      case 3:
        return static_cast<F>(T::kInfinity | 1 | (noise & (T::kQuiet - 1)));
      case 4:
        return static_cast<F>(noise & T::kFraction);
      case 5: {
        const u64 corners[] = {1, T::kFraction, u64{T::kFraction} + 1, T::kMaxNormal, T::kOne, T::kTwo, T::kOneAndHalf};
        return static_cast<F>(corners[random.below(std::size(corners))] + random.below(3) - 1);
      }
      case 6:
        return with_exponent(T::kMinExponent + static_cast<int>(random.below(60)));
      case 7:
        return with_exponent(-T::kMinExponent + 1 - static_cast<int>(random.below(4)));
      case 8: {  // few significant bits: integers, halves, exact results
        const F kept = static_cast<F>(~u64{0} << (T::kFractionBits - 1 - random.below(T::kFractionBits - 1)));
        return static_cast<F>(with_exponent(static_cast<int>(random.below(66)) - 2) & kept);
      }
      case 9:
        return with_exponent(static_cast<int>(random.below(70)) - 3);
      case 10:
        return static_cast<F>(with_exponent(29 + static_cast<int>(random.below(36))) | (T::kFraction & ~F{3}));
      case 11:
      case 12:
        return with_exponent(static_cast<int>(random.below(4)) - 2);
      case 13:
        return with_exponent(T::kMinExponent / 2 + static_cast<int>(random.below(30)) - 15);
      default:
        return static_cast<F>(noise & ~T::kSign);
    }
  };
  return static_cast<F>(sign | (magnitude() & ~T::kSign));
}

/// A number in the low bits of a register; the rest is noise.
template <class F>
std::array<u64, 2> fp_register(Generator& random) {
  const u64 mask = low_mask(cpu::fp::Format<F>::kBits);
  return {(random.bits() & ~mask) | fp_value<F>(random), random.bits()};
}

/// FPCR: all modes of rounding, FZ, DN and AHP.
inline u64 random_fpcr(Generator& random) { return random.below(32) << 22; }

inline std::string describe(u32 insn, const FpState& before, const FpState& ours, const FpState& theirs) {
  if (ours == theirs) return "";
  std::ostringstream text;
  text << std::hex;
  const auto show = [&](const char* name, const std::array<u64, 2>& v) { text << name << v[1] << '_' << v[0]; };
  for (unsigned i = 0; i < 32; ++i) {
    if (ours.v[i] == theirs.v[i]) continue;
    text << "  v" << std::dec << i << std::hex;
    show(": ", ours.v[i]);
    show(", oracle ", theirs.v[i]);
    text << '\n';
  }
  if (ours.fpsr != theirs.fpsr) text << "  fpsr: " << ours.fpsr << ", oracle " << theirs.fpsr << '\n';
  if (ours.fpcr != theirs.fpcr) text << "  fpcr: " << ours.fpcr << ", oracle " << theirs.fpcr << '\n';
  show("  Vn ", before.v[field_of(insn, 5)]);
  show(" Vm ", before.v[field_of(insn, 16)]);
  show(" Va ", before.v[field_of(insn, 10)]);
  text << " fpcr " << before.fpcr << " fpsr " << before.fpsr << '\n';
  return text.str();
}

}  // namespace tw::diff
