// The two calls: HVC, and SMC trapped by HCR_EL2.TSC.
#include "benchmarks.h"

#define CALLS 64

static u64 guest_hypercalls(struct guest *guest) {
  (void)guest;
  for (unsigned i = 0; i < CALLS; ++i) hypercall(HC_NOP, 0);
  return CALLS;
}

void bench_hypercall(const char *name) {
  struct vcpu *vcpu = boot_one(guest_hypercalls);
  vcpu_run(vcpu);
  expect(name, "traps", CALLS + 1, vcpu->log.by_ec[EC_HVC64]);  // + HC_DONE, here and everywhere
  finish(name, vcpu, CALLS);
}

static u64 guest_smcs(struct guest *guest) {
  (void)guest;
  u64 refused = 0;
  for (unsigned i = 0; i < CALLS; ++i) {
    register u64 x0 asm("x0") = 0x84000000;  // PSCI_VERSION
    asm volatile("smc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
    refused += x0 == (u64)-1;
  }
  return refused;
}

void bench_smc(const char *name) {
  struct vcpu *vcpu = boot_one(guest_smcs);
  vcpu->hcr |= HCR_TSC;
  vcpu_run(vcpu);
  expect(name, "traps", CALLS, vcpu->log.by_ec[EC_SMC64]);
  finish(name, vcpu, CALLS);
}
