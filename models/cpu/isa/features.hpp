// Which rows a CPU model has.
#pragma once

#include "arm/cpu_model.hpp"
#include "base/bits.hpp"
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
    case Feature::Fp16:
      return bits<19, 16>(model.id(arm::SysReg::ID_AA64PFR0_EL1)) == 1;
    case Feature::Aes:
      return bits<7, 4>(model.id(arm::SysReg::ID_AA64ISAR0_EL1)) >= 1;
    case Feature::Pmull:
      return bits<7, 4>(model.id(arm::SysReg::ID_AA64ISAR0_EL1)) >= 2;
    case Feature::Sha1:
      return bits<11, 8>(model.id(arm::SysReg::ID_AA64ISAR0_EL1)) >= 1;
    case Feature::Sha256:
      return bits<15, 12>(model.id(arm::SysReg::ID_AA64ISAR0_EL1)) >= 1;
  }
  return false;
}

}  // namespace tw::cpu
