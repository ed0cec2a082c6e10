// The run loop: budgets, both fidelities, self-modifying code, page crossings, waits, device accesses.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using cost::Cause;
using cpu::Fidelity;
using cpu::StopReason;

constexpr u64 kBase = CpuRig::kMemoryBase;
constexpr u32 kNop = 0xD503201F;
constexpr u32 kAddX0X0One = 0x91000400;  // add x0, x0, #1
constexpr u32 kBranchToSelf = 0x14000000;
constexpr u32 kBranchBackOne = 0x17FFFFFF;  // b .-4
constexpr u32 kStoreW1AtX2 = 0xB9000041;    // str w1, [x2]
constexpr u32 kLoadX1AtX2 = 0xF9400041;     // ldr x1, [x2]
constexpr u32 kWfi = 0xD503207F;

TEST(Engine, FunctionalTimeIsOneCycleAnInstruction) {
  CpuRig rig;
  rig.program({kAddX0X0One, kBranchBackOne});
  EXPECT_EQ(rig.core.run(1000), StopReason::Budget);
  EXPECT_EQ(rig.ledger.elapsed(), rig.core.retired);
  EXPECT_EQ(rig.core.x[0], rig.core.retired / 2);
  // The budget is looked at where a branch is taken: the overshoot is less than one straight run.
  EXPECT_GE(rig.ledger.elapsed(), 1000u);
  EXPECT_LT(rig.ledger.elapsed(), 1002u);
}

TEST(Engine, SlicesOfAnySizeAddUpToTheSameStops) {
  CpuRig whole;
  CpuRig sliced;
  for (CpuRig* rig : {&whole, &sliced}) rig->program({kAddX0X0One, kAddX0X0One, kAddX0X0One, 0x17FFFFFD});
  whole.core.run(400);
  while (sliced.ledger.elapsed() < 400) sliced.core.run(std::min<u64>(7, 400 - sliced.ledger.elapsed()));
  EXPECT_EQ(whole.ledger.elapsed(), sliced.ledger.elapsed());
  EXPECT_EQ(whole.core.x[0], sliced.core.x[0]);
  EXPECT_EQ(whole.core.pc, sliced.core.pc);
}

TEST(Engine, TimedChargesTheClassAndStopsAtTheExactInstruction) {
  cpu::Config config;
  config.integer = 3;
  config.branch = 5;
  CpuRig rig(El::El1, config);
  rig.core.set_fidelity(Fidelity::Timed);
  rig.program({kAddX0X0One, kAddX0X0One, kBranchToSelf});
  rig.core.run(6);
  EXPECT_EQ(rig.ledger.elapsed(), 6u);
  EXPECT_EQ(rig.core.x[0], 2u);
  EXPECT_EQ(rig.core.pc, kBase + 8);
  rig.core.run(1);
  EXPECT_EQ(rig.ledger.elapsed(), 11u);
  rig.ledger.settle();
  const cost::Account& account = rig.ledger.accounts().begin()->second;
  EXPECT_EQ(account.cycles[static_cast<unsigned>(Cause::Integer)], 6u);
  EXPECT_EQ(account.cycles[static_cast<unsigned>(Cause::Branch)], 5u);
  EXPECT_EQ(account.instructions, 3u);
}

TEST(Engine, StepsAreTheSameAsARun) {
  CpuRig stepped;
  CpuRig run;
  for (CpuRig* rig : {&stepped, &run}) rig->program({kAddX0X0One, kNop, kAddX0X0One, 0x17FFFFFD});
  run.core.run(40);
  while (stepped.core.retired < run.core.retired) stepped.core.step();
  EXPECT_EQ(stepped.core.pc, run.core.pc);
  EXPECT_EQ(stepped.core.x[0], run.core.x[0]);
  EXPECT_EQ(stepped.ledger.elapsed(), run.ledger.elapsed());
}

TEST(Engine, RunsAcrossPageEndsWithoutCountingThem) {
  for (const Fidelity fidelity : {Fidelity::Functional, Fidelity::Timed}) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    const u64 start = kBase + cpu::kPageBytes - 8;
    rig.program({kAddX0X0One, kAddX0X0One, kAddX0X0One, kBranchToSelf}, start);
    rig.core.run(3);
    EXPECT_EQ(rig.core.x[0], 3u);
    EXPECT_EQ(rig.core.pc & ~u64{0xFFF}, kBase + cpu::kPageBytes);
    EXPECT_LE(rig.core.retired, 4u);
  }
}

TEST(Engine, StoresIntoTheRunningPageTakeEffectAtOnce) {
  for (const bool shortcuts : {true, false}) {
    CpuRig rig;
    rig.core.set_host_shortcuts(shortcuts);
    // The store replaces the NOP behind it by "add x0, x0, #1"; the second time round it is already there.
    rig.program({kStoreW1AtX2, kNop, 0x17FFFFFE});
    rig.core.x[1] = kAddX0X0One;
    rig.core.x[2] = kBase + 4;
    for (int i = 0; i < 300; ++i) rig.core.step();
    EXPECT_EQ(rig.core.x[0], 100u) << shortcuts;
  }
}

TEST(Engine, StoresFromAShortcutIntoAPageThatBecameCodeAreSeen) {
  CpuRig rig;
  const u64 other = kBase + 0x3000;
  rig.poke<u32>(other, kNop);
  rig.poke<u32>(other + 4, kBranchToSelf);
  rig.core.x[1] = kNop;
  rig.core.x[2] = other;
  rig.execute(kStoreW1AtX2);  // a host entry for the page now exists, writable
  rig.core.pc = other;
  rig.step();  // the page is code
  rig.core.x[1] = kAddX0X0One;
  rig.core.pc = kBase;
  rig.step();
  rig.core.pc = other;
  rig.step();
  EXPECT_EQ(rig.core.x[0], 1u);
}

/// A second core beside the rig's, on the same memory and decoded code.
struct SecondCore {
  explicit SecondCore(CpuRig& rig) : core(1, {}, rig.model, rig.mmu, rig.bus, rig.timer, rig.system, rig.code, ledger) {
    core.reset(Va{kBase});
  }
  cost::CoreLedger ledger{1};
  cpu::Cpu core;
};

TEST(Engine, StoresOfAnotherCoreIntoRunningCodeAreSeen) {
  for (const bool shortcuts : {true, false}) {
    CpuRig rig;
    SecondCore second(rig);
    const u64 code = kBase + 0x3000;
    rig.program({kNop, kBranchBackOne}, code);
    rig.poke<u32>(kBase, kStoreW1AtX2);
    second.core.set_host_shortcuts(shortcuts);
    second.core.x[1] = kNop;
    second.core.x[2] = code;
    second.core.step();  // a host entry, writable, before the page is code
    rig.core.run(10);
    EXPECT_EQ(rig.core.x[0], 0u);
    second.core.x[1] = kAddX0X0One;
    second.core.pc = kBase;
    second.core.step();
    const u64 before = rig.core.retired;
    rig.core.run(10);
    EXPECT_EQ(rig.core.x[0], (rig.core.retired - before) / 2);
  }
}

// The pages that a core is in the midst of go when another core fetches from one page too many.
TEST(Engine, CoresSurviveTheEvictionOfTheirCode) {
  constexpr unsigned kMorePagesThanFit = 4097;
  for (const Fidelity fidelity : {Fidelity::Functional, Fidelity::Timed}) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.program({kAddX0X0One, kBranchBackOne});
    rig.core.run(100);
    for (unsigned n = 1; n <= kMorePagesThanFit; ++n)
      rig.code.page(Pa{kBase + n * cpu::kPageBytes}, rig.bus.host(kBase));
    EXPECT_LT(rig.code.pages(), kMorePagesThanFit);
    rig.core.run(100);
    EXPECT_EQ(rig.core.x[0], rig.core.retired / 2);
    EXPECT_EQ(rig.ledger.elapsed(), 200u);
  }
}

TEST(Engine, NoInstructionIsFreeOfCharge) {
  for (const auto& row : cpu::kParameters) {
    if (row.key.starts_with("core.cost.")) {
      EXPECT_GE(row.min, 1u) << row.key << ": a loop of it would never end its slice";
    }
  }
}

TEST(Engine, WaitsInWfiUntilALineRises) {
  CpuRig rig;
  rig.core.pstate.daif = 0xF;
  rig.program({kWfi, kAddX0X0One, kBranchToSelf});
  EXPECT_EQ(rig.core.run(100), StopReason::Waiting);
  const u64 waited_from = rig.ledger.elapsed();
  EXPECT_EQ(rig.core.run(100), StopReason::Waiting);
  EXPECT_EQ(rig.ledger.elapsed(), waited_from);
  rig.core.idle(50);
  rig.core.set_line(cpu::Line::Irq, true);  // masked: it wakes and is not taken
  EXPECT_EQ(rig.core.run(10), StopReason::Budget);
  EXPECT_EQ(rig.core.x[0], 1u);
  rig.ledger.settle();
  EXPECT_EQ(rig.ledger.accounted(), rig.ledger.elapsed());
}

TEST(Engine, DeviceAccessSeesTheExactLocalTime) {
  CpuRig rig;
  u64 seen = 0;
  rig.bus.device = [&](const cpu::BusAccess&) {
    seen = rig.ledger.elapsed();
    return cpu::BusResult{.value = 0x1234, .cycles = 100, .served_by = cost::ServedBy::Device};
  };
  rig.program({kNop, kNop, kNop, kLoadX1AtX2, kBranchToSelf});
  rig.core.x[2] = 0x0900'0000;
  rig.core.run(8);
  EXPECT_EQ(seen, 3u);
  EXPECT_EQ(rig.core.x[1], 0x1234u);
}

TEST(Engine, TimedDeviceAccessIsChargedToItsCause) {
  CpuRig rig;
  rig.core.set_fidelity(Fidelity::Timed);
  rig.bus.device = [](const cpu::BusAccess&) {
    return cpu::BusResult{.cycles = 295, .served_by = cost::ServedBy::Gic};
  };
  rig.core.x[2] = 0x0800'0000;
  rig.execute(kLoadX1AtX2);
  rig.ledger.settle();
  const cost::Account& account = rig.ledger.accounts().begin()->second;
  EXPECT_EQ(account.cycles[static_cast<unsigned>(Cause::Gic)], 295u);
  EXPECT_EQ(rig.ledger.elapsed(), 295u + rig.core.config.load);
}

TEST(Engine, ExecutesFromWhatIsNotPlainMemory) {
  CpuRig rig;
  rig.bus.direct = false;  // every fetch is a bus access
  rig.program({kAddX0X0One, kAddX0X0One, kBranchBackOne});
  for (int i = 0; i < 9; ++i) rig.core.step();
  EXPECT_GE(rig.core.x[0], 4u);
  CpuRig run;
  run.bus.direct = false;
  run.program({kAddX0X0One, kAddX0X0One, kBranchBackOne});
  run.core.run(9);
  EXPECT_EQ(run.core.retired, 9u);
}

TEST(Engine, UnalignedAccessAcrossPagesIsWholeOrNothing) {
  CpuRig rig;
  const u64 at = kBase + 2 * cpu::kPageBytes - 4;
  rig.poke<u64>(at, 0x1122334455667788);
  rig.core.x[2] = at;
  rig.execute(kLoadX1AtX2);
  EXPECT_EQ(rig.core.x[1], 0x1122334455667788u);

  rig.mmu.fault = [&](const vmsa::Access& access) {
    const bool second = access.kind == vmsa::AccessKind::Data && access.va.value >= kBase + 2 * cpu::kPageBytes;
    return second ? vmsa::Fault{.type = vmsa::FaultType::Translation, .level = 3, .write = true, .va = access.va}
                  : vmsa::Fault{};
  };
  rig.core.flush_translations();
  rig.core.x[1] = 0;
  rig.execute(0xF9000041);  // str x1, [x2]
  EXPECT_EQ(rig.peek<u64>(at), 0x1122334455667788u);
}

TEST(Engine, TwoRunsAreIdentical) {
  std::vector<u64> elapsed;
  for (int i = 0; i < 2; ++i) {
    CpuRig rig;
    rig.program({kAddX0X0One, kBranchBackOne});
    for (int slice = 1; slice < 50; ++slice) rig.core.run(static_cast<u64>(slice));
    elapsed.push_back(rig.ledger.elapsed());
  }
  EXPECT_EQ(elapsed[0], elapsed[1]);
}

}  // namespace
}  // namespace tw::test
