// Instructions and registers that EL2 can trap, a row a control. HCR_EL2.TID0 has no row: the registers of its group
// (FPSID, JIDR) exist in AArch32 only. HSTR_EL2 likewise controls AArch32 accesses.
#include "../lib/check.h"
#include "benchmarks.h"

#define ROUNDS 4

#define READ(name) asm volatile("mrs x0, " name ::: "x0", "memory")
#define WRITE(name) asm volatile("msr " name ", %0" ::"r"(value) : "memory")
#define DO(instruction) asm volatile(instruction ::"r"(value) : "memory")

// The registers of TVM and TRVM. Writes give back what is there, in case they are not trapped.
// clang-format off
#define VM_CONTROLS(X)                                                                \
  X("sctlr_el1") X("ttbr0_el1") X("ttbr1_el1") X("tcr_el1") X("esr_el1") X("far_el1") \
  X("afsr0_el1") X("afsr1_el1") X("mair_el1") X("amair_el1") X("contextidr_el1")
// clang-format on
#define VM_CONTROL_COUNT 11

static void write_vm_controls(u64 value) {
#define X(name)                                \
  asm volatile("mrs %0, " name : "=r"(value)); \
  WRITE(name);
  VM_CONTROLS(X)
#undef X
}

static void read_vm_controls(u64 value) {
  (void)value;
#define X(name) READ(name);
  VM_CONTROLS(X)
#undef X
}

static void invalidate_tlb(u64 value) {
  DO("tlbi vmalle1");
  DO("tlbi vae1, %0");
  DO("tlbi aside1, %0");
  DO("tlbi vaae1, %0");
  DO("tlbi vale1, %0");
  DO("tlbi vaale1, %0");
  DO("tlbi vmalle1is");
  DO("tlbi vae1is, %0");
  DO("tlbi aside1is, %0");
  DO("tlbi vaae1is, %0");
  DO("tlbi vale1is, %0");
  DO("tlbi vaale1is, %0");
}

static void cache_by_set_way(u64 value) {
  value = 0;
  DO("dc isw, %0");
  DO("dc csw, %0");
  DO("dc cisw, %0");
}

static void cache_to_coherency(u64 value) {
  DO("dc ivac, %0");
  DO("dc cvac, %0");
  DO("dc civac, %0");
}

static void cache_to_unification(u64 value) {
  DO("ic ivau, %0");
  DO("ic iallu");
  DO("ic ialluis");
  DO("dc cvau, %0");
}

static void zero_block(u64 value) { DO("dc zva, %0"); }

static void auxiliary_control(u64 value) {
  READ("actlr_el1");
  value = 0;
  WRITE("actlr_el1");
}

static void id_group1(u64 value) {
  (void)value;
  READ("revidr_el1");
  READ("aidr_el1");
}

static void id_group2(u64 value) {
  READ("ctr_el0");
  READ("ccsidr_el1");
  READ("clidr_el1");
  READ("csselr_el1");
  value = 0;
  WRITE("csselr_el1");
}

// op0 = 3, op1 = 0, CRn = 0: ID_PFR0_EL1 and on, by CRm and op2. Reserved encodings are left out: whether TID3 traps
// them is IMPLEMENTATION DEFINED in Armv8.0.
static void id_group3(u64 value) {
  (void)value;
  READ("s3_0_c0_c1_0");
  READ("s3_0_c0_c1_1");
  READ("s3_0_c0_c1_2");
  READ("s3_0_c0_c1_3");
  READ("s3_0_c0_c1_4");
  READ("s3_0_c0_c1_5");
  READ("s3_0_c0_c1_6");
  READ("s3_0_c0_c1_7");
  READ("s3_0_c0_c2_0");
  READ("s3_0_c0_c2_1");
  READ("s3_0_c0_c2_2");
  READ("s3_0_c0_c2_3");
  READ("s3_0_c0_c2_4");
  READ("s3_0_c0_c2_5");
  READ("mvfr0_el1");
  READ("mvfr1_el1");
  READ("mvfr2_el1");
  READ("id_aa64pfr0_el1");
  READ("id_aa64pfr1_el1");
  READ("id_aa64dfr0_el1");
  READ("id_aa64dfr1_el1");
  READ("id_aa64afr0_el1");
  READ("id_aa64afr1_el1");
  READ("id_aa64isar0_el1");
  READ("id_aa64isar1_el1");
  READ("id_aa64mmfr0_el1");
  READ("id_aa64mmfr1_el1");
}

static void implementation_defined(u64 value) {
  (void)value;
  READ("s3_1_c15_c2_0");  // CPUACTLR_EL1 of the Cortex-A57
}

static void physical_counter(u64 value) {
  (void)value;
  READ("cntpct_el0");
}

static void physical_timer(u64 value) {
  READ("cntp_ctl_el0");
  READ("cntp_cval_el0");
  READ("cntp_tval_el0");
  value = 0;
  WRITE("cntp_ctl_el0");
  WRITE("cntp_cval_el0");
  WRITE("cntp_tval_el0");
}

static void performance_monitors(u64 value) {
  READ("pmcr_el0");
  READ("pmcntenset_el0");
  READ("pmselr_el0");
  READ("pmccntr_el0");
  READ("pmuserenr_el0");
  READ("pmintenset_el1");
  value = 0;
  WRITE("pmselr_el0");
}

static void debug_registers(u64 value) {
  READ("mdscr_el1");
  READ("dbgbvr0_el1");
  READ("dbgbcr0_el1");
  READ("dbgwvr0_el1");
  READ("dbgwcr0_el1");
  value = 0;
  WRITE("dbgbvr0_el1");
}

static void wait_for_interrupt(u64 value) { DO("wfi"); }

// The trap is taken only while the event register is clear: SEVL and a first WFE, which finds it set, clear it.
static void wait_for_event(u64 value) {
  DO("sevl");
  DO("wfe");
  DO("wfe");
}

// FMOV D0, XZR, as a number: nothing here is assembled or executed as FP.
static void floating_point(u64 value) { DO(".inst 0x9e6703e0"); }

typedef void (*accesses)(u64 value);

static const struct row {
  const char *name;
  u64 hcr, cptr, mdcr, cnthctl_clear;  // controls added to, or taken from, the usual ones
  accesses run;
  unsigned count;  // traps a round
  unsigned ec;
  bool qemu_departs;  // QEMU 7.2 does not take this trap: not in the digest (README.md)
} rows[] = {
    {"tvm", HCR_TVM, 0, 0, 0, write_vm_controls, VM_CONTROL_COUNT, EC_SYSREG, false},
    {"trvm", HCR_TRVM, 0, 0, 0, read_vm_controls, VM_CONTROL_COUNT, EC_SYSREG, false},
    {"ttlb", HCR_TTLB, 0, 0, 0, invalidate_tlb, 12, EC_SYSREG, false},
    {"tsw", HCR_TSW, 0, 0, 0, cache_by_set_way, 3, EC_SYSREG, false},
    {"tpc", HCR_TPC, 0, 0, 0, cache_to_coherency, 3, EC_SYSREG, false},
    {"tpu", HCR_TPU, 0, 0, 0, cache_to_unification, 4, EC_SYSREG, false},
    {"tdz", HCR_TDZ, 0, 0, 0, zero_block, 1, EC_SYSREG, false},
    {"tacr", HCR_TACR, 0, 0, 0, auxiliary_control, 2, EC_SYSREG, false},
    {"tid1", HCR_TID1, 0, 0, 0, id_group1, 2, EC_SYSREG, false},
    {"tid2", HCR_TID2, 0, 0, 0, id_group2, 5, EC_SYSREG, false},
    {"tid3", HCR_TID3, 0, 0, 0, id_group3, 27, EC_SYSREG, false},
    {"tidcp", HCR_TIDCP, 0, 0, 0, implementation_defined, 1, EC_SYSREG, true},
    {"cnthctl_el1pcten", 0, 0, 0, CNTHCTL_EL1PCTEN, physical_counter, 1, EC_SYSREG, false},
    {"cnthctl_el1pcen", 0, 0, 0, CNTHCTL_EL1PCEN, physical_timer, 6, EC_SYSREG, false},
    {"mdcr_tpm", 0, 0, MDCR_TPM, 0, performance_monitors, 7, EC_SYSREG, false},
    {"mdcr_tda", 0, 0, MDCR_TDA, 0, debug_registers, 6, EC_SYSREG, false},
    {"twi", HCR_TWI, 0, 0, 0, wait_for_interrupt, 1, EC_WFX, false},
    {"twe", HCR_TWE, 0, 0, 0, wait_for_event, 1, EC_WFX, true},
    {"lazy_fp", 0, CPTR_TFP, 0, 0, floating_point, 1, EC_FP_ACCESS, false},
};

// The row's function is told through struct guest's flag: the guest cannot read the hypervisor's variables.
static u64 guest_accesses(struct guest *guest) {
  const accesses run = (accesses)guest->flag;
  for (unsigned i = 0; i < ROUNDS; ++i) run(SHARED_IPA);
  return ROUNDS;
}

static unsigned unlogged_ec;
static u64 unlogged_traps;

static bool count_unlogged(struct vcpu *vcpu, unsigned ec) {
  (void)vcpu;
  unlogged_traps += ec == unlogged_ec;
  return false;
}

void bench_trapped_instructions(const char *group) {
  (void)group;
  for (unsigned i = 0; i < ARRAY_SIZE(rows); ++i) {
    const struct row *row = &rows[i];
    struct vcpu *vcpu = boot_one(guest_accesses);
    vcpu_guest(vcpu)->flag = (u64)row->run;
    vcpu->hcr |= row->hcr;
    vcpu->cptr |= row->cptr;
    vcpu->mdcr |= row->mdcr;
    vcpu->cnthctl &= ~row->cnthctl_clear;
    vcpu->unlogged = row->qemu_departs;
    if (row->qemu_departs) {
      vcpu->on_trap = count_unlogged;
      unlogged_ec = row->ec;
      unlogged_traps = 0;
      vcpu_run(vcpu);
      check_divergent(row->name, ROUNDS * row->count, 0, unlogged_traps);
    } else {
      vcpu_run(vcpu);
      expect(row->name, "traps", ROUNDS * row->count, vcpu->log.by_ec[row->ec]);
    }
    finish(row->name, vcpu, ROUNDS);
  }
}
