#include "arm/cpu_model.hpp"

#include <algorithm>
#include <vector>

#include "arm/cpu_models/families.hpp"
#include "arm/feature_bits.hpp"
#include "base/bits.hpp"

namespace tw::arm {
namespace {

using enum SysReg;

constexpr IdLimit kLimits[] = {
    {ID_AA64PFR0_EL1, 0, 1, "AArch32 at EL0"},   {ID_AA64PFR0_EL1, 4, 1, "AArch32 at EL1"},
    {ID_AA64PFR0_EL1, 8, 1, "AArch32 at EL2"},   {ID_AA64PFR0_EL1, 12, 1, "AArch32 at EL3"},
    {ID_AA64DFR0_EL1, 4, 0, "a trace unit"},     {ID_AA64DFR0_EL1, 32, 0, "statistical profiling"},
    {ID_AA64MMFR0_EL1, 8, 0, "big-endian data"}, {ID_AA64MMFR0_EL1, 16, 0, "big-endian data at EL0 alone"},
    {ID_AA64MMFR1_EL1, 8, 0, "FEAT_VHE"},
};

/// ID_PFR0_EL1 to MVFR2_EL1 and beyond: what AArch32 would see.
constexpr bool is_aarch32_view(SysRegEncoding e) {
  return e.op0() == 3 && e.op1() == 0 && e.crn() == 0 && e.crm() >= 1 && e.crm() <= 3;
}

unsigned field(const CpuModel& model, SysReg reg, unsigned lsb) {
  return static_cast<unsigned>(bit_field(model.id(reg), lsb, 4));
}

}  // namespace

std::span<const IdLimit> id_limits() { return kLimits; }

u64 CpuModel::id(SysReg reg) const {
  const auto row = std::ranges::find(ids, reg, &IdValue::reg);
  if (row == ids.end() || is_aarch32_view(row_of(reg).encoding)) return 0;
  u64 value = row->value;
  for (const IdLimit& limit : kLimits) {
    if (limit.reg != reg || bit_field(value, limit.lsb, 4) <= limit.value) continue;
    value = (value & ~(u64{15} << limit.lsb)) | u64{limit.value} << limit.lsb;
  }
  return value;
}

u64 CpuModel::writable(SysReg reg) const {
  u64 bits = row_of(reg).writable;
  for (const FeatureBits& row : feature_bits()) {
    if (row.reg == reg && !(features.*row.feature)) bits &= ~row.bits;
  }
  return bits;
}

unsigned CpuModel::pa_bits() const {
  constexpr unsigned kBits[] = {32, 36, 40, 42, 44, 48};
  const unsigned range = field(*this, ID_AA64MMFR0_EL1, 0);
  return range < std::size(kBits) ? kBits[range] : 48;
}
bool CpuModel::granule4k() const { return field(*this, ID_AA64MMFR0_EL1, 28) == 0; }
bool CpuModel::granule16k() const { return field(*this, ID_AA64MMFR0_EL1, 20) == 1; }
bool CpuModel::granule64k() const { return field(*this, ID_AA64MMFR0_EL1, 24) == 0; }
bool CpuModel::asid16() const { return field(*this, ID_AA64MMFR0_EL1, 4) == 2; }

CpuFeatures features_of(const CpuModel& model) {
  const auto of = [&model](SysReg reg, unsigned lsb) { return field(model, reg, lsb); };
  CpuFeatures f;
  f.fp16 = of(ID_AA64PFR0_EL1, 16) == 1;
  f.pauth = of(ID_AA64ISAR1_EL1, 4) != 0 || of(ID_AA64ISAR1_EL1, 8) != 0;  // APA, API
  f.pan = of(ID_AA64MMFR1_EL1, 20) >= 1;
  f.pan2 = of(ID_AA64MMFR1_EL1, 20) >= 2;
  f.uao = of(ID_AA64MMFR2_EL1, 4) != 0;
  f.dpb = of(ID_AA64ISAR1_EL1, 0) != 0;
  f.hafdbs = of(ID_AA64MMFR1_EL1, 0) >= 1;
  f.dirty = of(ID_AA64MMFR1_EL1, 0) >= 2;
  f.vmid16 = of(ID_AA64MMFR1_EL1, 4) == 2;
  f.hpds = of(ID_AA64MMFR1_EL1, 12) >= 1;
  f.hpds2 = of(ID_AA64MMFR1_EL1, 12) >= 2;
  f.lor = of(ID_AA64MMFR1_EL1, 16) != 0;
  f.xnx = of(ID_AA64MMFR1_EL1, 28) != 0;
  f.ttcnp = of(ID_AA64MMFR2_EL1, 0) != 0;
  f.iesb = of(ID_AA64MMFR2_EL1, 12) != 0;
  f.ras = of(ID_AA64PFR0_EL1, 28) != 0;
  f.ssbs = of(ID_AA64PFR1_EL1, 4) >= 1;
  f.ssbs2 = of(ID_AA64PFR1_EL1, 4) >= 2;
  f.vhe = of(ID_AA64MMFR1_EL1, 8) != 0;
  return f;
}

std::span<const CpuModel> cpu_models() {
  static const std::vector<CpuModel> kModels = [] {
    std::vector<CpuModel> models;
    for (const auto family : {synthetic_models(), cortex_models(), cortex_dynamiq_models(), neoverse_models()}) {
      models.insert(models.end(), family.begin(), family.end());
    }
    for (CpuModel& model : models) model.features = features_of(model);
    return models;
  }();
  return kModels;
}

const CpuModel* find_cpu_model(std::string_view name) {
  const auto models = cpu_models();
  const auto found = std::ranges::find(models, name, &CpuModel::name);
  return found == models.end() ? nullptr : &*found;
}

}  // namespace tw::arm
