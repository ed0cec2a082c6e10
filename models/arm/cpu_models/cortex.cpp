// The identification registers of Cortex-A53, A57 and A72, from their TRMs (register summaries), with every EL
// implemented; the core masks what its configuration lacks, and fills in PMCEIDn_EL0 by what it counts.
#include "arm/cpu_models/families.hpp"

namespace tw::arm {
namespace {

using enum SysReg;

// What the three cores have in common.
#define TW_CORTEX_A5X_A72                                                                                             \
  {ID_PFR0_EL1, 0x00000131}, {ID_PFR1_EL1, 0x00011011}, {ID_DFR0_EL1, 0x03010066}, {ID_MMFR1_EL1, 0x40000000},        \
      {ID_MMFR2_EL1, 0x01260000}, {ID_MMFR3_EL1, 0x02102211}, {ID_ISAR0_EL1, 0x02101110}, {ID_ISAR1_EL1, 0x13112111}, \
      {ID_ISAR2_EL1, 0x21232042}, {ID_ISAR3_EL1, 0x01112131}, {ID_ISAR4_EL1, 0x00011142}, {ID_ISAR5_EL1, 0x00011121}, \
      {MVFR0_EL1, 0x10110222}, {MVFR1_EL1, 0x12111111}, {MVFR2_EL1, 0x43}, {ID_AA64PFR0_EL1, 0x2222},                 \
      {ID_AA64DFR0_EL1, 0x10305106}, {CLIDR_EL1, 0x0A200023}, {                                                       \
    DCZID_EL0, 4                                                                                                      \
  }

constexpr IdValue kCortexA53[] = {TW_CORTEX_A5X_A72,          {MIDR_EL1, 0x410FD034},      {CTR_EL0, 0x84448004},
                                  {ID_MMFR0_EL1, 0x10101105}, {ID_AA64ISAR0_EL1, 0x11120}, {ID_AA64MMFR0_EL1, 0x1122}};
constexpr IdValue kCortexA57[] = {TW_CORTEX_A5X_A72,          {MIDR_EL1, 0x411FD070},      {CTR_EL0, 0x8444C004},
                                  {ID_MMFR0_EL1, 0x10101105}, {ID_AA64ISAR0_EL1, 0x11120}, {ID_AA64MMFR0_EL1, 0x1124}};
constexpr IdValue kCortexA72[] = {TW_CORTEX_A5X_A72,          {MIDR_EL1, 0x410FD083},      {CTR_EL0, 0x8444C004},
                                  {ID_MMFR0_EL1, 0x10201105}, {ID_AA64ISAR0_EL1, 0x11120}, {ID_AA64MMFR0_EL1, 0x1124}};
#undef TW_CORTEX_A5X_A72

constexpr CpuModel kModels[] = {
    {.name = "cortex-a53",
     .ids = kCortexA53,
     .ccsidr = {0x700FE01A, 0x201FE00A, 0x707FE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41033000,
     .has_a57_impdef = true},
    {.name = "cortex-a57",
     .ids = kCortexA57,
     .ccsidr = {0x701FE00A, 0x201FE012, 0x70FFE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41013000,
     .has_a57_impdef = true},
    {.name = "cortex-a72",
     .ids = kCortexA72,
     .ccsidr = {0x701FE00A, 0x201FE012, 0x707FE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41023000,
     .has_a57_impdef = true},
};

}  // namespace

std::span<const CpuModel> cortex_models() { return kModels; }

}  // namespace tw::arm
