// The floating-point and Advanced SIMD state of both sides: V registers, FPCR and FPSR, which `State` does not hold.
#pragma once

#include <array>
#include <string>

#include "diff/pair.hpp"

namespace tw::diff {

struct FpState {
  std::array<std::array<u64, 2>, 32> v{};
  u64 fpcr = 0;
  u64 fpsr = 0;
  bool operator==(const FpState&) const = default;
};

/// CPACR_EL1.FPEN = 0b11 on both sides.
void allow_fp(Pair& pair);
void set_fp(Pair& pair, const FpState& state);
FpState our_fp(const Pair& pair);
FpState their_fp(const Pair& pair);
/// What differs, with the operands of `insn`; empty when nothing does.
std::string describe(u32 insn, const FpState& before, const FpState& ours, const FpState& theirs);

}  // namespace tw::diff
