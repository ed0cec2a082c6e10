// The identification registers of Cortex-A55 r2p0 and Cortex-A76 r4p1, of Armv8.2, from their TRMs (100442 and 100798,
// AArch64 registers by functional group). The AArch32 views are left out: no model has AArch32 (cpu_model.cpp).
#include "arm/cpu_models/families.hpp"

namespace tw::arm {
namespace {

using enum SysReg;

// What the two cores have in common: SSBS without its register; 2 context-aware of 6 breakpoints, 4 watchpoints, PMUv3
// for Armv8.1; DotProd, RDM, LSE, CRC32, SHA256, SHA1, AES with PMULL; LRCPC, DPB; every granule, 16-bit ASIDs, 40-bit
// addresses; XNX, PAN2, LO, HPDS2, VHE, VMID16, HAFDBS with dirty state; IESB, UAO, CnP.
#define TW_CORTEX_A55_A76                                                                                \
  {ID_AA64PFR1_EL1, 0x10}, {ID_AA64DFR0_EL1, 0x1030'5408}, {ID_AA64ISAR0_EL1, 0x0000'1000'1021'1120},    \
      {ID_AA64ISAR1_EL1, 0x0010'0001}, {ID_AA64MMFR0_EL1, 0x0010'1122}, {ID_AA64MMFR1_EL1, 0x1021'2122}, \
      {ID_AA64MMFR2_EL1, 0x1011}, {CLIDR_EL1, 0x8200'0023}, {                                            \
    DCZID_EL0, 4                                                                                         \
  }

constexpr IdValue kCortexA55[] = {TW_CORTEX_A55_A76,
                                  {MIDR_EL1, 0x412FD050},
                                  {CTR_EL0, 0x84448004},
                                  // RAS, FP16 and AdvSIMD FP16, every EL in both states
                                  {ID_AA64PFR0_EL1, 0x1011'2222}};
constexpr IdValue kCortexA76[] = {TW_CORTEX_A55_A76,
                                  {MIDR_EL1, 0x414FD0B1},
                                  {CTR_EL0, 0x8444C004},
                                  // the same with CSV3, CSV2, and AArch32 at EL0 alone
                                  {ID_AA64PFR0_EL1, 0x1100'0000'1011'1112}};
#undef TW_CORTEX_A55_A76

constexpr CpuModel kModels[] = {
    {.name = "cortex-a55",
     .ids = kCortexA55,
     .ccsidr = {0x700FE01A, 0x200FE01A, 0x703FE01A},  // 32 KB 4-way twice, 128 KB 4-way (RK3588)
     .sctlr_reset = 0x30C50838,
     .pmcr = 0x410B3000,
     .lorid = 0x0004'0004},
    {.name = "cortex-a76",
     .ids = kCortexA76,
     .ccsidr = {0x701FE01A, 0x201FE01A, 0x707FE03A},  // 64 KB 4-way twice, 512 KB 8-way
     .sctlr_reset = 0x30C50838,
     .pmcr = 0x410B3000,
     .lorid = 0x0004'0004},
};

}  // namespace

std::span<const CpuModel> cortex_dynamiq_models() { return kModels; }

}  // namespace tw::arm
