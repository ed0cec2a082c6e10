// PL061 against DDI 0190.
#include "devices/pl061.hpp"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

namespace tw::devices {
namespace {

enum Register : u64 {
  kDir = 0x400,
  kIs = 0x404,
  kIbe = 0x408,
  kIev = 0x40C,
  kIe = 0x410,
  kRis = 0x414,
  kMis = 0x418,
  kIc = 0x41C,
  kAfsel = 0x420
};
constexpr u64 data(u64 mask) { return mask << 2; }

struct Pl061Test : testing::Test {
  bool level = false;
  std::vector<std::pair<unsigned, bool>> outputs;
  Pl061 gpio{[this](bool value) { level = value; },
             [this](unsigned pin, bool value) { outputs.emplace_back(pin, value); }};

  u64 read(u64 offset) { return gpio.access({.offset = offset, .size = 4}).value; }
  void write(u64 offset, u64 value) {
    EXPECT_TRUE(gpio.access({.offset = offset, .size = 4, .write = true, .value = value}).ok);
  }
};

TEST_F(Pl061Test, ResetValues) {
  for (const u64 offset :
       {data(0xFF), u64{kDir}, u64{kIs}, u64{kIbe}, u64{kIev}, u64{kIe}, u64{kRis}, u64{kMis}, u64{kIc}, u64{kAfsel}}) {
    EXPECT_EQ(read(offset), 0u) << offset;
  }
  const u64 identification[] = {0x61, 0x10, 0x04, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
  for (u64 i = 0; i < 8; ++i) EXPECT_EQ(read(0xFE0 + 4 * i), identification[i]);
}

TEST_F(Pl061Test, RowsAreSortedAndDisjoint) {
  u64 end = 0;
  for (const auto& row : Pl061::rows()) {
    EXPECT_GE(row.offset, end) << row.name;
    end = row.offset + row.bytes;
  }
  EXPECT_EQ(end, 0x1000u);
}

TEST_F(Pl061Test, TheAddressMasksData) {
  write(kDir, 0x0F);
  write(data(0xFF), 0xFF);
  EXPECT_EQ(read(data(0xFF)), 0x0Fu) << "inputs do not take what is written";
  write(data(0x05), 0x00);
  EXPECT_EQ(read(data(0xFF)), 0x0Au);
  EXPECT_EQ(read(data(0x03)), 0x02u);
  gpio.set_input(7, true);
  EXPECT_EQ(read(data(0xFF)), 0x8Au);
  gpio.set_input(1, false);
  EXPECT_EQ(read(data(0xFF)), 0x8Au) << "an output shows what is driven";
}

TEST_F(Pl061Test, OutputsAreTold) {
  write(kDir, 0x03);
  write(data(0xFF), 0x02);
  write(data(0xFF), 0x03);
  write(kDir, 0x01);
  const std::vector<std::pair<unsigned, bool>> expected = {{1, true}, {0, true}, {1, false}};
  EXPECT_EQ(outputs, expected);
}

TEST_F(Pl061Test, RisingAndFallingEdges) {
  write(kIe, 0x08);
  write(kIev, 0x08);
  gpio.set_input(3, true);
  EXPECT_TRUE(level);
  EXPECT_EQ(read(kRis), 0x08u);
  write(kIc, 0x08);
  EXPECT_FALSE(level);
  gpio.set_input(3, false);
  EXPECT_FALSE(level) << "a falling edge is not asked for";
  write(kIev, 0);
  gpio.set_input(3, true);
  EXPECT_FALSE(level);
  gpio.set_input(3, false);
  EXPECT_TRUE(level);
}

TEST_F(Pl061Test, BothEdgesAsTheLinuxDriverOfTheKeyUses) {
  write(kIbe, 0x08);
  write(kIe, 0x08);
  gpio.set_input(3, true);
  EXPECT_TRUE(level);
  write(kIc, 0x08);
  gpio.set_input(3, false);
  EXPECT_TRUE(level);
}

TEST_F(Pl061Test, ALevelCannotBeCleared) {
  write(kIs, 0x01);
  write(kIev, 0x01);
  write(kIe, 0x01);
  EXPECT_FALSE(level);
  gpio.set_input(0, true);
  EXPECT_TRUE(level);
  write(kIc, 0x01);
  EXPECT_TRUE(level);
  gpio.set_input(0, false);
  EXPECT_FALSE(level) << "nor is it remembered";
}

TEST_F(Pl061Test, MaskedStaysRaw) {
  write(kIbe, 0xFF);
  gpio.set_input(5, true);
  EXPECT_FALSE(level);
  EXPECT_EQ(read(kRis), 0x20u);
  EXPECT_EQ(read(kMis), 0u);
  write(kIe, 0x20);
  EXPECT_TRUE(level);
  EXPECT_EQ(read(kMis), 0x20u);
}

TEST_F(Pl061Test, GarbageNeverThrows) {
  std::mt19937 random(1);
  for (int n = 0; n < 20000; ++n) {
    gpio.access({.offset = random() % 0x1000,
                 .size = static_cast<u8>(1u << random() % 4),
                 .write = random() % 2 != 0,
                 .value = random(),
                 .debug = random() % 8 == 0});
    gpio.set_input(static_cast<unsigned>(random() % 10), random() % 2 != 0);
    EXPECT_EQ(level, read(kMis) != 0);
  }
  gpio.reset();
  EXPECT_FALSE(level);
}

}  // namespace
}  // namespace tw::devices
