// PL011 against DDI 0183: register addresses, reset values and rules are written here from the manual.
#include "devices/pl011.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tw::devices {
namespace {

struct Sink final : CharacterPort {
  void put(u8 character) override { text.push_back(static_cast<char>(character)); }
  std::string text;
};

struct Pl011Test : testing::Test {
  Sink sink;
  std::vector<bool> levels;
  Pl011 uart{sink, [this](bool level) { levels.push_back(level); }};
  int room = 0;

  u64 read(u64 offset, u8 size = 4, bool debug = false) {
    return uart.access({.offset = offset, .size = size, .debug = debug}).value;
  }
  void write(u64 offset, u64 value, u8 size = 4) {
    EXPECT_TRUE(uart.access({.offset = offset, .size = size, .write = true, .value = value}).ok);
  }
  bool level() const { return !levels.empty() && levels.back(); }
  void enable(bool fifo) {
    write(0x2C, fifo ? 0x70 : 0x60);
    write(0x30, 0x301);
  }
};

TEST_F(Pl011Test, ResetValuesAreTheManuals) {
  // Table 3-1.
  const struct {
    u64 offset, value;
  } expected[] = {{0x004, 0},    {0x018, 0x090}, {0x020, 0},    {0x024, 0},    {0x028, 0},
                  {0x02C, 0},    {0x030, 0x300}, {0x034, 0x12}, {0x038, 0},    {0x03C, 0},
                  {0x040, 0},    {0x048, 0},     {0xFE0, 0x11}, {0xFE4, 0x10}, {0xFE8, 0x14},
                  {0xFEC, 0x00}, {0xFF0, 0x0D},  {0xFF4, 0xF0}, {0xFF8, 0x05}, {0xFFC, 0xB1}};
  for (const auto& row : expected) EXPECT_EQ(read(row.offset), row.value) << std::hex << row.offset;
}

TEST_F(Pl011Test, WritableBitsAreTheManuals) {
  const struct {
    u64 offset, bits;
  } expected[] = {{0x020, 0xFF},   {0x024, 0xFFFF}, {0x028, 0x3F},  {0x02C, 0xFF},
                  {0x030, 0xFF87}, {0x034, 0x3F},   {0x038, 0x7FF}, {0x048, 0x7}};
  for (const auto& row : expected) {
    write(row.offset, 0xFFFF'FFFF);
    EXPECT_EQ(read(row.offset), row.bits) << std::hex << row.offset;
    write(row.offset, 0);
    EXPECT_EQ(read(row.offset), 0u) << std::hex << row.offset;
  }
  for (const u64 offset : {0x018, 0x03C, 0x040, 0x044, 0xFE0, 0xFF0}) {
    const u64 before = read(offset);
    write(offset, 0);
    EXPECT_EQ(read(offset), before) << "read-only " << std::hex << offset;
  }
}

TEST_F(Pl011Test, RowsAreSortedAndDisjoint) {
  u64 end = 0;
  for (const auto& row : Pl011::rows()) {
    EXPECT_GE(row.offset, end) << row.name;
    end = row.offset + row.bytes;
    EXPECT_TRUE(row.read || row.write) << row.name;
  }
  EXPECT_EQ(end, 0x1000u);
}

TEST_F(Pl011Test, TransmitsAtOnceEvenWithoutInitialisation) {
  for (const char c : std::string("hi!")) write(0x000, static_cast<u8>(c), 1);
  EXPECT_EQ(sink.text, "hi!");
  EXPECT_EQ(read(0x018) & 0xA8, 0x80u) << "TXFE, not TXFF, not BUSY";
}

TEST_F(Pl011Test, TransmitInterruptFollowsTheTransitionOnly) {
  write(0x038, 0x20);
  EXPECT_FALSE(level()) << "not set before any data was written";
  write(0x000, 'x');
  EXPECT_EQ(read(0x040), 0x20u);
  EXPECT_TRUE(level());
  write(0x044, 0x20);
  EXPECT_FALSE(level());
  EXPECT_EQ(read(0x03C) & 0x20, 0u);
}

TEST_F(Pl011Test, ReceivesOneCharacterWithFifosOff) {
  enable(false);
  write(0x038, 0x10);
  ASSERT_TRUE(uart.can_receive());
  uart.receive('a');
  EXPECT_FALSE(uart.can_receive());
  EXPECT_EQ(read(0x018) & 0x50, 0x40u) << "RXFF and not RXFE";
  EXPECT_TRUE(level());
  EXPECT_EQ(read(0x03C) & 0x50, 0x10u) << "no timeout without FIFO";
  EXPECT_EQ(read(0x000), u64{'a'});
  EXPECT_FALSE(level()) << "reading clears the receive interrupt";
  EXPECT_EQ(read(0x018) & 0x50, 0x10u);
}

TEST_F(Pl011Test, ReceiveInterruptAtEachTriggerLevel) {
  const unsigned levels_of_16[] = {2, 4, 8, 12, 14};
  for (unsigned select = 0; select < 5; ++select) {
    uart.reset();
    enable(true);
    write(0x034, select << 3);
    const unsigned trigger = levels_of_16[select];
    for (unsigned i = 1; i < trigger; ++i) uart.receive('x');
    EXPECT_EQ(read(0x03C) & 0x10, 0u) << select;
    uart.receive('x');
    EXPECT_EQ(read(0x03C) & 0x10, 0x10u) << select;
    static_cast<void>(read(0x000));
    EXPECT_EQ(read(0x03C) & 0x10, 0u) << "below the level again, " << select;
  }
}

TEST_F(Pl011Test, TimeoutTellsOfCharactersBelowTheTriggerLevel) {
  enable(true);
  write(0x038, 0x40);
  uart.receive('a');
  uart.receive('b');
  EXPECT_TRUE(level());
  write(0x044, 0x40);
  EXPECT_TRUE(level()) << "characters still wait";
  EXPECT_EQ(read(0x000), u64{'a'});
  EXPECT_TRUE(level());
  EXPECT_EQ(read(0x000), u64{'b'});
  EXPECT_FALSE(level()) << "the FIFO is empty";
}

TEST_F(Pl011Test, SeventeenthCharacterOverruns) {
  enable(true);
  for (unsigned i = 0; i < 16; ++i) {
    ASSERT_TRUE(uart.can_receive());
    uart.receive(static_cast<u8>('A' + i));
  }
  EXPECT_FALSE(uart.can_receive());
  EXPECT_EQ(read(0x03C) & 0x400, 0u);
  uart.receive('!');
  EXPECT_EQ(read(0x03C) & 0x400, 0x400u) << "OERIS";
  EXPECT_EQ(read(0x004), 0x8u) << "UARTRSR.OE";
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(read(0x000), 'A' + i) << "contents are kept";
  EXPECT_EQ(read(0x000), 0u);
  uart.receive('n');
  EXPECT_EQ(read(0x000), 0x800u | 'n') << "UARTDR.OE with the next character";
  write(0x004, 0xFF);
  EXPECT_EQ(read(0x004), 0u) << "any write to UARTECR clears";
  uart.receive('m');
  EXPECT_EQ(read(0x000), u64{'m'});
}

TEST_F(Pl011Test, ReceiverNeedsItsEnables) {
  for (const u64 control : {0x000, 0x001, 0x100, 0x200, 0x300, 0x101}) {
    write(0x030, control);
    EXPECT_FALSE(uart.can_receive()) << std::hex << control;
    uart.receive('x');
    EXPECT_EQ(read(0x018) & 0x10, 0x10u) << std::hex << control;
  }
  write(0x030, 0x201);
  EXPECT_TRUE(uart.can_receive());
}

TEST_F(Pl011Test, RoomIsAnnounced) {
  uart.on_room([this] { ++room; });
  enable(false);
  EXPECT_EQ(room, 1) << "enabled";
  uart.receive('a');
  static_cast<void>(read(0x000));
  EXPECT_EQ(room, 2) << "the holding register is free";
}

TEST_F(Pl011Test, LoopbackFeedsTheReceiverAndTheModemLines) {
  enable(true);
  write(0x030, 0x381);
  write(0x000, 'L');
  EXPECT_EQ(read(0x000), u64{'L'});
  EXPECT_FALSE(uart.can_receive()) << "the line is disconnected";
  uart.receive('x');
  EXPECT_EQ(read(0x018) & 0x10, 0x10u);
  EXPECT_EQ(read(0x018) & 0x107, 0u);
  write(0x030, 0x381 | 0x0800);  // RTS
  EXPECT_EQ(read(0x018) & 0x107, 0x001u) << "CTS";
  EXPECT_EQ(read(0x03C) & 0xF, 0x2u) << "CTSRMIS";
  write(0x030, 0x381 | 0x3C00);  // and DTR, Out1, Out2
  EXPECT_EQ(read(0x018) & 0x107, 0x107u);
  EXPECT_EQ(read(0x03C) & 0xF, 0xFu);
  write(0x044, 0xF);
  EXPECT_EQ(read(0x03C) & 0xF, 0u);
}

TEST_F(Pl011Test, MaskGatesTheOutput) {
  enable(true);
  uart.receive('a');
  EXPECT_FALSE(level());
  EXPECT_EQ(read(0x040), 0u);
  write(0x038, 0x40);
  EXPECT_TRUE(level());
  write(0x038, 0);
  EXPECT_FALSE(level());
  EXPECT_EQ(levels, (std::vector<bool>{true, false})) << "called on changes only";
}

TEST_F(Pl011Test, DebugAccessHasNoSideEffect) {
  enable(true);
  uart.receive('a');
  EXPECT_EQ(read(0x000, 4, true), u64{'a'});
  EXPECT_EQ(read(0x000, 4, true), u64{'a'});
  static_cast<void>(uart.access({.offset = 0, .size = 4, .write = true, .value = 'z', .debug = true}));
  EXPECT_EQ(sink.text, "");
  EXPECT_EQ(read(0x000), u64{'a'});
}

TEST_F(Pl011Test, OddSizesAndOffsets) {
  EXPECT_FALSE(uart.access({.offset = 0x18, .size = 8}).ok) << "no doublewords on APB";
  EXPECT_EQ(read(0x018, 1), 0x90u);
  EXPECT_EQ(read(0xFE0, 2), 0x11u);
  EXPECT_EQ(read(0x019, 1), 0u) << "upper lanes";
  EXPECT_EQ(read(0x00C), 0u) << "reserved";
  EXPECT_TRUE(uart.access({.offset = 0xFFFF'FFFF'FFFF'FFFC, .size = 4}).ok);
}

TEST_F(Pl011Test, RandomAccessesNeverCrashAndOutputIsMaskedStatus) {
  std::mt19937_64 random(11);
  uart.on_room([this] { ++room; });
  for (int i = 0; i < 200000; ++i) {
    const u8 size = static_cast<u8>(1u << (random() % 4));
    u64 offset = random() % 4 ? (random() % 0x20) * 4 : random();
    offset &= ~u64{size - 1u};
    static_cast<void>(uart.access(
        {.offset = offset, .size = size, .write = (random() & 1) != 0, .value = random(), .debug = random() % 8 == 0}));
    if (random() % 4 == 0) uart.receive(static_cast<u8>(random()));
    ASSERT_EQ(level(), read(0x040) != 0);
    ASSERT_EQ(read(0x040), read(0x03C) & read(0x038));
  }
}

}  // namespace
}  // namespace tw::devices
