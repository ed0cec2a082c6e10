// What a trap costs, against closed formulas: nothing but the parameters of the core takes part.
#include <gtest/gtest.h>

#include <utility>

#include "arm/control_bits.hpp"
#include "arm/sysreg.hpp"
#include "cpu/isa/encoding.hpp"
#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;
using cost::Cause;

constexpr u64 kGuest = CpuRig::kMemoryBase;
constexpr u64 kVectors = CpuRig::kMemoryBase + 0x1000;
constexpr u64 kLowerEl = kVectors + 0x400;
constexpr u32 kHvc0 = 0xD4000002;
constexpr u32 kEret = 0xD69F03E0;
constexpr u32 kNop = 0xD503201F;
constexpr u32 kReadTtbr0El1 = 0xD5382000;  // mrs x0, ttbr0_el1
constexpr u32 kWriteSctlrEl1 = 0xD5181000;

u64 cycles(const cost::ByCause& by_cause, Cause cause) { return by_cause[static_cast<unsigned>(cause)]; }

/// A guest of VMID 5 at EL1, and a hypervisor whose handler is `handler` and an ERET.
struct TrapBench {
  explicit TrapBench(std::initializer_list<u32> handler, const cpu::Config& config = {}) : rig(El::El2, config) {
    u64 at = kLowerEl;
    for (const u32 word : handler) rig.poke<u32>(std::exchange(at, at + 4), word);
    rig.poke<u32>(at, kEret);
    rig.core.reg(SysReg::VBAR_EL2) = kVectors;
    rig.core.reg(SysReg::HCR_EL2) = arm::hcr::RW | arm::hcr::VM;
    rig.core.controls.hcr = arm::hcr::RW | arm::hcr::VM;
    rig.core.controls.vttbr = u64{5} << 48;
    cpu::set_el_and_sp(rig.core, El::El1, true);
    rig.ledger.set_context(cpu::ledger_context(rig.core));
    rig.core.set_fidelity(cpu::Fidelity::Timed);
  }
  const cost::TrapSummary& only_trap() {
    rig.ledger.settle();
    EXPECT_EQ(rig.ledger.traps().size(), 1u);
    return rig.ledger.traps().begin()->second;
  }
  CpuRig rig;
};

TEST(TrapTiming, EmptyHypercallIsEntryPlusReturnPlusTheEret) {
  TrapBench bench({});
  bench.rig.program({kHvc0});
  bench.rig.step(2);
  EXPECT_EQ(bench.rig.core.pc, kGuest + 4);
  const cpu::Config& config = bench.rig.core.config;
  const cost::TrapSummary& trap = bench.only_trap();
  EXPECT_EQ(trap.count, 1u);
  EXPECT_EQ(trap.returned, 1u);
  EXPECT_EQ(cycles(trap.inside, Cause::ExceptionEntry), config.exception_entry);
  EXPECT_EQ(cycles(trap.inside, Cause::ExceptionReturn), config.exception_return);
  const u64 eret = bench.rig.core.cost_of[static_cast<unsigned>(cpu::find_a64(kEret)->cost)];
  EXPECT_EQ(trap.cycles.max(), config.exception_entry + eret + config.exception_return);
}

TEST(TrapTiming, EachParameterMovesTheTrapByItself) {
  const auto trap_with = [](u64 entry, u64 back) {
    cpu::Config config;
    config.exception_entry = entry;
    config.exception_return = back;
    TrapBench bench({kNop, kNop}, config);
    bench.rig.program({kHvc0});
    bench.rig.step(4);
    return bench.only_trap().cycles.max();
  };
  const u64 base = trap_with(10, 20);
  EXPECT_EQ(trap_with(11, 20), base + 1);
  EXPECT_EQ(trap_with(10, 23), base + 3);
  EXPECT_EQ(trap_with(0, 0), base - 30);
}

TEST(TrapTiming, InsideIsSplitByCause) {
  TrapBench bench({kNop, kReadTtbr0El1, kNop});
  bench.rig.program({kHvc0});
  bench.rig.step(5);
  const cpu::Config& config = bench.rig.core.config;
  const cost::TrapSummary& trap = bench.only_trap();
  // A lower EL's register, moved at EL2, is world-switch time.
  EXPECT_EQ(cycles(trap.inside, Cause::ContextRegister), config.system_register);
  EXPECT_EQ(cycles(trap.inside, Cause::Hint), 2 * config.hint);
  EXPECT_EQ(trap.instructions, 4u);
  EXPECT_EQ(cost::total(trap.inside), trap.cycles.sum());
}

TEST(TrapTiming, KeyNamesTheGuestTheRuleAndTheRegister) {
  TrapBench bench({});
  bench.rig.core.reg(SysReg::HCR_EL2) |= arm::hcr::TVM;
  bench.rig.core.controls.hcr |= arm::hcr::TVM;
  bench.rig.program({kWriteSctlrEl1});
  bench.rig.step(1);
  bench.rig.ledger.settle();
  ASSERT_EQ(bench.rig.ledger.traps().size(), 1u);
  const cost::TrapKey& key = bench.rig.ledger.traps().begin()->first;
  EXPECT_EQ(key.from.el, El::El1);
  EXPECT_TRUE(key.from.guest);
  EXPECT_EQ(key.from.vmid, Vmid{5});
  EXPECT_EQ(key.to, El::El2);
  EXPECT_EQ(key.exception_class, 0x18);
  EXPECT_EQ(key.reason.control, "HCR_EL2.TVM");
  EXPECT_EQ(key.reason.subject, "write SCTLR_EL1");
}

TEST(TrapTiming, GuestAndHypervisorAccountsAddUpToTheElapsedTime) {
  TrapBench bench({kNop, kReadTtbr0El1});
  bench.rig.program({kNop, kHvc0, kNop, kHvc0, kNop});
  bench.rig.step(11);
  bench.rig.ledger.settle();
  EXPECT_EQ(bench.rig.ledger.accounted(), bench.rig.ledger.elapsed());
  EXPECT_EQ(bench.only_trap().count, 2u);
  u64 sum = 0;
  for (const auto& [context, account] : bench.rig.ledger.accounts()) sum += cost::total(account.cycles);
  EXPECT_EQ(sum, bench.rig.ledger.elapsed());
}

}  // namespace
}  // namespace tw::test
