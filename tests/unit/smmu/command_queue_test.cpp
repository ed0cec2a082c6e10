// The command queue in time: doorbell, order, wrap, errors and their end, CMD_SYNC (IHI 0070, 4.1, 4.7.3, 7.1).
#include <gtest/gtest.h>

#include "unit/smmu/programming.hpp"

namespace tw::smmu {
namespace {

using test::Programming;
using test::Words;

constexpr Words kSync = {0x46, 0};
constexpr Words kNhAll = {0x10, 0};
constexpr Words kReserved = {0x00, 0};
constexpr Words kAtcInvalidate = {u64{0x155} << 32 | 0x40, 52};
constexpr u64 kCommandError = 1;

TEST(SmmuCommandQueue, NothingRunsWhileItIsDisabled) {
  Programming p;
  p.put(kNhAll);
  p.ring();
  p.run();
  EXPECT_TRUE(p.maintenance.translations.empty());
  p.enable();
  p.run();
  EXPECT_EQ(p.maintenance.translations.size(), 1u);
  EXPECT_EQ(p.consumed(), 1u);
}

TEST(SmmuCommandQueue, TakesItsTime) {
  Config config;
  config.command_fetch = 10;
  config.command_issue = 3;
  config.sync = 20;
  Programming p{config};
  p.memory.words.latency = 50;
  p.maintenance.cycles = 7;
  p.maintenance.settling = 5;
  p.enable();
  p.signals.time = 1000;
  p.put(kNhAll);
  p.put(kSync);
  p.ring();
  // Doorbell, fetch of both, issue, invalidation; issue, what is under way, the rest of CMD_SYNC.
  const u64 first = 1000 + 10 + 50 + 3 + 7;
  const u64 second = first + 3 + 5 + 20;
  p.horizon = first;
  p.run();
  p.signals.time = first - 1;
  EXPECT_EQ(p.consumed(), 0u);
  p.signals.time = first;
  EXPECT_EQ(p.consumed(), 1u);
  p.signals.time = second - 1;
  EXPECT_EQ(p.consumed(), 1u);
  p.signals.time = second;
  EXPECT_EQ(p.consumed(), 2u);
  EXPECT_EQ(p.statistics.commands[0x10].count, 1u);
  EXPECT_EQ(p.statistics.commands[0x10].cycles, first - 1010);
  EXPECT_EQ(p.statistics.commands[0x46].cycles, second - first);
  EXPECT_EQ(p.statistics.syncs_waited, 5u);
}

TEST(SmmuCommandQueue, WrapsInOrder) {
  Programming p;
  p.enable();
  for (unsigned n = 0; n < 21; ++n) {
    p.put({u64{n} << 48 | 0x11, 0});
    if (n % 5 == 4) {
      p.ring();
      p.run();
    }
  }
  p.ring();
  p.run();
  ASSERT_EQ(p.maintenance.translations.size(), 21u);
  for (unsigned n = 0; n < 21; ++n) EXPECT_EQ(p.maintenance.translations[n].asid.value, n);
  EXPECT_EQ(p.consumed(), 21u % 16);
}

TEST(SmmuCommandQueue, OfOneEntryHasAWrapBitAlone) {
  Programming p;
  p.write64(0x90, Programming::kCommands);
  p.enable();
  p.memory.set_words(Programming::kCommands, kNhAll);
  for (u32 n = 1; n <= 4; ++n) {
    p.write(0x98, n & 1);
    p.run();
    EXPECT_EQ(p.consumed(), n & 1);
    EXPECT_EQ(p.maintenance.translations.size(), n);
  }
}

TEST(SmmuCommandQueue, FullIsNotEmpty) {
  Programming p;
  p.enable();
  for (unsigned n = 0; n < 8; ++n) p.put(kNhAll);
  p.ring();
  p.run();
  EXPECT_EQ(p.maintenance.translations.size(), 8u);
  EXPECT_EQ(p.consumed(), 8u);
  EXPECT_EQ(p.signals.events, 1u);  // who waited for room
}

TEST(SmmuCommandQueue, ConsumesNothingWhileIndicesAreInconsistent) {
  Programming p;
  p.enable();
  p.write(0x98, 0x9);  // WR > RD with another wrap bit
  p.run();
  EXPECT_EQ(p.consumed(), 0u);
  EXPECT_TRUE(p.maintenance.translations.empty());
}

TEST(SmmuCommandQueue, AnErrorStopsItUntilItIsAcknowledged) {
  Programming p;
  p.write(0x50, 1);
  p.enable();
  p.put(kNhAll);
  p.put(kReserved);
  p.put(kNhAll);
  p.ring();
  p.run();
  EXPECT_EQ(p.consumed(), 1u);
  EXPECT_EQ(p.error(), 1u);
  EXPECT_EQ(p.read(0x60), kCommandError);
  ASSERT_EQ(p.signals.pulses.size(), 1u);
  EXPECT_EQ(p.signals.pulses[0].first, Wire::GlobalError);
  EXPECT_EQ(p.maintenance.translations.size(), 1u);
  p.ring();  // a doorbell does not help
  p.run();
  EXPECT_EQ(p.consumed(), 1u);
  // What has been mended is read anew.
  p.memory.set_words(Programming::kCommands + 16, kSync);
  p.write(0x64, kCommandError);
  p.run();
  EXPECT_EQ(p.consumed(), 3u);
  EXPECT_EQ(p.maintenance.translations.size(), 2u);
  // The next error toggles the bit back.
  p.submit(kReserved);
  EXPECT_EQ(p.read(0x60), 0u);
  EXPECT_EQ(p.read(0x64), kCommandError);
  EXPECT_EQ(p.statistics.commands_illegal, 2u);
}

TEST(SmmuCommandQueue, AnAbortIsThatOfTheCommandAtCons) {
  Programming p;
  p.memory.words.aborts.insert(Programming::kCommands + 16);
  p.enable();
  p.put(kNhAll);
  p.put(kNhAll);
  p.ring();
  p.run();
  EXPECT_EQ(p.consumed(), 1u);
  EXPECT_EQ(p.error(), 2u);
  EXPECT_EQ(p.read(0x60), kCommandError);
  EXPECT_EQ(p.maintenance.translations.size(), 1u);
  p.memory.words.aborts.clear();
  p.write(0x64, kCommandError);
  p.run();
  EXPECT_EQ(p.consumed(), 2u);
}

TEST(SmmuCommandQueue, DisablingIsAcknowledgedWhenTheCommandIsDone) {
  Programming p;
  p.maintenance.cycles = 100;
  p.enable();
  p.put(kNhAll);
  p.put(kNhAll);
  p.ring();
  p.signals.time = p.config.command_fetch + p.memory.words.latency + p.config.command_issue;
  p.registers.work(p.signals.time);
  ASSERT_EQ(p.maintenance.translations.size(), 1u);
  p.write(0x20, 0);
  EXPECT_EQ(p.read(0x20), 0u);
  EXPECT_EQ(p.read(0x24), 8u);
  p.run();
  EXPECT_EQ(p.read(0x24), 0u);
  EXPECT_EQ(p.consumed(), 1u);
  EXPECT_EQ(p.maintenance.translations.size(), 1u);
}

TEST(SmmuSync, SignalsNothingUnlessItIsTold) {
  Programming p;
  p.enable();
  p.submit({0x46, 0x1000});
  EXPECT_TRUE(p.signals.pulses.empty());
  EXPECT_TRUE(p.memory.writes.empty());
}

TEST(SmmuSync, Interrupts) {
  Programming p;
  p.enable();
  p.submit({0x46 | 1u << 12, 0});
  ASSERT_EQ(p.signals.pulses.size(), 1u);
  EXPECT_EQ(p.signals.pulses[0].first, Wire::CommandSync);
  EXPECT_TRUE(p.memory.writes.empty());
  // With an address a message goes out too: 32 bits.
  p.memory.set_word(0x5000, ~u64{0});
  p.submit({u64{0x12345678} << 32 | 0x46 | 1u << 12, 0x5004});
  EXPECT_EQ(p.memory.word(0x5000), 0x12345678'FFFFFFFF);
  EXPECT_EQ(p.memory.writes.back().bytes, 4u);
  EXPECT_EQ(p.signals.pulses.size(), 2u);
}

/// 4.8: what one CMD_SYNC has sent is there when the next is done; commands between them do not wait for it.
TEST(SmmuSync, WaitsForTheMessageOfTheOneBefore) {
  Config config;
  config.command_fetch = 10;
  config.command_issue = 3;
  config.sync = 20;
  Programming p{config};
  p.memory.words.latency = 50;
  p.maintenance.cycles = 7;
  p.enable();
  p.signals.time = 1000;
  p.put({0x46 | 1u << 12, 0x5004});
  p.put(kNhAll);
  p.put(kSync);
  p.ring();
  p.run();
  const u64 sent = 1000 + 10 + 50 + 3 + 20;
  EXPECT_EQ(p.statistics.commands[0x10].cycles, 3u + 7u);
  EXPECT_EQ(p.statistics.syncs_waited, 50u - (3 + 7 + 3));
  EXPECT_EQ(p.signals.time, sent + 50 + 20);
  EXPECT_EQ(p.consumed(), 3u);
}

TEST(SmmuSync, SendsAnEvent) {
  Programming p;
  p.enable();
  p.submit({0x46 | 2u << 12, 0});
  EXPECT_EQ(p.signals.events, 1u);
  EXPECT_TRUE(p.signals.pulses.empty());
  Config config;
  config.sev = false;
  Programming without{config};
  without.enable();
  without.submit({0x46 | 2u << 12, 0});
  EXPECT_EQ(without.signals.events, 0u);
  EXPECT_EQ(without.consumed(), 1u);
}

TEST(SmmuSync, AnAbortedMessageIsAGlobalError) {
  Programming p;
  p.memory.words.aborts.insert(0x5000);
  p.enable();
  p.submit({0x46 | 1u << 12, 0x5000});
  EXPECT_EQ(p.read(0x60), 1u << 4);
  EXPECT_EQ(p.consumed(), 1u);
}

TEST(SmmuSync, WaitsForEndpoints) {
  Programming p;
  p.enable();
  p.put(kAtcInvalidate);
  p.put(kAtcInvalidate);
  p.put(kSync);
  p.ring();
  p.horizon = p.config.atc_timeout;
  p.run();
  EXPECT_EQ(p.consumed(), 2u);
  ASSERT_EQ(p.endpoints.invalidations.size(), 2u);
  auto& commands = p.interface().commands;
  commands.atc_invalidated(p.endpoints.invalidations[1].tag, 5000);
  p.signals.time = 6000;
  EXPECT_EQ(p.consumed(), 2u);
  commands.atc_invalidated(p.endpoints.invalidations[0].tag, 7000);
  p.signals.time = 7000 + p.config.sync - 1;
  EXPECT_EQ(p.consumed(), 2u);
  p.signals.time = 7000 + p.config.sync;
  EXPECT_EQ(p.consumed(), 3u);
  EXPECT_EQ(p.read(0x60), 0u);
}

TEST(SmmuSync, ATimeoutFailsItAndTheNextTryPasses) {
  Programming p;
  p.enable();
  p.put(kAtcInvalidate);
  p.put(kSync);
  p.ring();
  p.run();
  EXPECT_EQ(p.consumed(), 1u);
  EXPECT_EQ(p.error(), 3u);
  EXPECT_EQ(p.read(0x60), kCommandError);
  p.write(0x64, kCommandError);
  p.run();
  EXPECT_EQ(p.consumed(), 2u);
}

TEST(SmmuSync, DoesNotWaitForAnEndpointThatIsNotThere) {
  Programming p;
  p.endpoints.present = false;
  p.enable();
  p.put(kAtcInvalidate);
  p.put(kSync);
  p.ring();
  p.run();
  EXPECT_EQ(p.consumed(), 2u);
  EXPECT_LT(p.signals.time, p.config.atc_timeout);
}

}  // namespace
}  // namespace tw::smmu
