// More than one vCPU: a virtual IPI, the switch between two VMs, and two VMs preempted by EL2's timer.
#include "../lib/print.h"
#include "../lib/timer.h"
#include "benchmarks.h"

// --- virtual IPI: GICD_SGIR is emulated, the SGI is put into the other vCPU's list registers

#define IPIS 16
#define SGI 3

static void send_ipi(unsigned target) {
  mmio_write32(GICD_SGIR, SGIR_TO_CPU(target) | SGI);
  hypercall(HC_YIELD, 0);
}

static u64 guest_ping(struct guest *guest) {
  guest_gic_on(0);
  enable_interrupts();
  for (unsigned i = 0; i < IPIS; ++i) {
    send_ipi(1);
    if (!wait_until(&guest->irqs, i + 1)) break;
  }
  return guest->irqs;
}

static u64 guest_pong(struct guest *guest) {
  guest_gic_on(0);
  enable_interrupts();
  for (unsigned i = 0; i < IPIS; ++i) {
    if (!wait_until(&guest->irqs, i + 1)) break;
    send_ipi(0);
  }
  return guest->irqs;
}

// Runs the two in turn until both have ended.
static void run_both(struct vcpu *a, struct vcpu *b) {
  while (a->state != VCPU_DONE || b->state != VCPU_DONE) {
    if (a->state != VCPU_DONE) vcpu_run(a);
    if (b->state != VCPU_DONE) vcpu_run(b);
  }
}

void bench_virtual_ipi(const char *name) {
  struct vm *vm = vm_reset(0);
  struct vcpu *ping = vcpu_boot(vm, 0, guest_ping);
  struct vcpu *pong = vcpu_boot(vm, 1, guest_pong);
  run_both(ping, pong);
  expect(name, "sgir_traps", IPIS, ping->log.by_ec[EC_DABT_LOWER]);
  expect(name, "sgir_traps", IPIS, pong->log.by_ec[EC_DABT_LOWER]);
  finish(name, ping, IPIS);
  finish(name, pong, IPIS);
}

// --- VM switch: both VMs touch the same IPAs, so that entries of one must not serve the other

#define SWITCHES 64
#define WORKING_SET 16

static u64 guest_yield(struct guest *guest) {
  volatile u64 *const pages = (volatile u64 *)SHARED_IPA;
  for (unsigned p = 0; p < WORKING_SET; ++p) pages[p * PAGE_SIZE / 8] = guest->flag;
  for (unsigned i = 0; i < SWITCHES; ++i) {
    hypercall(HC_YIELD, 0);
    for (unsigned p = 0; p < WORKING_SET; ++p) ++pages[p * PAGE_SIZE / 8];
  }
  u64 good = 0;
  for (unsigned p = 0; p < WORKING_SET; ++p) good += pages[p * PAGE_SIZE / 8] == guest->flag + SWITCHES;
  return good;
}

void bench_vm_switch(const char *name) {
  struct vcpu *vcpus[VM_COUNT];
  for (unsigned i = 0; i < VM_COUNT; ++i) {
    vcpus[i] = vcpu_boot(vm_reset(i), 0, guest_yield);
    vcpu_guest(vcpus[i])->flag = 1000 * (i + 1);
  }
  const u64 before = hypervisor_switches();
  run_both(vcpus[0], vcpus[1]);
  // SWITCHES + 1 runs each; the first finds VM 1 there already.
  expect(name, "switches", 2 * (SWITCHES + 1) - 1, hypervisor_switches() - before);
  for (unsigned i = 0; i < VM_COUNT; ++i) {
    expect(name, "hypercalls", SWITCHES + 1, vcpus[i]->log.by_ec[EC_HVC64]);
    finish(name, vcpus[i], WORKING_SET);
  }
}

// --- two guests that know nothing of each other, switched by EL2's timer

#define SLICES 20
#define SLICE_TICKS 20000
#define PRIMES_BELOW 2000
#define PRIMES 303

static u64 slices;
static const char greeting[] = "counting primes\n";

static u64 guest_primes(struct guest *guest) {
  for (const char *c = greeting; *c; ++c) mmio_write32(UART_IPA, (u8)*c);
  guest_map(guest, ARENA_IPA, ARENA_IPA, ARENA_SIZE, 2, S1_NORMAL | S1_PXN | S1_UXN);
  volatile u32 *const primes = (volatile u32 *)ARENA_IPA;
  u64 count = 0;
  for (u32 n = 2; n < PRIMES_BELOW; ++n) {
    bool prime = true;
    for (u64 i = 0; i < count && prime; ++i) prime = n % primes[64 * i] != 0;
    if (prime) primes[64 * count++] = n;
  }
  return wait_until(&guest->flag, SLICES) ? count : 0;
}
// 303 primes, 256 bytes apart
#define PRIME_PAGES 19

static bool end_slice(struct vcpu *vcpu, unsigned intid) {
  if (intid != INTID_CNTHP) return false;
  ++slices;
  timer_tick_in(slices < SLICES ? SLICE_TICKS : 0);
  vcpu->state = VCPU_YIELDED;
  for (unsigned i = 0; i < VM_COUNT; ++i) vcpu_guest(&vm_get(i)->vcpus[0])->flag = slices;
  return true;
}

void bench_two_guests(const char *name) {
  struct vcpu *vcpus[VM_COUNT];
  for (unsigned i = 0; i < VM_COUNT; ++i) {
    vcpus[i] = vcpu_boot(vm_reset(i), 0, guest_primes);
    vcpus[i]->on_irq = end_slice;
  }
  slices = 0;
  timer_tick_in(SLICE_TICKS);
  run_both(vcpus[0], vcpus[1]);
  for (unsigned i = 0; i < VM_COUNT; ++i) {
    print("VM %u says: %s", vcpus[i]->vm->vmid, vcpus[i]->vm->console);
    expect(name, "IRQ", SLICES / VM_COUNT, vcpus[i]->log.by_slot[SLOT_IRQ]);
    expect(name, "data_aborts", sizeof(greeting) - 1 + PRIME_PAGES, vcpus[i]->log.by_ec[EC_DABT_LOWER]);
    finish(name, vcpus[i], PRIMES);
  }
}
