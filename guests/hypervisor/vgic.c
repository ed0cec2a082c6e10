// List registers and the rest of the virtual interface (IHI 0048B, chapter 5).
#include "../lib/print.h"
#include "hypervisor.h"

void vgic_init(void) {
  const unsigned count = (mmio_read32(GICH_VTR) & 0x3f) + 1;
  if (count < LR_COUNT) panic("%u list registers, %u wanted", count, (unsigned)LR_COUNT);
  vgic_disable();
}

void vgic_disable(void) {
  mmio_write32(GICH_HCR, 0);
  for (unsigned i = 0; i < LR_COUNT; ++i) mmio_write32(GICH_LR(i), 0);
}

void vgic_load(const struct vgic_state *state) {
  for (unsigned i = 0; i < LR_COUNT; ++i) mmio_write32(GICH_LR(i), state->lr[i]);
  mmio_write32(GICH_APR, state->apr);
  mmio_write32(GICH_VMCR, state->vmcr);
  mmio_write32(GICH_HCR, state->hcr);
}

void vgic_save(struct vgic_state *state) {
  for (unsigned i = 0; i < LR_COUNT; ++i) state->lr[i] = mmio_read32(GICH_LR(i));
  state->apr = mmio_read32(GICH_APR);
  state->vmcr = mmio_read32(GICH_VMCR);
  state->hcr = mmio_read32(GICH_HCR);
}

bool vgic_inject(struct vcpu *vcpu, u32 lr) {
  const bool live = vcpu_is_loaded(vcpu);
  for (unsigned i = 0; i < LR_COUNT; ++i) {
    const u32 now = live ? mmio_read32(GICH_LR(i)) : vcpu->vgic.lr[i];
    if (LR_STATE(now)) continue;
    if (live) {
      mmio_write32(GICH_LR(i), lr);
    } else {
      vcpu->vgic.lr[i] = lr;
    }
    return true;
  }
  return false;
}
