// The models by family: one file each.
#pragma once

#include "arm/cpu_model.hpp"

namespace tw::arm {

std::span<const CpuModel> cortex_models();
std::span<const CpuModel> cortex_dynamiq_models();
std::span<const CpuModel> neoverse_models();
std::span<const CpuModel> synthetic_models();

}  // namespace tw::arm
