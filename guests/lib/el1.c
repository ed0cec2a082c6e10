#include "el1.h"

#include "print.h"
#include "tables.h"

static u8 el1_stack[0x8000] __attribute__((aligned(16)));
static u8 el1_pool[64 * 4096] __attribute__((aligned(4096)));
static struct tables identity;

struct tables *el1_tables(void) {
  return &identity;
}

// Called by el1_vectors.
void el1_exception(struct trap_frame *frame, unsigned vector) {
  struct el1_context *context = el1_context();
  if (!context->unlogged) trap_log_add(&context->log, frame, vector);
  context->handler(context, frame, vector);
}

// Called by el2_vectors for exceptions from EL2 itself; programs that expect some have their own.
__attribute__((weak)) void el2_exception(struct trap_frame *frame, unsigned vector) {
  panic("exception at EL2: vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame->esr, frame->elr, frame->far);
}

static void leave_el1(void) {
  asm volatile("hvc #0xffff" ::: "memory");
  panic("returned to EL1 after its end");
}

void el1_run(void (*program)(void), struct el1_context *context) {
  tables_init(&identity, (u64)el1_pool, sizeof(el1_pool), 0, 12, 1);
  tables_map(&identity, 0, 0, RAM_BASE, 1, S1_DEVICE);
  tables_map(&identity, RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY | S1_EL0);
  tables_map(&identity, RAM_BASE + 2 * MEGABYTE, RAM_BASE + 2 * MEGABYTE, 30 * MEGABYTE, 2,
             S1_NORMAL | S1_PXN | S1_UXN);
  WRITE_SYSREG(hcr_el2, HCR_RW);
  WRITE_SYSREG(cptr_el2, CPTR_RES1);
  WRITE_SYSREG(cnthctl_el2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
  WRITE_SYSREG(cntvoff_el2, 0);
  WRITE_SYSREG(cpacr_el1, 0);
  WRITE_SYSREG(vbar_el1, (u64)el1_vectors);
  WRITE_SYSREG(tpidr_el1, (u64)context);
  WRITE_SYSREG(mair_el1, MAIR_VALUE);
  WRITE_SYSREG(tcr_el1, TCR_EL1_4K);
  WRITE_SYSREG(ttbr0_el1, identity.root);
  asm volatile("dsb sy; tlbi alle1; dsb sy; isb" ::: "memory");
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON);
  WRITE_SYSREG(sp_el1, (u64)(el1_stack + sizeof(el1_stack)));

  trap_log_clear(&context->log);
  struct trap_frame frame = {.elr = (u64)program, .spsr = SPSR_EL1H | SPSR_DAIF};
  frame.x[30] = (u64)leave_el1;
  const unsigned vector = enter_lower_el(&frame);
  if (VECTOR_SLOT(vector) != SLOT_SYNC || frame.esr != (((u64)EC_HVC64 << 26) | ESR_IL | 0xffff)) {
    panic("EL1 trapped to EL2: vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame.esr, frame.elr, frame.far);
  }
}
