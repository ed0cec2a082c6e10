// Maintenance interrupts, one cause after the other (IHI 0048B, 5.3.4 GICH_MISR).
#include "../lib/timer.h"
#include "benchmarks.h"

enum cause { CAUSE_UNDERFLOW, CAUSE_NO_PENDING, CAUSE_EOI, CAUSE_ENTRY_NOT_PRESENT, CAUSE_GROUP0_ENABLED };

#define VIRTUAL_ID 48

static u32 seen_misr, seen_eisr, seen_eoi_count;

static u32 pending(unsigned id) { return (u32)LR_PENDING | LR_PRIORITY(0x80) | LR_VIRTUAL_ID(id); }

static void arm_maintenance(u32 enable) { mmio_write32(GICH_HCR, (u32)GICH_HCR_EN | enable); }

// HC_BENCHMARK: the guest is ready for the given cause.
static void prepare(struct vcpu *vcpu, u64 function, u64 argument) {
  (void)function;
  switch ((enum cause)argument) {
    case CAUSE_UNDERFLOW:  // three entries: the second EOI leaves one
      for (unsigned i = 0; i < 3; ++i) vgic_inject(vcpu, pending(VIRTUAL_ID + i));
      arm_maintenance((u32)GICH_HCR_UIE);
      break;
    case CAUSE_NO_PENDING:  // the acknowledge leaves none pending
      vgic_inject(vcpu, pending(VIRTUAL_ID));
      arm_maintenance((u32)GICH_HCR_NPIE);
      break;
    case CAUSE_EOI:  // the entry itself asks for it
      vgic_inject(vcpu, pending(VIRTUAL_ID) | (u32)LR_EOI);
      break;
    case CAUSE_ENTRY_NOT_PRESENT:  // called twice: inject, then take the active entry away before the guest's EOI
      if (vcpu_guest(vcpu)->irqs == 0) {
        vgic_inject(vcpu, pending(VIRTUAL_ID));
      } else {
        for (unsigned i = 0; i < LR_COUNT; ++i) mmio_write32(GICH_LR(i), 0);
        arm_maintenance((u32)GICH_HCR_LRENPIE);
      }
      break;
    case CAUSE_GROUP0_ENABLED:  // the guest's write to GICV_CTLR
      arm_maintenance((u32)GICH_HCR_VGRP0EIE);
      break;
  }
}

static bool take_maintenance(struct vcpu *vcpu, unsigned intid) {
  (void)vcpu;
  if (intid != INTID_MAINTENANCE) return false;
  seen_misr = mmio_read32(GICH_MISR);
  seen_eisr = mmio_read32(GICH_EISR0);
  seen_eoi_count = GICH_HCR_EOICOUNT(mmio_read32(GICH_HCR));
  for (unsigned i = 0; i < LR_COUNT; ++i) {
    if (seen_eisr & BIT(i)) mmio_write32(GICH_LR(i), 0);
  }
  arm_maintenance(0);  // also clears EOICount
  return true;
}

static u64 wait_for_irqs(struct guest *guest, enum cause cause, u64 count) {
  guest_gic_on(0);
  enable_interrupts();
  hypercall(HC_BENCHMARK, cause);
  wait_until(&guest->irqs, count);
  disable_interrupts();
  return guest->irqs;
}

static u64 guest_underflow(struct guest *guest) { return wait_for_irqs(guest, CAUSE_UNDERFLOW, 3); }
static u64 guest_no_pending(struct guest *guest) { return wait_for_irqs(guest, CAUSE_NO_PENDING, 1); }
static u64 guest_eoi(struct guest *guest) { return wait_for_irqs(guest, CAUSE_EOI, 1); }

static u64 guest_entry_not_present(struct guest *guest) {
  guest->hold_eoi = true;
  const u64 irqs = wait_for_irqs(guest, CAUSE_ENTRY_NOT_PRESENT, 1);
  hypercall(HC_BENCHMARK, CAUSE_ENTRY_NOT_PRESENT);
  mmio_write32(GICC_EOIR, VIRTUAL_ID);
  return irqs;
}

static u64 guest_group0(struct guest *guest) {
  (void)guest;
  hypercall(HC_BENCHMARK, CAUSE_GROUP0_ENABLED);
  guest_gic_on(0);
  return 1;
}

static const struct {
  const char *name;
  guest_function guest;
  u64 misr, eisr, eoi_count, result;
} rows[] = {
    {"maintenance_uie", guest_underflow, GICH_MISR_U, 0, 0, 3},
    {"maintenance_npie", guest_no_pending, GICH_MISR_NP, 0, 0, 1},
    {"maintenance_eoi", guest_eoi, GICH_MISR_EOI, 1, 0, 1},
    {"maintenance_lrenpie", guest_entry_not_present, GICH_MISR_LRENP, 0, 1, 1},
    {"maintenance_vgrp0e", guest_group0, GICH_MISR_VGRP0E, 0, 0, 1},
};

void bench_maintenance(const char *group) {
  (void)group;
  for (unsigned i = 0; i < ARRAY_SIZE(rows); ++i) {
    struct vcpu *vcpu = boot_one(rows[i].guest);
    vcpu->on_call = prepare;
    vcpu->on_irq = take_maintenance;
    seen_misr = seen_eisr = seen_eoi_count = 0;
    vcpu_run(vcpu);
    expect(rows[i].name, "IRQ", 1, vcpu->log.by_slot[SLOT_IRQ]);
    expect(rows[i].name, "MISR", rows[i].misr, seen_misr);
    expect(rows[i].name, "EISR", rows[i].eisr, seen_eisr);
    expect(rows[i].name, "EOICount", rows[i].eoi_count, seen_eoi_count);
    finish(rows[i].name, vcpu, rows[i].result);
  }
}
