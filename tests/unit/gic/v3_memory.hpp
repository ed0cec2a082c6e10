// Guest memory of a GICv3 under test, and an ITS set up as software does it. Layouts: IHI 0069, 5.1 to 5.3, 12.18.
#pragma once

#include <array>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "gic/ports.hpp"
#include "unit/gic/v3_bench.hpp"

namespace tw::gic::test {

/// 1 MB from `kBase` on; nothing elsewhere, and the last page is read-only.
class TableMemory final : public MemoryPort {
 public:
  static constexpr u64 kBase = 0x40000000, kBytes = 0x100000, kReadOnly = kBase + kBytes - 0x1000;

  std::optional<u64> read(Pa at, unsigned bytes) override {
    EXPECT_TRUE(bytes == 1 || bytes == 8);
    EXPECT_EQ(at.value % bytes, 0u);
    if (at.value < kBase || at.value >= kBase + kBytes) return std::nullopt;
    u64 value = 0;
    std::memcpy(&value, &bytes_[at.value - kBase], bytes);
    return value;
  }
  bool write(Pa at, unsigned bytes, u64 value) override {
    EXPECT_EQ(at.value % bytes, 0u);
    if (at.value < kBase || at.value >= kReadOnly) return false;
    std::memcpy(&bytes_[at.value - kBase], &value, bytes);
    return true;
  }
  u64 word(u64 at) { return read(Pa{at}, 8).value_or(0); }
  void word(u64 at, u64 value) { std::memcpy(&bytes_[at - kBase], &value, 8); }
  u8& byte(u64 at) { return bytes_[at - kBase]; }

 private:
  std::vector<u8> bytes_ = std::vector<u8>(kBytes);
};

enum : u32 {
  GICR_CTLR = 0x0000,
  GICR_INVLPIR = 0x00A0,
  GICR_INVALLR = 0x00B0,
  GICR_SYNCR = 0x00C0,
  GITS_CTLR = 0x0000,
  GITS_TYPER = 0x0008,
  GITS_CBASER = 0x0080,
  GITS_CWRITER = 0x0088,
  GITS_CREADR = 0x0090,
  GITS_BASER0 = 0x0100,
  GITS_BASER1 = 0x0108,
  GITS_PIDR2 = 0xFFE8,
  GITS_TRANSLATER = 0x10040,
};

constexpr u64 kValid = u64{1} << 63;
constexpr u64 kProperties = 0x40010000, kPendingTables = 0x40020000, kPendingTable = 0x10000;
constexpr u64 kQueue = 0x40060000, kDevices = 0x40070000, kCollections = 0x40080000, kItt = 0x40090000;

class BenchLpi : public BenchV3 {
 protected:
  explicit BenchLpi(const Config& config = configuration(2)) : BenchV3(config, {}, &memory) {}

  /// The property of an LPI: priority, and enabled.
  void property(u32 intid, u8 priority, bool enabled = true) {
    memory.byte(kProperties + intid - 8192) = static_cast<u8>(priority | enabled);
  }
  static constexpr u64 pending_table(unsigned cpu) { return kPendingTables + cpu * kPendingTable; }
  void enable_lpis(unsigned cpu, u64 flags = 0) {
    gicr.write(redistributor(cpu) + GICR_PROPBASER, kProperties | 13, 0, 8);
    gicr.write(redistributor(cpu) + GICR_PENDBASER, pending_table(cpu) | flags, 0, 8);
    gicr.write(redistributor(cpu) + GICR_CTLR, 1);
  }

  TableMemory memory;
  FrameUnderTest gits{gic.its()};
};

struct ItsCommand {
  std::array<u64, 4> words;
  static ItsCommand mapd(u32 device, u64 itt, unsigned event_bits, bool valid = true) {
    return {{0x08 | u64{device} << 32, event_bits - 1, itt | (valid ? kValid : 0), 0}};
  }
  static ItsCommand mapc(u16 collection, u64 cpu, bool valid = true) {
    return {{0x09, 0, collection | cpu << 16 | (valid ? kValid : 0), 0}};
  }
  static ItsCommand mapti(u32 device, u32 event, u32 intid, u16 collection) {
    return {{0x0A | u64{device} << 32, event | u64{intid} << 32, collection, 0}};
  }
  static ItsCommand mapi(u32 device, u32 event, u16 collection) {
    return {{0x0B | u64{device} << 32, event, collection, 0}};
  }
  static ItsCommand movi(u32 device, u32 event, u16 collection) {
    return {{0x01 | u64{device} << 32, event, collection, 0}};
  }
  static ItsCommand movall(u64 from, u64 to) { return {{0x0E, 0, from << 16, to << 16}}; }
  static ItsCommand on_event(u8 opcode, u32 device, u32 event) { return {{opcode | u64{device} << 32, event, 0, 0}}; }
  static ItsCommand interrupt(u32 device, u32 event) { return on_event(0x03, device, event); }
  static ItsCommand clear(u32 device, u32 event) { return on_event(0x04, device, event); }
  static ItsCommand inv(u32 device, u32 event) { return on_event(0x0C, device, event); }
  static ItsCommand discard(u32 device, u32 event) { return on_event(0x0F, device, event); }
  static ItsCommand invall(u16 collection) { return {{0x0D, 0, collection, 0}}; }
  static ItsCommand sync(u64 cpu) { return {{0x05, 0, cpu << 16, 0}}; }
};

class BenchIts : public BenchLpi {
 protected:
  static constexpr u64 kIndirect = u64{1} << 62;
  static constexpr u32 kDevice = 8;

  explicit BenchIts(const Config& config = configuration(2)) : BenchLpi(config) {}

  /// Flat tables of 64 KB, a queue of 4 KB, everything on.
  void start(u64 devices = kValid | kDevices | 2 << 8, u64 collections = kValid | kCollections | 2 << 8) {
    enable();
    for (unsigned cpu = 0; cpu < gic.config().cpus; ++cpu) enable_lpis(cpu);
    gits.write(GITS_BASER0, devices, 0, 8);
    gits.write(GITS_BASER1, collections, 0, 8);
    gits.write(GITS_CBASER, kValid | kQueue, 0, 8);
    gits.write(GITS_CWRITER, 0, 0, 8);
    gits.write(GITS_CTLR, 1);
  }
  /// Queues commands, hands them over, and says whether all were taken.
  bool run(std::initializer_list<ItsCommand> commands) {
    u64 at = gits.read(GITS_CWRITER, 0, 8);
    for (const ItsCommand& command : commands) {
      for (unsigned n = 0; n < 4; ++n) memory.word(kQueue + at + 8 * n, command.words[n]);
      at = (at + 32) % 0x1000;
    }
    gits.write(GITS_CWRITER, at, 0, 8);
    return gits.read(GITS_CREADR, 0, 8) == at;
  }
  /// Device 8 with 8 event bits, its events 0 and 1 as LPIs 8200 (core 0) and 8201 (core 1).
  void map_two() {
    property(8200, 0x80);
    property(8201, 0x40);
    EXPECT_TRUE(
        run({ItsCommand::mapd(kDevice, kItt, 8), ItsCommand::mapc(0, 0), ItsCommand::mapc(1, 1),
             ItsCommand::mapti(kDevice, 0, 8200, 0), ItsCommand::mapti(kDevice, 1, 8201, 1), ItsCommand::sync(0)}));
  }
  void message(u32 device, u32 event, u8 size = 4) {
    EXPECT_TRUE(
        gic.its()
            .access(
                {.offset = GITS_TRANSLATER, .size = size, .write = true, .value = event, .stream = StreamId{device}})
            .ok);
  }
};

}  // namespace tw::gic::test
