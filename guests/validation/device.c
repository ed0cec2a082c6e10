// What a guest sees of a GICv2 beside its list registers: SGIs by GICD_SGIR, an enable register to read, and, for a VM
// without the virtual CPU interface, ACK and EOI.
#include "../lib/print.h"
#include "world.h"

static u32 lowest(u32 set) { return (u32)__builtin_ctz(set); }

static void make_pending(unsigned target, unsigned sgi) {
  struct vcpu *to = vcpu_of(target);
  __atomic_or_fetch(&to->pending, 1u << sgi, __ATOMIC_SEQ_CST);
  if (target != core_number()) mmio_write32(GICD_SGIR, SGIR_TO_CPU(target) | SGI_KICK);
}

static u32 acknowledge(struct vcpu *vcpu) {
  const u32 set = vcpu->pending;
  if (!set) return INTID_SPURIOUS;
  const u32 sgi = lowest(set);
  __atomic_and_fetch(&vcpu->pending, ~(1u << sgi), __ATOMIC_SEQ_CST);
  vcpu->active |= 1u << sgi;
  return sgi;
}

static u32 read_register(struct vcpu *vcpu, u64 ipa) {
  switch (ipa) {
    case GICD_ISENABLER:
      return vcpu->gicd_enabled;
    case GICC_IAR:
      return acknowledge(vcpu);
    default:
      return 0;
  }
}

static void write_register(struct vcpu *vcpu, u64 ipa, u32 value) {
  switch (ipa) {
    case GICD_ISENABLER:
      vcpu->gicd_enabled |= value;
      break;
    case GICD_SGIR:
      for (unsigned target = 0; target < CORES; ++target) {
        if ((value >> (16 + target)) & 1) make_pending(target, value & 0xf);
      }
      break;
    case GICC_EOIR:
      vcpu->active &= ~(1u << (value & 0xf));
      break;
    default:
      break;
  }
}

bool device_access(struct vcpu *vcpu) {
  const u64 iss = ESR_ISS(vcpu->esr);
  const u64 ipa = (vcpu->hpfar >> 4) << 12 | (vcpu->far & 0xfff);
  if (ESR_EC(vcpu->esr) != EC_DABT_LOWER || !(iss & ISS_ISV) || ipa - GICD_BASE >= 0x20000) return false;
  u64 *const x = vcpu->guest.gp.x;
  const unsigned rt = ISS_SRT(iss);
  ++vcpu->accesses;
  if (iss & ISS_WNR) {
    write_register(vcpu, ipa, rt == 31 ? 0 : (u32)x[rt]);
  } else {
    const u32 value = read_register(vcpu, ipa);
    if (rt != 31) x[rt] = value;
  }
  vcpu->guest.gp.pc += 4;
  return true;
}

bool hypercall_handle(struct vcpu *vcpu) {
  if (ESR_EC(vcpu->esr) != EC_HVC64) return false;
  ++vcpu->hypercalls;
  switch ((enum hypercall_number)vcpu->guest.gp.x[0]) {
    case CALL_NOTHING:
      break;
    case CALL_SGI_TO_SELF:
      make_pending(vcpu->id, SGI_OF_GUEST);
      break;
    case CALL_END:
      vcpu->ended = true;
      break;
    default:
      return false;
  }
  return true;
}

void device_interrupt(struct vcpu *vcpu) {
  const u32 iar = mmio_read32(GICC_IAR);
  if ((iar & INTID_MASK) == INTID_SPURIOUS) return;
  mmio_write32(GICC_EOIR, iar);
  if ((iar & INTID_MASK) != SGI_KICK) panic("interrupt %u", iar & INTID_MASK);
  ++vcpu->interrupts;
}

void device_flush(struct vcpu *vcpu) {
  if (!vcpu->list_registers) {
    vcpu->hcr = vcpu->pending ? vcpu->hcr | HCR_VI : vcpu->hcr & ~HCR_VI;
    return;
  }
  for (u32 set = vcpu->pending; set;) {
    unsigned free = 0;
    while (free < LR_COUNT && LR_STATE(vcpu->vgic.lr[free])) ++free;
    if (free == LR_COUNT) return;
    const u32 sgi = lowest(set);
    set &= ~(1u << sgi);
    __atomic_and_fetch(&vcpu->pending, ~(1u << sgi), __ATOMIC_SEQ_CST);
    vcpu->vgic.lr[free] = (u32)LR_PENDING | LR_PRIORITY(0x80) | LR_VIRTUAL_ID(sgi);
  }
}

// Empty list registers are free already; with EOI maintenance there would be more to do.
void device_sync(struct vcpu *vcpu) {
  if (vcpu->vgic.misr & GICH_MISR_EOI) panic("an EOI maintenance interrupt that nobody asked for");
}

void world_unexpected(u64 vector) {
  panic("EL2: vector %lu ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, READ_SYSREG(esr_el2), READ_SYSREG(elr_el2),
        READ_SYSREG(far_el2));
}
