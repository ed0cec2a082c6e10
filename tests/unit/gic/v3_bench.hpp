// A GICv3 with recorded outputs. Offsets and fields are those of IHI 0069.
#pragma once

#include "gic/v3/gic_v3.hpp"
#include "unit/gic/bench.hpp"

namespace tw::gic::test {

using enum arm::GicRegister;

enum : u32 {
  GICD_STATUSR = 0x010,
  GICD_SETSPI_NSR = 0x040,
  GICD_CLRSPI_NSR = 0x048,
  GICD_SETSPI_SR = 0x050,
  GICD_IGRPMODR = 0xD00,
  GICD_IROUTER = 0x6000,
  GICD_PIDR2 = 0xFFE8,
  GICR_TYPER = 0x0008,
  GICR_STATUSR = 0x0010,
  GICR_WAKER = 0x0014,
  GICR_PROPBASER = 0x0070,
  GICR_PENDBASER = 0x0078,
  GICR_PIDR2 = 0xFFE8,
  SGI_BASE = 0x10000,
};

class BenchV3 : public ::testing::Test {
 protected:
  static Config configuration(u64 cpus) {
    Config config;
    config.cpus = cpus;
    return config;
  }
  explicit BenchV3(const Config& config = configuration(2), std::vector<v3::Affinity> affinities = {},
                   MemoryPort* memory = nullptr)
      : gic(config, wires, &log, std::move(affinities), memory) {}

  bool irq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::Irq)]; }
  bool fiq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::Fiq)]; }
  bool virq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::VirtualIrq)]; }
  bool vfiq(unsigned cpu = 0) const { return wires.level[cpu][static_cast<unsigned>(Signal::VirtualFiq)]; }

  static constexpr u32 redistributor(unsigned cpu) { return cpu * 0x20000; }
  u64 sgi_base(unsigned cpu, u32 offset) { return gicr.read(redistributor(cpu) + SGI_BASE + offset); }
  void sgi_base(unsigned cpu, u32 offset, u64 value) { gicr.write(redistributor(cpu) + SGI_BASE + offset, value); }

  u64 read(arm::GicRegister reg, unsigned cpu = 0) { return gic.read(cpu, reg); }
  void write(arm::GicRegister reg, u64 value, unsigned cpu = 0) { gic.write(cpu, reg, value); }
  u64 guest(arm::GicRegister reg) { return gic.read(0, reg, {.guest = true}); }
  void guest(arm::GicRegister reg, u64 value) { gic.write(0, reg, value, {.guest = true}); }

  /// Both groups on everywhere, every core awake, every priority let through.
  void enable() {
    gicd.write(GICD_CTLR, 3);
    for (unsigned cpu = 0; cpu < gic.config().cpus; ++cpu) {
      gicr.write(redistributor(cpu) + GICR_WAKER, 0);
      write(IccPmr, 0xFF, cpu);
      write(IccIgrpen0, 1, cpu);
      write(IccIgrpen1, 1, cpu);
    }
  }
  /// A Group 1 SPI for the core with this affinity.
  void spi(u32 intid, u8 priority, u64 affinity = 0, bool edge = false) {
    const u32 word = intid / 32 * 4;
    const u64 bit = u64{1} << intid % 32;
    gicd.write(GICD_IGROUPR + word, gicd.read(GICD_IGROUPR + word) | bit);
    gicd.write(GICD_IPRIORITYR + intid, priority, 0, 1);
    gicd.write(GICD_IROUTER + 8 * intid, affinity, 0, 8);
    const u32 config = GICD_ICFGR + intid / 16 * 4;
    const u64 mask = u64{2} << intid % 16 * 2;
    gicd.write(config, (gicd.read(config) & ~mask) | (edge ? mask : 0));
    gicd.write(GICD_ISENABLER + word, bit);
  }
  /// A Group 1 SGI or PPI of one core.
  void ppi(unsigned cpu, u32 intid, u8 priority) {
    sgi_base(cpu, GICD_IGROUPR, sgi_base(cpu, GICD_IGROUPR) | u64{1} << intid);
    gicr.write(redistributor(cpu) + SGI_BASE + GICD_IPRIORITYR + intid, priority, 0, 1);
    sgi_base(cpu, GICD_ISENABLER, u64{1} << intid);
  }
  bool pending(u32 intid) { return (gicd.read(GICD_ISPENDR + intid / 32 * 4) >> intid % 32) & 1; }
  bool active(u32 intid) { return (gicd.read(GICD_ISACTIVER + intid / 32 * 4) >> intid % 32) & 1; }

  Wires wires;
  Log log;
  GicV3 gic;
  FrameUnderTest gicd{gic.distributor()};
  FrameUnderTest gicr{gic.redistributors()};
};

}  // namespace tw::gic::test
