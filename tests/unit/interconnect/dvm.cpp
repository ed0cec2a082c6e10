#include "interconnect/dvm.hpp"

#include <gtest/gtest.h>

namespace tw::interconnect {
namespace {

Config config() {
  Config config;
  config.dvm_request = 20;
  config.dvm_occupancy = 3;
  config.dvm_snoop = 15;
  config.dvm_processing = 8;
  config.dvm_response = 25;
  return config;
}
constexpr u64 kMessage = 20 + 3 + 15 + 8 + 25;

TEST(Dvm, ABroadcastIsCompleteWhenTheLastCoreHasAnswered) {
  for (const unsigned cores : {2u, 4u, 8u}) {
    Dvm dvm(config(), cores);
    EXPECT_EQ(dvm.broadcast(1, 1000), 1000 + kMessage) << "cores are told in parallel";
  }
}

TEST(Dvm, ACoreAloneHasNobodyToTell) {
  Dvm dvm(config(), 1);
  EXPECT_EQ(dvm.broadcast(0, 1000), 1000u);
  EXPECT_EQ(dvm.sync(0, 1000), 1000u);
}

TEST(Dvm, ManyAtOnceGoAtThePaceOfTheSlowestStage) {
  Dvm slow_cores(config(), 4);
  for (u64 n = 0; n < 10; ++n) EXPECT_EQ(slow_cores.broadcast(0, 0), kMessage + n * 8);
  Config slow = config();
  slow.dvm_occupancy = 30;
  Dvm slow_node(slow, 4);
  for (u64 n = 0; n < 10; ++n) EXPECT_EQ(slow_node.broadcast(0, 0), kMessage + 27 + n * 30);
}

TEST(Dvm, TwoCoresQueueAtTheNodeAndAtTheThird) {
  Dvm dvm(config(), 3);
  EXPECT_EQ(dvm.broadcast(0, 100), 100 + kMessage);
  EXPECT_EQ(dvm.broadcast(1, 100), 100 + kMessage + 8);
  Dvm two(config(), 2);
  EXPECT_EQ(two.broadcast(0, 100), 100 + kMessage);
  EXPECT_EQ(two.broadcast(1, 100), 100 + kMessage + 3) << "each told another core: they meet at the node alone";
}

TEST(Dvm, ADsbAddsASyncMessageBehindTheBroadcasts) {
  Dvm dvm(config(), 2);
  dvm.broadcast(0, 0);
  EXPECT_EQ(dvm.sync(0, 0), kMessage + 8);
  EXPECT_EQ(dvm.sync(0, 500), 500u) << "nothing to wait for since";
  dvm.broadcast(0, 1000);
  EXPECT_EQ(dvm.sync(0, 5000), 5000 + kMessage) << "long complete: the message alone";
  EXPECT_EQ(dvm.statistics().broadcasts, 2u);
  EXPECT_EQ(dvm.statistics().syncs, 2u);
  EXPECT_EQ(dvm.statistics().sync_cycles, 2 * kMessage + 8);
}

TEST(Dvm, ADsbWaitsForItsOwnCoreOnly) {
  Dvm dvm(config(), 4);
  dvm.broadcast(0, 0);
  EXPECT_EQ(dvm.sync(1, 0), 0u);
}

TEST(Dvm, ACoreThatIsBehindDoesNotWaitForOneThatIsAhead) {
  Dvm dvm(config(), 3);
  dvm.broadcast(0, 20'000);
  EXPECT_EQ(dvm.broadcast(1, 100), 100 + kMessage);
}

TEST(Dvm, ByDefaultItIsFree) {
  Dvm dvm(Config{}, 4);
  EXPECT_EQ(dvm.broadcast(0, 77), 77u);
  EXPECT_EQ(dvm.sync(0, 78), 78u);
}

}  // namespace
}  // namespace tw::interconnect
