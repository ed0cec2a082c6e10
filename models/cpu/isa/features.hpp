// Which rows a CPU model has.
#pragma once

#include "cpu/isa/encoding.hpp"

namespace tw::cpu {

/// By the identification registers of `model`.
bool has_feature(const arm::CpuModel& model, Feature feature);

}  // namespace tw::cpu
