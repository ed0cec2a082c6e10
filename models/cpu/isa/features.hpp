// Which rows a CPU model has.
#pragma once

#include "arm/cpu_model.hpp"
#include "cpu/isa/encoding.hpp"

namespace tw::cpu {

inline bool has_feature(const arm::CpuModel& model, Feature feature) {
  switch (feature) {
    case Feature::Base:
      return true;
    case Feature::Lse:
      return model.features.lse;
    case Feature::Crc32:
      return model.features.crc32;
    case Feature::Rcpc:
      return model.features.rcpc;
    case Feature::Pauth:
      return model.features.pauth;
    case Feature::FpSimd:
      return model.features.fp_simd;
    case Feature::Pan:
      return model.features.pan;
    case Feature::Uao:
      return model.features.uao;
    case Feature::Lor:
      return false;  // FEAT_LOR: no core modelled so far has it
  }
  return false;
}

}  // namespace tw::cpu
