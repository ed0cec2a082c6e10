// The performance monitors from EL2: what does not depend on how long anything takes. On QEMU, INST_RETIRED exists
// only with -icount.
#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/gic.h"
#include "../lib/print.h"

#define INTID_PMU 23u
#define PMCR_E BIT(0)
#define PMCR_P BIT(1)
#define PMCR_C BIT(2)
#define PMCR_LC BIT(6)
#define EVENT_SW_INCR 0x00u
#define EVENT_INST_RETIRED 0x08u
#define EVENT_CPU_CYCLES 0x11u
#define FILTER_NSH BIT(27)
#define FILTER_U BIT(30)
#define FILTER_P BIT(31)
#define CYCLES BIT(31)

static struct trap_log log;
static volatile u64 interrupts;
static volatile u64 interrupted_count;

// Called by el2_vectors.
void el2_exception(struct trap_frame *frame, unsigned vector) {
  const u64 count = READ_SYSREG(pmevcntr0_el0);
  trap_log_add(&log, frame, vector);
  if (VECTOR_SLOT(vector) != SLOT_IRQ) panic("vector %u ESR 0x%lx ELR 0x%lx", vector, frame->esr, frame->elr);
  const u32 iar = mmio_read32(GICC_IAR);
  if ((iar & INTID_MASK) == INTID_PMU) {
    interrupted_count = count;
    ++interrupts;
    WRITE_SYSREG(pmovsclr_el0, ~0ull);
    isb();
  }
  mmio_write32(GICC_EOIR, iar);
}

static bool is_pending(void) { return (mmio_read32(GICD_ISPENDR) >> INTID_PMU) & 1; }

static void stop(void) {
  WRITE_SYSREG(pmcr_el0, 0);
  WRITE_SYSREG(pmcntenclr_el0, ~0ull);
  WRITE_SYSREG(pmintenclr_el1, ~0ull);
  WRITE_SYSREG(pmovsclr_el0, ~0ull);
  isb();
}

// Counter 0 counts `type` from zero.
static void start(u64 type) {
  stop();
  WRITE_SYSREG(pmevtyper0_el0, type);
  WRITE_SYSREG(pmcntenset_el0, 1);
  WRITE_SYSREG(pmcr_el0, PMCR_E | PMCR_P);
  isb();
}

static u64 across_ten_nops(void) {
  u64 before, after;
  asm volatile(
      "mrs %0, pmevcntr0_el0\n"
      "nop; nop; nop; nop; nop; nop; nop; nop; nop; nop\n"
      "mrs %1, pmevcntr0_el0"
      : "=&r"(before), "=r"(after));
  return after - before;
}

static void instructions(void) {
  start(EVENT_INST_RETIRED | FILTER_NSH);
  check("inst_retired.el2", 11, across_ten_nops());
  start(EVENT_INST_RETIRED);
  check("inst_retired.el2_filtered", 0, across_ten_nops());
  start(EVENT_CPU_CYCLES | FILTER_NSH);
  check("cpu_cycles.run", 1, across_ten_nops() >= 2);  // a wide core takes several at once
}

// x0 turns of a loop of two instructions.
asm(".pushsection .text; .balign 4; loop_and_hvc: subs x0, x0, #1; b.ne loop_and_hvc; hvc #0; .popsection");
extern char loop_and_hvc[];

static u64 in_lower_el(u64 mode, u64 type, u64 turns) {
  static struct trap_frame frame;
  frame = (struct trap_frame){.x[0] = turns, .elr = (u64)loop_and_hvc, .spsr = mode | SPSR_DAIF};
  start(type);
  enter_lower_el(&frame);
  return READ_SYSREG(pmevcntr0_el0);
}

static void filters(void) {
  check("inst_retired.el1", 2 * 1000 + 1, in_lower_el(SPSR_EL1H, EVENT_INST_RETIRED, 1000));
  check("inst_retired.el1_without_el0", 2 * 1000 + 1, in_lower_el(SPSR_EL1H, EVENT_INST_RETIRED | FILTER_U, 1000));
  check("inst_retired.el1_filtered", 0, in_lower_el(SPSR_EL1H, EVENT_INST_RETIRED | FILTER_P, 1000));
}

static void software(void) {
  start(EVENT_SW_INCR | FILTER_NSH);
  for (unsigned n = 0; n < 5; ++n) WRITE_SYSREG(pmswinc_el0, 1);
  WRITE_SYSREG(pmswinc_el0, 2);
  check("sw_incr", 5, READ_SYSREG(pmevcntr0_el0));
  WRITE_SYSREG(pmevcntr0_el0, 0xffffffff);
  WRITE_SYSREG(pmswinc_el0, 1);
  check("sw_incr.wraps", 0, READ_SYSREG(pmevcntr0_el0));
  check_hex("sw_incr.overflow", 1, READ_SYSREG(pmovsset_el0));
  WRITE_SYSREG(pmselr_el0, 0);
  isb();
  WRITE_SYSREG(pmxevcntr_el0, 77);
  check("pmxevcntr", 77, READ_SYSREG(pmevcntr0_el0));
}

static void cycle_counter(void) {
  stop();
  WRITE_SYSREG(pmccfiltr_el0, FILTER_NSH);
  WRITE_SYSREG(pmcntenset_el0, CYCLES);
  WRITE_SYSREG(pmcr_el0, PMCR_E | PMCR_C);
  isb();
  const u64 first = READ_SYSREG(pmccntr_el0);
  isb();
  check("pmccntr.runs", 1, READ_SYSREG(pmccntr_el0) > first);
  WRITE_SYSREG(pmccntr_el0, 0xffffffff);
  asm volatile("nop; nop; nop; nop");
  check_hex("pmccntr.overflow_32", CYCLES, READ_SYSREG(pmovsset_el0) & CYCLES);
  check("pmccntr.is_64_bits", 1, READ_SYSREG(pmccntr_el0) >> 32);
  stop();
  WRITE_SYSREG(pmcr_el0, PMCR_E | PMCR_LC);
  WRITE_SYSREG(pmcntenset_el0, CYCLES);
  WRITE_SYSREG(pmccntr_el0, 0xffffffff);
  asm volatile("nop; nop; nop; nop");
  check_hex("pmccntr.no_overflow_32", 0, READ_SYSREG(pmovsset_el0) & CYCLES);
  WRITE_SYSREG(pmccfiltr_el0, 0);
  isb();
  const u64 filtered = READ_SYSREG(pmccntr_el0);
  check("pmccntr.filtered", 0, READ_SYSREG(pmccntr_el0) - filtered);
}

static void interrupt_line(void) {
  stop();
  WRITE_SYSREG(pmcr_el0, PMCR_E);
  WRITE_SYSREG(pmintenset_el1, 1);
  isb();
  check("line.low", 0, is_pending());
  WRITE_SYSREG(pmovsset_el0, 1);
  isb();
  check("line.high", 1, is_pending());
  WRITE_SYSREG(pmcr_el0, 0);
  isb();
  check_divergent("line.disabled", 0, 1, is_pending());  // PMCR_EL0.E gates the interrupt
  WRITE_SYSREG(pmcr_el0, PMCR_E);
  isb();
  check("line.enabled", 1, is_pending());
  WRITE_SYSREG(pmovsclr_el0, 1);
  isb();
  check("line.cleared", 0, is_pending());
}

// An interrupt after 10,000 instructions of a long loop. With -icount QEMU finds the overflow only when somebody looks.
static void sampling(void) {
  start(EVENT_INST_RETIRED | FILTER_NSH);
  WRITE_SYSREG(pmintenset_el1, 1);
  WRITE_SYSREG(pmevcntr0_el0, 0x100000000ull - 10000);
  gic_enable(INTID_PMU, 0x80);
  interrupts = 0;
  asm volatile("msr daifclr, #2" ::: "memory");
  u64 turns = 40000;
  asm volatile("1: subs %0, %0, #1; b.ne 1b" : "+r"(turns)::"cc");
  asm volatile("msr daifset, #2" ::: "memory");
  check_divergent("sampling.interrupts", 1, 0, interrupts);
  check("sampling.skid_below_100", 1, interrupted_count < 100);
  stop();
  gic_disable(INTID_PMU);
}

int main(void) {
  trap_log_clear(&log);
  gic_init(0);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_IMO | HCR_FMO);
  isb();
  check("counters", 6, (READ_SYSREG(pmcr_el0) >> 11) & 31);
  check_hex("counts_sw_incr_inst_retired_cpu_cycles", 0x20101, READ_SYSREG(pmceid0_el0) & 0x20101);
  instructions();
  filters();
  software();
  cycle_counter();
  interrupt_line();
  sampling();
  stop();
  check_summary();
  return 0;
}
