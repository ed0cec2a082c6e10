// The register rows, and what any access at all may do: nothing bad.
#include <random>
#include <set>

#include "gic/v2/cpu_interface.hpp"
#include "gic/v2/distributor.hpp"
#include "gic/v2/virtual_interface.hpp"
#include "unit/gic/bench.hpp"

namespace tw::gic::test {
namespace {

template <class Core>
void check_rows(std::span<const RegisterRow<Core>> rows, u32 frame, const std::set<std::string>& bytes_allowed) {
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
    EXPECT_EQ(row.sizes, bytes_allowed.contains(row.name) ? 5 : 4);
    EXPECT_TRUE(row.read || row.write);
    EXPECT_TRUE(names.insert(row.name).second);
  }
}

TEST(Rows, AreSortedDisjointAndSized) {
  check_rows(v2::Distributor::registers(), 0x1000,
             {"GICD_IPRIORITYRn", "GICD_ITARGETSR0-7", "GICD_ITARGETSRn", "GICD_CPENDSGIRn", "GICD_SPENDSGIRn"});
  check_rows(v2::CpuInterface::registers(), 0x2000, {});
  check_rows(v2::VirtualInterface::hypervisor_registers(), 0x1000, {});
  check_rows(v2::VirtualInterface::virtual_cpu_registers(), 0x2000, {});
}

struct Access : Bench {};

TEST_F(Access, UnsupportedSizesAndReservedOffsetsReadAsZeroAndIgnoreWrites) {
  enable();
  gicd.write(GICD_IPRIORITYR + 32, 0x80808080);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 32, 0, 2), 0u);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 32, 0, 8), 0u);
  EXPECT_EQ(gicd.read(GICD_CTLR, 0, 1), 0u);
  gicd.write(GICD_CTLR, 0, 0, 1);
  EXPECT_EQ(gicd.read(GICD_CTLR), 3u);
  EXPECT_EQ(gicd.read(GICD_TYPER + 1, 0, 4), 0u);
  EXPECT_EQ(gicd.read(0x00C), 0u);
  EXPECT_EQ(gicd.read(0x7FC), 0u);
  EXPECT_EQ(gicc.read(0x1004), 0u);
  EXPECT_EQ(gicd.read(GICD_TYPER, 2), 0u) << "no such CPU";
  EXPECT_EQ(gicd.read(GICD_TYPER, 255), 0u);
}

/// Any access to any offset, of any size and value, by any CPU, in both security states, with the wires wiggling.
void storm(const Config& config, u64 seed, unsigned rounds) {
  Wires wires;
  Log log;
  GicV2 gic(config, wires, &log);
  std::mt19937_64 random(seed);
  MmioTarget* frames[] = {&gic.distributor(), &gic.cpu_interface(), &gic.hypervisor_interface(),
                          &gic.virtual_cpu_interface()};
  const u32 sizes[] = {0x1000, 0x2000, 0x1000, 0x2000};
  for (unsigned round = 0; round < rounds; ++round) {
    const u64 dice = random();
    if (dice % 16 == 0) {
      gic.set_spi(static_cast<u32>(random() % 1100), random() & 1);
      gic.set_ppi(static_cast<unsigned>(random() % 10), static_cast<u32>(random() % 40), random() & 1);
      continue;
    }
    const unsigned frame = static_cast<unsigned>(dice >> 8) % 4;
    MmioAccess access;
    // Half of the accesses go to the low registers, where things happen.
    access.offset = random() % ((dice >> 16) & 1 ? sizes[frame] : 0x140u);
    access.size = static_cast<u8>(dice >> 20 & 3 ? 4 : 1u << (dice >> 24 & 3));
    if ((dice >> 28) & 7) access.offset &= ~u64{3};
    access.write = (dice >> 32) & 1;
    access.value = random() & ((dice >> 34) & 1 ? 0xFFFFFFFFu : 0x3FFu);
    access.cpu = static_cast<u8>((dice >> 36) % (config.cpus + 1));
    access.security = (dice >> 40) & 1 ? Security::Secure : Security::NonSecure;
    access.debug = (dice >> 41) % 8 == 0;
    const unsigned changes = wires.changes;
    const MmioResult result = frames[frame]->access(access);
    ASSERT_TRUE(result.ok);
    ASSERT_LE(result.value, access.size == 1 ? 0xFFu : 0xFFFFFFFFu);
    if (access.debug) {
      ASSERT_EQ(wires.changes, changes);
      ASSERT_EQ(frames[frame]->access(access).value, result.value) << "debug has no side effect";
    }
    for (unsigned cpu = 0; cpu < config.cpus; ++cpu) {
      ASSERT_FALSE(wires.level[cpu][0] && wires.level[cpu][1]) << "IRQ and FIQ of one interrupt";
      ASSERT_FALSE(wires.level[cpu][2] && wires.level[cpu][3]);
    }
  }
  gic.reset();
  for (const auto& outputs : wires.level) EXPECT_THAT(outputs, testing::Each(false));
}

TEST(Storm, NoAccessDoesHarm) {
  constexpr u64 kSeed = 20261121;
  RecordProperty("seed", std::to_string(kSeed));
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  u64 seed = kSeed;
  for (const u64 cpus : {1, 2, 8}) {
    for (const u64 spis : {0, 1, 256, 988}) {
      for (const u64 priority_bits : {5, 8}) {
        for (const bool security : {false, true}) {
          Config config;
          config.cpus = cpus;
          config.spis = spis;
          config.priority_bits = priority_bits;
          config.security_extensions = security;
          config.list_registers = cpus == 1 ? 64 : cpus == 2 ? 4 : 1;
          SCOPED_TRACE(testing::Message() << "seed " << seed);
          storm(config, seed++, 5000);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tw::gic::test
