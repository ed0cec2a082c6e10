// The identification registers of Neoverse N1 r4p1, from its TRM (100616, AArch64 register summary). The AArch32 views,
// of a core with AArch32 at EL0 alone, are left out: no model has AArch32 (cpu_model.cpp).
#include "arm/cpu_models/families.hpp"

namespace tw::arm {
namespace {

using enum SysReg;

constexpr IdValue kNeoverseN1[] = {
    {MIDR_EL1, 0x414FD0C1},
    // CSV3, CSV2, RAS, FP16 and AdvSIMD FP16, every EL; AArch32 at EL0
    {ID_AA64PFR0_EL1, 0x1100'0000'1011'1112},
    // SSBS with its register
    {ID_AA64PFR1_EL1, 0x20},
    // SPE, 2 context-aware of 6 breakpoints, 4 watchpoints, PMUv3 for Armv8.1, debug of Armv8.2
    {ID_AA64DFR0_EL1, 0x1'1030'5408},
    // DotProd, RDM, LSE, CRC32, SHA256, SHA1, AES with PMULL
    {ID_AA64ISAR0_EL1, 0x0000'1000'1021'1120},
    // LRCPC, DPB
    {ID_AA64ISAR1_EL1, 0x0010'0001},
    // every granule, 16-bit ASIDs, 48-bit addresses
    {ID_AA64MMFR0_EL1, 0x0010'1125},
    // XNX, PAN2, LO, HPDS2, VHE, VMID16, HAFDBS with dirty state
    {ID_AA64MMFR1_EL1, 0x1021'2122},
    // IESB, UAO, CnP
    {ID_AA64MMFR2_EL1, 0x1011},
    {CLIDR_EL1, 0x8200'0023},
    {CTR_EL0, 0x8444'C004},
    {DCZID_EL0, 4},
};

constexpr CpuModel kModels[] = {
    {.name = "neoverse-n1",
     .ids = kNeoverseN1,
     .ccsidr = {0x701FE01A, 0x201FE01A, 0x70FFE03A},  // 64 KB 4-way twice, 1 MB 8-way
     .sctlr_reset = 0x30C50838,
     .pmcr = 0x410C3000,
     .lorid = 0x0004'0004},
};

}  // namespace

std::span<const CpuModel> neoverse_models() { return kModels; }

}  // namespace tw::arm
