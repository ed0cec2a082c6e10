// What is filed comes out again: the sum over parts is the latency; and what CMD_SYNC waits for.
#include <gtest/gtest.h>

#include "smmu/accounts.hpp"
#include "smmu/under_way.hpp"

namespace tw::smmu {
namespace {

constexpr LedgerKey kGuest{.from = {StreamId{1}}, .guest = true, .vmid = Vmid{5}};
constexpr LedgerKey kHost{.from = {StreamId{2}}};

TEST(SmmuAccounts, PromptHitsAreFoldedIn) {
  Accounts accounts(3);
  Account& account = accounts.of(kGuest);
  for (int i = 0; i < 4; ++i) account.file_prompt(HitLevel::Tbu, false);
  account.file_prompt(HitLevel::Bypass, true);
  Trip trip(100);
  trip.spend(Part::Tbu, 3);
  trip.wait_until(Part::Port, 110);
  trip.wait_until(Part::Slot, 50);  // long past
  trip.fetches_stage2 = 2;
  Accounts::file(trip, HitLevel::Walk, true, account);
  const StreamSummary summary = accounts.summaries().at(kGuest);
  EXPECT_EQ(summary.translations, (std::array<u64, kHitLevelCount>{1, 4, 0, 1, 0}));
  EXPECT_EQ(summary.reads, 4u);
  EXPECT_EQ(summary.writes, 2u);
  EXPECT_EQ(summary.fetches_stage2, 2u);
  EXPECT_EQ(summary.cycles[static_cast<unsigned>(Part::Tbu)], 18u);
  EXPECT_EQ(summary.cycles[static_cast<unsigned>(Part::Port)], 7u);
  EXPECT_EQ(summary.latency.sum(), 25u);
  EXPECT_EQ(summary.latency.count(), 6u);
  EXPECT_EQ(trip.at, 110u);
}

TEST(SmmuAccounts, ClearedAccountsAreStillWhereTheyWere) {
  Accounts accounts(1);
  Account& account = accounts.of(kGuest);
  account.file_prompt(HitLevel::Tbu, false);
  accounts.clear();
  EXPECT_TRUE(accounts.summaries().empty());
  EXPECT_EQ(&accounts.of(kGuest), &account);
  account.file_prompt(HitLevel::Tbu, false);
  EXPECT_EQ(accounts.summaries().at(kGuest).latency.count(), 1u);
}

TEST(SmmuAccounts, AreNotWithoutEnd) {
  Accounts accounts(1);
  const auto of = [&](u32 substream) -> Account& { return accounts.of({.from = {StreamId{1}, substream, true}}); };
  for (u32 substream = 0; substream < Accounts::kMost + 10; ++substream)
    of(substream).file_prompt(HitLevel::Tbu, false);
  EXPECT_EQ(accounts.summaries().size(), Accounts::kMost + 1);
  EXPECT_EQ(accounts.summaries().at({.from = {StreamId{1}}}).latency.count(), 10u);
  EXPECT_EQ(&of(7), &of(7));
}

TEST(SmmuBringers, CountWhoPushedOutWhose) {
  Accounts accounts(1);
  const Account &guest = accounts.of(kGuest), &host = accounts.of(kHost);
  Bringers bringers(2);
  bringers.brought(0, guest, false);
  bringers.brought(1, guest, false);
  bringers.brought(0, host, true);
  bringers.brought(1, host, true);
  bringers.brought(0, guest, true);
  bringers.brought(1, guest, false);  // after an invalidation
  StreamEvictions sum;
  bringers.add_to(sum);
  EXPECT_EQ(sum, (StreamEvictions{{{kGuest, kHost}, 2}, {{kHost, kGuest}, 1}}));
}

TEST(SmmuUnderWay, ThoseThatBeganBeforeAreWaitedFor) {
  UnderWay under_way;
  under_way.add(10, 50);
  under_way.add(30, 80);
  EXPECT_EQ(under_way.end_of_those_before(10), 10u);  // none had begun
  EXPECT_EQ(under_way.end_of_those_before(11), 50u);
  EXPECT_EQ(under_way.end_of_those_before(30), 50u);
  EXPECT_EQ(under_way.end_of_those_before(31), 80u);
  EXPECT_EQ(under_way.end_of_those_before(80), 80u);
}

TEST(SmmuUnderWay, TheLatestEndIsNeverForgotten) {
  UnderWay under_way;
  under_way.add(1, 1'000'000);
  for (u64 i = 0; i < 10'000; ++i) under_way.add(i, i + 100);
  EXPECT_EQ(under_way.end_of_those_before(5), 1'000'000u);
}

}  // namespace
}  // namespace tw::smmu
