// The register rows of GICv3, and what any access at all may do: nothing bad.
#include <random>
#include <set>

#include "gic/v3/distributor.hpp"
#include "gic/v3/its.hpp"
#include "gic/v3/redistributor.hpp"
#include "unit/gic/v3_bench.hpp"

namespace tw::gic::test {
namespace {

template <class Core>
void check_rows(std::span<const RegisterRow<Core>> rows, u32 frame) {
  std::set<std::string> names;
  u32 end = 0;
  for (const RegisterRow<Core>& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_GE(row.offset, end) << "sorted and disjoint";
    EXPECT_GT(row.bytes, 0u);
    end = row.offset + row.bytes;
    EXPECT_LE(end, frame);
    EXPECT_EQ(row.offset % 4, 0u);
    EXPECT_EQ(row.bytes % 4, 0u);
    EXPECT_TRUE(row.sizes & 4) << "every register by words";
    if (row.sizes & 8) {
      EXPECT_EQ(row.offset % 8, 0u);
    }
    EXPECT_TRUE(row.read || row.write);
    EXPECT_TRUE(names.insert(row.name).second);
  }
}

TEST(RowsV3, AreSortedAndDisjoint) {
  check_rows(v3::Distributor::registers(), GicV3::kDistributorBytes);
  check_rows(v3::Redistributor::registers(), GicV3::kRedistributorBytes);
  check_rows(v3::Its::registers(), GicV3::kItsBytes);
}

/// Any access to any offset or register, of any size and value, by any CPU, with the wires wiggling.
void storm(const Config& config, u64 seed, unsigned rounds) {
  Wires wires;
  Log log;
  GicV3 gic(config, wires, &log);
  std::mt19937_64 random(seed);
  constexpr u8 kSizes[] = {1, 2, 4, 8, 4, 3};
  for (unsigned round = 0; round < rounds; ++round) {
    const u64 dice = random();
    const unsigned cpu = static_cast<unsigned>(random() % 9);
    const u64 value = random() >> random() % 64;
    if (dice % 8 == 0) {
      gic.set_spi(static_cast<u32>(random() % 1100), random() & 1);
      gic.set_ppi(cpu, static_cast<u32>(random() % 40), random() & 1);
    } else if (dice % 8 < 4) {
      MmioTarget& frame = dice & 8 ? gic.distributor() : gic.redistributors();
      const u64 span = dice & 8 ? GicV3::kDistributorBytes : GicV3::kRedistributorBytes * 9;
      const u64 offset = dice & 16 ? random() % span : random() % 0x1000 + (random() % 18) * 0x10000;
      EXPECT_TRUE(frame
                      .access({.offset = offset,
                               .size = kSizes[random() % 6],
                               .write = (dice & 32) != 0,
                               .value = value,
                               .cpu = static_cast<u8>(cpu)})
                      .ok);
    } else {
      const auto reg = static_cast<arm::GicRegister>(random() % (static_cast<unsigned>(IchLr15) + 1));
      const arm::GicAccess how{.guest = (dice & 64) != 0};
      if (dice & 32) {
        gic.write(cpu, reg, value, how);
      } else {
        gic.read(cpu, reg, how);
      }
    }
    if (round % 4096 == 0) log.take();
  }
}

TEST(StormV3, HarmsNothing) {
  for (const u64 cpus : {1, 2, 8}) {
    Config config;
    config.cpus = cpus;
    config.spis = cpus == 8 ? 988 : 100;
    config.list_registers = cpus == 2 ? 16 : 4;
    config.priority_bits = cpus == 1 ? 8 : 5;
    SCOPED_TRACE("seed 20261122, cpus " + std::to_string(cpus));
    storm(config, 20261122, 20000);
  }
}

}  // namespace
}  // namespace tw::gic::test
