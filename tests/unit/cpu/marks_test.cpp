// Marks: the core leaves its slice at them, between two instructions, in both fidelities; and nowhere else.
#include <gtest/gtest.h>

#include "arm/control_bits.hpp"
#include "cpu/system/state.hpp"
#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using cpu::Fidelity;
using cpu::Marks;
using cpu::StopReason;

constexpr u64 kBase = CpuRig::kMemoryBase;
constexpr u32 kAddX0X0One = 0x91000400;  // add x0, x0, #1
constexpr u32 kNop = 0xD503201F;
constexpr u32 kEret = 0xD69F03E0;
constexpr u32 branch_back(u32 instructions) { return 0x14000000 | (0x4000000 - instructions); }
constexpr u32 hint(u32 number) { return 0xD503201F | number << 5; }

constexpr Fidelity kBoth[] = {Fidelity::Functional, Fidelity::Timed};

bool take_reached(CpuRig& rig) { return std::exchange(rig.core.marks.reached, false); }

TEST(Marks, AtAnAddressBeforeItsInstruction) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.program({kAddX0X0One, kAddX0X0One, kAddX0X0One, branch_back(3)});
    cpu::look_out_for(rig.core, {.pc = kBase + 8});
    for (u64 round = 0; round < 5; ++round) {
      EXPECT_EQ(rig.core.run(1000), StopReason::Budget);
      EXPECT_TRUE(take_reached(rig));
      EXPECT_EQ(rig.core.pc, kBase + 8);
      EXPECT_EQ(rig.core.x[0], 3 * round + 2);
      EXPECT_EQ(rig.core.retired, 4 * round + 2);
      rig.ledger.settle();
      EXPECT_EQ(rig.ledger.instructions(), rig.core.retired);
    }
  }
}

TEST(Marks, TimeIsThatOfARunWithoutMarks) {
  for (const Fidelity fidelity : kBoth) {
    cpu::Config config;
    config.integer = 3;
    config.branch = 7;
    CpuRig plain(El::El1, config), marked(El::El1, config);
    for (CpuRig* rig : {&plain, &marked}) {
      rig->core.set_fidelity(fidelity);
      rig->program({kAddX0X0One, kAddX0X0One, kAddX0X0One, branch_back(3)});
    }
    cpu::look_out_for(marked.core, {.pc = kBase + 4});
    for (int i = 0; i < 10; ++i) marked.core.run(1000);
    while (plain.core.retired < marked.core.retired) plain.core.step();
    EXPECT_EQ(plain.ledger.elapsed(), marked.ledger.elapsed());
    EXPECT_EQ(plain.core.x[0], marked.core.x[0]);
  }
}

TEST(Marks, AMarkThatIsTakenBackIsNoMark) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.program({kAddX0X0One, kAddX0X0One, branch_back(2)});
    cpu::look_out_for(rig.core, {.pc = kBase + 4});
    rig.core.run(100);
    EXPECT_TRUE(take_reached(rig));
    cpu::look_out_for(rig.core, {});
    rig.core.run(300);
    EXPECT_FALSE(rig.core.marks.reached);
    EXPECT_GE(rig.ledger.elapsed(), 300u);
    cpu::look_out_for(rig.core, {.pc = kBase + 8});
    rig.core.run(300);
    EXPECT_TRUE(take_reached(rig));
    EXPECT_EQ(rig.core.pc, kBase + 8);
  }
}

TEST(Marks, OnCodeThatRanAndOnCodeThatIsWrittenAnew) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.program({kAddX0X0One, kAddX0X0One, branch_back(2)});
    rig.core.run(100);
    cpu::look_out_for(rig.core, {.pc = kBase + 4});
    rig.core.run(100);
    EXPECT_TRUE(take_reached(rig));
    rig.poke<u32>(kBase + 4, kNop);
    rig.core.run(1);  // over the mark
    rig.core.run(100);
    EXPECT_TRUE(take_reached(rig));
    EXPECT_EQ(rig.core.pc, kBase + 4);
  }
}

/// The same page of memory under another address has no mark.
TEST(Marks, AnAddressIsVirtual) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.program({kAddX0X0One, kAddX0X0One, branch_back(2)});
    cpu::look_out_for(rig.core, {.pc = kBase + 0x1000 + 4});  // not this page
    rig.core.run(200);
    EXPECT_FALSE(rig.core.marks.reached);
    // A mark is on the page, but at an address that nobody executes any more.
    cpu::look_out_for(rig.core, {.pc = kBase + 4});
    rig.core.run(200);
    EXPECT_TRUE(take_reached(rig));
    rig.core.marks.pc = kBase + 0x10'0004;
    rig.core.run(200);
    EXPECT_FALSE(rig.core.marks.reached);
  }
}

TEST(Marks, OnCodeThatIsNoMemory) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.bus.direct = false;  // every instruction is fetched from the bus
    rig.program({kAddX0X0One, kAddX0X0One, kAddX0X0One, branch_back(3)});
    cpu::look_out_for(rig.core, {.pc = kBase + 8});
    for (u64 round = 0; round < 3; ++round) {
      rig.core.run(1000);
      EXPECT_TRUE(take_reached(rig));
      EXPECT_EQ(rig.core.pc, kBase + 8);
      EXPECT_EQ(rig.core.retired, 4 * round + 2);
    }
  }
}

TEST(Marks, StepsFindThemToo) {
  CpuRig rig;
  rig.program({kAddX0X0One, kAddX0X0One, branch_back(2)});
  cpu::look_out_for(rig.core, {.pc = kBase + 4});
  rig.core.step();
  EXPECT_FALSE(rig.core.marks.reached);
  rig.core.step();
  EXPECT_TRUE(take_reached(rig));
  EXPECT_EQ(rig.core.retired, 1u);
  rig.core.step();
  EXPECT_EQ(rig.core.retired, 2u);
}

TEST(Marks, BehindTheHintOfTheirNumber) {
  for (const Fidelity fidelity : kBoth) {
    CpuRig rig;
    rig.core.set_fidelity(fidelity);
    rig.program({hint(96), hint(97), hint(127), hint(95), branch_back(4)});
    rig.core.run(50);
    EXPECT_FALSE(rig.core.marks.reached) << "nobody waits";
    for (const unsigned number : {0u, 1u, 31u}) {
      cpu::look_out_for(rig.core, {.hint = number});
      rig.core.run(50);
      EXPECT_TRUE(take_reached(rig));
      EXPECT_EQ(rig.core.pc, kBase + 4 * (number == 31 ? 3 : number + 1));
    }
    cpu::look_out_for(rig.core, {.hint = 2});
    rig.core.run(50);
    EXPECT_FALSE(rig.core.marks.reached);
    EXPECT_TRUE(rig.system.unimplemented.empty());
  }
}

TEST(Marks, WhereAGuestIsEntered) {
  using arm::SysReg;
  const struct {
    Marks marks;
    bool stage2;
    bool reached;
  } rows[] = {
      {{.world = Marks::World::Any}, true, true},
      {{.world = Marks::World::Any}, false, false},
      {{.world = Marks::World::One, .vmid = Vmid{5}}, true, true},
      {{.world = Marks::World::One, .vmid = Vmid{6}}, true, false},
      {{}, true, false},
  };
  for (const auto& row : rows) {
    CpuRig rig(El::El2);
    rig.program({kEret, kNop, kNop, branch_back(2)});
    rig.core.reg(SysReg::HCR_EL2) = arm::hcr::RW | (row.stage2 ? arm::hcr::VM : 0);
    rig.core.reg(SysReg::VTTBR_EL2) = u64{5} << 48;
    rig.core.reg(SysReg::SPSR_EL2) = 0x3C5;
    rig.core.reg(SysReg::ELR_EL2) = kBase + 4;
    cpu::update_controls(rig.core);
    cpu::look_out_for(rig.core, row.marks);
    rig.core.run(100);
    EXPECT_EQ(rig.core.marks.reached, row.reached);
    EXPECT_EQ(rig.core.pstate.el, El::El1);
    EXPECT_EQ(rig.core.retired == 1, row.reached);
  }
}

}  // namespace
}  // namespace tw::test
