// Bits of control registers that are RES0 without a feature of the CPU model.
#pragma once

#include <span>

#include "arm/cpu_model.hpp"

namespace tw::arm {

struct FeatureBits {
  SysReg reg;
  u64 bits;
  bool CpuFeatures::*feature;
};

std::span<const FeatureBits> feature_bits();

}  // namespace tw::arm
