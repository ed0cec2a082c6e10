// The guests' side: everything here runs at EL1 inside a VM. It may read code and constants of the image, and write
// to the VM's window only: the hypervisor's data is not in its stage 2.
#include "../lib/gic.h"
#include "../lib/tables.h"
#include "abi.h"
#include "hypervisor.h"

void guest_exit(void) {
  // The guest function's result is still in x0.
  asm volatile("mov x1, x0; mov x0, %0; hvc #0" ::"i"(HC_DONE) : "x0", "x1", "memory");
}

void guest_gic_on(u32 ctlr) {
  mmio_write32(GICC_PMR, 0xf8);
  mmio_write32(GICC_CTLR, (u32)GICC_CTLR_GROUP0 | ctlr);
}

void guest_map(struct guest *guest, u64 va, u64 ipa, u64 size, unsigned level, u64 attributes) {
  tables_map(&guest->stage1, va, ipa, size, level, attributes);
  asm volatile("dsb ishst; isb" ::: "memory");
}

void guest_exception(struct el1_context *context, struct trap_frame *frame, unsigned vector) {
  struct guest *guest = (struct guest *)context;
  switch (VECTOR_SLOT(vector)) {
    case SLOT_IRQ:
    case SLOT_FIQ: {
      const u32 iar = mmio_read32(GICC_IAR);
      guest->last_intid = iar & INTID_MASK;
      ++*(VECTOR_SLOT(vector) == SLOT_IRQ ? &guest->irqs : &guest->fiqs);
      if (guest->on_irq) guest->on_irq(guest, iar & INTID_MASK);
      if ((iar & INTID_MASK) != INTID_SPURIOUS && !guest->hold_eoi) mmio_write32(GICC_EOIR, iar);
      break;
    }
    case SLOT_SERROR:
      ++guest->serrors;
      break;
    default:
      ++guest->aborts;
      frame->elr += 4;
  }
}
