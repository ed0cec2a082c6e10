// The identification registers of Cortex-A53, A57 and A72, from their TRMs (register summaries), with every EL
// implemented; the core masks what its configuration lacks. PMCEID0_EL0 says what the model counts: cycles and SW_INCR.
#include "arm/cpu_model.hpp"
#include "base/bits.hpp"

namespace tw::arm {
namespace {

using enum SysReg;

// What the three cores have in common.
#define TW_CORTEX_A5X_A72                                                                                             \
  {ID_PFR0_EL1, 0x00000131}, {ID_PFR1_EL1, 0x00011011}, {ID_DFR0_EL1, 0x03010066}, {ID_MMFR1_EL1, 0x40000000},        \
      {ID_MMFR2_EL1, 0x01260000}, {ID_MMFR3_EL1, 0x02102211}, {ID_ISAR0_EL1, 0x02101110}, {ID_ISAR1_EL1, 0x13112111}, \
      {ID_ISAR2_EL1, 0x21232042}, {ID_ISAR3_EL1, 0x01112131}, {ID_ISAR4_EL1, 0x00011142}, {ID_ISAR5_EL1, 0x00011121}, \
      {MVFR0_EL1, 0x10110222}, {MVFR1_EL1, 0x12111111}, {MVFR2_EL1, 0x43}, {ID_AA64PFR0_EL1, 0x2222},                 \
      {ID_AA64DFR0_EL1, 0x10305106}, {CLIDR_EL1, 0x0A200023}, {DCZID_EL0, 4}, {                                       \
    PMCEID0_EL0, 0x00020001                                                                                           \
  }

constexpr IdValue kCortexA53[] = {TW_CORTEX_A5X_A72,          {MIDR_EL1, 0x410FD034},      {CTR_EL0, 0x84448004},
                                  {ID_MMFR0_EL1, 0x10101105}, {ID_AA64ISAR0_EL1, 0x11120}, {ID_AA64MMFR0_EL1, 0x1122}};
constexpr IdValue kCortexA57[] = {TW_CORTEX_A5X_A72,          {MIDR_EL1, 0x411FD070},      {CTR_EL0, 0x8444C004},
                                  {ID_MMFR0_EL1, 0x10101105}, {ID_AA64ISAR0_EL1, 0x11120}, {ID_AA64MMFR0_EL1, 0x1124}};
constexpr IdValue kCortexA72[] = {TW_CORTEX_A5X_A72,          {MIDR_EL1, 0x410FD083},      {CTR_EL0, 0x8444C004},
                                  {ID_MMFR0_EL1, 0x10201105}, {ID_AA64ISAR0_EL1, 0x11120}, {ID_AA64MMFR0_EL1, 0x1124}};
// No real core: Armv8.0 with every granule, 48-bit physical addresses and LSE.
constexpr IdValue kGeneric[] = {TW_CORTEX_A5X_A72,          {MIDR_EL1, 0x410FD0F0},       {CTR_EL0, 0x8444C004},
                                {ID_MMFR0_EL1, 0x10201105}, {ID_AA64ISAR0_EL1, 0x211120}, {ID_AA64MMFR0_EL1, 0x101125}};
#undef TW_CORTEX_A5X_A72

constexpr CpuModel kModels[] = {
    {.name = "generic",
     .ids = kGeneric,
     .ccsidr = {0x701FE00A, 0x201FE012, 0x707FE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41003000,
     .features = {.lse = true},
     .has_a57_impdef = false},
    {.name = "cortex-a53",
     .ids = kCortexA53,
     .ccsidr = {0x700FE01A, 0x201FE00A, 0x707FE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41033000,
     .features = {},
     .has_a57_impdef = true},
    {.name = "cortex-a57",
     .ids = kCortexA57,
     .ccsidr = {0x701FE00A, 0x201FE012, 0x70FFE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41013000,
     .features = {},
     .has_a57_impdef = true},
    {.name = "cortex-a72",
     .ids = kCortexA72,
     .ccsidr = {0x701FE00A, 0x201FE012, 0x707FE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41023000,
     .features = {},
     .has_a57_impdef = true},
};

}  // namespace

u64 CpuModel::id(SysReg reg) const {
  for (const IdValue& value : ids) {
    if (value.reg == reg) return value.value;
  }
  return 0;
}

unsigned CpuModel::pa_bits() const {
  constexpr unsigned kBits[] = {32, 36, 40, 42, 44, 48};
  const u64 range = bits<3, 0>(id(ID_AA64MMFR0_EL1));
  return range < std::size(kBits) ? kBits[range] : 48;
}
bool CpuModel::granule4k() const { return bits<31, 28>(id(ID_AA64MMFR0_EL1)) == 0; }
bool CpuModel::granule16k() const { return bits<23, 20>(id(ID_AA64MMFR0_EL1)) == 1; }
bool CpuModel::granule64k() const { return bits<27, 24>(id(ID_AA64MMFR0_EL1)) == 0; }
bool CpuModel::asid16() const { return bits<7, 4>(id(ID_AA64MMFR0_EL1)) == 2; }
bool CpuModel::vmid16() const { return bits<7, 4>(id(ID_AA64MMFR1_EL1)) == 2; }

std::span<const CpuModel> cpu_models() { return kModels; }

const CpuModel* find_cpu_model(std::string_view name) {
  for (const CpuModel& model : kModels) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

}  // namespace tw::arm
