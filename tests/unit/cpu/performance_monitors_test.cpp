// The performance monitors: what counts, where, and when the interrupt comes (Arm ARM D13). Expectations by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "arm/control_bits.hpp"
#include "cpu/system/performance_monitors.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/sysreg_access.hpp"
#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;
using cpu::Fidelity;

u32 mrs(unsigned op1, unsigned crn, unsigned crm, unsigned op2) {
  return 0xD538'0000 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5;
}

constexpr u32 kNop = 0xD503201F;
constexpr u32 kSvc = 0xD4000001, kHvc = 0xD4000002, kSmc = 0xD4000003, kEret = 0xD69F03E0;
constexpr u64 kCycles = u64{1} << 31;
constexpr u64 kSwIncr = 0x00, kLdRetired = 0x06, kStRetired = 0x07, kInstRetired = 0x08, kExcTaken = 0x09,
              kExcReturn = 0x0A, kCidWrite = 0x0B, kPcWrite = 0x0C, kBrImmediate = 0x0D, kBrReturn = 0x0E,
              kCpuCycles = 0x11, kMemAccess = 0x13, kTtbrWrite = 0x1C, kChain = 0x1E, kBrRetired = 0x21, kL1dTlb = 0x25,
              kDtlbWalk = 0x34;

/// PMUVer = 4: 16-bit event numbers and MDCR_EL2.HPMD.
arm::CpuModel wide_model() {
  static constexpr arm::IdValue kIds[] = {{SysReg::ID_AA64DFR0_EL1, 0x10305406}, {SysReg::ID_AA64MMFR0_EL1, 0x1124}};
  arm::CpuModel model = test_model();
  model.ids = kIds;
  return model;
}

struct Rig : CpuRig {
  explicit Rig(El el = El::El1, const cpu::Config& config = {}, const arm::CpuModel& cpu_model = test_model())
      : CpuRig(el, config, cpu_model, 0x4'0000) {
    core.reg(SysReg::HCR_EL2) = arm::hcr::RW;
    core.reg(SysReg::VBAR_EL1) = core.reg(SysReg::VBAR_EL2) = core.reg(SysReg::VBAR_EL3) = kMemoryBase + 0x2'0000;
  }
  u64 read(u32 insn) {
    execute(insn);
    EXPECT_EQ(core.pc, kMemoryBase + 4);
    return core.x[0];
  }
  void write(u32 read_insn, u64 value) {
    core.x[0] = value;
    execute(read_insn & ~0x0020'0000u);
    EXPECT_EQ(core.pc, kMemoryBase + 4);
  }
  void pmcr(u64 value) { write(mrs(3, 9, 12, 0), value); }
  void enable(u64 counters) { write(mrs(3, 9, 12, 1), counters); }
  u64 overflows() { return read(mrs(3, 9, 14, 3)); }
  void clear_overflows(u64 which) { write(mrs(3, 9, 12, 3), which); }
  void interrupts(u64 which) { write(mrs(0, 9, 14, 1), which); }
  void type(unsigned n, u64 value) { write(mrs(3, 14, 12, n), value); }
  void set(unsigned n, u64 value) { write(mrs(3, 14, 8, n), value); }
  u64 counter(unsigned n) { return read(mrs(3, 14, 8, n)); }
  u64 cycles() { return read(mrs(3, 9, 13, 0)); }

  /// Counter 0 counts `event` from now on; also where its EL is EL2.
  void count(u64 event) {
    type(0, event | arm::pmfilter::NSH);
    enable(1);
    pmcr(arm::pmcr::E | arm::pmcr::P);
  }
  /// What counter 0 shows, without an instruction that reads it.
  u64 counted() { return cpu_value(SysReg::PMEVCNTR0_EL0); }
  u64 cpu_value(SysReg reg) { return cpu::sysreg_value(core, reg); }
};

TEST(PerformanceMonitors, IdentificationNamesWhatIsCounted) {
  Rig rig;
  // Events 0 2 5 6 7 8 9 A B C D E 10 11 12 13 1B 1C 1E, and 21 22 25 26 2D 2F 34 35.
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 6)), 0x580F'7FE5u);
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 7)), 0x0030'A066u);
}

TEST(PerformanceMonitors, BranchesThatArePredicted) {
  constexpr u64 kBrMisPred = 0x10, kBrPred = 0x12, kBrMisPredRetired = 0x22;
  constexpr u32 kBackOne = 0x54FFFFE1, kSubs = 0xF1000400;  // SUBS X0, X0, #1; B.NE there
  for (const bool predicts : {false, true}) {
    for (const auto& [event, expected] : {std::pair{kBrPred, 10u}, {kBrMisPred, 2u}, {kBrMisPredRetired, 2u}}) {
      cpu::Config config;
      config.pipeline.model = predicts ? "out-of-order" : "simple";
      config.prediction.predictor = "bimodal";
      Rig rig(El::El1, config);
      rig.core.set_fidelity(Fidelity::Timed);
      rig.count(event);
      rig.core.x[0] = 10;
      rig.program({kSubs, kBackOne});
      rig.step(20);
      // Not taken at first, and the exit.
      EXPECT_EQ(rig.counted(), predicts ? expected : 0u) << event;
    }
  }
}

TEST(PerformanceMonitors, InstructionsBetweenTwoReads) {
  for (const Fidelity fidelity : {Fidelity::Functional, Fidelity::Timed}) {
    Rig rig;
    rig.core.set_fidelity(fidelity);
    rig.count(kInstRetired);
    const u64 first = rig.counter(0);
    rig.program({kNop, kNop, kNop, kNop, kNop});
    rig.step(5);
    EXPECT_EQ(rig.counter(0) - first, 6u) << "five NOPs and the first MRS";
  }
}

TEST(PerformanceMonitors, StoppedCountersKeepTheirValue) {
  Rig rig;
  rig.count(kInstRetired);
  rig.execute(kNop);
  rig.pmcr(0);
  const u64 stopped = rig.counter(0);
  rig.execute(kNop);
  EXPECT_EQ(rig.counter(0), stopped);
  rig.pmcr(arm::pmcr::E);
  rig.write(mrs(3, 9, 12, 2), 1);  // PMCNTENCLR_EL0
  const u64 disabled = rig.counter(0);
  rig.execute(kNop);
  EXPECT_EQ(rig.counter(0), disabled);
  rig.pmcr(arm::pmcr::P);
  EXPECT_EQ(rig.counter(0), 0u);
}

TEST(PerformanceMonitors, CyclesAreTheLedgersWithoutIdleTime) {
  cpu::Config config;
  config.integer = 3;
  Rig rig(El::El1, config);
  rig.core.set_fidelity(Fidelity::Timed);
  rig.count(kCpuCycles);
  const u64 before = rig.counted();
  rig.execute(0x91000400);  // add
  EXPECT_EQ(rig.counted() - before, 3u);
  rig.core.idle(1000);
  EXPECT_EQ(rig.counted() - before, 3u);
}

TEST(PerformanceMonitors, OverflowSetsTheFlagAndDrivesTheInterrupt) {
  Rig rig;
  rig.count(kInstRetired);
  rig.set(0, 0xFFFF'FFFD);
  rig.execute(kNop);  // and the write itself
  EXPECT_EQ(rig.cpu_value(SysReg::PMOVSSET_EL0), 0u);
  rig.execute(kNop);
  EXPECT_EQ(rig.overflows(), 1u);
  EXPECT_FALSE(rig.system.performance_line) << "PMINTENSET_EL1 is zero";
  rig.interrupts(1);
  rig.execute(kNop);
  EXPECT_TRUE(rig.system.performance_line);
  rig.clear_overflows(1);
  rig.execute(kNop);
  EXPECT_FALSE(rig.system.performance_line);
  EXPECT_EQ(rig.overflows(), 0u);
  rig.write(mrs(3, 9, 14, 3), 1);  // PMOVSSET_EL0
  rig.execute(kNop);
  EXPECT_TRUE(rig.system.performance_line) << "software sets the flag";
  rig.pmcr(0);
  rig.execute(kNop);
  EXPECT_FALSE(rig.system.performance_line) << "PMCR_EL0.E gates the interrupt";
}

TEST(PerformanceMonitors, ChainCountsTheOverflowsOfTheLowerHalf) {
  Rig rig;
  rig.type(0, kInstRetired);
  rig.type(1, kChain);
  rig.enable(3);
  rig.pmcr(arm::pmcr::E | arm::pmcr::P);
  rig.set(0, 0xFFFF'FFFF);
  rig.execute(kNop);
  EXPECT_EQ(rig.counter(1), 1u);
  EXPECT_EQ(rig.overflows(), 1u) << "the lower half overflows too";
  rig.set(1, 0xFFFF'FFFF);
  rig.set(0, 0xFFFF'FFFF);
  rig.execute(kNop);
  EXPECT_EQ(rig.counter(1), 0u);
  EXPECT_EQ(rig.overflows(), 3u);
}

TEST(PerformanceMonitors, ChainInAnEvenCounterCountsNothing) {
  Rig rig;
  rig.type(1, kInstRetired);
  rig.type(2, kChain);
  rig.enable(6);
  rig.pmcr(arm::pmcr::E);
  rig.set(1, 0xFFFF'FFFF);
  rig.execute(kNop);
  EXPECT_EQ(rig.counter(2), 0u);
}

TEST(PerformanceMonitors, SoftwareIncrement) {
  Rig rig;
  rig.count(kSwIncr);
  rig.write(mrs(3, 9, 12, 4), 0x3F);
  rig.write(mrs(3, 9, 12, 4), 0x3E);
  EXPECT_EQ(rig.counter(0), 1u);
  EXPECT_EQ(rig.counter(1), 0u) << "not enabled";
}

TEST(PerformanceMonitors, CycleCounterOverflowsAt32Or64Bits) {
  Rig rig;
  rig.enable(kCycles);
  rig.pmcr(arm::pmcr::E);
  rig.write(mrs(3, 9, 13, 0), 0xFFFF'FFFF);
  rig.execute(kNop);
  EXPECT_EQ(rig.overflows(), kCycles);
  EXPECT_GT(rig.cycles(), u64{1} << 32) << "the count itself is 64 bits";
  rig.clear_overflows(kCycles);
  rig.pmcr(arm::pmcr::E | arm::pmcr::LC);
  rig.write(mrs(3, 9, 13, 0), 0xFFFF'FFFF);
  rig.execute(kNop);
  EXPECT_EQ(rig.overflows(), 0u);
  rig.write(mrs(3, 9, 13, 0), ~u64{0});
  rig.execute(kNop);
  EXPECT_EQ(rig.overflows(), kCycles);
}

TEST(PerformanceMonitors, DividerCountsEvery64thCycle) {
  for (const bool long_counter : {false, true}) {
    Rig rig;
    rig.enable(kCycles);
    rig.pmcr(arm::pmcr::E | arm::pmcr::C | arm::pmcr::D | (long_counter ? arm::pmcr::LC : 0));
    for (unsigned n = 0; n < 639; ++n) rig.execute(kNop);
    // 639 NOPs and the write of PMCR_EL0.
    EXPECT_EQ(rig.cycles(), long_counter ? 640u : 10u) << "PMCR_EL0.LC disables the divider";
  }
}

TEST(PerformanceMonitors, FiltersByElAndSecurity) {
  using namespace arm::pmfilter;
  struct Row {
    El el;
    bool secure;
    u64 filter;
    bool counts;
  };
  // PMEVTYPERn_EL0's fields as the manual words them: U and P stop EL0 and EL1; NSU and NSK, when they differ from
  // them, stop the Non-secure ones; NSH lets EL2 count; M, when it differs from P, stops EL3.
  constexpr Row kRows[] = {
      {El::El0, false, 0, true},       {El::El0, false, U, false},      {El::El0, false, NSU, false},
      {El::El0, false, U | NSU, true}, {El::El0, false, P, true},       {El::El0, true, 0, true},
      {El::El0, true, U, false},       {El::El0, true, NSU, true},      {El::El0, true, U | NSU, false},
      {El::El1, false, 0, true},       {El::El1, false, P, false},      {El::El1, false, NSK, false},
      {El::El1, false, P | NSK, true}, {El::El1, false, U, true},       {El::El1, true, 0, true},
      {El::El1, true, P, false},       {El::El1, true, NSK, true},      {El::El1, true, P | NSK, false},
      {El::El2, false, 0, false},      {El::El2, false, NSH, true},     {El::El2, false, NSH | P | U, true},
      {El::El3, true, 0, true},        {El::El3, true, P, false},       {El::El3, true, M, false},
      {El::El3, true, P | M, true},    {El::El3, false, U | NSU, true},
  };
  for (const Row& row : kRows) {
    cpu::Config config;
    config.has_el3 = true;
    Rig rig(El::El3, config);
    rig.core.reg(SysReg::SCR_EL3) = arm::scr::RW | (row.secure ? 0 : arm::scr::NS);
    rig.write(mrs(6, 1, 3, 1), arm::mdcr3::SPME);
    rig.type(0, kInstRetired | row.filter);
    rig.enable(1);
    rig.pmcr(arm::pmcr::E);
    cpu::set_el_and_sp(rig.core, row.el, row.el != El::El0);
    const u64 before = rig.counted();
    rig.execute(kNop);
    EXPECT_EQ(rig.counted() - before, row.counts ? 1u : 0u)
        << "EL" << index(row.el) << (row.secure ? " Secure" : " Non-secure") << ", filter " << std::hex << row.filter;
  }
}

TEST(PerformanceMonitors, SecureStateNeedsSpmeExceptForTheCycleCounter) {
  for (const bool spme : {false, true}) {
    for (const bool dp : {false, true}) {
      cpu::Config config;
      config.has_el3 = true;
      Rig rig(El::El3, config);
      rig.write(mrs(6, 1, 3, 1), spme ? arm::mdcr3::SPME : 0);
      rig.type(0, kInstRetired);
      rig.enable(1 | kCycles);
      rig.pmcr(arm::pmcr::E | (dp ? arm::pmcr::DP : 0));
      const u64 events = rig.counted(), cycles = rig.cpu_value(SysReg::PMCCNTR_EL0);
      rig.execute(kNop);
      EXPECT_EQ(rig.counted() != events, spme);
      EXPECT_EQ(rig.cpu_value(SysReg::PMCCNTR_EL0) != cycles, spme || !dp);
    }
  }
}

TEST(PerformanceMonitors, HpmdStopsEl2WhereItExists) {
  for (const bool wide : {false, true}) {
    Rig rig(El::El2, {}, wide ? wide_model() : test_model());
    rig.write(mrs(4, 1, 1, 1), 6 | arm::mdcr2::HPMD);  // MDCR_EL2
    EXPECT_EQ((rig.core.reg(SysReg::MDCR_EL2) & arm::mdcr2::HPMD) != 0, wide);
    rig.count(kInstRetired);
    const u64 before = rig.counted();
    rig.execute(kNop);
    EXPECT_EQ(rig.counted() - before, wide ? 0u : 1u);
  }
}

TEST(PerformanceMonitors, EventNumbersHaveTenOrSixteenBits) {
  Rig narrow;
  narrow.type(0, 0xFFFF);
  EXPECT_EQ(narrow.read(mrs(3, 14, 12, 0)), 0x03FFu);
  Rig wide(El::El1, {}, wide_model());
  wide.type(0, 0xFFFF);
  EXPECT_EQ(wide.read(mrs(3, 14, 12, 0)), 0xFFFFu);
}

TEST(PerformanceMonitors, FilterBitsOfAbsentElsAreRes0) {
  Rig rig;  // no EL3
  rig.type(0, 0xFFFF'FFFF);
  EXPECT_EQ(rig.read(mrs(3, 14, 12, 0)), 0xC800'03FFu);
  rig.write(mrs(3, 14, 15, 7), 0xFFFF'FFFF);  // PMCCFILTR_EL0
  EXPECT_EQ(rig.read(mrs(3, 14, 15, 7)), 0xC800'0000u);
}

TEST(PerformanceMonitors, Hpmn) {
  Rig rig(El::El2);
  for (const unsigned n : {3u, 4u}) {
    rig.type(n, kInstRetired | arm::pmfilter::NSH);
    rig.set(n, 100);
  }
  rig.write(mrs(4, 1, 1, 1), 4);  // MDCR_EL2.HPMN: counters 4 and 5 are EL2's
  rig.enable(0x3F);
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 0)) >> 11 & 31, 6u) << "PMCR_EL0.N at EL2";

  rig.pmcr(arm::pmcr::E);
  EXPECT_GT(rig.counter(3), 100u);
  EXPECT_EQ(rig.counter(4), 100u) << "PMCR_EL0.E is not for EL2's counters";
  rig.write(mrs(4, 1, 1, 1), 4 | arm::mdcr2::HPME);
  rig.execute(kNop);
  EXPECT_GT(rig.counter(4), 100u);

  cpu::set_el_and_sp(rig.core, El::El1, true);
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 0)) >> 11 & 31, 4u) << "PMCR_EL0.N at EL1";
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 1)), 0x0Fu) << "PMCNTENSET_EL0";
  EXPECT_EQ(rig.counter(4), 0u);
  rig.set(4, 7);
  rig.write(mrs(3, 9, 12, 2), 0x3F);  // PMCNTENCLR_EL0
  rig.pmcr(arm::pmcr::P);
  cpu::set_el_and_sp(rig.core, El::El2, true);
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 1)), 0x30u);
  EXPECT_GT(rig.counter(4), 100u);
  EXPECT_EQ(rig.counter(3), 0u);
}

TEST(PerformanceMonitors, SelectedCounterAndItsWindow) {
  Rig rig;
  rig.write(mrs(3, 9, 12, 5), 2);             // PMSELR_EL0
  rig.write(mrs(3, 9, 13, 1), kInstRetired);  // PMXEVTYPER_EL0
  rig.write(mrs(3, 9, 13, 2), 77);            // PMXEVCNTR_EL0
  EXPECT_EQ(rig.counter(2), 77u);
  EXPECT_EQ(rig.read(mrs(3, 14, 12, 2)), kInstRetired);
  rig.write(mrs(3, 9, 12, 5), 31);
  rig.write(mrs(3, 9, 13, 1), arm::pmfilter::U);
  EXPECT_EQ(rig.read(mrs(3, 14, 15, 7)), arm::pmfilter::U) << "PMCCFILTR_EL0";
  rig.write(mrs(3, 9, 12, 5), 6);
  rig.write(mrs(3, 9, 13, 2), 5);
  EXPECT_EQ(rig.read(mrs(3, 9, 13, 2)), 0u) << "no such counter";
}

TEST(PerformanceMonitors, ExceptionsByKind) {
  struct Row {
    const char* what;
    El el;
    u32 insn;
    u64 event;
    u64 hcr;
  };
  constexpr u32 kUdf = 0, kLoadUnmapped = 0xF9400041 /* ldr x1, [x2] */;
  constexpr Row kRows[] = {
      {"SVC", El::El0, kSvc, 0x82, 0},
      {"SVC with TGE", El::El0, kSvc, 0x8D, arm::hcr::TGE},
      {"HVC", El::El1, kHvc, 0x8A, 0},
      {"SMC trapped by TSC", El::El1, kSmc, 0x8D, arm::hcr::TSC},
      {"UNDEFINED", El::El0, kUdf, 0x81, 0},
      {"UNDEFINED at EL2", El::El2, kUdf, 0x81, 0},
      {"Data Abort", El::El0, kLoadUnmapped, 0x84, 0},
      {"Data Abort to EL2", El::El0, kLoadUnmapped, 0x8C, arm::hcr::TGE},
      {"any", El::El0, kSvc, kExcTaken, 0},
      {"any", El::El1, kHvc, kExcTaken, 0},
  };
  for (const Row& row : kRows) {
    Rig rig(El::El2);
    rig.count(row.event);
    rig.core.reg(SysReg::HCR_EL2) |= row.hcr;
    cpu::set_el_and_sp(rig.core, row.el, row.el != El::El0);
    cpu::update_controls(rig.core);
    rig.core.x[2] = 0x10;
    EXPECT_EQ(rig.counted(), 0u) << row.what;
    rig.execute(row.insn);
    EXPECT_EQ(rig.counted(), 1u) << row.what << ", event " << std::hex << row.event;
  }
}

TEST(PerformanceMonitors, SmcToEl3) {
  cpu::Config config;
  config.has_el3 = true;
  Rig rig(El::El3, config);
  rig.core.reg(SysReg::SCR_EL3) = arm::scr::RW | arm::scr::NS;
  rig.count(0x88);
  cpu::set_el_and_sp(rig.core, El::El1, true);
  rig.execute(kSmc);
  EXPECT_EQ(rig.counted(), 1u);
}

TEST(PerformanceMonitors, InterruptsByWhereTheyGo) {
  struct Row {
    cpu::Line line;
    u64 hcr;
    u64 event;
  };
  constexpr Row kRows[] = {{cpu::Line::Irq, 0, 0x86},
                           {cpu::Line::Irq, arm::hcr::IMO, 0x8E},
                           {cpu::Line::Fiq, 0, 0x87},
                           {cpu::Line::Fiq, arm::hcr::FMO, 0x8F}};
  for (const Row& row : kRows) {
    Rig rig(El::El2);
    rig.count(row.event);
    rig.core.reg(SysReg::HCR_EL2) |= row.hcr;
    cpu::set_el_and_sp(rig.core, El::El1, true);
    rig.core.pstate.daif = 0;
    rig.core.set_line(row.line, true);
    rig.step();
    EXPECT_EQ(rig.counted(), 1u) << std::hex << row.event;
  }
}

TEST(PerformanceMonitors, ReturnsAndRegisterWrites) {
  Rig eret(El::El1);
  eret.count(kExcReturn);
  eret.core.reg(SysReg::SPSR_EL1) = 5;
  eret.core.reg(SysReg::ELR_EL1) = CpuRig::kMemoryBase;
  eret.execute(kEret);
  EXPECT_EQ(eret.counted(), 1u);

  Rig cid;
  cid.count(kCidWrite);
  cid.write(mrs(0, 13, 0, 1), 5);
  cid.write(mrs(0, 13, 0, 1), 5);
  EXPECT_EQ(cid.counted(), 2u) << "also of the same value";
  Rig ttbr;
  ttbr.count(kTtbrWrite);
  ttbr.write(mrs(0, 2, 0, 0), 0x4000'0000);
  ttbr.write(mrs(0, 2, 0, 1), 0x4000'0000);
  ttbr.write(mrs(0, 2, 0, 1), 0x4000'0000);
  EXPECT_EQ(ttbr.counted(), 3u);
}

TEST(PerformanceMonitors, EventsOfSingleInstructions) {
  struct Row {
    u32 insn;
    std::initializer_list<u64> once, twice;
  };
  const Row rows[] = {
      {0xF9400041, {kLdRetired, kMemAccess}, {}},              // ldr x1, [x2]
      {0xF9000041, {kStRetired, kMemAccess}, {}},              // str x1, [x2]
      {0xA9400C41, {kLdRetired, kMemAccess}, {}},              // ldp x1, x3, [x2]
      {0xC85F7C41, {kLdRetired, kMemAccess}, {}},              // ldxr x1, [x2]
      {0xC8037C41, {kStRetired, kMemAccess}, {}},              // stxr w3, x1, [x2]
      {0xC8DFFC41, {kLdRetired, kMemAccess}, {}},              // ldar x1, [x2]
      {0xC89FFC41, {kStRetired, kMemAccess}, {}},              // stlr x1, [x2]
      {0xF8BFC041, {kLdRetired, kMemAccess}, {}},              // ldapr x1, [x2]
      {0xF8210043, {kLdRetired, kStRetired}, {kMemAccess}},    // ldadd x1, x3, [x2]
      {0x3DC00041, {kLdRetired, kMemAccess}, {}},              // ldr q1, [x2]
      {0xF9800040, {}, {}},                                    // prfm
      {0x14000002, {kBrRetired, kBrImmediate, kPcWrite}, {}},  // b .+8
      {0x94000002, {kBrRetired, kBrImmediate, kPcWrite}, {}},  // bl .+8
      {0x14000001, {kBrRetired, kBrImmediate, kPcWrite}, {}},  // b .+4
      {0x54000040, {kBrRetired, kBrImmediate, kPcWrite}, {}},  // b.eq .+8, taken
      {0x54000041, {kBrRetired, kBrImmediate}, {}},            // b.ne .+8, not taken
      {0xB4000044, {kBrRetired, kBrImmediate, kPcWrite}, {}},  // cbz x4, taken
      {0xB5000044, {kBrRetired, kBrImmediate}, {}},            // cbnz x4, not taken
      {0x36000044, {kBrRetired, kBrImmediate, kPcWrite}, {}},  // tbz w4, #0, taken
      {0xD61F0040, {kBrRetired, kPcWrite}, {}},                // br x2
      {0xD63F0040, {kBrRetired, kPcWrite}, {}},                // blr x2
      {0xD65F0040, {kBrRetired, kBrReturn, kPcWrite}, {}},     // ret x2
      {kNop, {}, {}},
  };
  constexpr u64 kEvents[] = {kLdRetired, kStRetired, kMemAccess, kBrRetired, kBrImmediate, kBrReturn, kPcWrite};
  for (const Fidelity fidelity : {Fidelity::Functional, Fidelity::Timed}) {
    for (const Row& row : rows) {
      for (const u64 event : kEvents) {
        Rig rig(El::El1, {}, test_model("cortex-a57", true));
        rig.core.set_fidelity(fidelity);
        rig.core.fp_allowed = true;
        rig.core.reg(SysReg::CPACR_EL1) = u64{3} << 20;
        rig.core.x[2] = CpuRig::kMemoryBase + 0x1000;
        rig.core.flags.z = 1;
        rig.count(event);
        rig.execute(row.insn);
        const bool once = std::ranges::find(row.once, event) != row.once.end();
        const bool twice = std::ranges::find(row.twice, event) != row.twice.end();
        EXPECT_EQ(rig.counted(), twice  ? 2u
                                 : once ? 1u
                                        : 0u)
            << std::hex << "instruction " << row.insn << ", event " << event;
      }
    }
  }
}

TEST(PerformanceMonitors, AFaultingLoadIsNotRetired) {
  Rig rig;
  rig.count(kLdRetired);
  rig.core.x[2] = 0x10;
  rig.execute(0xF9400041);
  EXPECT_EQ(rig.counted(), 0u);
}

TEST(PerformanceMonitors, EventsOfTheMmuComeFromThePlatform) {
  Rig rig;
  rig.mmu.counts = {.l1d_lookups = 1000, .data_walks = 10};
  rig.count(kL1dTlb);
  EXPECT_EQ(rig.counted(), 0u) << "what was before is not counted";
  rig.mmu.counts.l1d_lookups += 5;
  EXPECT_EQ(rig.counted(), 5u);
  rig.type(0, kDtlbWalk);
  rig.mmu.counts.data_walks += 2;
  EXPECT_EQ(rig.counted(), 7u);
}

struct CountingCaches final : cpu::CachePort {
  bool hits(Pa, u64, unsigned, Kind, Security) override { return false; }
  void access(const Access&, cost::Latency&) override {}
  void clean(Clean, const Access&, cost::Latency&) override {}
  void clean_set_way(Clean, u64, u64, cost::Latency&) override {}
  void invalidate_instructions(const Access&, cost::Latency&) override {}
  void invalidate_all_instructions(bool, cost::Latency&) override {}
  cpu::CacheEvents events() const override { return counts; }
  cpu::CacheEvents counts{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
};

TEST(PerformanceMonitors, EventsOfTheCachesComeFromThePlatformWhereThereAreSome) {
  Rig without;
  without.count(0x04);
  EXPECT_EQ(without.counted(), 0u);
  Rig rig;
  CountingCaches caches;
  rig.core.caches = &caches;
  cpu::pmu_reset(rig.core);
  // Without caches, events 1 3 4, 14 to 18, and 2A 2B are not there.
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 6)), 0x580F'7FE5u | 0x01F0'001Au);
  EXPECT_EQ(rig.read(mrs(3, 9, 12, 7)), 0x0030'A066u | 0x0000'0C00u);
  struct Row {
    u64 event;
    u64 cpu::CacheEvents::*member;
  };
  const Row rows[] = {
      {0x14, &cpu::CacheEvents::l1i_accesses},    {0x01, &cpu::CacheEvents::l1i_refills},
      {0x04, &cpu::CacheEvents::l1d_accesses},    {0x03, &cpu::CacheEvents::l1d_refills},
      {0x15, &cpu::CacheEvents::l1d_write_backs}, {0x16, &cpu::CacheEvents::l2_accesses},
      {0x17, &cpu::CacheEvents::l2_refills},      {0x18, &cpu::CacheEvents::l2_write_backs},
      {0x2B, &cpu::CacheEvents::l3_accesses},     {0x2A, &cpu::CacheEvents::l3_refills},
  };
  u64 more = 100;
  for (const Row& row : rows) {
    rig.count(row.event);
    EXPECT_EQ(rig.counted(), 0u) << row.event;
    caches.counts.*row.member += ++more;
    EXPECT_EQ(rig.counted(), more) << row.event;
  }
}

/// A loop of `length` instructions; the overflow's interrupt is looked for in one long run().
void expect_interrupt(Fidelity fidelity, u64 event, u64 per_turn, u64 counts) {
  constexpr u64 kTurn = 4;  // nop, ldr, nop, b
  Rig rig;
  rig.core.set_fidelity(fidelity);
  rig.core.x[2] = CpuRig::kMemoryBase + 0x1000;
  rig.interrupts(1);
  rig.count(event);
  rig.set(0, (u64{1} << 32) - counts);
  rig.program({kNop, 0xF9400041, kNop, 0x17FFFFFD});
  const u64 start = rig.core.retired;
  u64 at = 0;
  rig.system.on_performance_interrupt = [&](bool level) {
    if (level && at == 0) at = rig.core.retired - start;
  };
  rig.core.run(1'000'000);
  // `per_turn` events a turn of the loop; the overflow is the `counts`th one, less the write of the counter itself.
  const u64 exact = counts * kTurn / per_turn;
  EXPECT_GE(at + kTurn + 1, exact) << "event " << std::hex << event;
  EXPECT_LE(at, exact + kTurn) << "event " << std::hex << event;
}

TEST(PerformanceMonitors, TheInterruptComesAtTheOverflow) {
  for (const Fidelity fidelity : {Fidelity::Functional, Fidelity::Timed}) {
    expect_interrupt(fidelity, kInstRetired, 4, 100'003);
    expect_interrupt(fidelity, kLdRetired, 1, 10'001);
    expect_interrupt(fidelity, kBrRetired, 1, 777);
  }
  expect_interrupt(Fidelity::Functional, kCpuCycles, 4, 54'321);
}

TEST(PerformanceMonitors, TimedInterruptIsExact) {
  Rig rig;
  rig.core.set_fidelity(Fidelity::Timed);
  rig.interrupts(1);
  rig.count(kInstRetired);
  rig.set(0, (u64{1} << 32) - 1000);
  rig.program({kNop, kNop, kNop, kNop, kNop, kNop, 0x17FFFFFA});
  const u64 start = rig.core.retired;
  u64 at = 0;
  rig.system.on_performance_interrupt = [&](bool level) {
    if (level) at = rig.core.retired - start;
  };
  rig.core.run(100'000);
  EXPECT_EQ(at, 999u) << "the write of the counter was the first of the thousand";
}

TEST(PerformanceMonitors, ResetLowersTheLine) {
  Rig rig;
  rig.interrupts(1);
  rig.pmcr(arm::pmcr::E);
  rig.write(mrs(3, 9, 14, 3), 1);
  rig.execute(kNop);
  ASSERT_TRUE(rig.system.performance_line);
  rig.core.reset(Va{CpuRig::kMemoryBase});
  rig.core.run(1);
  EXPECT_FALSE(rig.system.performance_line);
}

}  // namespace
}  // namespace tw::test
