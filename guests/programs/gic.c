// The GICv2's distributor and CPU interface from EL2, mostly by polling GICC_IAR with PSTATE.I set; then as IRQ and
// FIQ.
#include "../lib/gic.h"

#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/print.h"

#define SPI 100u  // nothing is wired to it
#define IDLE_PRIORITY 0xffu

static struct trap_log log;
static volatile u32 taken_intid, taken_slot;

// Called by el2_vectors.
void el2_exception(struct trap_frame *frame, unsigned vector) {
  trap_log_add(&log, frame, vector);
  if (VECTOR_SLOT(vector) == SLOT_SYNC) panic("ESR 0x%lx ELR 0x%lx FAR 0x%lx", frame->esr, frame->elr, frame->far);
  const u32 iar = mmio_read32(GICC_IAR);
  taken_intid = iar & INTID_MASK;
  taken_slot = VECTOR_SLOT(vector);
  mmio_write32(GICC_EOIR, iar);
}

static void send_sgi(unsigned id) { mmio_write32(GICD_SGIR, SGIR_TO_SELF | id); }
static u32 acknowledge(void) { return mmio_read32(GICC_IAR) & INTID_MASK; }
static void end(u32 id) { mmio_write32(GICC_EOIR, id); }
static u32 running(void) { return mmio_read32(GICC_RPR) & 0xff; }
static bool is_set(u64 registers, unsigned id) { return (mmio_read32(registers + 4 * (id / 32)) >> (id % 32)) & 1; }
static void set(u64 registers, unsigned id) { mmio_write32(registers + 4 * (id / 32), 1u << (id % 32)); }

static void identification(void) {
  check("spurious_when_idle", INTID_SPURIOUS, acknowledge());
  check("idle_priority", IDLE_PRIORITY, running());
  check("sgis_are_enabled_or_can_be", 1, (gic_enable(1, 0x80), is_set(GICD_ISENABLER, 1)));
  check("list_registers", LR_COUNT, (mmio_read32(GICH_VTR) & 0x3f) + 1);
}

static void priorities(void) {
  static const u8 priority[] = {0x60, 0x40, 0x20, 0x80, 0x40};  // of SGI 1 and on
  static const u32 order[] = {3, 2, 5, 1, 4};                   // equal priorities: the lower INTID first
  for (unsigned i = 0; i < ARRAY_SIZE(priority); ++i) gic_enable(i + 1, priority[i]);
  for (unsigned i = 0; i < ARRAY_SIZE(priority); ++i) send_sgi(i + 1);
  for (unsigned i = 0; i < ARRAY_SIZE(order); ++i) {
    check("highest_pending", order[i], mmio_read32(GICC_HPPIR) & INTID_MASK);
    check("order", order[i], acknowledge());
    check_hex("running_priority", priority[order[i] - 1], running());
    end(order[i]);
  }
  check("order.end", INTID_SPURIOUS, acknowledge());
}

static void priority_mask(void) {
  gic_enable(1, 0x80);
  send_sgi(1);
  mmio_write32(GICC_PMR, 0x80);
  check("masked_at_equal_priority", INTID_SPURIOUS, acknowledge());
  check("masked_stays_pending", 1, is_set(GICD_ISPENDR, 1));
  mmio_write32(GICC_PMR, 0x90);
  check("unmasked", 1, acknowledge());
  end(1);
  mmio_write32(GICC_PMR, 0xff);
}

static void preemption(void) {
  gic_enable(1, 0x80);
  gic_enable(2, 0x40);
  gic_enable(3, 0xa0);
  mmio_write32(GICC_BPR, 0);
  send_sgi(1);
  check("first", 1, acknowledge());
  send_sgi(3);
  check("lower_does_not_preempt", INTID_SPURIOUS, acknowledge());
  send_sgi(2);
  check("higher_preempts", 2, acknowledge());
  check_hex("nested_running_priority", 0x40, running());
  end(2);
  check_hex("dropped_running_priority", 0x80, running());
  check("still_not", INTID_SPURIOUS, acknowledge());
  end(1);
  check("then_the_lower", 3, acknowledge());
  end(3);
  check_hex("all_done", IDLE_PRIORITY, running());
}

// BPR 6: the group priority is bit [7] alone, so 0xa0 and 0x80 are one group and 0x40 another.
static void binary_point(void) {
  mmio_write32(GICC_BPR, 6);
  gic_enable(1, 0xa0);
  gic_enable(2, 0x80);
  gic_enable(3, 0x40);
  send_sgi(1);
  check("group.first", 1, acknowledge());
  send_sgi(2);
  check("group.same_does_not_preempt", INTID_SPURIOUS, acknowledge());
  send_sgi(3);
  check("group.other_preempts", 3, acknowledge());
  end(3);
  end(1);
  check("group.then", 2, acknowledge());
  end(2);
  mmio_write32(GICC_BPR, 0);
}

static void split_end_of_interrupt(void) {
  mmio_write32(GICC_CTLR, (u32)(GICC_CTLR_GROUP0 | GICC_CTLR_EOIMODE));
  gic_enable(1, 0x80);
  send_sgi(1);
  check("split.acknowledge", 1, acknowledge());
  check("split.active", 1, is_set(GICD_ISACTIVER, 1));
  end(1);
  check_hex("split.dropped", IDLE_PRIORITY, running());
  check("split.still_active", 1, is_set(GICD_ISACTIVER, 1));
  send_sgi(1);
  check("split.active_is_not_given_again", INTID_SPURIOUS, acknowledge());
  mmio_write32(GICC_DIR, 1);
  check("split.deactivated", 1, acknowledge());
  end(1);
  mmio_write32(GICC_DIR, 1);
  check("split.inactive", 0, is_set(GICD_ISACTIVER, 1));
  mmio_write32(GICC_CTLR, (u32)GICC_CTLR_GROUP0);
}

static void shared_peripheral(void) {
  mmio_write32(GICD_ITARGETSR + (SPI & ~3u), 0x01010101);
  mmio_write32(GICD_ICFGR + 4 * (SPI / 16), 2u << (2 * (SPI % 16)));  // edge
  set(GICD_ISPENDR, SPI);
  check("spi.disabled", INTID_SPURIOUS, acknowledge());
  check("spi.pending", 1, is_set(GICD_ISPENDR, SPI));
  set(GICD_ICPENDR, SPI);
  gic_enable(SPI, 0x80);
  check("spi.cleared", INTID_SPURIOUS, acknowledge());
  set(GICD_ISPENDR, SPI);
  check("spi.taken", SPI, acknowledge());
  check("spi.no_longer_pending", 0, is_set(GICD_ISPENDR, SPI));
  check("spi.active", 1, is_set(GICD_ISACTIVER, SPI));
  set(GICD_ICACTIVER, SPI);
  check("spi.deactivated", 0, is_set(GICD_ISACTIVER, SPI));
  end(SPI);
  gic_disable(SPI);
  mmio_write32(GICD_CTLR, 0);
  gic_enable(1, 0x80);
  send_sgi(1);
  check("distributor_off", INTID_SPURIOUS, acknowledge());
  mmio_write32(GICD_CTLR, 1);
  check("distributor_on", 1, acknowledge());
  end(1);
}

static void as_exceptions(void) {
  gic_enable(4, 0x80);
  asm volatile("msr daifclr, #3" ::: "memory");
  send_sgi(4);
  for (u32 tries = 0; taken_intid != 4 && tries < 100000; ++tries) isb();
  check("irq.intid", 4, taken_intid);
  check("irq.slot", SLOT_IRQ, taken_slot);
  taken_intid = 0;
  mmio_write32(GICC_CTLR, (u32)(GICC_CTLR_GROUP0 | GICC_CTLR_FIQEN));
  send_sgi(4);
  for (u32 tries = 0; taken_intid != 4 && tries < 100000; ++tries) isb();
  check("fiq.intid", 4, taken_intid);
  check("fiq.slot", SLOT_FIQ, taken_slot);
  asm volatile("msr daifset, #3" ::: "memory");
  mmio_write32(GICC_CTLR, (u32)GICC_CTLR_GROUP0);
}

int main(void) {
  trap_log_clear(&log);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_IMO | HCR_FMO);
  isb();
  gic_init(0);
  identification();
  priorities();
  priority_mask();
  preemption();
  binary_point();
  split_end_of_interrupt();
  shared_peripheral();
  as_exceptions();
  trap_log_print("gic", &log);
  check_summary();
  return 0;
}
