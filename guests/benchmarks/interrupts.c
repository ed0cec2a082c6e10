// Physical interrupts to EL2, and the ways to give a guest a virtual one.
#include "../lib/timer.h"
#include "benchmarks.h"

#define ROUNDS 16

// --- a physical timer interrupt to EL2 while the guest runs

#define TICKS 8
#define TICK_PERIOD 5000

static u64 guest_wait_for_ticks(struct guest *guest) { return wait_until(&guest->flag, TICKS); }

static bool count_tick(struct vcpu *vcpu, unsigned intid) {
  if (intid != INTID_CNTHP) return false;
  const u64 ticks = ++vcpu_guest(vcpu)->flag;
  timer_tick_in(ticks < TICKS ? TICK_PERIOD : 0);
  return true;
}

void bench_timer_to_el2(const char *name) {
  struct vcpu *vcpu = boot_one(guest_wait_for_ticks);
  vcpu->on_irq = count_tick;
  timer_tick_in(TICK_PERIOD);
  vcpu_run(vcpu);
  expect(name, "IRQ", TICKS, vcpu->log.by_slot[SLOT_IRQ]);
  finish(name, vcpu, 1);
}

// --- list registers: acknowledge and end of interrupt are the guest's, without a trap

static u64 inject_and_wait(struct guest *guest, volatile u64 *seen, enum hypercall how) {
  enable_interrupts();
  for (unsigned i = 0; i < ROUNDS; ++i) {
    hypercall(how, how == HC_INJECT ? 40 + i : 1);
    if (!wait_until(seen, i + 1)) break;
    if (how == HC_INJECT && guest->last_intid != 40 + i) break;
  }
  disable_interrupts();
  return *seen;
}

static u64 guest_lr_irq(struct guest *guest) {
  guest_gic_on(0);
  return inject_and_wait(guest, &guest->irqs, HC_INJECT);
}

static u64 guest_lr_fiq(struct guest *guest) {
  guest_gic_on((u32)GICC_CTLR_FIQEN);  // Group 0 as FIQ
  return inject_and_wait(guest, &guest->fiqs, HC_INJECT);
}

static void expect_no_device_traps(const char *name, struct vcpu *vcpu, u64 calls) {
  expect(name, "hypercalls", calls + 1, vcpu->log.by_ec[EC_HVC64]);
  expect(name, "gic_traps", 0, vcpu->log.by_ec[EC_DABT_LOWER]);
}

void bench_inject_by_list_register(const char *name) {
  struct vcpu *vcpu = boot_one(guest_lr_irq);
  vcpu_run(vcpu);
  expect_no_device_traps(name, vcpu, ROUNDS);
  finish(name, vcpu, ROUNDS);
}

void bench_inject_fiq_by_list_register(const char *name) {
  struct vcpu *vcpu = boot_one(guest_lr_fiq);
  vcpu_run(vcpu);
  expect_no_device_traps(name, vcpu, ROUNDS);
  finish(name, vcpu, ROUNDS);
}

// --- HCR_EL2.VI, VF: levels, that the guest's handler has to have taken away

static void clear_vi(struct guest *guest, unsigned intid) {
  (void)guest, (void)intid;
  hypercall(HC_SET_VI, 0);
}

static void clear_vf(struct guest *guest, unsigned intid) {
  (void)guest, (void)intid;
  hypercall(HC_SET_VF, 0);
}

static u64 guest_vi(struct guest *guest) {
  guest->on_irq = clear_vi;
  return inject_and_wait(guest, &guest->irqs, HC_SET_VI);
}

static u64 guest_vf(struct guest *guest) {
  guest->on_irq = clear_vf;
  return inject_and_wait(guest, &guest->fiqs, HC_SET_VF);
}

void bench_inject_by_vi(const char *name) {
  struct vcpu *vcpu = boot_one(guest_vi);
  vcpu_run(vcpu);
  expect_no_device_traps(name, vcpu, 2 * ROUNDS);
  finish(name, vcpu, ROUNDS);
}

void bench_inject_by_vf(const char *name) {
  struct vcpu *vcpu = boot_one(guest_vf);
  vcpu_run(vcpu);
  expect_no_device_traps(name, vcpu, 2 * ROUNDS);
  finish(name, vcpu, ROUNDS);
}

// --- HCR_EL2.VSE: cleared by the CPU when the guest takes the SError

static u64 guest_vse(struct guest *guest) { return inject_and_wait(guest, &guest->serrors, HC_SET_VSE); }

void bench_inject_by_vse(const char *name) {
  struct vcpu *vcpu = boot_one(guest_vse);
  vcpu_run(vcpu);
  expect_no_device_traps(name, vcpu, ROUNDS);
  expect(name, "vse_left", 0, (vcpu->hcr & HCR_VSE) != 0);
  finish(name, vcpu, ROUNDS);
}

// --- the guest's virtual timer: to EL2, forwarded by a list register with HW = 1

#define TIMER_ROUNDS 4

static void stop_timer(struct guest *guest, unsigned intid) {
  (void)guest;
  if (intid == INTID_CNTV) WRITE_SYSREG(cntv_ctl_el0, 0);
}

static u64 guest_virtual_timer(struct guest *guest) {
  guest_gic_on(0);
  guest->on_irq = stop_timer;
  enable_interrupts();
  for (unsigned i = 0; i < TIMER_ROUNDS; ++i) {
    WRITE_SYSREG(cntv_tval_el0, 2000);
    WRITE_SYSREG(cntv_ctl_el0, TIMER_ENABLE);
    if (!wait_until(&guest->irqs, i + 1)) break;
  }
  disable_interrupts();
  return guest->irqs;
}

void bench_virtual_timer(const char *name) {
  struct vcpu *vcpu = boot_one(guest_virtual_timer);
  vcpu_run(vcpu);
  expect(name, "IRQ", TIMER_ROUNDS, vcpu->log.by_slot[SLOT_IRQ]);
  expect_no_device_traps(name, vcpu, 0);
  finish(name, vcpu, TIMER_ROUNDS);
}
