// ANCHORS.md, rows 1, 1a and 2: a trap alone, and an access to the GIC alone. The guest is bare code at EL1 without
// stage 2; EL2's handler is one ERET.
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/gic.h"
#include "../lib/measure.h"
#include "../lib/print.h"
#include "../lib/tables.h"

#define TRIPS 4096
#define STAMPS 1024
#define ACCESSES 1024
#define SGI_END 1u

extern char vectors_empty[], vectors_stamp[], el2_vectors[];

struct stamps {
  u64 entry, back;
};
u64 trap_round_trips(u64 count);
void trap_stamps(struct stamps *stamps, u64 count);
u64 barriers(u64 count);
u64 reads_and_barriers(u64 count);

static u8 stack[0x4000] __attribute__((aligned(16)));
static u8 pool[16 * PAGE_SIZE] __attribute__((aligned(4096)));
static u64 round_trips;
static struct stamps stamps;

// An interrupt is the way out: it does not pass the handler that is measured.
static void end(void) {
  mmio_write32(GICD_SGIR, SGIR_TO_SELF | SGI_END);
  for (;;) asm volatile("nop");
}

static void guest_round_trips(void) {
  trap_round_trips(64);  // warm
  round_trips = trap_round_trips(TRIPS);
  end();
}

static void guest_stamps(void) {
  trap_stamps(&stamps, 64);
  stamps = (struct stamps){0};
  trap_stamps(&stamps, STAMPS);
  end();
}

// Runs `program` at EL1 with EL2's vectors at `vectors`, until it ends itself.
static void run(void (*program)(void), const char *vectors) {
  struct trap_frame frame = {.elr = (u64)program, .spsr = SPSR_EL1H | SPSR_DAIF};
  WRITE_SYSREG(sp_el1, (u64)(stack + sizeof(stack)));
  WRITE_SYSREG(vbar_el2, (u64)vectors);
  isb();
  const unsigned vector = enter_lower_el(&frame);
  WRITE_SYSREG(vbar_el2, (u64)el2_vectors);
  isb();
  const u32 iar = mmio_read32(GICC_IAR);
  mmio_write32(GICC_EOIR, iar);
  check("ended by its interrupt", 9u << 16 | SGI_END, vector << 16 | (iar & INTID_MASK));
}

static void el1_on(void) {
  static struct tables identity;
  tables_init(&identity, (u64)pool, sizeof(pool), 0, 12, 1);
  tables_map(&identity, 0, 0, RAM_BASE, 1, S1_DEVICE);
  tables_map(&identity, RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY);
  tables_map(&identity, RAM_BASE + 2 * MEGABYTE, RAM_BASE + 2 * MEGABYTE, 30 * MEGABYTE, 2,
             S1_NORMAL | S1_PXN | S1_UXN);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_IMO);
  WRITE_SYSREG(cptr_el2, CPTR_RES1);
  WRITE_SYSREG(mair_el1, MAIR_VALUE);
  WRITE_SYSREG(tcr_el1, TCR_EL1_4K);
  WRITE_SYSREG(ttbr0_el1, identity.root);
  asm volatile("dsb sy; tlbi alle1; dsb sy; isb" ::: "memory");
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON);
  isb();
}

// Each read waits for the one before it, as every load from Device memory does.
static u64 gich_reads(void) {
  const u64 start = cycles_now();
  for (unsigned i = 0; i < ACCESSES; ++i) (void)mmio_read32(GICH_VMCR);
  return cycles_now() - start;
}

static u64 gich_writes(void) {
  const u32 vmcr = mmio_read32(GICH_VMCR);
  const u64 start = cycles_now();
  for (unsigned i = 0; i < ACCESSES; ++i) mmio_write32(GICH_VMCR, vmcr);
  return cycles_now() - start;
}

int main(void) {
  measure_init();
  gic_init(0);
  gic_enable(SGI_END, 0x80);
  el1_on();
  run(guest_round_trips, vectors_empty);
  run(guest_stamps, vectors_stamp);
  measure_print("trap.round_trip", round_trips, TRIPS);
  barriers(64);
  reads_and_barriers(64);
  const u64 bare = barriers(STAMPS);
  measure_print("trap.counter_read", reads_and_barriers(STAMPS) - bare, STAMPS);
  measure_print("trap.entry", stamps.entry, STAMPS);
  measure_print("trap.return", stamps.back, STAMPS);
  measure_print("gich.read", gich_reads(), ACCESSES);
  measure_print("gich.write", gich_writes(), ACCESSES);
  check_summary();
  return 0;
}
