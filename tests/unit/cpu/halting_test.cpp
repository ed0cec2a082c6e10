// An external debugger's halts: where they are asked for, in both fidelities, and without a trace in what the core
// does.
#include <gtest/gtest.h>

#include <functional>

#include "arm/control_bits.hpp"
#include "cpu/halting.hpp"
#include "cpu/system/external_debug.hpp"
#include "cpu/system/state.hpp"
#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using cpu::Fidelity;
using cpu::Halting;
using cpu::HaltReason;

constexpr u64 kBase = CpuRig::kMemoryBase;
constexpr u32 kAddX0X0One = 0x91000400;  // add x0, x0, #1
constexpr u32 kAddX1X1One = 0x91000421;  // add x1, x1, #1
constexpr u32 kSvc = 0xD4000001;         // svc #0
constexpr u32 branch_back(u32 instructions) { return 0x14000000 | (0x4000000 - instructions); }
constexpr Fidelity kBoth[] = {Fidelity::Functional, Fidelity::Timed};

struct Halt {
  HaltReason reason;
  u64 pc, retired, elapsed;
};

/// Notes every halt, and does what the test wants.
class Debugger final : public cpu::HaltPort {
 public:
  explicit Debugger(CpuRig& rig) : halting(*this), rig_(rig) { rig.core.halting = &halting; }
  ~Debugger() override { rig_.core.halting = nullptr; }

  bool halted(cpu::Cpu& cpu, HaltReason reason) override {
    halts.push_back({reason, cpu.pc, cpu.retired, cpu.ledger.elapsed()});
    return then && then(cpu);
  }
  void set_breakpoint(u64 address) {
    halting.breakpoints = {address};
    cpu::CodeCache::Slots slots;
    slots.set(address % cpu::kPageBytes / 4);
    rig_.core.code.halt_at(slots);
  }

  Halting halting;
  std::vector<Halt> halts;
  std::function<bool(cpu::Cpu&)> then;

 private:
  CpuRig& rig_;
};

void load_loop(CpuRig& rig, Fidelity fidelity) {
  rig.core.set_fidelity(fidelity);
  rig.program({kAddX0X0One, kAddX0X0One, kAddX0X0One, branch_back(3)});
}

TEST(Halting, BehindSoManyInstructions) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    load_loop(rig, fidelity);
    Debugger debugger(rig);
    debugger.halting.steps = 6;
    rig.core.run(1000);
    ASSERT_EQ(debugger.halts.size(), 1u);
    EXPECT_EQ(debugger.halts[0].reason, HaltReason::Steps);
    EXPECT_EQ(debugger.halts[0].retired, 6u);
    EXPECT_EQ(debugger.halts[0].pc, kBase + 8);
    EXPECT_GE(rig.core.retired, 1000u / 4);  // and it went on
  }
}

TEST(Halting, AtRetiredAndElapsed) {
  CpuRig rig;
  load_loop(rig, Fidelity::Functional);
  Debugger debugger(rig);
  debugger.halting.retired = 13;
  debugger.halting.elapsed = 21;  // functional: a cycle an instruction
  rig.core.run(100);
  ASSERT_EQ(debugger.halts.size(), 2u);
  EXPECT_EQ(debugger.halts[0].reason, HaltReason::Retired);
  EXPECT_EQ(debugger.halts[0].retired, 13u);
  EXPECT_EQ(debugger.halts[1].reason, HaltReason::Elapsed);
  EXPECT_EQ(debugger.halts[1].elapsed, 21u);
}

/// Each time around, before the instruction; a step from there is one instruction.
TEST(Halting, AtABreakpointOfCodeThatRan) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    load_loop(rig, fidelity);
    rig.core.run(40);
    const u64 before = rig.core.retired;
    Debugger debugger(rig);
    debugger.set_breakpoint(kBase + 8);
    bool stepped = false;
    debugger.then = [&](cpu::Cpu&) {
      if (!std::exchange(stepped, true)) debugger.halting.steps = 1;
      return false;
    };
    rig.core.run(40);
    ASSERT_GE(debugger.halts.size(), 3u);
    EXPECT_EQ(debugger.halts[0].reason, HaltReason::Breakpoint);
    EXPECT_EQ(debugger.halts[0].pc, kBase + 8);
    EXPECT_LT(debugger.halts[0].retired, before + 8);
    EXPECT_EQ(debugger.halts[1].reason, HaltReason::Steps);
    EXPECT_EQ(debugger.halts[1].pc, kBase + 12);
    EXPECT_EQ(debugger.halts[1].retired, debugger.halts[0].retired + 1);
    EXPECT_EQ(debugger.halts[2].reason, HaltReason::Breakpoint);
    EXPECT_EQ(debugger.halts[2].retired, debugger.halts[0].retired + 4);
  }
}

TEST(Halting, ABreakpointThatIsTakenBackDuringItsHalt) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    load_loop(rig, fidelity);
    Debugger debugger(rig);
    debugger.set_breakpoint(kBase + 4);
    debugger.then = [&](cpu::Cpu& cpu) {
      debugger.halting.breakpoints.clear();
      cpu.code.halt_at({});
      return false;
    };
    rig.core.run(400);
    EXPECT_EQ(debugger.halts.size(), 1u);
    EXPECT_GE(rig.core.x[0], 50u);
  }
}

/// The loop is left, whatever the breakpoint has become, and execution goes on at the new pc.
TEST(Halting, GoesOnWhereTheDebuggerSays) {
  for (const Fidelity fidelity : kBoth) {
    for (const bool taken_back : {false, true}) {
      CpuRig rig;
      load_loop(rig, fidelity);
      rig.poke<u32>(kBase + 0x100, kAddX1X1One);
      rig.poke<u32>(kBase + 0x104, branch_back(1));
      Debugger debugger(rig);
      debugger.set_breakpoint(kBase + 8);
      debugger.then = [&](cpu::Cpu& cpu) {
        if (taken_back) {
          debugger.halting.breakpoints.clear();
          cpu.code.halt_at({});
        }
        return cpu::set_register(cpu, "pc", kBase + 0x100) == cpu::RegisterWrite::Done;
      };
      rig.core.run(400);
      EXPECT_EQ(debugger.halts.size(), 1u);
      EXPECT_EQ(rig.core.x[0], 2u);
      EXPECT_GE(rig.core.x[1], 50u);
    }
  }
}

TEST(Halting, AtTheVectorOfAnException) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.program({kAddX0X0One, kSvc});
    rig.core.reg(cpu::SysReg::VBAR_EL1) = kBase + 0x1000;
    Debugger debugger(rig);
    debugger.halting.exceptions = 1 << 1;
    debugger.then = [](cpu::Cpu& cpu) {
      cpu.halt();
      return false;
    };
    rig.core.run(1000);
    ASSERT_EQ(debugger.halts.size(), 1u);
    EXPECT_EQ(debugger.halts[0].reason, HaltReason::Exception);
    EXPECT_EQ(debugger.halts[0].pc & ~u64{0x7FF}, kBase + 0x1000);
  }
}

constexpr u32 kStrX0X2 = 0xF9000040;  // str x0, [x2]
constexpr u32 kLdrX3X2 = 0xF9400043;  // ldr x3, [x2]

/// Behind the instruction that touches the data, by the kind that is asked for; host shortcuts come back.
TEST(Halting, AtDataThatAreTouched) {
  for (const Fidelity fidelity : kBoth) {
    for (const bool reads : {false, true}) {
      CpuRig rig;
      rig.core.set_fidelity(fidelity);
      rig.program({kAddX0X0One, kStrX0X2, kLdrX3X2, branch_back(3)});
      rig.core.x[2] = kBase + 0x2000;
      rig.core.run(100);
      Debugger debugger(rig);
      cpu::set_watchpoints(rig.core,
                           {{.first = kBase + 0x2007, .last = kBase + 0x2007, .reads = reads, .writes = !reads}});
      u64 seen = 0;
      debugger.then = [&](cpu::Cpu& cpu) {
        seen = rig.peek<u64>(kBase + 0x2000);
        cpu::set_watchpoints(cpu, {});
        return false;
      };
      rig.core.run(200);
      ASSERT_EQ(debugger.halts.size(), 1u);
      EXPECT_EQ(debugger.halts[0].reason, HaltReason::Watchpoint);
      EXPECT_EQ(debugger.halts[0].pc, kBase + (reads ? 12u : 8u));
      EXPECT_EQ(debugger.halting.touched.va, kBase + 0x2000);
      EXPECT_EQ(debugger.halting.touched.write, !reads);
      EXPECT_GT(seen, 1u);  // the store has been done
      EXPECT_LT(seen, rig.core.x[0]);
    }
  }
}

TEST(Halting, DataBesideAWatchpointAreNot) {
  CpuRig rig;
  rig.program({kAddX0X0One, kStrX0X2, kLdrX3X2, branch_back(3)});
  rig.core.x[2] = kBase + 0x2000;
  Debugger debugger(rig);
  cpu::set_watchpoints(rig.core, {{.first = kBase + 0x2008, .last = kBase + 0x200F, .reads = true, .writes = true},
                                  {.first = kBase + 0x1FF0, .last = kBase + 0x1FFF, .reads = true, .writes = true}});
  rig.core.run(200);
  EXPECT_TRUE(debugger.halts.empty());
}

/// What halting is for: nothing differs.
TEST(Halting, LeavesNoTrace) {
  for (const Fidelity fidelity : kBoth) {
    cpu::Config config;
    config.integer = 3;
    config.branch = 7;
    CpuRig plain(El::El1, config), watched(El::El1, config);
    load_loop(plain, fidelity);
    load_loop(watched, fidelity);
    Debugger debugger(watched);
    debugger.set_breakpoint(kBase + 4);
    u64 n = 0;
    debugger.then = [&](cpu::Cpu&) {
      debugger.halting.steps = ++n % 3 == 0 ? 1 + n % 11 : Halting::kNever;
      return false;
    };
    for (const u64 cycles : {1u, 100u, 17u, 1000u, 3u, 250u}) {
      plain.core.run(cycles);
      watched.core.run(cycles);
      EXPECT_EQ(plain.core.retired, watched.core.retired);  // slices end at the same instruction
      EXPECT_EQ(plain.core.pc, watched.core.pc);
      EXPECT_EQ(plain.ledger.elapsed(), watched.ledger.elapsed());
      EXPECT_EQ(plain.core.x[0], watched.core.x[0]);
    }
    EXPECT_GT(debugger.halts.size(), 20u);
    EXPECT_EQ(plain.mmu.translations, watched.mmu.translations);
  }
}

TEST(ExternalDebug, RegistersByName) {
  CpuRig rig(El::El2);
  using cpu::RegisterWrite;
  EXPECT_EQ(cpu::set_register(rig.core, "x30", 7), RegisterWrite::Done);
  EXPECT_EQ(rig.core.x[30], 7u);
  EXPECT_EQ(cpu::set_register(rig.core, "SP_EL1", 0x1000), RegisterWrite::Done);
  EXPECT_EQ(cpu::register_value(rig.core, "sp_el1"), 0x1000u);
  EXPECT_EQ(cpu::set_register(rig.core, "sp", 0x2000), RegisterWrite::Done);
  EXPECT_EQ(cpu::register_value(rig.core, "SP_EL2"), 0x2000u);  // the current one
  EXPECT_EQ(cpu::set_register(rig.core, "hcr_el2", arm::hcr::VM), RegisterWrite::Done);
  EXPECT_NE(rig.core.controls.hcr & arm::hcr::VM, 0u);  // the effect came with it
  EXPECT_EQ(cpu::register_value(rig.core, "x31"), std::nullopt);
  EXPECT_EQ(cpu::set_register(rig.core, "no_such", 0), RegisterWrite::Unknown);
  EXPECT_EQ(cpu::set_register(rig.core, "MIDR_EL1", 0), RegisterWrite::ReadOnly);
  EXPECT_EQ(cpu::set_register(rig.core, "CNTV_CTL_EL0", 1), RegisterWrite::Device);
  EXPECT_EQ(cpu::set_register(rig.core, "pc", 2), RegisterWrite::Illegal);
  EXPECT_EQ(cpu::set_register(rig.core, "pstate", 0x1D0), RegisterWrite::Illegal);  // AArch32
  EXPECT_EQ(cpu::set_register(rig.core, "pstate", 0x6000'03C5), RegisterWrite::Done);
  EXPECT_EQ(rig.core.pstate.el, El::El1);
  EXPECT_EQ(rig.core.x[cpu::kSp], 0x1000u);
  EXPECT_EQ(cpu::register_value(rig.core, "pstate"), 0x6000'03C5u);
  EXPECT_EQ(cpu::register_value(rig.core, "CurrentEL"), 4u);
}

}  // namespace
}  // namespace tw::test
