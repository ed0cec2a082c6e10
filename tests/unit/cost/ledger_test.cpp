// Trap spans of the ledger: who owns a cycle when exceptions nest and guests are switched.
#include "cost/ledger.hpp"

#include <gtest/gtest.h>

namespace tw::cost {
namespace {

constexpr Context kHyp{El::El2, false, Vmid{0}};
constexpr Context kHostUser{El::El0, false, Vmid{0}};
constexpr Context kHostKernel{El::El1, false, Vmid{0}};
constexpr Context user(u16 vmid) { return {El::El0, true, Vmid{vmid}}; }
constexpr Context kernel(u16 vmid) { return {El::El1, true, Vmid{vmid}}; }

constexpr TrapKey key(Context from, El to, std::string_view control) { return {from, to, 0x16, {control, ""}}; }

struct Core {
  CoreLedger ledger{0};
  Context now{};
  explicit Core(Context start) : now(start) { ledger.set_context(start); }
  void run(u64 cycles, Cause cause = Cause::Integer) {
    ledger.charge(cause, cycles);
    ledger.retire(cycles);
  }
  void trap(std::string_view why, El to, u64 entry = 70) {
    const Context target = to >= El::El2 ? Context{to, false, Vmid{0}} : Context{to, now.guest, now.vmid};
    ledger.exception_taken(key(now, to, why), target);
    now = target;
    ledger.charge(Cause::ExceptionEntry, entry);
  }
  void eret(Context to, u64 cycles = 65) {
    ledger.charge(Cause::ExceptionReturn, cycles);
    ledger.exception_returned(now, to);
    now = to;
  }
  TrapSummary trap_of(Context from, El to, std::string_view why) const {
    const auto traps = ledger.traps_so_far();
    const auto found = traps.find(key(from, to, why));
    return found == traps.end() ? TrapSummary{} : found->second;
  }
};

u64 of(const ByCause& cycles, Cause cause) { return cycles[static_cast<unsigned>(cause)]; }

TEST(Ledger, AHypercallIsEntryPlusInstructionsPlusReturn) {
  Core core(kernel(1));
  core.run(1000);
  core.trap("HVC", El::El2);
  core.run(40);
  core.eret(kernel(1));
  core.run(500);
  core.ledger.settle();
  const TrapSummary hvc = core.trap_of(kernel(1), El::El2, "HVC");
  EXPECT_EQ(hvc.count, 1u);
  EXPECT_EQ(hvc.returned, 1u);
  EXPECT_EQ(hvc.unfinished, 0u);
  EXPECT_EQ(hvc.cycles.max(), 175u);
  EXPECT_EQ(hvc.inclusive.max(), 175u);
  EXPECT_EQ(of(hvc.inside, Cause::ExceptionEntry), 70u);
  EXPECT_EQ(of(hvc.inside, Cause::Integer), 40u);
  EXPECT_EQ(of(hvc.inside, Cause::ExceptionReturn), 65u);
  EXPECT_EQ(hvc.instructions, 40u);
  EXPECT_EQ(hvc.away, 0u);
  const auto& accounts = core.ledger.accounts();
  EXPECT_EQ(total(accounts.at(kernel(1)).cycles), 1500u);
  EXPECT_EQ(total(accounts.at(kHyp).cycles), 175u);
  EXPECT_EQ(core.ledger.accounted(), core.ledger.elapsed());
}

TEST(Ledger, AnInnerTrapIsNotCountedInTheOuterSpan) {
  Core core(user(1));
  core.run(10);
  core.trap("SVC", El::El1, 30);
  core.run(100);
  core.trap("HCR_EL2.TVM", El::El2, 70);
  core.run(50);
  core.eret(kernel(1), 65);
  core.run(20);
  core.eret(user(1), 25);
  const TrapSummary svc = core.trap_of(user(1), El::El1, "SVC");
  const TrapSummary tvm = core.trap_of(kernel(1), El::El2, "HCR_EL2.TVM");
  EXPECT_EQ(total(tvm.inside), 185u);
  EXPECT_EQ(total(svc.inside), 30u + 100 + 20 + 25);
  EXPECT_EQ(svc.inclusive.max(), 175u + 185u);
  EXPECT_EQ(svc.cycles.max(), 175u);
  EXPECT_EQ(core.ledger.open_spans(), 0u);
}

TEST(Ledger, ASwitchedOutGuestsSpanIsParkedAndItsTimeIsAway) {
  Core core(kernel(1));
  core.trap("HCR_EL2.TWI", El::El2);
  core.run(100);
  core.eret(kernel(2));  // span of VMID 1 parked: 70 + 100 + 65 inside
  core.run(3000);
  core.trap("IRQ", El::El2);
  core.run(200);
  core.eret(kernel(1));  // span of VMID 2 parked, that of VMID 1 closed
  const TrapSummary wfi = core.trap_of(kernel(1), El::El2, "HCR_EL2.TWI");
  EXPECT_EQ(wfi.returned, 1u);
  EXPECT_EQ(total(wfi.inside), 235u);
  EXPECT_EQ(wfi.away, 3000u + 70 + 200 + 65);
  EXPECT_EQ(wfi.inclusive.max(), 235u);
  EXPECT_EQ(core.ledger.parked_spans(), 1u);
  const TrapSummary irq = core.trap_of(kernel(2), El::El2, "IRQ");
  EXPECT_EQ(irq.unfinished, 1u);
  EXPECT_EQ(total(irq.inside), 335u);
}

TEST(Ledger, AGuestsWholeStackIsParkedWithIt) {
  Core core(user(1));
  core.trap("SVC", El::El1, 30);
  core.run(5);
  core.trap("IRQ", El::El2);
  core.eret(kernel(2));
  core.run(1000);
  core.trap("IRQ", El::El2);
  core.eret(kernel(1));
  core.run(7);
  core.eret(user(1), 25);
  const TrapSummary svc = core.trap_of(user(1), El::El1, "SVC");
  EXPECT_EQ(svc.returned, 1u);
  EXPECT_EQ(total(svc.inside), 30u + 5 + 7 + 25);
  EXPECT_EQ(svc.away, 1000u + 70 + 65);
  EXPECT_EQ(svc.inclusive.max(), 30u + 5 + 7 + 25 + 135);
}

// KVM without VHE: the guest's exit is served by a host kernel at EL1, reached by ERET and left by HVC.
TEST(Ledger, AnEl1HostWorksInsideTheGuestsTrap) {
  Core core(kHostUser);
  core.trap("SVC", El::El1, 30);  // ioctl(KVM_RUN)
  core.run(10);
  core.trap("HVC", El::El2);
  core.run(400);
  core.eret(kernel(3));
  core.run(9000);
  core.trap("stage-2 translation fault", El::El2);
  core.run(300);
  core.eret(kHostKernel);  // world switch to the host
  core.run(2000);
  core.trap("HVC", El::El2);
  core.run(400);
  core.eret(kernel(3));
  const TrapSummary fault = core.trap_of(kernel(3), El::El2, "stage-2 translation fault");
  EXPECT_EQ(fault.returned, 1u);
  EXPECT_EQ(total(fault.inside), 70u + 300 + 65 + 2000);
  EXPECT_EQ(fault.inclusive.max(), 70u + 300 + 65 + 2000 + 70 + 400 + 65);
  EXPECT_EQ(fault.away, 0u);
  const TrapSummary hvc = core.trap_of(kHostKernel, El::El2, "HVC");
  EXPECT_EQ(hvc.count, 2u);
  EXPECT_EQ(hvc.returned, 1u);
  EXPECT_EQ(hvc.cycles.max(), 535u);
  EXPECT_EQ(hvc.away, 9000u + 70 + 300 + 65);
}

TEST(Ledger, AKernelThatReturnsBelowGivesItsOwnSpansUp) {
  Core core(kernel(1));
  core.trap("IRQ", El::El1, 20);
  core.run(50);
  core.eret(user(1), 10);  // preemption: another process
  const TrapSummary irq = core.trap_of(kernel(1), El::El1, "IRQ");
  EXPECT_EQ(irq.count, 1u);
  EXPECT_EQ(irq.returned, 0u);
  EXPECT_EQ(irq.unfinished, 1u);
  EXPECT_EQ(total(irq.inside), 80u);
  EXPECT_EQ(core.ledger.open_spans(), 0u);
}

TEST(Ledger, AMonitorThatSwitchesWorldsParksTheHypervisorsCall) {
  Core core(kHyp);
  core.trap("SMC", El::El3);
  core.run(30);
  core.eret(kHostKernel);  // the other security state's EL1
  core.run(700);
  core.trap("SMC", El::El3);
  core.run(30);
  core.eret(kHyp);
  const TrapSummary smc = core.trap_of(kHyp, El::El3, "SMC");
  EXPECT_EQ(smc.returned, 1u);
  EXPECT_EQ(total(smc.inside), 165u);
  EXPECT_EQ(smc.away, 700u + 165);
}

TEST(Ledger, ReturnsWithoutASpanAreNoTraps) {
  Core core(kHyp);
  core.run(10);
  core.eret(kernel(1));
  core.eret(user(1));
  core.ledger.settle();
  EXPECT_TRUE(core.ledger.traps().empty());
  EXPECT_EQ(core.ledger.accounted(), core.ledger.elapsed());
}

TEST(Ledger, OverflowGivesTheOldestUp) {
  CoreLedger ledger(0, {.open_spans = 4, .parked_spans = 2, .recent_walks = 0});
  ledger.set_context(kernel(1));
  for (int i = 0; i < 1000; ++i) {
    ledger.exception_taken(key(kernel(1), El::El1, "loop"), kernel(1));
    ledger.charge(Cause::ExceptionEntry, 1);
  }
  ledger.settle();
  EXPECT_EQ(ledger.open_spans(), 4u);
  const TrapSummary& loop = ledger.traps().at(key(kernel(1), El::El1, "loop"));
  EXPECT_EQ(loop.count, 1000u);
  EXPECT_EQ(loop.unfinished, 996u);
  EXPECT_EQ(total(loop.inside), 996u);
  EXPECT_EQ(total(ledger.traps_so_far().begin()->second.inside), 1000u);
  for (u16 vmid = 10; vmid < 30; ++vmid) {
    ledger.exception_taken(key(ledger.context(), El::El2, "switch"), kHyp);
    ledger.exception_returned(kHyp, kernel(vmid));
    EXPECT_LE(ledger.parked_spans(), 2u);
  }
  EXPECT_EQ(ledger.accounted(), ledger.elapsed());
}

TEST(Ledger, RestartForgetsAndKeepsLocalTime) {
  Core core(kernel(1));
  core.run(100);
  core.trap("HVC", El::El2);
  core.run(5);
  core.ledger.restart();
  EXPECT_EQ(core.ledger.origin(), 175u);
  EXPECT_EQ(core.ledger.elapsed(), 175u);
  core.run(6);
  core.eret(kernel(1));
  core.ledger.settle();
  EXPECT_EQ(core.ledger.accounted(), 71u);
  EXPECT_EQ(core.ledger.elapsed() - core.ledger.origin(), 71u);
  EXPECT_EQ(core.ledger.instructions(), 6u);
  EXPECT_TRUE(core.ledger.traps().empty());
}

TEST(Ledger, ResetGivesOpenSpansUp) {
  Core core(kernel(1));
  core.trap("HVC", El::El2);
  core.run(5);
  core.ledger.reset(kHyp);
  core.run(3);
  core.ledger.settle();
  const TrapSummary hvc = core.trap_of(kernel(1), El::El2, "HVC");
  EXPECT_EQ(hvc.unfinished, 1u);
  EXPECT_EQ(total(hvc.inside), 75u);
  EXPECT_EQ(core.ledger.accounted(), core.ledger.elapsed());
}

TEST(Ledger, AContextChangeSplitsTheAccount) {
  Core core(kHostKernel);
  core.run(10);
  core.ledger.set_context(kernel(5));
  core.run(20);
  core.ledger.settle();
  core.ledger.settle();
  EXPECT_EQ(total(core.ledger.accounts().at(kHostKernel).cycles), 10u);
  EXPECT_EQ(total(core.ledger.accounts().at(kernel(5)).cycles), 20u);
}

TEST(Ledger, AWalkIsFiledByStageAndByWhoServedIt) {
  Core core(kernel(1));
  core.trap("HVC", El::El2);
  WalkRecord record;
  record.key = {WalkRegime::El10, true, true, WalkFor::Data, kernel(1)};
  record.va = Va{0x1000};
  record.fetches = {{2, 1, 0, ServedBy::L1, Pa{0x10}, 0, 4},
                    {2, 2, 0, ServedBy::Memory, Pa{0x20}, 0, 100},
                    {1, 0, -1, ServedBy::L2, Pa{0x30}, 0, 18},
                    {2, 1, -1, ServedBy::WalkCache, Pa{0x40}, 0, 1}};
  record.cycles = 123;
  core.ledger.walk(record);
  const WalkSummary& walk = core.ledger.walks().at(record.key);
  EXPECT_EQ(walk.count, 1u);
  EXPECT_EQ(walk.faults, 0u);
  EXPECT_EQ(walk.levels.stage1().count, 1u);
  EXPECT_EQ(walk.levels.stage2().count, 3u);
  EXPECT_EQ(walk.levels.stage1().cycles, 18u);
  EXPECT_EQ(walk.levels.stage2().cycles, 105u);
  EXPECT_EQ(walk.levels.final_stage2().cycles, 1u);
  EXPECT_EQ(walk.levels.stage1(0).cycles, 18u);
  EXPECT_EQ(walk.levels.stage2(1, 0).cycles, 4u);
  EXPECT_EQ(walk.levels.stage2(2, 0).cycles, 100u);
  EXPECT_EQ(walk.levels.stage2(1, FetchesByLevel::kFinalIpa).count, 1u);
  EXPECT_EQ(walk.levels.stage2(3, FetchesByLevel::kFinalIpa).count, 0u);
  EXPECT_EQ(walk.served_by, (std::array<u64, kServedByCount>{1, 1, 1, 0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(walk.cycles.sum(), 123u);
  EXPECT_EQ(walk.fetches.max(), 4u);
  EXPECT_EQ(core.trap_of(kernel(1), El::El2, "HVC").walks, 1u);
}

TEST(Ledger, TheLastWalksAreKeptInOrder) {
  CoreLedger ledger(0, {.recent_walks = 3});
  WalkRecord record;
  for (u64 i = 0; i < 7; ++i) {
    record.va = Va{i};
    ledger.walk(record);
    const auto recent = ledger.recent_walks();
    ASSERT_EQ(recent.size(), std::min<u64>(i + 1, 3));
    EXPECT_EQ(recent.back().va.value, i);
    EXPECT_EQ(recent.front().va.value, i - (recent.size() - 1));
  }
}

TEST(Ledger, TheLongestWalksAreKeptLongestFirst) {
  CoreLedger ledger(0, {.longest_walks = 3});
  WalkRecord record;
  for (const u64 cycles : {5, 9, 9, 2, 7, 9, 30}) {
    record.cycles = cycles;
    record.va = Va{record.va.value + 1};
    ledger.walk(record);
  }
  const std::vector<WalkRecord>& longest = ledger.longest_walks();
  ASSERT_EQ(longest.size(), 3u);
  EXPECT_EQ(longest[0].va.value, 7u);
  EXPECT_EQ(longest[1].va.value, 2u) << "of equal ones the first";
  EXPECT_EQ(longest[2].va.value, 3u);
  ledger.restart();
  EXPECT_TRUE(ledger.longest_walks().empty());
  CoreLedger none(0);
  none.walk(record);
  EXPECT_TRUE(none.longest_walks().empty());
}

TEST(IndirectCost, ARefillBelongsToTheTrapInWhichTheEntryWasDisplaced) {
  Core core(kernel(1));
  core.run(10);
  core.trap("HVC", El::El2);
  core.ledger.displaced(Structure::Cache, 0x40, Vmid{1});
  core.ledger.displaced(Structure::Cache, 0x80, Vmid{2});  // a guest without a trap that is open
  core.ledger.displaced(Structure::Tlb, 0x40, Vmid{1});
  core.ledger.refilled(Structure::Cache, 0x40, 7);  // by the hypervisor: not the guest's loss
  core.eret(kernel(1));
  core.ledger.refilled(Structure::Cache, 0x40, 18);
  core.ledger.refilled(Structure::Cache, 0x40, 18);  // lost again by itself
  core.ledger.refilled(Structure::Cache, 0x80, 18);
  core.ledger.displaced(Structure::Cache, 0xC0, Vmid{1});  // by the guest itself
  core.ledger.refilled(Structure::Cache, 0xC0, 18);
  const TrapSummary hvc = core.trap_of(kernel(1), El::El2, "HVC");
  EXPECT_EQ(hvc.indirect[static_cast<unsigned>(Structure::Cache)], (Refills{1, 18}));
  EXPECT_EQ(hvc.indirect[static_cast<unsigned>(Structure::Tlb)], (Refills{0, 0}));
  core.ledger.refilled(Structure::Tlb, 0x40, 30);
  EXPECT_EQ(core.trap_of(kernel(1), El::El2, "HVC").indirect[static_cast<unsigned>(Structure::Tlb)], (Refills{1, 30}));
}

TEST(IndirectCost, ASwitchToAnotherGuestIsOnTheAccountOfTheTrapThatLedToIt) {
  Core core(kernel(1));
  core.trap("WFI", El::El2);
  core.eret(kernel(2));
  core.ledger.displaced(Structure::Tlb, 5, Vmid{1});
  core.trap("IRQ", El::El2);
  core.eret(kernel(1));
  core.ledger.refilled(Structure::Tlb, 5, 100);
  EXPECT_EQ(core.trap_of(kernel(1), El::El2, "WFI").indirect[0], (Refills{1, 100}));
  EXPECT_EQ(core.trap_of(kernel(2), El::El2, "IRQ").indirect[0], (Refills{0, 0}));
}

}  // namespace
}  // namespace tw::cost
