// Interrupt routing and masking, virtual interrupts, WFI. Expectations from Arm ARM tables D1-13 and D1-14.
#include <gtest/gtest.h>

#include <string>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;
using cpu::Line;

constexpr u64 kVbar = 0x4001'0000;
constexpr u64 kRw = u64{1} << 31, kTge = u64{1} << 27;

struct Rig : CpuRig {
  static cpu::Config config(bool el3) {
    cpu::Config c;
    c.has_el3 = el3;
    return c;
  }
  explicit Rig(unsigned el, u64 hcr = 0, u64 scr = 0, bool el3 = true)
      : CpuRig(static_cast<El>(el), config(el3), test_model(), 0x4'0000) {
    core.reg(SysReg::SCR_EL3) = scr | 0x501;
    core.reg(SysReg::VBAR_EL1) = kVbar;
    core.reg(SysReg::VBAR_EL2) = kVbar + 0x1000;
    core.reg(SysReg::VBAR_EL3) = kVbar + 0x2000;
    core.pstate.daif = 0;
    set_hcr(hcr | kRw);
  }
  void set_hcr(u64 value) {
    const El el = core.pstate.el;
    cpu::set_el_and_sp(core, El::El2, true);
    const u8 daif = core.pstate.daif;
    core.pstate.daif = 0xF;
    core.x[9] = value;
    execute(0xD51C'1109);  // MSR HCR_EL2, x9
    core.pstate.daif = daif;
    cpu::set_el_and_sp(core, el, el != El::El0);
    core.pc = kMemoryBase;
  }
};

struct Kind {
  Line line;
  u64 scr, hcr;
  u64 vector;
  u8 mask;
  const char* name;
};
const Kind kKinds[] = {
    {Line::Irq, 2, 16, 0x80, 2, "IRQ"}, {Line::Fiq, 4, 8, 0x100, 1, "FIQ"}, {Line::SError, 8, 32, 0x180, 4, "SError"}};

/// Where an interrupt goes: -1 not taken. `masked` is PSTATE's bit.
int taken_at(const Kind& kind, unsigned el, bool scr, bool hcr, bool tge, bool masked) {
  Rig rig(el, (hcr ? kind.hcr : 0) | (tge ? kTge : 0), scr ? kind.scr : 0);
  rig.core.pstate.daif = masked ? kind.mask : 0;
  rig.core.set_line(kind.line, true);
  const bool taken = cpu::take_pending_interrupt(rig.core);
  if (!taken) {
    EXPECT_EQ(rig.core.pstate.el, static_cast<El>(el));
    return -1;
  }
  const unsigned to = static_cast<unsigned>(rig.core.pstate.el);
  EXPECT_EQ(rig.core.pc, kVbar + (to - 1) * 0x1000 + (to > el ? 0x400 : 0x200) + kind.vector);
  return static_cast<int>(to);
}

TEST(Interrupts, RoutingAndMasking) {
  // Columns: SCR, HCR, TGE; then for EL0..EL3 the target when unmasked and when masked.
  struct Row {
    bool scr, hcr, tge;
    int unmasked[4], masked[4];
  };
  const Row rows[] = {
      {false, false, false, {1, 1, -1, -1}, {-1, -1, -1, -1}}, {false, true, false, {2, 2, 2, -1}, {2, 2, -1, -1}},
      {false, false, true, {2, 2, 2, -1}, {2, 2, -1, -1}},     {true, false, false, {3, 3, 3, 3}, {3, 3, 3, -1}},
      {true, true, false, {3, 3, 3, 3}, {3, 3, 3, -1}},
  };
  for (const Kind& kind : kKinds) {
    for (const Row& row : rows) {
      for (unsigned el = 0; el <= 3; ++el) {
        if (row.tge && el == 1) continue;  // cannot be entered
        SCOPED_TRACE(std::string(kind.name) + " at EL" + std::to_string(el) + (row.scr ? " SCR" : "") +
                     (row.hcr ? " HCR" : "") + (row.tge ? " TGE" : ""));
        EXPECT_EQ(taken_at(kind, el, row.scr, row.hcr, row.tge, false), row.unmasked[el]);
        EXPECT_EQ(taken_at(kind, el, row.scr, row.hcr, row.tge, true), row.masked[el]);
      }
    }
  }
}

TEST(Interrupts, LeaveEsrAloneAndReturnToTheNextInstruction) {
  Rig rig(1);
  rig.core.reg(SysReg::ESR_EL1) = 0xABCD;
  rig.core.set_line(Line::Irq, true);
  rig.core.step();
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0xABCDu);
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), CpuRig::kMemoryBase);
  EXPECT_EQ(rig.core.reg(SysReg::SPSR_EL1), 0x5u);
  EXPECT_EQ(rig.core.pstate.daif, 0xF);
}

TEST(Interrupts, VirtualByHcr) {
  struct Case {
    u64 hcr;
    u64 vector;
  };
  const Case cases[] = {{16 | 128, 0x80}, {8 | 64, 0x100}, {32 | 256, 0x180}};
  for (const Case& c : cases) {
    for (const unsigned el : {0u, 1u}) {
      Rig rig(el, c.hcr);
      ASSERT_TRUE(cpu::take_pending_interrupt(rig.core));
      EXPECT_EQ(rig.core.pstate.el, El::El1);
      EXPECT_EQ(rig.core.pc, kVbar + (el == 0 ? 0x400 : 0x200) + c.vector);
    }
    Rig masked(1, c.hcr);
    masked.core.pstate.daif = 0xF;
    EXPECT_FALSE(cpu::take_pending_interrupt(masked.core));
    Rig at_el2(2, c.hcr);
    EXPECT_FALSE(cpu::take_pending_interrupt(at_el2.core));
    Rig not_virtualized(1, c.hcr & 0x1C0);
    EXPECT_FALSE(cpu::take_pending_interrupt(not_virtualized.core)) << "needs IMO, FMO, AMO";
    Rig tge(0, c.hcr | kTge);
    EXPECT_FALSE(cpu::take_pending_interrupt(tge.core)) << "TGE disables virtual interrupts";
  }
}

TEST(Interrupts, VirtualSErrorClearsVse) {
  Rig rig(1, 32 | 256);
  ASSERT_TRUE(cpu::take_pending_interrupt(rig.core));
  EXPECT_EQ(rig.core.reg(SysReg::HCR_EL2) & 256, 0u);
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x2Fu << 26 | 1u << 25);
}

TEST(Interrupts, VirtualByTheGicsLines) {
  Rig rig(1, 16);
  rig.core.set_line(Line::VirtualIrq, true);
  ASSERT_TRUE(cpu::take_pending_interrupt(rig.core));
  EXPECT_EQ(rig.core.pc, kVbar + 0x280);
  Rig off(1, 0);
  off.core.set_line(Line::VirtualIrq, true);
  EXPECT_FALSE(cpu::take_pending_interrupt(off.core));
}

TEST(Interrupts, PhysicalComesBeforeVirtual) {
  Rig rig(1, 16 | 128);
  rig.core.set_line(Line::Irq, true);
  ASSERT_TRUE(cpu::take_pending_interrupt(rig.core));
  EXPECT_EQ(rig.core.pstate.el, El::El2);
}

TEST(Interrupts, IsrShowsVirtualOnesAtEl1) {
  Rig rig(1, 16 | 128);
  rig.core.pstate.daif = 0xF;
  rig.core.set_line(Line::Fiq, true);
  rig.execute(0xD538'C100);  // MRS x0, ISR_EL1
  EXPECT_EQ(rig.core.x[0], 0xC0u);
  Rig at_el2(2, 16 | 128);
  at_el2.core.pstate.daif = 0xF;
  at_el2.core.set_line(Line::Fiq, true);
  at_el2.execute(0xD538'C100);
  EXPECT_EQ(at_el2.core.x[0], 0x40u) << "physical ones only";
}

TEST(Interrupts, UnmaskingTakesThePendingOneBeforeTheNextInstruction) {
  Rig rig(1);
  rig.core.pstate.daif = 0xF;
  rig.core.set_line(Line::Irq, true);
  rig.program({0xD503'42FF, 0xD280'0020});  // MSR DAIFClr, #2; MOV x0, #1
  rig.core.step();
  rig.core.step();
  EXPECT_EQ(rig.core.reg(SysReg::ELR_EL1), CpuRig::kMemoryBase + 4);
  EXPECT_EQ(rig.core.x[0], 0u);
}

TEST(Wfi, WakesOnMaskedPhysicalInterrupts) {
  Rig rig(1);
  rig.core.pstate.daif = 0xF;
  rig.execute(0xD503'207F);
  ASSERT_TRUE(rig.core.waiting_for_interrupt);
  EXPECT_EQ(rig.core.run(100), cpu::StopReason::Waiting);
  EXPECT_FALSE(cpu::wakes_from_wfi(rig.core));
  rig.core.set_line(Line::Irq, true);
  EXPECT_TRUE(cpu::wakes_from_wfi(rig.core));
  EXPECT_NE(rig.core.run(1), cpu::StopReason::Waiting);
  EXPECT_FALSE(rig.core.waiting_for_interrupt);
}

TEST(Wfi, VirtualInterruptsWakeTheGuestOnly) {
  Rig guest(1, 16 | 128);
  EXPECT_TRUE(cpu::wakes_from_wfi(guest.core));
  Rig hypervisor(2, 16 | 128);
  EXPECT_FALSE(cpu::wakes_from_wfi(hypervisor.core));
}

TEST(Wfe, AStoreToWhatALoadExclusiveSawEndsTheWait) {
  CpuRig rig(El::El1);
  constexpr u64 kLock = CpuRig::kMemoryBase + 0x1000;
  rig.poke<u32>(kLock, 1);
  rig.core.x[2] = kLock;
  rig.program({0x885F7C41, 0xD503205F, 0xD503201F});  // ldxr w1, [x2]; wfe; nop
  EXPECT_EQ(rig.core.run(100), cpu::StopReason::Waiting);
  EXPECT_TRUE(rig.core.waits_for_store());
  rig.poke<u32>(kLock + 4, 1);  // beside it
  EXPECT_EQ(rig.core.run(100), cpu::StopReason::Waiting);
  rig.poke<u32>(kLock, 0);
  rig.step();
  EXPECT_EQ(rig.core.pc, CpuRig::kMemoryBase + 12);
  EXPECT_FALSE(rig.core.monitor.valid);
  EXPECT_FALSE(rig.core.event_register);
}

TEST(Wfe, EventRegister) {
  Rig rig(1);
  rig.program({0xD503'20BF, 0xD503'205F, 0xD503'205F});  // SEVL; WFE; WFE
  rig.step(2);
  EXPECT_FALSE(rig.core.waiting_for_event);
  rig.step();
  EXPECT_TRUE(rig.core.waiting_for_event);
  rig.core.set_event();
  EXPECT_NE(rig.core.run(1), cpu::StopReason::Waiting);
  rig.execute(0xD503'209F);  // SEV
  EXPECT_EQ(rig.system.events, 1u);
}

}  // namespace
}  // namespace tw::test
