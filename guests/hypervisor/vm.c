// VMs and vCPUs: memory, boot, and the switch between them.
#include "../lib/print.h"
#include "../lib/timer.h"
#include "hypervisor.h"

// How a switch to another VM treats the TLBs: entries are tagged with the VMID, so nothing has to be done; a build
// with FLUSH_ON_SWITCH=1 throws everything away, as a hypervisor without VMIDs would have to.
#ifndef FLUSH_ON_SWITCH
#define FLUSH_ON_SWITCH 0
#endif

#define POOL_SIZE (32 * PAGE_SIZE)

static struct vm vms[VM_COUNT];
static u8 stage2_pools[VM_COUNT][POOL_SIZE] __attribute__((aligned(4096)));
static u8 windows[VM_COUNT][WINDOW_SIZE] __attribute__((aligned(0x200000), section(".vm")));
static u8 arenas[VM_COUNT][ARENA_SIZE] __attribute__((aligned(0x200000), section(".vm")));
static struct vcpu *loaded;
static struct trap_log total;
static u64 switches;

void hypervisor_init(void) {
  for (unsigned i = 0; i < VM_COUNT; ++i) {
    vms[i].vmid = i + 1;
    vms[i].window = (u64)windows[i];
    vms[i].arena = (u64)arenas[i];
  }
  trap_log_clear(&total);
  WRITE_SYSREG(vtcr_el2, VTCR_4K);
  WRITE_SYSREG(cntvoff_el2, 0);
  gic_init(GICC_CTLR_EOIMODE);
  gic_enable(INTID_MAINTENANCE, 0x80);
  gic_enable(INTID_CNTHP, 0x80);
  gic_enable(INTID_CNTV, 0x80);
  vgic_init();
}

struct vm *vm_get(unsigned index) {
  return &vms[index];
}
const struct trap_log *hypervisor_log(void) { return &total; }
u64 hypervisor_switches(void) { return switches; }

void hypervisor_log_add(struct vcpu *vcpu) {
  trap_log_merge(&total, &vcpu->log);
  total.digest = digest_fold(total.digest, vcpu->guest_digest);
}

u64 vm_physical(const struct vm *vm, u64 ipa) {
  if (ipa - WINDOW_IPA < WINDOW_SIZE) return vm->window + (ipa - WINDOW_IPA);
  if (ipa - ARENA_IPA < ARENA_SIZE) return vm->arena + (ipa - ARENA_IPA);
  return 0;
}

static u64 vcpu_area(unsigned id) { return WINDOW_IPA + id * VCPU_AREA_SIZE; }

struct guest *vcpu_guest(struct vcpu *vcpu) {
  return (struct guest *)vm_physical(vcpu->vm, vcpu_area(vcpu->id));
}

static u64 vttbr(const struct vm *vm) { return vm->stage2.root | (u64)vm->vmid << 48; }

void tlb_flush_vm(void) { asm volatile("dsb ishst; tlbi vmalls12e1; dsb ish; isb" ::: "memory"); }

void tlb_flush_ipa(u64 ipa) {
  // Stage 2 by IPA, then whatever combined entries the VM has (DDI 0487, D5.10 "TLB maintenance for stage 2").
  asm volatile("dsb ishst; tlbi ipas2e1, %0; dsb ish; tlbi vmalle1; dsb ish; isb" ::"r"(ipa >> 12) : "memory");
}

struct vm *vm_reset(unsigned index) {
  vcpu_unload();
  struct vm *vm = &vms[index];
  tables_init(&vm->stage2, (u64)stage2_pools[index], POOL_SIZE, 0, 12, 1);
  tables_map(&vm->stage2, (u64)image_start, (u64)image_start, (u64)text_end - (u64)image_start, 3, S2_NORMAL | S2_READ);
  tables_map(&vm->stage2, WINDOW_IPA, vm->window, WINDOW_SIZE, 3, S2_NORMAL | S2_READ | S2_WRITE | S2_XN);
  tables_map(&vm->stage2, GICC_BASE, GICV_BASE, GICC_SIZE, 3, S2_DEVICE | S2_READ | S2_WRITE);
  vm->console_length = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(vm->scratch); ++i) vm->scratch[i] = 0;
  WRITE_SYSREG(vttbr_el2, vttbr(vm));
  isb();
  tlb_flush_vm();
  return vm;
}

struct vcpu *vcpu_boot(struct vm *vm, unsigned id, guest_function function) {
  vcpu_unload();
  struct vcpu *vcpu = &vm->vcpus[id];
  *vcpu = (struct vcpu){.vm = vm, .id = id};
  struct guest *guest = vcpu_guest(vcpu);
  *guest = (struct guest){0};
  trap_log_clear(&guest->el1.log);
  guest->el1.handler = guest_exception;

  const u64 area = vcpu_area(id);
  struct tables *stage1 = &guest->stage1;
  tables_init(stage1, area + PAGE_SIZE, 64 * PAGE_SIZE, (s64)(vm->window - WINDOW_IPA), 12, 1);
  tables_map(stage1, GICD_BASE, GICD_BASE, 2 * MEGABYTE, 2, S1_DEVICE);
  tables_map(stage1, UART_IPA, UART_IPA, 2 * MEGABYTE, 2, S1_DEVICE);
  tables_map(stage1, SCRATCH_IPA, SCRATCH_IPA, 2 * MEGABYTE, 2, S1_DEVICE | S1_EL0);  // for LDTR
  tables_map(stage1, RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY);
  tables_map(stage1, WINDOW_IPA, WINDOW_IPA, WINDOW_SIZE, 2, S1_NORMAL | S1_PXN | S1_UXN);
  stage1->alias = 0;  // from now on the guest's own

  vcpu->frame.elr = (u64)function;
  vcpu->frame.spsr = SPSR_EL1H | SPSR_DAIF;
  vcpu->frame.x[0] = area;
  vcpu->frame.x[30] = (u64)guest_exit;
  vcpu->el1 = (struct el1_state){.sctlr_el1 = SCTLR_EL1_ON,
                                 .cpacr_el1 = CPACR_FPEN,
                                 .ttbr0_el1 = stage1->root,
                                 .tcr_el1 = TCR_EL1_4K,
                                 .mair_el1 = MAIR_VALUE,
                                 .vbar_el1 = (u64)el1_vectors,
                                 .sp_el1 = area + VCPU_AREA_SIZE,
                                 .tpidr_el1 = area};
  vcpu->hcr = HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_RW;
  vcpu->cptr = CPTR_RES1;
  vcpu->mdcr = READ_SYSREG(mdcr_el2) & 0x1f;  // HPMN keeps its reset value
  vcpu->cnthctl = CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN;
  vcpu->vgic.hcr = (u32)GICH_HCR_EN;
  trap_log_clear(&vcpu->log);
  return vcpu;
}

bool vcpu_is_loaded(const struct vcpu *vcpu) { return loaded == vcpu; }

void vcpu_unload(void) {
  if (!loaded) return;
#define X(name) loaded->el1.name = READ_SYSREG(name);
  EL1_REGISTERS(X)
#undef X
  vgic_save(&loaded->vgic);
  vgic_disable();
  WRITE_SYSREG(cntv_ctl_el0, 0);
  loaded = NULL;
}

static void vcpu_load(struct vcpu *vcpu) {
  static const struct vm *last_vm;
  if (loaded == vcpu) return;
  vcpu_unload();
  if (last_vm != vcpu->vm) {
    ++switches;
#if FLUSH_ON_SWITCH
    asm volatile("dsb ishst; tlbi alle1; dsb ish; isb" ::: "memory");
#endif
    last_vm = vcpu->vm;
  }
  WRITE_SYSREG(vttbr_el2, vttbr(vcpu->vm));
  WRITE_SYSREG(vmpidr_el2, BIT(31) | vcpu->id);
#define X(name) WRITE_SYSREG(name, vcpu->el1.name);
  EL1_REGISTERS(X)
#undef X
  vgic_load(&vcpu->vgic);
  loaded = vcpu;
  isb();
}

void vcpu_run(struct vcpu *vcpu) {
  vcpu->state = VCPU_RUNNABLE;
  while (vcpu->state == VCPU_RUNNABLE) {
    vcpu_load(vcpu);
    WRITE_SYSREG(hcr_el2, vcpu->hcr);
    WRITE_SYSREG(cptr_el2, vcpu->cptr);
    WRITE_SYSREG(mdcr_el2, vcpu->mdcr);
    WRITE_SYSREG(cnthctl_el2, vcpu->cnthctl);
    const unsigned vector = enter_lower_el(&vcpu->frame);
    vcpu->hcr = READ_SYSREG(hcr_el2);  // the CPU clears HCR_EL2.VSE when the guest takes the SError
    trap_dispatch(vcpu, vector);
  }
}
