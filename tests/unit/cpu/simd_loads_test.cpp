// Loads and stores of V registers where they fault: alignment by element size, no register changed, no valid syndrome.
#include <gtest/gtest.h>

#include "arm/sysreg.hpp"
#include "cpu/isa/a64/access_syndrome.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

using arm::SysReg;

constexpr u32 kLdrQ = 0x3dc00020;      // ldr q0, [x1]
constexpr u32 kStrQ = 0x3d800020;      // str q0, [x1]
constexpr u32 kLdrD = 0xfd400020;      // ldr d0, [x1]
constexpr u32 kLdpQ = 0xad400420;      // ldp q0, q1, [x1]
constexpr u32 kLd1Words = 0x4c407820;  // ld1 {v0.4s}, [x1]
constexpr u32 kLd4Post = 0x4cdf0820;   // ld4 {v0.4s - v3.4s}, [x1], #64
constexpr u64 kData = test::CpuRig::kMemoryBase + 0x4000;

class SimdLoads : public testing::Test {
 protected:
  SimdLoads() {
    rig.core.reg(SysReg::CPACR_EL1) = 3u << 20;
    for (u64 at = 0; at < 0x2000; ++at) rig.poke<u8>(kData + at, static_cast<u8>(at * 7 + 1));
    for (unsigned i = 0; i < 32; ++i) rig.core.v[i] = {{0x1111'0000 + i, 0x2222'0000 + i}};
  }
  /// Whether the access to `va` took an alignment fault (DFSC 0x21) with FAR = va.
  bool alignment_fault(u32 insn, u64 va) {
    rig.core.reg(SysReg::ESR_EL1) = 0;
    rig.core.x[1] = va;
    rig.execute(insn);
    if (rig.core.reg(SysReg::ESR_EL1) == 0) return false;
    EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1) & 0x3F, 0x21u);
    EXPECT_EQ(rig.core.reg(SysReg::FAR_EL1), va);
    return true;
  }
  test::CpuRig rig;
};

TEST_F(SimdLoads, AlignmentIsOfTheElement) {
  EXPECT_FALSE(alignment_fault(kLdrQ, kData + 1));
  rig.core.controls.el1.sctlr |= 2;  // SCTLR_EL1.A
  rig.core.flush_translations();
  EXPECT_FALSE(alignment_fault(kLdrQ, kData + 16));
  EXPECT_TRUE(alignment_fault(kLdrQ, kData + 8));
  EXPECT_TRUE(alignment_fault(kStrQ, kData + 8));
  EXPECT_FALSE(alignment_fault(kLdrD, kData + 8));
  EXPECT_TRUE(alignment_fault(kLdrD, kData + 4));
  EXPECT_TRUE(alignment_fault(kLdpQ, kData + 24));
  EXPECT_FALSE(alignment_fault(kLd1Words, kData + 4));
  EXPECT_TRUE(alignment_fault(kLd1Words, kData + 2));
  EXPECT_FALSE(alignment_fault(kLdrQ, kData + 32));  // the page has a shortcut by now
  EXPECT_TRUE(alignment_fault(kLdrQ, kData + 40));
}

TEST_F(SimdLoads, DeviceMemoryTakesAQuadwordAsOne) {
  rig.mmu.fault = [](const vmsa::Access& access) {
    vmsa::Fault fault;
    if (!access.aligned) fault = {.type = vmsa::FaultType::Alignment, .write = access.write, .va = access.va};
    return fault;
  };
  rig.mmu.attributes.type = vmsa::MemoryType::DeviceGRE;
  EXPECT_FALSE(alignment_fault(kLdrQ, kData));
  EXPECT_TRUE(alignment_fault(kLdrQ, kData + 8));
  EXPECT_TRUE(alignment_fault(kStrQ, kData + 8));
  EXPECT_FALSE(alignment_fault(kLd1Words, kData + 4));
}

TEST_F(SimdLoads, AFaultOnTheSecondPageLeavesEveryRegister) {
  rig.mmu.fault = [](const vmsa::Access& access) {
    vmsa::Fault fault;
    if (access.va.value >= kData + 0x1000 && access.va.value < kData + 0x2000) {
      fault = {.type = vmsa::FaultType::Translation, .level = 3, .va = access.va};
    }
    return fault;
  };
  for (const u32 insn : {kLdrQ, kLdpQ, kLd1Words, kLd4Post}) {
    for (const u64 before : {4, 8, 12}) {
      const auto v = rig.core.v;
      rig.core.reg(SysReg::ESR_EL1) = 0;
      rig.core.x[1] = kData + 0x1000 - before;
      rig.execute(insn);
      EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1) >> 26, 0x25u) << std::hex << insn;
      EXPECT_EQ(rig.core.reg(SysReg::FAR_EL1), kData + 0x1000) << std::hex << insn;
      EXPECT_EQ(rig.core.x[1], kData + 0x1000 - before);
      for (unsigned i = 0; i < 32; ++i) {
        EXPECT_EQ(rig.core.v[i].d[0], v[i].d[0]) << i;
        EXPECT_EQ(rig.core.v[i].d[1], v[i].d[1]) << i;
      }
    }
  }
}

TEST_F(SimdLoads, HaveNoValidSyndrome) {
  for (const u32 insn : {kLdrQ, kStrQ, kLdrD, kLdpQ, kLd1Words, kLd4Post}) EXPECT_EQ(isv_syndrome(insn), 0u);
}

TEST_F(SimdLoads, AreTrappedByCpacr) {
  rig.core.reg(SysReg::CPACR_EL1) = 0;
  rig.core.fp_allowed = false;
  rig.core.x[1] = kData;
  rig.execute(kLdrQ);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1) >> 26, 0x07u);
  EXPECT_EQ(rig.core.v[0].d[0], 0x1111'0000u);
}

}  // namespace
}  // namespace tw::cpu
