#include "cost/interrupts.hpp"

#include <gtest/gtest.h>

namespace tw::cost {
namespace {

using enum InterruptStation;
constexpr InterruptKey kTimer{27, 0, false, Vmid{0}};
constexpr InterruptKey kVirtualTimer{27, 0, true, Vmid{1}};

TEST(InterruptLedger, FromWireToHandlerToDeactivation) {
  InterruptLedger ledger;
  ledger.at(kTimer, Asserted, 1000);
  ledger.at(kTimer, Signalled, 1010);
  ledger.at(kTimer, Acknowledged, 1100);
  ledger.at(kTimer, PriorityDrop, 1500);
  ledger.at(kTimer, Deactivated, 1600);
  const InterruptSummary& timer = ledger.interrupts().at(kTimer);
  EXPECT_EQ(timer.count, 1u);
  EXPECT_EQ(timer.asserted_to_signalled_ps.sum(), 10u);
  EXPECT_EQ(timer.asserted_to_ack_ps.sum(), 100u);
  EXPECT_EQ(timer.ack_to_drop_ps.sum(), 400u);
  EXPECT_EQ(timer.ack_to_deactivate_ps.sum(), 500u);
}

TEST(InterruptLedger, PhysicalAndVirtualAreApart) {
  InterruptLedger ledger;
  ledger.at(kTimer, Asserted, 0);
  ledger.at(kVirtualTimer, Asserted, 50);
  ledger.at(kVirtualTimer, Acknowledged, 60);
  ledger.at(kTimer, Acknowledged, 70);
  EXPECT_EQ(ledger.interrupts().at(kTimer).asserted_to_ack_ps.sum(), 70u);
  EXPECT_EQ(ledger.interrupts().at(kVirtualTimer).asserted_to_ack_ps.sum(), 10u);
}

TEST(InterruptLedger, ReassertedWhileActiveWaitsForTheNextAcknowledge) {
  InterruptLedger ledger;
  ledger.at(kTimer, Asserted, 0);
  ledger.at(kTimer, Acknowledged, 10);
  ledger.at(kTimer, Asserted, 20);
  ledger.at(kTimer, Asserted, 30);  // still pending: the first edge counts
  ledger.at(kTimer, Deactivated, 40);
  ledger.at(kTimer, Acknowledged, 45);
  const InterruptSummary& timer = ledger.interrupts().at(kTimer);
  EXPECT_EQ(timer.count, 2u);
  EXPECT_EQ(timer.asserted_to_ack_ps.max(), 25u);
  EXPECT_EQ(timer.ack_to_deactivate_ps.sum(), 30u);
}

TEST(InterruptLedger, AWithdrawnWireDoesNotStretchTheNextSpan) {
  InterruptLedger ledger;
  ledger.at(kTimer, Asserted, 0);
  ledger.at(kTimer, Withdrawn, 5);
  ledger.at(kTimer, Asserted, 1000);
  ledger.at(kTimer, Acknowledged, 1003);
  EXPECT_EQ(ledger.interrupts().at(kTimer).asserted_to_ack_ps.sum(), 3u);
  EXPECT_EQ(ledger.interrupts().at(kTimer).withdrawn, 1u);
}

TEST(InterruptLedger, StationsOutOfOrderNeverGoNegative) {
  InterruptLedger ledger;
  ledger.at(kTimer, Deactivated, 5);
  ledger.at(kTimer, PriorityDrop, 5);
  ledger.at(kTimer, Acknowledged, 7);
  ledger.at(kTimer, Asserted, 100);
  ledger.at(kTimer, Acknowledged, 90);  // another core's clock lags within the quantum
  const InterruptSummary& timer = ledger.interrupts().at(kTimer);
  EXPECT_EQ(timer.count, 2u);
  EXPECT_EQ(timer.skewed, 1u);
  EXPECT_EQ(timer.asserted_to_ack_ps.count(), 1u);
  EXPECT_EQ(timer.asserted_to_ack_ps.sum(), 0u);
  ledger.restart();
  EXPECT_TRUE(ledger.interrupts().empty());
}

}  // namespace
}  // namespace tw::cost
