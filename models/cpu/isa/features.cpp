// The feature's field of an identification register, and the value from which on it is there (Arm ARM D17.2.57 ff).
#include "cpu/isa/features.hpp"

#include <algorithm>
#include <iterator>

#include "arm/cpu_model.hpp"
#include "base/bits.hpp"

namespace tw::cpu {
namespace {

using enum arm::SysReg;

struct FeatureField {
  Feature feature;
  arm::SysReg reg;
  unsigned lsb;
  u64 at_least;
};
constexpr FeatureField kFields[] = {
    {Feature::Aes, ID_AA64ISAR0_EL1, 4, 1},      {Feature::Pmull, ID_AA64ISAR0_EL1, 4, 2},
    {Feature::Sha1, ID_AA64ISAR0_EL1, 8, 1},     {Feature::Sha256, ID_AA64ISAR0_EL1, 12, 1},
    {Feature::Crc32, ID_AA64ISAR0_EL1, 16, 1},   {Feature::Lse, ID_AA64ISAR0_EL1, 20, 2},
    {Feature::Rdm, ID_AA64ISAR0_EL1, 28, 1},     {Feature::DotProd, ID_AA64ISAR0_EL1, 44, 1},
    {Feature::Rcpc, ID_AA64ISAR1_EL1, 20, 1},    {Feature::Lor, ID_AA64MMFR1_EL1, 16, 1},
    {Feature::Sha512, ID_AA64ISAR0_EL1, 12, 2},  {Feature::Sha3, ID_AA64ISAR0_EL1, 32, 1},
    {Feature::Sm3, ID_AA64ISAR0_EL1, 36, 1},     {Feature::Sm4, ID_AA64ISAR0_EL1, 40, 1},
    {Feature::Fhm, ID_AA64ISAR0_EL1, 48, 1},     {Feature::FlagM, ID_AA64ISAR0_EL1, 52, 1},
    {Feature::FlagM2, ID_AA64ISAR0_EL1, 52, 2},  {Feature::Jscvt, ID_AA64ISAR1_EL1, 12, 1},
    {Feature::Fcma, ID_AA64ISAR1_EL1, 16, 1},    {Feature::Rcpc2, ID_AA64ISAR1_EL1, 20, 2},
    {Feature::Frintts, ID_AA64ISAR1_EL1, 32, 1},
};

}  // namespace

bool has_feature(const arm::CpuModel& model, Feature feature) {
  if (feature == Feature::Base) return true;
  if (feature == Feature::Pauth) return model.features.pauth;
  if (feature == Feature::FpSimd || feature == Feature::Fp16) {  // 0 without half precision, 15 is none at all
    const u64 fp = bits<19, 16>(model.id(ID_AA64PFR0_EL1));
    return feature == Feature::Fp16 ? fp == 1 : fp != 15;
  }
  const auto field = std::ranges::find(kFields, feature, &FeatureField::feature);
  return field != std::end(kFields) && bit_field(model.id(field->reg), field->lsb, 4) >= field->at_least;
}

}  // namespace tw::cpu
