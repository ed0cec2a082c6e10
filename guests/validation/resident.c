// A hypervisor that stays at EL2, as Xen: a trap saves general-purpose registers and is handled; the guest's other
// state stays where it is, in the registers and in the list registers.
#include "../lib/print.h"
#include "world.h"

static void list_registers_update(struct vcpu *vcpu) {
  if (!vcpu->pending) return;  // Xen looks at list registers only when something is to be done
  if (vcpu->list_registers) {
    for (unsigned i = 0; i < LR_COUNT; ++i) vcpu->vgic.lr[i] = mmio_read32(GICH_LR(i));
    device_flush(vcpu);
    for (unsigned i = 0; i < LR_COUNT; ++i) mmio_write32(GICH_LR(i), vcpu->vgic.lr[i]);
  }
}

// Called by switch.S; 0: the guest has ended.
u64 resident_trap(struct vcpu *vcpu, enum exit_reason reason) {
  if (reason == EXIT_IRQ) {
    device_interrupt(vcpu);
  } else {
    vcpu->esr = READ_SYSREG(esr_el2);
    if (ESR_EC(vcpu->esr) != EC_HVC64) {
      vcpu->far = READ_SYSREG(far_el2);
      vcpu->hpfar = READ_SYSREG(hpfar_el2);
    }
    if (!hypercall_handle(vcpu) && !device_access(vcpu)) {
      panic("guest: ESR 0x%lx ELR 0x%lx FAR 0x%lx HPFAR 0x%lx", vcpu->esr, vcpu->guest.gp.pc, vcpu->far, vcpu->hpfar);
    }
  }
  list_registers_update(vcpu);
  if (!vcpu->list_registers) {
    device_flush(vcpu);
    WRITE_SYSREG(hcr_el2, vcpu->hcr);
  }
  return !vcpu->ended;
}

void resident_vcpu_run(struct vcpu *vcpu) {
  const u64 vbar = READ_SYSREG(vbar_el2);
  WRITE_SYSREG(vbar_el2, (u64)resident_vectors);
  WRITE_SYSREG(vttbr_el2, vcpu->vttbr);
  WRITE_SYSREG(cnthctl_el2, CNTHCTL_EL1PCTEN);
  world_load(&vcpu->guest);
  vgic_load(&vcpu->vgic);
  WRITE_SYSREG(hcr_el2, vcpu->hcr);
  isb();
  resident_run(vcpu);
  WRITE_SYSREG(hcr_el2, HCR_RW);
  mmio_write32(GICH_HCR, 0);
  WRITE_SYSREG(vttbr_el2, 0);
  WRITE_SYSREG(vbar_el2, vbar);
  isb();
}

const struct hypervisor hypervisors[HYPERVISORS] = {{"split", split_run}, {"resident", resident_vcpu_run}};
