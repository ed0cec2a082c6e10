#include "arm/feature_bits.hpp"

#include "arm/control_bits.hpp"

namespace tw::arm {
namespace {

using enum SysReg;
using F = CpuFeatures;

// What Armv8.0 leaves as storage (SCTLR_ELx's and SPSR_ELx's bits below 32) stays storage: README, choices.
constexpr FeatureBits kBits[] = {
    {HCR_EL2, hcr::TLOR, &F::lor},
    {HCR_EL2, hcr::TERR | hcr::TEA, &F::ras},
    {HCR_EL2, hcr::APK | hcr::API, &F::pauth},
    {SCR_EL3, scr::TLOR, &F::lor},
    {SCR_EL3, scr::TERR, &F::ras},
    {SCR_EL3, scr::APK | scr::API, &F::pauth},
    {FPCR, fpcr::FZ16, &F::fp16},
    {TCR_EL1, tcr::TBID0 | tcr::TBID1, &F::pauth},
    {TCR_EL2, tcr23::TBID, &F::pauth},
    {TCR_EL3, tcr23::TBID, &F::pauth},
    {SCTLR_EL1, sctlr::DSSBS, &F::ssbs},
    {SCTLR_EL2, sctlr::DSSBS, &F::ssbs},
    {SCTLR_EL3, sctlr::DSSBS, &F::ssbs},
    {TCR_EL1, tcr::HA, &F::hafdbs},
    {TCR_EL1, tcr::HD, &F::dirty},
    {TCR_EL1, tcr::HPD0 | tcr::HPD1, &F::hpds},
    {TCR_EL1, tcr::HWU, &F::hpds2},
    {TCR_EL2, tcr23::HA, &F::hafdbs},
    {TCR_EL2, tcr23::HD, &F::dirty},
    {TCR_EL2, tcr23::HPD, &F::hpds},
    {TCR_EL2, tcr23::HWU, &F::hpds2},
    {TCR_EL3, tcr23::HA, &F::hafdbs},
    {TCR_EL3, tcr23::HD, &F::dirty},
    {TCR_EL3, tcr23::HPD, &F::hpds},
    {TCR_EL3, tcr23::HWU, &F::hpds2},
    {VTCR_EL2, vtcr::VS, &F::vmid16},
    {VTCR_EL2, vtcr::HA, &F::hafdbs},
    {VTCR_EL2, vtcr::HD, &F::dirty},
    {VTCR_EL2, vtcr::HWU, &F::hpds2},
    {TTBR0_EL1, ttbr::CnP, &F::ttcnp},
    {TTBR1_EL1, ttbr::CnP, &F::ttcnp},
    {TTBR0_EL2, ttbr::CnP, &F::ttcnp},
    {TTBR0_EL3, ttbr::CnP, &F::ttcnp},
    {VTTBR_EL2, ttbr::CnP, &F::ttcnp},
    {VTTBR_EL2, u64{0xFF} << 56, &F::vmid16},
};

}  // namespace

std::span<const FeatureBits> feature_bits() { return kBits; }

}  // namespace tw::arm
