// A GIC with recorded outputs, and register accesses by the offsets of IHI 0048B.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "gic/v2/gic_v2.hpp"

namespace tw::gic::test {

enum : u32 {
  GICD_CTLR = 0x000,
  GICD_TYPER = 0x004,
  GICD_IIDR = 0x008,
  GICD_IGROUPR = 0x080,
  GICD_ISENABLER = 0x100,
  GICD_ICENABLER = 0x180,
  GICD_ISPENDR = 0x200,
  GICD_ICPENDR = 0x280,
  GICD_ISACTIVER = 0x300,
  GICD_ICACTIVER = 0x380,
  GICD_IPRIORITYR = 0x400,
  GICD_ITARGETSR = 0x800,
  GICD_ICFGR = 0xC00,
  GICD_SGIR = 0xF00,
  GICD_CPENDSGIR = 0xF10,
  GICD_SPENDSGIR = 0xF20,
  // Of GICC and GICV.
  CTLR = 0x00,
  PMR = 0x04,
  BPR = 0x08,
  IAR = 0x0C,
  EOIR = 0x10,
  RPR = 0x14,
  HPPIR = 0x18,
  ABPR = 0x1C,
  AIAR = 0x20,
  AEOIR = 0x24,
  AHPPIR = 0x28,
  APR0 = 0xD0,
  NSAPR0 = 0xE0,
  IIDR = 0xFC,
  DIR = 0x1000,
  GICH_HCR = 0x000,
  GICH_VTR = 0x004,
  GICH_VMCR = 0x008,
  GICH_MISR = 0x010,
  GICH_EISR0 = 0x020,
  GICH_EISR1 = 0x024,
  GICH_ELRSR0 = 0x030,
  GICH_ELRSR1 = 0x034,
  GICH_APR = 0x0F0,
  GICH_LR0 = 0x100,
};

struct Wires final : CpuSignals {
  std::array<std::array<bool, 4>, 8> level{};
  unsigned changes = 0;
  void set(unsigned cpu, Signal which, bool value) override {
    EXPECT_NE(level.at(cpu).at(static_cast<unsigned>(which)), value) << "called without a change";
    level.at(cpu).at(static_cast<unsigned>(which)) = value;
    ++changes;
  }
};

struct Log final : InterruptObserver {
  std::vector<std::string> events;
  void at(u32 intid, unsigned cpu, bool is_virtual, cost::InterruptStation station) override {
    constexpr const char* kNames[] = {"asserted", "signalled", "acknowledged", "drop", "deactivated", "withdrawn"};
    events.push_back((is_virtual ? "v" : "") + std::to_string(intid) + "@" + std::to_string(cpu) + " " +
                     kNames[static_cast<unsigned>(station)]);
  }
  std::vector<std::string> take() { return std::exchange(events, {}); }
};

/// One frame of the GIC under test.
struct FrameUnderTest {
  MmioTarget& target;
  u64 read(u32 offset, unsigned cpu = 0, u8 size = 4, Security security = Security::NonSecure) {
    return go({.offset = offset, .size = size, .cpu = static_cast<u8>(cpu), .security = security});
  }
  void write(u32 offset, u64 value, unsigned cpu = 0, u8 size = 4, Security security = Security::NonSecure) {
    go({.offset = offset,
        .size = size,
        .write = true,
        .value = value,
        .cpu = static_cast<u8>(cpu),
        .security = security});
  }
  u64 peek(u32 offset, unsigned cpu = 0) {
    return go({.offset = offset, .size = 4, .cpu = static_cast<u8>(cpu), .debug = true});
  }
  u64 secure_read(u32 offset, unsigned cpu = 0, u8 size = 4) { return read(offset, cpu, size, Security::Secure); }
  void secure_write(u32 offset, u64 value, unsigned cpu = 0, u8 size = 4) {
    write(offset, value, cpu, size, Security::Secure);
  }

 private:
  u64 go(const MmioAccess& access) {
    const MmioResult result = target.access(access);
    EXPECT_TRUE(result.ok);
    return result.value;
  }
};

class Bench : public ::testing::Test {
 protected:
  static Config configuration(u64 cpus) {
    Config config;
    config.cpus = cpus;
    return config;
  }
  explicit Bench(const Config& config = configuration(2)) : gic(config, wires, &log) {}

  bool irq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::Irq)]; }
  bool fiq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::Fiq)]; }
  bool virq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::VirtualIrq)]; }
  bool vfiq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::VirtualFiq)]; }

  /// Distributor and CPU interfaces as an operating system without groups sets them up: everything in Group 0, as IRQ.
  void enable(u32 gicc_ctlr = 0x1) {
    gicd.write(GICD_CTLR, 3);
    for (unsigned cpu = 0; cpu < gic.config().cpus; ++cpu) {
      gicc.write(CTLR, gicc_ctlr, cpu);
      gicc.write(PMR, 0xFF, cpu);
    }
  }
  void route(u32 intid, u8 priority, u8 targets = 1, bool edge = false) {
    gicd.write(GICD_IPRIORITYR + intid, priority, 0, 1);
    gicd.write(GICD_ITARGETSR + intid, targets, 0, 1);
    if (intid >= 32) {
      const u32 offset = GICD_ICFGR + intid / 16 * 4;
      const u64 mask = u64{2} << intid % 16 * 2;
      gicd.write(offset, (gicd.read(offset) & ~mask) | (edge ? mask : 0));
    }
    gicd.write(GICD_ISENABLER + intid / 32 * 4, u64{1} << intid % 32);
  }
  void group1(u32 intid, unsigned cpu = 0) {
    const u32 offset = GICD_IGROUPR + intid / 32 * 4;
    gicd.write(offset, gicd.read(offset, cpu) | u64{1} << intid % 32, cpu);
  }
  bool bit_of(u32 array, u32 intid, unsigned cpu = 0) {
    return (gicd.read(array + intid / 32 * 4, cpu) >> intid % 32) & 1;
  }
  bool pending(u32 intid, unsigned cpu = 0) { return bit_of(GICD_ISPENDR, intid, cpu); }
  bool active(u32 intid, unsigned cpu = 0) { return bit_of(GICD_ISACTIVER, intid, cpu); }

  Wires wires;
  Log log;
  GicV2 gic;
  FrameUnderTest gicd{gic.distributor()};
  FrameUnderTest gicc{gic.cpu_interface()};
  FrameUnderTest gich{gic.hypervisor_interface()};
  FrameUnderTest gicv{gic.virtual_cpu_interface()};
};

constexpr u64 kSpuriousId = 1023;

}  // namespace tw::gic::test
