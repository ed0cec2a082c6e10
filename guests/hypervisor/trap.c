// The trap dispatcher: one row for each exception class that a guest can cause here.
#include "../lib/print.h"
#include "../lib/timer.h"
#include "hypervisor.h"

u64 vcpu_register(const struct vcpu *vcpu, unsigned n) { return n == 31 ? 0 : vcpu->frame.x[n]; }

void vcpu_set_register(struct vcpu *vcpu, unsigned n, u64 value) {
  if (n != 31) vcpu->frame.x[n] = value;
}

void vcpu_skip_instruction(struct vcpu *vcpu) { vcpu->frame.elr += 4; }

// HPFAR_EL2 holds bits [47:12] of the IPA at [39:4].
u64 fault_ipa(const struct vcpu *vcpu) { return (vcpu->frame.hpfar >> 4) << 12 | (vcpu->frame.far & 0xfff); }

static bool skip(struct vcpu *vcpu) {
  vcpu_skip_instruction(vcpu);
  return true;
}

// A program without PSCI of its own: every SMC answers NOT_SUPPORTED.
static bool smc(struct vcpu *vcpu) {
  vcpu->frame.x[0] = (u64)-1;
  return skip(vcpu);
}

static void set_hcr(struct vcpu *vcpu, u64 bit, bool on) { vcpu->hcr = on ? vcpu->hcr | bit : vcpu->hcr & ~bit; }

static bool hvc(struct vcpu *vcpu) {
  const u64 argument = vcpu->frame.x[1];
  switch ((enum hypercall)vcpu->frame.x[0]) {
    case HC_NOP:
      break;
    case HC_DONE:
      vcpu->result = argument;
      vcpu->guest_digest = trap_log_digest(&vcpu_guest(vcpu)->el1.log);
      vcpu->state = VCPU_DONE;
      break;
    case HC_YIELD:
      vcpu->state = VCPU_YIELDED;
      break;
    case HC_INJECT:
      vgic_inject(vcpu, (u32)LR_PENDING | LR_PRIORITY(0x80) | LR_VIRTUAL_ID(argument));
      break;
    case HC_SET_VI:
      set_hcr(vcpu, HCR_VI, argument);
      break;
    case HC_SET_VF:
      set_hcr(vcpu, HCR_VF, argument);
      break;
    case HC_SET_VSE:
      set_hcr(vcpu, HCR_VSE, argument);
      break;
    case HC_BENCHMARK:
      vcpu->on_call(vcpu, vcpu->frame.x[0], argument);
      break;
    default:
      return false;
  }
  return true;
}

// Reads give zero and writes are ignored. The ISS of a trapped MSR, MRS or system instruction has Rt at [9:5] and
// the direction (1: read) at [0].
static bool system_register(struct vcpu *vcpu) {
  const u64 iss = ESR_ISS(vcpu->frame.esr);
  if (iss & 1) vcpu_set_register(vcpu, (unsigned)(iss >> 5) & 0x1f, 0);
  return skip(vcpu);
}

static bool is_translation_fault(const struct vcpu *vcpu) {
  return FSC_TYPE(ISS_FSC(vcpu->frame.esr)) == FSC_TRANSLATION;
}

// The arena is given to the guest page by page, as it touches it.
static bool demand_page(struct vcpu *vcpu) {
  const u64 page = fault_ipa(vcpu) & ~(PAGE_SIZE - 1);
  if (!is_translation_fault(vcpu) || page - ARENA_IPA >= ARENA_SIZE) return false;
  tables_map(&vcpu->vm->stage2, page, vm_physical(vcpu->vm, page), PAGE_SIZE, 3, S2_NORMAL | S2_READ | S2_WRITE);
  asm volatile("dsb ishst; isb" ::: "memory");  // a translation fault leaves nothing in a TLB
  return true;
}

static bool data_abort(struct vcpu *vcpu) {
  return demand_page(vcpu) || (is_translation_fault(vcpu) && mmio_emulate(vcpu, fault_ipa(vcpu)));
}

static const struct {
  enum exception_class ec;
  bool (*handle)(struct vcpu *vcpu);
} handlers[] = {
    {EC_WFX, skip},
    {EC_FP_ACCESS, skip},  // the instruction is passed over, not executed: guests here only pretend to use FP
    {EC_HVC64, hvc},
    {EC_SMC64, smc},
    {EC_SYSREG, system_register},
    {EC_IABT_LOWER, demand_page},
    {EC_DABT_LOWER, data_abort},
};

static bool synchronous(struct vcpu *vcpu) {
  const unsigned ec = ESR_EC(vcpu->frame.esr);
  if (vcpu->on_trap && vcpu->on_trap(vcpu, ec)) return true;
  for (unsigned i = 0; i < ARRAY_SIZE(handlers); ++i) {
    if (handlers[i].ec == ec) return handlers[i].handle(vcpu);
  }
  return false;
}

bool timer_tick_in(u64 ticks) {
  if (!ticks) {
    WRITE_SYSREG(cnthp_ctl_el2, 0);
    isb();
    return false;
  }
  WRITE_SYSREG(cnthp_tval_el2, ticks);
  WRITE_SYSREG(cnthp_ctl_el2, TIMER_ENABLE);
  isb();
  return true;
}

// The guest's own timer: forwarded with LR.HW=1, so that the guest's EOI deactivates the physical interrupt.
static void forward_timer(struct vcpu *vcpu) {
  if (!vgic_inject(vcpu, (u32)(LR_HW | LR_PENDING) | LR_PHYSICAL_ID(INTID_CNTV) | LR_PRIORITY(0x80) |
                             LR_VIRTUAL_ID(INTID_CNTV))) {
    panic("no list register for the virtual timer");
  }
}

static void physical_interrupt(struct vcpu *vcpu) {
  const u32 iar = mmio_read32(GICC_IAR);
  const unsigned intid = iar & INTID_MASK;
  if (intid == INTID_SPURIOUS) return;
  if (intid == INTID_CNTHP) timer_tick_in(0);
  const bool taken = vcpu->on_irq && vcpu->on_irq(vcpu, intid);
  if (!taken && intid == INTID_CNTV) forward_timer(vcpu);
  if (!taken && intid != INTID_CNTV && intid != INTID_CNTHP) panic("interrupt %u without a handler", intid);
  mmio_write32(GICC_EOIR, iar);  // priority drop only (EOImode = 1)
  if (taken || intid != INTID_CNTV) mmio_write32(GICC_DIR, iar);
}

void trap_dispatch(struct vcpu *vcpu, unsigned vector) {
  if (!vcpu->unlogged) trap_log_add(&vcpu->log, &vcpu->frame, vector);
  const unsigned slot = VECTOR_SLOT(vector);
  if (slot == SLOT_IRQ) {
    physical_interrupt(vcpu);
  } else if (slot != SLOT_SYNC || !synchronous(vcpu)) {
    panic("VM %u, unexpected exit: vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx HPFAR 0x%lx", vcpu->vm->vmid, vector,
          vcpu->frame.esr, vcpu->frame.elr, vcpu->frame.far, vcpu->frame.hpfar);
  }
}
