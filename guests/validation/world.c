#include "world.h"

#include "../lib/measure.h"
#include "../lib/print.h"
#include "../lib/psci.h"

#define VMID 1ull
#define PSCI_CPU_ON 0xc4000003u

// One 2 MB block of stage 2.
static struct {
  struct vm_data data;
  u8 tables[CORES][8 * PAGE_SIZE] __attribute__((aligned(4096)));
} vm __attribute__((aligned(0x200000), section(".vm")));
static u8 stage2_pool[16 * PAGE_SIZE] __attribute__((aligned(4096)));
static struct tables stage2;
static struct vcpu vcpus[CORES];
static struct world hosts[CORES];

struct vm_data *vm_data(void) {
  return &vm.data;
}
struct vcpu *vcpu_of(unsigned id) {
  return &vcpus[id];
}
unsigned core_number(void) { return READ_SYSREG(mpidr_el1) & 0xff; }

void world_save(struct world *world) {
#define X(name) world->name = READ_SYSREG(name);
  WORLD_REGISTERS(X)
#undef X
}

void world_load(const struct world *world) {
#define X(name) WRITE_SYSREG(name, world->name);
  WORLD_REGISTERS(X)
#undef X
}

u64 guest_call(enum hypercall_number number) {
  register u64 x0 asm("x0") = number;
  asm volatile("hvc #0" : "+r"(x0)::"memory");
  return x0;
}

void guest_interface_on(void) {
  mmio_write32(GICC_PMR, 0xf8);
  mmio_write32(GICC_CTLR, (u32)GICC_CTLR_GROUP0);
}

void guest_end(struct vm_data *data, u64 cycles, u64 count) {
  data->cycles = cycles;
  data->count = count;
  guest_call(CALL_END);
}

// The VM's interrupts; el1_vectors come here through el1_exception().
static void guest_interrupt(struct el1_context *context, struct trap_frame *frame, unsigned vector) {
  if (VECTOR_SLOT(vector) != SLOT_IRQ) panic("VM: vector %u ESR 0x%lx ELR 0x%lx", vector, frame->esr, frame->elr);
  const u32 iar = mmio_read32(GICC_IAR);
  const unsigned cpu = context == &vm.data.cpu[0].el1 ? 0 : 1;
  if ((iar & INTID_MASK) == INTID_SPURIOUS) return;
  mmio_write32(GICC_EOIR, iar);
  ++vm.data.cpu[cpu].irqs;
}

static u64 stage1_of_guest(unsigned id) {
  struct tables tables;
  tables_init(&tables, (u64)vm.tables[id], sizeof(vm.tables[id]), 0, 12, 1);
  tables_map(&tables, GICD_BASE, GICD_BASE, 2 * MEGABYTE, 2, S1_DEVICE);
  tables_map(&tables, UART_BASE, UART_BASE, 2 * MEGABYTE, 2, S1_DEVICE);
  tables_map(&tables, RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY);
  tables_map(&tables, (u64)&vm, (u64)&vm, 2 * MEGABYTE, 2, S1_NORMAL | S1_PXN | S1_UXN);
  return tables.root;
}

static void stage2_make(bool list_registers) {
  tables_init(&stage2, (u64)stage2_pool, sizeof(stage2_pool), 0, 12, 1);
  tables_map(&stage2, (u64)image_start, (u64)image_start, (u64)text_end - (u64)image_start, 3, S2_NORMAL | S2_READ);
  tables_map(&stage2, (u64)&vm, (u64)&vm, 2 * MEGABYTE, 2, S2_NORMAL | S2_READ | S2_WRITE | S2_XN);
  if (list_registers) tables_map(&stage2, GICC_BASE, GICV_BASE, GICC_SIZE, 3, S2_DEVICE | S2_READ | S2_WRITE);
  asm volatile("dsb ishst" ::: "memory");
}

struct vcpu *vcpu_make(unsigned id, void (*function)(struct vm_data *data), bool list_registers) {
  struct vcpu *vcpu = &vcpus[id];
  if (id == 0) stage2_make(list_registers);
  *vcpu = (struct vcpu){.host = &hosts[id], .id = id, .list_registers = list_registers};
  vm.data.cpu[id].irqs = 0;
  vm.data.cpu[id].el1 = (struct el1_context){.unlogged = true, .handler = guest_interrupt};
  struct world *guest = &vcpu->guest;
  guest->gp.x[0] = (u64)&vm.data;
  guest->gp.pc = (u64)function;
  guest->gp.pstate = SPSR_EL1H | SPSR_DAIF;
  guest->gp.sp_el1 = (u64)(vm.data.cpu[id].stack + sizeof(vm.data.cpu[id].stack));
  guest->vmpidr_el2 = BIT(31) | id;
  guest->sctlr_el1 = SCTLR_EL1_ON;
  guest->ttbr0_el1 = stage1_of_guest(id);
  guest->tcr_el1 = TCR_EL1_4K;
  guest->mair_el1 = MAIR_VALUE;
  guest->vbar_el1 = (u64)el1_vectors;
  guest->tpidr_el1 = (u64)&vm.data.cpu[id].el1;
  vcpu->vgic.hcr = (u32)GICH_HCR_EN;
  vcpu->vttbr = stage2.root | VMID << 48;
  vcpu->hcr = HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TSC | HCR_RW;
  WRITE_SYSREG(vtcr_el2, VTCR_4K);
  WRITE_SYSREG(vttbr_el2, vcpu->vttbr);
  asm volatile("isb; tlbi vmalls12e1; dsb ish; isb" ::: "memory");
  WRITE_SYSREG(vttbr_el2, 0);
  isb();
  return vcpu;
}

// --- core 1

static struct {
  u64 mair, tcr, ttbr, vbar, sctlr, stack, entry;  // switch.S, core_entry
} start;
static u8 core_stack[0x4000] __attribute__((aligned(16)));
static void (*volatile core_function)(void);
static bool core_is_on;

static void core_main(void) {
  WRITE_SYSREG(vtcr_el2, VTCR_4K);
  measure_init();
  gic_init(0);
  for (;;) {
    while (!core_function) asm volatile("wfe" ::: "memory");
    core_function();
    core_function = NULL;
    asm volatile("dsb sy; sev" ::: "memory");
  }
}

static void core_on(void) {
  start.mair = READ_SYSREG(mair_el2);
  start.tcr = READ_SYSREG(tcr_el2);
  start.ttbr = READ_SYSREG(ttbr0_el2);
  start.vbar = READ_SYSREG(vbar_el2);
  start.sctlr = READ_SYSREG(sctlr_el2);
  start.stack = (u64)(core_stack + sizeof(core_stack));
  start.entry = (u64)core_main;
  // Core 1 reads it with its MMU off: past the caches.
  for (u64 line = (u64)&start & ~63ull; line < (u64)(&start + 1); line += 64) {
    asm volatile("dc cvac, %0" ::"r"(line) : "memory");
  }
  dsb();
  const u64 answer = psci_call(PSCI_CPU_ON, 1, (u64)core_entry, (u64)&start);
  if (answer) panic("CPU_ON: %lu", answer);
  core_is_on = true;
}

void core_start(void (*function)(void)) {
  core_function = function;
  asm volatile("dsb sy; sev" ::: "memory");
  if (!core_is_on) core_on();
}

void core_wait(void) {
  while (core_function) asm volatile("wfe" ::: "memory");
}
