// The CPU models: what software sees of their identification registers, written from the manuals, and what follows.
#include <gtest/gtest.h>

#include <string>

#include "arm/cpu_model.hpp"
#include "arm/feature_bits.hpp"
#include "base/bits.hpp"
#include "cpu/isa/features.hpp"

namespace tw {
namespace {

using namespace arm;

TEST(CpuModels, AreFoundByName) {
  for (const CpuModel& model : cpu_models()) {
    EXPECT_EQ(find_cpu_model(model.name), &model);
    EXPECT_EQ((bits<15, 11>(model.pmcr)), 6u) << model.name << ": PMCR_EL0.N and the table's event counters";
  }
  EXPECT_EQ(find_cpu_model("cortex-a99"), nullptr);
}

// Table 4-1 of the Cortex-A57 TRM and what QEMU 7.2's -cpu cortex-a57 shows, without AArch32 and big-endian data.
TEST(CpuModels, CortexA57) {
  const CpuModel& a57 = *find_cpu_model("cortex-a57");
  EXPECT_EQ(a57.id(SysReg::MIDR_EL1), 0x411FD070u);
  EXPECT_EQ(a57.id(SysReg::ID_AA64PFR0_EL1), 0x1111u);
  EXPECT_EQ(a57.id(SysReg::ID_AA64MMFR0_EL1), 0x1024u);
  EXPECT_EQ(a57.id(SysReg::ID_PFR0_EL1), 0u);
  EXPECT_EQ(a57.pa_bits(), 44u);
  EXPECT_TRUE(a57.granule4k());
  EXPECT_FALSE(a57.granule16k());
  EXPECT_TRUE(a57.granule64k());
  EXPECT_TRUE(a57.asid16());
}

// The Neoverse N1 TRM's values less VHE, SPE, AArch32 at EL0 and big-endian data.
TEST(CpuModels, NeoverseN1) {
  const CpuModel& n1 = *find_cpu_model("neoverse-n1");
  EXPECT_EQ(n1.id(SysReg::MIDR_EL1), 0x414FD0C1u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64PFR0_EL1), 0x1100'0000'1011'1111u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64PFR1_EL1), 0x20u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64DFR0_EL1), 0x1030'5408u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64ISAR0_EL1), 0x1000'1021'1120u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64ISAR1_EL1), 0x10'0001u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64MMFR0_EL1), 0x10'1025u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64MMFR1_EL1), 0x1021'2022u);
  EXPECT_EQ(n1.id(SysReg::ID_AA64MMFR2_EL1), 0x1011u);
  EXPECT_EQ(n1.pa_bits(), 48u);
  EXPECT_TRUE(n1.granule4k() && n1.granule16k() && n1.granule64k());
}

// The TRMs' values of Armv8.2's first DynamIQ cores: N1's but for addresses, SSBS and, of A55, CSV2 and CSV3.
TEST(CpuModels, CortexA55AndA76) {
  const CpuModel& a55 = *find_cpu_model("cortex-a55");
  const CpuModel& a76 = *find_cpu_model("cortex-a76");
  EXPECT_EQ(a55.id(SysReg::MIDR_EL1), 0x412FD050u);
  EXPECT_EQ(a76.id(SysReg::MIDR_EL1), 0x414FD0B1u);
  EXPECT_EQ(a55.id(SysReg::ID_AA64PFR0_EL1), 0x1011'1111u);
  EXPECT_EQ(a76.id(SysReg::ID_AA64PFR0_EL1), 0x1100'0000'1011'1111u);
  for (const CpuModel* core : {&a55, &a76}) {
    EXPECT_EQ(core->id(SysReg::ID_AA64PFR1_EL1), 0x10u);
    EXPECT_EQ(core->id(SysReg::ID_AA64DFR0_EL1), 0x1030'5408u);
    EXPECT_EQ(core->id(SysReg::ID_AA64ISAR0_EL1), 0x1000'1021'1120u);
    EXPECT_EQ(core->id(SysReg::ID_AA64ISAR1_EL1), 0x10'0001u);
    EXPECT_EQ(core->id(SysReg::ID_AA64MMFR0_EL1), 0x10'1022u);
    EXPECT_EQ(core->id(SysReg::ID_AA64MMFR1_EL1), 0x1021'2022u);
    EXPECT_EQ(core->id(SysReg::ID_AA64MMFR2_EL1), 0x1011u);
    EXPECT_EQ(core->pa_bits(), 40u);
    EXPECT_TRUE(core->granule4k() && core->granule16k() && core->granule64k());
    EXPECT_TRUE(core->features.ssbs);
    EXPECT_FALSE(core->features.ssbs2) << "no MSR SSBS";
  }
}

TEST(CpuModels, FeaturesByModel) {
  struct Row {
    const char* feature;
    bool CpuFeatures::*member;
    bool generic, a57, n1, max;
  };
  using F = CpuFeatures;
  static constexpr Row kRows[] = {
      {"fp16", &F::fp16, false, false, true, true},     {"pauth", &F::pauth, false, false, false, true},
      {"pan", &F::pan, false, false, true, true},       {"pan2", &F::pan2, false, false, true, true},
      {"uao", &F::uao, false, false, true, true},       {"dpb", &F::dpb, false, false, true, true},
      {"hafdbs", &F::hafdbs, false, false, true, true}, {"dirty", &F::dirty, false, false, true, true},
      {"vmid16", &F::vmid16, false, false, true, true}, {"hpds", &F::hpds, false, false, true, true},
      {"hpds2", &F::hpds2, false, false, true, false},  {"lor", &F::lor, false, false, true, true},
      {"xnx", &F::xnx, false, false, true, true},       {"ttcnp", &F::ttcnp, false, false, true, true},
      {"iesb", &F::iesb, false, false, true, true},     {"ras", &F::ras, false, false, true, true},
      {"ssbs", &F::ssbs, false, false, true, true},     {"ssbs2", &F::ssbs2, false, false, true, true},
      {"vhe", &F::vhe, false, false, false, false},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(find_cpu_model("generic")->features.*row.member, row.generic) << row.feature;
    EXPECT_EQ(find_cpu_model("cortex-a57")->features.*row.member, row.a57) << row.feature;
    EXPECT_EQ(find_cpu_model("neoverse-n1")->features.*row.member, row.n1) << row.feature;
    EXPECT_EQ(find_cpu_model("max")->features.*row.member, row.max) << row.feature;
  }
}

// The decoder's features, by their names in the manual.
TEST(CpuModels, InstructionsByModel) {
  struct Row {
    cpu::Feature feature;
    bool generic, a57, n1, max;
  };
  using enum cpu::Feature;
  static constexpr Row kRows[] = {
      {FpSimd, true, true, true, true}, {Aes, true, true, true, true},       {Pmull, true, true, true, true},
      {Sha1, true, true, true, true},   {Sha256, true, true, true, true},    {Crc32, true, true, true, true},
      {Lse, true, false, true, true},   {Lor, false, false, true, true},     {Rdm, false, false, true, true},
      {Fp16, false, false, true, true}, {DotProd, false, false, true, true}, {Rcpc, false, false, true, true},
  };
  for (const Row& row : kRows) {
    const auto number = static_cast<int>(row.feature);
    EXPECT_EQ(cpu::has_feature(*find_cpu_model("generic"), row.feature), row.generic) << number;
    EXPECT_EQ(cpu::has_feature(*find_cpu_model("cortex-a57"), row.feature), row.a57) << number;
    EXPECT_EQ(cpu::has_feature(*find_cpu_model("neoverse-n1"), row.feature), row.n1) << number;
    EXPECT_EQ(cpu::has_feature(*find_cpu_model("max"), row.feature), row.max) << number;
  }
}

// A limit that no model reaches would be a limit on nothing; `max` itself announces only what is there.
TEST(CpuModels, EveryLimitIsReached) {
  for (const IdLimit& limit : id_limits()) {
    bool reached = limit.reg == SysReg::ID_AA64DFR0_EL1 && limit.lsb == 4;  // no core announces a trace unit
    reached = reached || (limit.reg == SysReg::ID_AA64MMFR0_EL1 && limit.lsb == 16);
    for (const CpuModel& model : cpu_models()) {
      for (const IdValue& id : model.ids) {
        if (id.reg != limit.reg || bit_field(id.value, limit.lsb, 4) <= limit.value) continue;
        reached = true;
        EXPECT_EQ(bit_field(model.id(id.reg), limit.lsb, 4), limit.value) << model.name << ": " << limit.why;
      }
    }
    EXPECT_TRUE(reached) << limit.why;
  }
}

TEST(CpuModels, WritableBitsFollowTheFeatures) {
  const CpuModel& a57 = *find_cpu_model("cortex-a57");
  const CpuModel& n1 = *find_cpu_model("neoverse-n1");
  const auto bit = [](unsigned n) { return u64{1} << n; };
  struct Row {
    SysReg reg;
    u64 a57, n1;
  };
  const Row rows[] = {
      {SysReg::HCR_EL2, 0x3'7FFF'FFFF, 0x3B'7FFF'FFFF},  // TLOR, TERR, TEA; RW is RAO/WI
      {SysReg::SCTLR_EL1, 0xFFFF'FFFF, bit(44) | 0xFFFF'FFFF},
      {SysReg::TCR_EL1, 0x7F'FFFF'FFFF, 0x7'FFFF'FFFF'FFFF},
      {SysReg::TCR_EL2, 0xDFFF'FFFF & ~(bit(21) | bit(22) | bit(24) | 0xFu << 25), 0xDFFF'FFFF},  // no TBID
      {SysReg::VTCR_EL2, 0xFFFF'FFFF & ~(bit(19) | bit(21) | bit(22) | 0xFu << 25), 0xFFFF'FFFF},
      {SysReg::TTBR0_EL1, ~u64{1}, ~u64{0}},
      {SysReg::TTBR0_EL2, 0xFFFF'FFFF'FFFE, 0xFFFF'FFFF'FFFF},
      {SysReg::VTTBR_EL2, 0xFF'FFFF'FFFF'FFFE, ~u64{0}},
  };
  const CpuModel& max = *find_cpu_model("max");  // HCR_EL2.{APK, API}, SCR_EL3.{APK, API}, TBID
  EXPECT_EQ(max.writable(SysReg::HCR_EL2) & ~n1.writable(SysReg::HCR_EL2), bit(40) | bit(41));
  EXPECT_EQ(max.writable(SysReg::SCR_EL3) & ~n1.writable(SysReg::SCR_EL3), bit(16) | bit(17));
  EXPECT_EQ(max.writable(SysReg::TCR_EL1) & ~n1.writable(SysReg::TCR_EL1), bit(51) | bit(52));
  EXPECT_EQ(a57.writable(SysReg::FPCR) ^ n1.writable(SysReg::FPCR), bit(19));
  for (const Row& row : rows) {
    EXPECT_EQ(a57.writable(row.reg), row.a57) << row_of(row.reg).name;
    EXPECT_EQ(n1.writable(row.reg), row.n1) << row_of(row.reg).name;
  }
}

TEST(FeatureBits, AreBitsOfTheirRow) {
  for (const FeatureBits& row : feature_bits()) {
    EXPECT_EQ(row.bits & ~row_of(row.reg).writable, 0u) << row_of(row.reg).name;
  }
}

}  // namespace
}  // namespace tw
