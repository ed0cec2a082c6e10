// Registers of both pages: values, who may write what when, access sizes (IHI 0070, chapter 6).
#include <gtest/gtest.h>

#include "unit/smmu/programming.hpp"

namespace tw::smmu {
namespace {

using test::Programming;

constexpr u64 kAll = ~u64{0};

Programming with(void (*change)(Config&)) {
  Config config;
  change(config);
  return Programming{config};
}

TEST(SmmuRegisters, IdentifyTheDefaults) {
  Programming p;
  // S2P S1P TTF=3 COHACC HTTU=2 Hyp ATS ASID16 MSI SEV PRI VMW VMID16 CD2L ST_LEVEL=1
  EXPECT_EQ(p.read(0x00), 0x080F'769Fu);
  // SIDSIZE=17 SSIDSIZE=16 PRIQS=EVENTQS=CMDQS=16 ATTR_PERMS_OVR ATTR_TYPES_OVR
  EXPECT_EQ(p.read(0x04), 17u | 16u << 6 | 16u << 11 | 16u << 16 | 16u << 21 | 3u << 26);
  EXPECT_EQ(p.read(0x08), 0u);
  EXPECT_EQ(p.read(0x0C), 0x1514u);  // HAD XNX FWB RIL BBML=2
  EXPECT_EQ(p.read(0x10), 0u);
  EXPECT_EQ(p.read(0x14), 64u << 16 | 0x70u | 4u);  // STALL_MAX, granules, OAS=44
  EXPECT_EQ(p.read(0x18), 0u);
  EXPECT_EQ(p.read(0x1C), 2u);
}

TEST(SmmuRegisters, IdentifyTheConfiguration) {
  struct Row {
    void (*change)(Config&);
    u64 offset;
    u64 toggled;  // against the defaults
  };
  const Row rows[] = {
      {[](Config& c) { c.stage1 = false; }, 0x00, 1u << 1 | 1u << 9},
      {[](Config& c) { c.stage1 = false; }, 0x0C, 1u << 2},
      {[](Config& c) { c.stage2 = false; }, 0x00, 1u << 0 | 1u << 9 | 1u << 17},
      {[](Config& c) { c.stage2 = false; }, 0x0C, 1u << 4 | 1u << 8},
      {[](Config& c) { c.aarch32 = false; }, 0x00, 1u << 2},
      {[](Config& c) { c.coherent = false; }, 0x00, 1u << 4},
      {[](Config& c) { c.httu = "access"; }, 0x00, 3u << 6},
      {[](Config& c) { c.httu = "none"; }, 0x00, 2u << 6},
      {[](Config& c) { c.hyp = false; }, 0x00, 1u << 9},
      {[](Config& c) { c.ats = c.pri = false; }, 0x00, 1u << 10 | 1u << 16},
      {[](Config& c) { c.asid16 = false; }, 0x00, 1u << 12},
      {[](Config& c) { c.msi = false; }, 0x00, 1u << 13},
      {[](Config& c) { c.sev = false; }, 0x00, 1u << 14},
      {[](Config& c) { c.pri = false; }, 0x00, 1u << 16},
      {[](Config& c) { c.pri = false; }, 0x04, 16u << 11},
      {[](Config& c) { c.vmid_wildcard = false; }, 0x00, 1u << 17},
      {[](Config& c) { c.vmid16 = false; }, 0x00, 1u << 18},
      {[](Config& c) { c.ssid_bits = 0; }, 0x00, 1u << 19},
      {[](Config& c) { c.ssid_bits = 0; }, 0x04, 16u << 6},
      {[](Config& c) { c.stall = "terminate"; }, 0x00, 1u << 24},
      {[](Config& c) { c.stall = "terminate"; }, 0x14, 64u << 16},
      {[](Config& c) { c.stall = "stall"; }, 0x00, 2u << 24},
      {[](Config& c) { c.range_invalidation = false; }, 0x0C, 1u << 10},
      {[](Config& c) { c.granule_4k = false; }, 0x14, 1u << 4},
      {[](Config& c) { c.granule_16k = false; }, 0x14, 1u << 5},
      {[](Config& c) { c.granule_64k = false; }, 0x14, 1u << 6},
      {[](Config& c) { c.pa_bits = 32; }, 0x14, 4u},
      {[](Config& c) { c.pa_bits = 48; }, 0x14, 1u},
      {[](Config& c) { c.sid_bits = 16; }, 0x04, 1u},
      {[](Config& c) { c.command_queue_bits = 0; }, 0x04, 16u << 21},
      {[](Config& c) { c.event_queue_bits = 0; }, 0x04, 16u << 16},
      {[](Config& c) { c.page_queue_bits = 0; }, 0x04, 16u << 11},
  };
  Programming defaults;
  for (const Row& row : rows) {
    Config config;
    row.change(config);
    Programming p{config};
    EXPECT_EQ(p.read(row.offset) ^ defaults.read(row.offset), row.toggled) << &row - rows;
  }
}

/// What Linux's arm-smmu-v3 driver refuses to work without (arm_smmu_device_hw_probe).
TEST(SmmuRegisters, AreWhatLinuxExpects) {
  Programming p;
  const u64 idr0 = p.read(0x00), idr1 = p.read(0x04);
  EXPECT_EQ(idr0 >> 24 & 3, 0u);     // STALL_MODEL is none that is reserved
  EXPECT_NE(idr0 & 3, 0u);           // a stage
  EXPECT_NE(idr0 >> 3 & 1, 0u);      // VMSAv8-64
  EXPECT_EQ(idr1 & 7u << 28, 0u);    // nothing preset, nothing relative
  EXPECT_GT(idr1 >> 21 & 0x1F, 6u);  // more commands than a batch of 64
  EXPECT_LE(p.read(0x14) & 7, 6u);   // OAS
}

TEST(SmmuRegisters, Cr0IsAcknowledged) {
  Programming p;
  p.write(0x20, kAll);
  EXPECT_EQ(p.read(0x20), 0x1DFu);
  EXPECT_EQ(p.read(0x24), 0x1DFu);
  p.write(0x24, 0);
  EXPECT_EQ(p.read(0x24), 0x1DFu);
  p.write(0x20, 0);
  EXPECT_EQ(p.read(0x24), 0u);
  Programming less = with([](Config& c) { c.ats = c.pri = c.vmid_wildcard = false; });
  less.write(0x20, kAll);
  EXPECT_EQ(less.read(0x24), 0xDu);
}

TEST(SmmuRegisters, FieldsAreGuarded) {
  struct Row {
    u64 offset;
    u64 fields;
    u32 cr0;  // what makes it read-only
    u8 size = 4;
  };
  constexpr u64 kQueueBase = u64{1} << 62 | 0xFFF'FFFF'FFE0 | 0x1F;
  const Row rows[] = {{0x28, 0xFC0, 1},
                      {0x28, 0x3F, 2},
                      {0x28, 0x3F, 4},
                      {0x28, 0x3F, 8},
                      {0x2C, 3, 1},
                      {0x88, 0x307FF, 1},
                      {0x80, u64{1} << 62 | 0xFFF'FFFF'FFC0, 1, 8},
                      {0x90, kQueueBase, 8, 8},
                      {0x9C, 0xFFFFF, 8},
                      {0xA0, kQueueBase, 4, 8},
                      {0x100A8, 0x800FFFFF, 4},
                      {0xC0, kQueueBase, 2, 8},
                      {0x100C8, 0x800FFFFF, 2}};
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << std::hex << row.offset << " by " << row.cr0);
    Programming p;
    p.write(row.offset, 0, row.size);
    p.write(0x20, row.cr0);
    p.write(row.offset, kAll, row.size);
    EXPECT_EQ(p.read(row.offset, row.size) & row.fields, 0u);
    p.write(0x20, 0xF & ~row.cr0);
    p.write(row.offset, row.fields, row.size);
    EXPECT_EQ(p.read(row.offset, row.size) & row.fields, row.offset == 0x28 && row.fields == 0x3F ? 0 : row.fields);
    p.write(0x20, 0);
    p.write(row.offset, kAll, row.size);
    EXPECT_EQ(p.read(row.offset, row.size) & row.fields, row.fields);
  }
}

TEST(SmmuRegisters, IndicesThatSoftwareOwnsAreAlwaysWritable) {
  Programming p;
  p.enable();
  p.write(0x100AC, kAll);
  EXPECT_EQ(p.read(0x100AC), 0x800F'FFFFu);
  p.write(0x100CC, kAll);
  EXPECT_EQ(p.read(0x100CC), 0x800F'FFFFu);
  p.write(0x98, 0xFFF0'0000);
  EXPECT_EQ(p.read(0x98), 0u);
}

TEST(SmmuRegisters, InterruptConfigurationIsGuardedByItsEnable) {
  for (const auto& [base, enable] : {std::pair<u64, u32>{0x68, 1}, {0xB0, 4}, {0xD0, 2}}) {
    SCOPED_TRACE(base);
    Programming p;
    p.write64(base, kAll);
    p.write(base + 8, kAll);
    p.write(base + 12, kAll);
    EXPECT_EQ(p.read(base, 8), 0x0FFF'FFFF'FFFCu);  // bits above the OAS are RES0
    EXPECT_EQ(p.read(base + 8), 0xFFFF'FFFFu);
    EXPECT_EQ(p.read(base + 12), enable == 2 ? 0x8000'003Fu : 0x3Fu);
    p.write(0x50, enable);
    EXPECT_EQ(p.read(0x54), enable);
    p.write64(base, 0);
    p.write(base + 8, 0);
    p.write(base + 12, 0);
    EXPECT_EQ(p.read(base, 8), 0x0FFF'FFFF'FFFCu);
    EXPECT_EQ(p.read(base + 8), 0xFFFF'FFFFu);
    EXPECT_NE(p.read(base + 12), 0u);

    Programming wired = with([](Config& c) { c.msi = false; });
    wired.write64(base, kAll);
    wired.write(base + 8, kAll);
    wired.write(base + 12, kAll);
    EXPECT_EQ(wired.read(base, 8), 0u);
    EXPECT_EQ(wired.read(base + 8), 0u);
    EXPECT_EQ(wired.read(base + 12), enable == 2 ? 0x8000'0000u : 0u);
  }
}

TEST(SmmuRegisters, WithoutPriThereIsNoPriQueue) {
  Programming p = with([](Config& c) { c.pri = false; });
  for (const u64 offset : {0xC0, 0xC8, 0xCC, 0xD0, 0xD8, 0xDC, 0x100C8, 0x100CC}) {
    p.write(offset, kAll);
    EXPECT_EQ(p.read(offset), 0u) << offset;
  }
  p.write(0x50, kAll);
  EXPECT_EQ(p.read(0x54), 5u);
}

TEST(SmmuRegisters, GbpaNeedsUpdate) {
  Programming p;
  EXPECT_EQ(p.read(0x44), 0x1000u);
  p.write(0x44, 0x0010'0000);
  EXPECT_EQ(p.read(0x44), 0x1000u);
  p.write(0x44, kAll);
  EXPECT_EQ(p.read(0x44), 0x001F'3F1Fu);
  EXPECT_EQ(with([](Config& c) { c.bypass_abort = true; }).read(0x44), 0x0010'1000u);
}

TEST(SmmuRegisters, GerrornReadsAsWritten) {
  Programming p;
  p.write(0x64, kAll);
  EXPECT_EQ(p.read(0x64), 0x1FDu);
  EXPECT_EQ(p.read(0x60), 0u);
  p.write(0x60, kAll);
  EXPECT_EQ(p.read(0x60), 0u);
  Programming wired = with([](Config& c) { c.msi = c.pri = false; });
  wired.write(0x64, kAll);
  EXPECT_EQ(wired.read(0x64), 0x105u);
}

TEST(SmmuRegisters, SixtyFourBitsComeInOneOrTwo) {
  Programming p;
  p.write(0x80, 0x1234'5640);
  p.write(0x84, 0x4000'0ABC);
  EXPECT_EQ(p.read(0x80, 8), 0x4000'0ABC'1234'5640u);
  p.write64(0x80, 0x4000'0111'2222'2240);
  EXPECT_EQ(p.read(0x80), 0x2222'2240u);
  EXPECT_EQ(p.read(0x84), 0x4000'0111u);
}

TEST(SmmuRegisters, OtherAccessesAreRazWi) {
  Programming p;
  for (const MmioAccess& access :
       {MmioAccess{.offset = 0x00, .size = 8},  // two registers
        MmioAccess{.offset = 0x00, .size = 1}, MmioAccess{.offset = 0x00, .size = 2},
        MmioAccess{.offset = 0x02, .size = 4}, MmioAccess{.offset = 0x84, .size = 8},
        MmioAccess{.offset = 0x100, .size = 4},  // reserved: ATOS
        MmioAccess{.offset = 0x10000, .size = 4}, MmioAccess{.offset = 0x1FFFC, .size = 4}}) {
    const MmioResult result = p.registers.access(access);
    EXPECT_TRUE(result.ok);
    EXPECT_EQ(result.value, 0u);
  }
  p.registers.access({.offset = 0x20, .size = 8, .write = true, .value = kAll});
  EXPECT_EQ(p.read(0x20), 0u);
}

TEST(SmmuRegisters, Page1IsFoundInPage0Too) {
  Programming p;
  p.write(0xA8, 5);
  EXPECT_EQ(p.read(0x100A8), 5u);
  p.write(0x100AC, 3);
  EXPECT_EQ(p.read(0xAC), 3u);
  p.write(0xC8, 6);
  EXPECT_EQ(p.read(0x100C8), 6u);
  p.write(0x100CC, 4);
  EXPECT_EQ(p.read(0xCC), 4u);
}

TEST(SmmuRegisters, ADebuggerChangesNothing) {
  Programming p;
  p.registers.access({.offset = 0x20, .write = true, .value = 0xF, .debug = true});
  EXPECT_EQ(p.read(0x20), 0u);
  p.enable();
  p.put({0x30, 0});
  p.ring();
  p.signals.time = 1'000'000;
  EXPECT_EQ(p.registers.access({.offset = 0x9C, .debug = true}).value, 0u);
  EXPECT_TRUE(p.maintenance.translations.empty());
}

TEST(SmmuRegisters, ResetClearsAllButTheConfiguration) {
  Programming p = with([](Config& c) { c.bypass_abort = true; });
  p.write(0x88, 0x11);
  p.enable();
  p.put({0x00, 0});
  p.ring();
  p.run();
  p.registers.reset();
  for (const u64 offset : {0x20, 0x24, 0x60, 0x64, 0x88, 0x90, 0x98, 0x9C}) EXPECT_EQ(p.read(offset), 0u) << offset;
  EXPECT_EQ(p.read(0x44), 0x0010'1000u);
}

// ---- the Secure registers

TEST(SmmuSecureRegisters, AreRazWiWhereThereAreNone) {
  Programming p;
  for (u64 offset = 0x8000; offset < 0x8100; offset += 4) {
    p.write(offset, kAll, 4, Security::Secure);
    EXPECT_EQ(p.read(offset, 4, Security::Secure), 0u) << offset;
  }
}

TEST(SmmuSecureRegisters, AreForSecureAccessesAlone) {
  Programming p = with([](Config& c) { c.secure = true; });
  EXPECT_EQ(p.read(0x8004, 4, Security::Secure), 1u << 31 | 17u);
  EXPECT_EQ(p.read(0x8000, 4, Security::Secure), 1u << 13);
  p.write(0x8020, kAll);
  EXPECT_EQ(p.read(0x8024, 4, Security::Secure), 0u);
  p.write(0x8020, kAll, 4, Security::Secure);
  EXPECT_EQ(p.read(0x8024, 4, Security::Secure), 0x1EDu);
  EXPECT_EQ(p.read(0x8024), 0u);
  EXPECT_EQ(p.read(0x24), 0u);  // another's register
  p.write(0x8044, 0x8010'0000, 4, Security::Secure);
  EXPECT_EQ(p.read(0x8044, 4, Security::Secure), 0x0010'0000u);
  EXPECT_EQ(p.read(0x44), 0x1000u);
}

TEST(SmmuSecureRegisters, InitForgetsEverythingWhileNobodyTranslates) {
  Programming p = with([](Config& c) { c.secure = true; });
  p.write(0x803C, 1, 4, Security::Secure);
  EXPECT_EQ(p.maintenance.configurations.size(), 2u);
  EXPECT_EQ(p.maintenance.translations.size(), 5u);
  EXPECT_EQ(p.read(0x803C, 4, Security::Secure), 0u);
  p.enable();
  p.write(0x803C, 1, 4, Security::Secure);
  EXPECT_EQ(p.maintenance.translations.size(), 5u);
}

// ---- interrupts

TEST(SmmuInterrupts, MessagesGoWhereTheyAreSent) {
  Programming p;
  p.write64(0x68, 0x6004);
  p.write(0x70, 0xCAFE'F00D);
  p.write64(0xB0, 0x7000);
  p.write(0xB8, 0x1111'2222);
  p.write64(0xD0, 0x7008);
  p.write(0xD8, 0x3333'4444);
  p.write(0x50, 7);
  p.enable();
  p.interface().events.record({}, 10);
  EXPECT_EQ(p.memory.word(0x7000), 0x1111'2222u);
  p.interface().pages.request({}, 20);
  EXPECT_EQ(p.memory.word(0x7008), 0x3333'4444u);
  p.submit({0, 0});
  EXPECT_EQ(p.memory.word(0x6000), u64{0xCAFE'F00D} << 32);
  EXPECT_EQ(p.signals.pulses.size(), 3u);  // and the wires
}

TEST(SmmuInterrupts, AbortsOfMessagesAreErrorsOfTheirOwn) {
  Programming p;
  p.write64(0x68, 0x6000);
  p.write64(0xB0, 0x7000);
  p.write64(0xD0, 0x7008);
  p.write(0x50, 7);
  p.memory.words.aborts = {0x6000, 0x7000, 0x7008};
  p.enable();
  p.interface().events.record({}, 0);
  EXPECT_EQ(p.read(0x60), 1u << 5 | 1u << 7);
  p.interface().pages.request({}, 0);
  EXPECT_EQ(p.read(0x60), 1u << 5 | 1u << 6 | 1u << 7);
}

TEST(SmmuInterrupts, NoneIsSentWhileItIsDisabled) {
  Programming p;
  p.write64(0xB0, 0x7000);
  p.write(0xB8, 1);
  p.enable();
  p.interface().events.record({}, 0);
  p.interface().pages.request({}, 0);
  p.submit({0, 0});
  EXPECT_TRUE(p.signals.pulses.empty());
  EXPECT_EQ(p.memory.word(0x7000), 0u);
}

TEST(SmmuInterrupts, AnActiveErrorIsNotActivatedAgain) {
  Programming p;
  p.write(0x50, 1);
  p.enable();
  p.interface().interrupts.raise(GlobalError::EventMessageAbort, 0);
  p.interface().interrupts.raise(GlobalError::EventMessageAbort, 0);
  EXPECT_EQ(p.read(0x60), 1u << 5);
  EXPECT_EQ(p.signals.pulses.size(), 1u);
}

}  // namespace
}  // namespace tw::smmu
