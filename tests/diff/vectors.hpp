// The differential test's V registers and FPSR: what `State` does not hold.
#pragma once

#include <unicorn/unicorn.h>

#include <array>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>

#include "arm/sysreg.hpp"
#include "base/bits.hpp"
#include "diff/pair.hpp"

namespace tw::diff {

struct Vectors {
  std::array<std::array<u64, 2>, 32> v{};
  u64 fpsr = 0;
  bool operator==(const Vectors&) const = default;
};

/// CPACR_EL1.FPEN = 3 on both sides.
inline void allow_fp(Pair& pair) {
  u64 cpacr = 3u << 20;
  if (uc_reg_write(pair.oracle.handle(), UC_ARM64_REG_CPACR_EL1, &cpacr) != UC_ERR_OK) {
    throw std::runtime_error("CPACR_EL1 of the oracle");
  }
  pair.rig.core.reg(arm::SysReg::CPACR_EL1) = cpacr;
}

inline void set_vectors(Pair& pair, const Vectors& vectors) {
  uc_struct* const uc = pair.oracle.handle();
  for (unsigned i = 0; i < 32; ++i) {
    std::memcpy(pair.rig.core.v[i].d, vectors.v[i].data(), 16);
    uc_reg_write(uc, UC_ARM64_REG_Q0 + static_cast<int>(i), vectors.v[i].data());
  }
  pair.rig.core.reg(arm::SysReg::FPSR) = vectors.fpsr;
  uc_reg_write(uc, UC_ARM64_REG_FPSR, &vectors.fpsr);
}

inline Vectors our_vectors(const Pair& pair) {
  Vectors vectors;
  for (unsigned i = 0; i < 32; ++i) std::memcpy(vectors.v[i].data(), pair.rig.core.v[i].d, 16);
  vectors.fpsr = pair.rig.core.reg(arm::SysReg::FPSR);
  return vectors;
}

inline Vectors their_vectors(const Pair& pair) {
  Vectors vectors;
  uc_struct* const uc = pair.oracle.handle();
  for (unsigned i = 0; i < 32; ++i) uc_reg_read(uc, UC_ARM64_REG_Q0 + static_cast<int>(i), vectors.v[i].data());
  u32 fpsr = 0;
  uc_reg_read(uc, UC_ARM64_REG_FPSR, &fpsr);
  vectors.fpsr = fpsr;
  return vectors;
}

/// Lanes of 8 to 64 bits: zero, ones, the ends of the ranges, one bit, small, and noise; sometimes all equal.
inline std::array<u64, 2> random_vector(Generator& random) {
  std::array<u64, 2> result{};
  const unsigned width = 8u << random.below(4);
  const u64 mask = low_mask(width);
  const u64 same = random.chance(4) ? random.bits() | 1 : 0;
  for (unsigned at = 0; at < 128; at += width) {
    const u64 sign = u64{1} << (width - 1);
    const u64 specials[] = {0,
                            mask,
                            sign,
                            sign - 1,
                            sign + 1,
                            1,
                            u64{1} << random.below(width),
                            random.below(16),
                            u64{0} - random.below(16)};
    u64 lane = random.chance(2) ? random.bits() : specials[random.below(std::size(specials))];
    if (same != 0) lane = specials[same % std::size(specials)];
    result[at / 64] |= (lane & mask) << (at % 64);
  }
  return result;
}

inline Vectors random_vectors(Generator& random) {
  Vectors vectors;
  for (auto& v : vectors.v) v = random_vector(random);
  vectors.fpsr = random.chance(2) ? u64{1} << 27 : 0;
  return vectors;
}

inline std::string describe(u32 insn, const Vectors& before, const Vectors& ours, const Vectors& theirs) {
  std::ostringstream text;
  text << std::hex;
  const auto show = [&](const char* name, const std::array<u64, 2>& v) { text << name << v[1] << '_' << v[0]; };
  for (unsigned i = 0; i < 32; ++i) {
    if (ours.v[i] == theirs.v[i]) continue;
    text << "  v" << std::dec << i << std::hex;
    show(": ", ours.v[i]);
    show(", oracle ", theirs.v[i]);
    show(", before ", before.v[i]);
    text << '\n';
  }
  if (ours.fpsr != theirs.fpsr) text << "  fpsr: " << ours.fpsr << ", oracle " << theirs.fpsr << '\n';
  if (text.str().empty()) return "";
  show("  Vn: ", before.v[field_of(insn, 5)]);
  show("  Vm: ", before.v[field_of(insn, 16)]);
  text << '\n';
  return text.str();
}

}  // namespace tw::diff
