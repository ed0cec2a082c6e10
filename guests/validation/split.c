// A host at EL1, the world switch at EL2: KVM's split mode of Armv8.0, with a GICv2. The lists of what is saved and
// loaded, and their order, are those of KVM in Linux 4.0 (arch/arm64/kvm/hyp.S, vgic-v2-switch.S): every exit saves and
// loads everything, Advanced SIMD too. The host's own code is ours and shorter than Linux's.
#include "../lib/measure.h"
#include "../lib/print.h"
#include "world.h"

#define CPTR_TTA BIT(20)
#define CP15_15 BIT(15)  // HSTR_EL2
#define MDCR_HPMN 0x1full
#define MDCR_TRAPS (BIT(5) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11))
#define TIMER_CTL_MASK 3ull
#define GICH_EISR1 (GICH_EISR0 + 4)
#define GICH_ELRSR1 (GICH_ELRSR0 + 4)

static u8 host_stacks[CORES][0x4000] __attribute__((aligned(16)));
static u8 host_pool[16 * PAGE_SIZE] __attribute__((aligned(4096)));

void vgic_save(struct vgic *vgic) {
  vgic->vmcr = mmio_read32(GICH_VMCR);
  vgic->misr = mmio_read32(GICH_MISR);
  vgic->eisr[0] = mmio_read32(GICH_EISR0);
  vgic->eisr[1] = mmio_read32(GICH_EISR1);
  vgic->elrsr[0] = mmio_read32(GICH_ELRSR0);
  vgic->elrsr[1] = mmio_read32(GICH_ELRSR1);
  vgic->apr = mmio_read32(GICH_APR);
  mmio_write32(GICH_HCR, 0);
  for (unsigned i = 0; i < LR_COUNT; ++i) vgic->lr[i] = mmio_read32(GICH_LR(i));
}

void vgic_load(const struct vgic *vgic) {
  mmio_write32(GICH_HCR, vgic->hcr);
  mmio_write32(GICH_VMCR, vgic->vmcr);
  mmio_write32(GICH_APR, vgic->apr);
  for (unsigned i = 0; i < LR_COUNT; ++i) mmio_write32(GICH_LR(i), vgic->lr[i]);
}

void timer_save(struct vcpu *vcpu) {
  vcpu->cntv_ctl = READ_SYSREG(cntv_ctl_el0) & TIMER_CTL_MASK;
  isb();
  vcpu->cntv_cval = READ_SYSREG(cntv_cval_el0);
  WRITE_SYSREG(cntv_ctl_el0, 0);
  WRITE_SYSREG(cnthctl_el2, READ_SYSREG(cnthctl_el2) | CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
  WRITE_SYSREG(cntvoff_el2, 0);
}

void timer_load(const struct vcpu *vcpu) {
  WRITE_SYSREG(cnthctl_el2, (READ_SYSREG(cnthctl_el2) | CNTHCTL_EL1PCTEN) & ~CNTHCTL_EL1PCEN);
  WRITE_SYSREG(cntvoff_el2, vcpu->cntvoff);
  WRITE_SYSREG(cntv_cval_el0, vcpu->cntv_cval);
  isb();
  WRITE_SYSREG(cntv_ctl_el0, vcpu->cntv_ctl & TIMER_CTL_MASK);
}

// KVM traps performance monitors and debug registers as well; here the guest reads the cycle counter itself.
void traps_on(const struct vcpu *vcpu) {
  WRITE_SYSREG(hcr_el2, vcpu->hcr);
  WRITE_SYSREG(cptr_el2, CPTR_RES1);
  WRITE_SYSREG(hstr_el2, CP15_15);
  WRITE_SYSREG(mdcr_el2, READ_SYSREG(mdcr_el2) & ~MDCR_TRAPS);
}

void traps_off(void) {
  WRITE_SYSREG(hcr_el2, HCR_RW);
  WRITE_SYSREG(hstr_el2, 0);
  WRITE_SYSREG(mdcr_el2, READ_SYSREG(mdcr_el2) & MDCR_HPMN);
}

// At EL2, called from the host: its registers out, the guest's in; and back.
static u64 world_switch(struct vcpu *vcpu) {
  struct world *const host = vcpu->host, *const guest = &vcpu->guest;
  WRITE_SYSREG(tpidr_el2, vcpu);
  fp_save(&host->fp);
  world_save(host);
  traps_on(vcpu);
  WRITE_SYSREG(vttbr_el2, vcpu->vttbr);
  vgic_load(&vcpu->vgic);
  timer_load(vcpu);
  world_load(guest);
  fp_load(&guest->fp);
  const enum exit_reason reason = guest_enter(vcpu);
  fp_save(&guest->fp);
  world_save(guest);
  timer_save(vcpu);
  vgic_save(&vcpu->vgic);
  traps_off();
  WRITE_SYSREG(vttbr_el2, 0);
  world_load(host);
  fp_load(&host->fp);
  return reason;
}

// --- at EL1

static struct vcpu *to_run[CORES];

static void host_main(void) {
  struct vcpu *const vcpu = to_run[core_number()];
  while (!vcpu->ended) {
    device_flush(vcpu);
    const enum exit_reason reason = (enum exit_reason)hyp_call(world_switch, vcpu);
    device_sync(vcpu);
    if (reason == EXIT_IRQ) {
      device_interrupt(vcpu);
    } else if (!hypercall_handle(vcpu) && !device_access(vcpu)) {
      panic("guest: ESR 0x%lx ELR 0x%lx FAR 0x%lx HPFAR 0x%lx", vcpu->esr, vcpu->guest.gp.pc, vcpu->far, vcpu->hpfar);
    }
  }
  hyp_call(host_leave_at_el2, NULL);
}

void split_init(void) {
  static struct tables identity;
  if (core_number() == 0) {
    tables_init(&identity, (u64)host_pool, sizeof(host_pool), 0, 12, 1);
    tables_map(&identity, 0, 0, RAM_BASE, 1, S1_DEVICE);
    tables_map(&identity, RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY);
    tables_map(&identity, RAM_BASE + 2 * MEGABYTE, RAM_BASE + 2 * MEGABYTE, 30 * MEGABYTE, 2,
               S1_NORMAL | S1_PXN | S1_UXN);
  }
  WRITE_SYSREG(cptr_el2, CPTR_RES1);
  traps_off();
  WRITE_SYSREG(vttbr_el2, 0);
  WRITE_SYSREG(cpacr_el1, CPACR_FPEN);
  WRITE_SYSREG(vbar_el1, (u64)el1_vectors);
  WRITE_SYSREG(mair_el1, MAIR_VALUE);
  WRITE_SYSREG(tcr_el1, TCR_EL1_4K);
  WRITE_SYSREG(ttbr0_el1, identity.root);
  asm volatile("dsb sy; tlbi alle1; dsb sy; isb" ::: "memory");
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON);
  isb();
}

void split_run(struct vcpu *vcpu) {
  const unsigned core = core_number();
  to_run[core] = vcpu;
  const u64 vbar = READ_SYSREG(vbar_el2);
  WRITE_SYSREG(vbar_el2, (u64)split_vectors);
  isb();
  host_enter(host_main, (u64)(host_stacks[core] + sizeof(host_stacks[core])));
  WRITE_SYSREG(vbar_el2, vbar);
  isb();
}
