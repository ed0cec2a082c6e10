// The benchmarks: each knows how many traps it must cause, and checks it.
#pragma once
#include "../hypervisor/hypervisor.h"

struct benchmark {
  const char *name;
  void (*run)(const char *name);
};
extern const struct benchmark benchmarks[];
extern const unsigned benchmark_count;

// calls.c
void bench_hypercall(const char *name);
void bench_smc(const char *name);
// registers.c: one row an HCR_EL2, CPTR_EL2, MDCR_EL2 or CNTHCTL_EL2 control
void bench_trapped_instructions(const char *name);
// device.c
void bench_mmio_isv(const char *name);
void bench_mmio_no_isv(const char *name);
// paging.c
void bench_demand_paging(const char *name);
void bench_dirty_logging(const char *name);
void bench_s1ptw(const char *name);
void bench_ptw(const char *name);
// interrupts.c
void bench_timer_to_el2(const char *name);
void bench_inject_by_list_register(const char *name);
void bench_inject_fiq_by_list_register(const char *name);
void bench_inject_by_vi(const char *name);
void bench_inject_by_vf(const char *name);
void bench_inject_by_vse(const char *name);
void bench_virtual_timer(const char *name);
// maintenance.c
void bench_maintenance(const char *name);
// multi.c
void bench_virtual_ipi(const char *name);
void bench_vm_switch(const char *name);
void bench_two_guests(const char *name);
// walks.c
void bench_nested_walks(const char *name);

// A fresh VM 1 with one vCPU that will run `function`.
struct vcpu *boot_one(guest_function function);
// Checks one count of the vCPU's log; what: "traps", "IRQ" ….
void expect(const char *name, const char *what, u64 expected, u64 got);
// Checks the guest's result, prints the log, adds it to the total.
void finish(const char *name, struct vcpu *vcpu, u64 expected_result);
