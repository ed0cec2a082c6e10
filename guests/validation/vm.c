#include "vm.h"

#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

#ifndef VM_POOL_MEGABYTES
#define VM_POOL_MEGABYTES 6  // of translation tables, a stage
#endif
#define POOL_SIZE (VM_POOL_MEGABYTES * MEGABYTE)

static struct {
  struct vm_result result;
  u8 stack[0x4000] __attribute__((aligned(16)));
  u8 tables[POOL_SIZE] __attribute__((aligned(4096)));
  u8 heap[VM_HEAP] __attribute__((aligned(4096)));
} vm __attribute__((aligned(0x200000), section(".vm")));
static u8 stage2_pool[POOL_SIZE] __attribute__((aligned(0x200000), section(".vm")));
static struct tables stage1, stage2;
static bool has_stage2;
static u64 vmid;
static u64 (*hypercall)(u64 call, u64 first, u64 second);

void vm_map(u64 base, u64 size, unsigned stage1_level, unsigned stage2_level) {
  tables_map(&stage1, base, base, size, stage1_level, S1_NORMAL | S1_PXN | S1_UXN);
  if (stage2_level) {
    tables_map(&stage2, base, base, size, stage2_level, S2_NORMAL | S2_READ | S2_WRITE | S2_XN);
  }
}

void vm_map_user(u64 base, u64 size) { tables_map(&stage1, base, base, size, 3, S1_NORMAL | S1_EL0 | S1_PXN | S1_UXN); }

void vm_map_device(u64 base, u64 size) {
  tables_map(&stage1, base, base, size, 2, S1_DEVICE);
  if (has_stage2) tables_map(&stage2, base, base, size, 2, S2_DEVICE | S2_READ | S2_WRITE);
}

u64 vm_stage1_root(void) { return stage1.root; }
u64 vm_stage2_root(void) { return stage2.root; }
u64 vm_id(void) { return vmid; }
u8 *vm_heap(void) { return vm.heap; }
void vm_on_hypercall(u64 (*handler)(u64 call, u64 first, u64 second)) { hypercall = handler; }

void vm_make(unsigned stage1_level, unsigned stage2_level) {
  ++vmid;
  has_stage2 = stage2_level != 0;
  tables_init(&stage1, (u64)vm.tables, sizeof(vm.tables), 0, 12, 1);
  tables_init(&stage2, (u64)stage2_pool, sizeof(stage2_pool), 0, 12, 1);
  tables_map(&stage1, RAM_BASE, RAM_BASE, 2 * MEGABYTE, stage1_level, S1_NORMAL | S1_READ_ONLY);
  if (has_stage2) tables_map(&stage2, RAM_BASE, RAM_BASE, 2 * MEGABYTE, stage2_level, S2_NORMAL | S2_READ);
  vm_map((u64)&vm, (sizeof(vm) + 2 * MEGABYTE - 1) & ~(2 * MEGABYTE - 1), stage1_level, stage2_level);
  vm.result = (struct vm_result){.heap = vm.heap};
}

void vm_set_argument(u64 argument) { vm.result.argument = argument; }

static void leave(void) {
  asm volatile("hvc #1" ::: "memory");
  for (;;) {
  }
}

const struct vm_result *vm_run(u64 (*function)(struct vm_result *result)) {
  WRITE_SYSREG(vtcr_el2, VTCR_4K);
  WRITE_SYSREG(vttbr_el2, stage2.root | vmid << 48);
  WRITE_SYSREG(hcr_el2, HCR_RW | (has_stage2 ? HCR_VM : 0));
  WRITE_SYSREG(cptr_el2, CPTR_RES1);
  WRITE_SYSREG(vbar_el1, (u64)el1_vectors);
  WRITE_SYSREG(mair_el1, MAIR_VALUE);
  WRITE_SYSREG(tcr_el1, TCR_EL1_4K);
  WRITE_SYSREG(ttbr0_el1, stage1.root);
  asm volatile("dsb sy; isb; tlbi alle1; dsb sy; isb" ::: "memory");
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON);
  WRITE_SYSREG(sp_el1, (u64)(vm.stack + sizeof(vm.stack)));
  struct trap_frame frame = {.elr = (u64)function, .spsr = SPSR_EL1H | SPSR_DAIF};
  frame.x[0] = (u64)&vm.result;
  frame.x[30] = (u64)leave;
  const u64 hvc = ((u64)EC_HVC64 << 26) | ESR_IL;
  unsigned vector = enter_lower_el(&frame);
  while (hypercall && VECTOR_SLOT(vector) == SLOT_SYNC && frame.esr == (hvc | 2)) {
    frame.x[0] = hypercall(frame.x[0], frame.x[1], frame.x[2]);
    vector = enter_lower_el(&frame);
  }
  if (VECTOR_SLOT(vector) != SLOT_SYNC || frame.esr != (hvc | 1)) {
    panic("VM: vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx HPFAR 0x%lx", vector, frame.esr, frame.elr, frame.far,
          frame.hpfar);
  }
  return &vm.result;
}
