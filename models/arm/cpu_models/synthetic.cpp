// Cores that nobody builds. `generic`: Armv8.0 with every granule, 48-bit physical addresses and LSE. `max`: everything
// that Trapwalk has; MIDR_EL1 is of implementer 0, which is reserved for software.
#include "arm/cpu_models/families.hpp"

namespace tw::arm {
namespace {

using enum SysReg;

constexpr IdValue kGeneric[] = {
    {MIDR_EL1, 0x410FD0F0},        {ID_AA64PFR0_EL1, 0x2222},
    {ID_AA64DFR0_EL1, 0x10305106}, {ID_AA64ISAR0_EL1, 0x211120},
    {ID_AA64MMFR0_EL1, 0x101125},  {CLIDR_EL1, 0x0A200023},
    {CTR_EL0, 0x8444C004},         {DCZID_EL0, 4},
};

constexpr IdValue kMax[] = {
    {MIDR_EL1, 0x000F0540},
    {ID_AA64PFR0_EL1, 0x1100'0000'1011'1111},
    {ID_AA64PFR1_EL1, 0x20},
    {ID_AA64DFR0_EL1, 0x1030'5408},
    {ID_AA64ISAR0_EL1, 0x0021'1111'1021'2120},
    {ID_AA64ISAR1_EL1, 0x0001'0121'1011},  // GPA and APA: QARMA5
    {ID_AA64MMFR0_EL1, 0x0010'1025},
    {ID_AA64MMFR1_EL1, 0x1021'1022},
    {ID_AA64MMFR2_EL1, 0x1011},
    {CLIDR_EL1, 0x8200'0023},
    {CTR_EL0, 0x8444'C004},
    {DCZID_EL0, 4},
};

constexpr CpuModel kModels[] = {
    {.name = "generic",
     .ids = kGeneric,
     .ccsidr = {0x701FE00A, 0x201FE012, 0x707FE07A},
     .sctlr_reset = 0x00C50838,
     .pmcr = 0x41003000},
    {.name = "max",
     .ids = kMax,
     .ccsidr = {0x701FE01A, 0x201FE01A, 0x70FFE03A},
     .sctlr_reset = 0x30C50838,
     .pmcr = 0x41003000,
     .lorid = 0x0004'0004},
};

}  // namespace

std::span<const CpuModel> synthetic_models() { return kModels; }

}  // namespace tw::arm
