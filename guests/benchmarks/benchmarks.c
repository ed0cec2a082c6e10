#include "benchmarks.h"

#include "../lib/check.h"
#include "../lib/print.h"

const struct benchmark benchmarks[] = {
    {"hypercall", bench_hypercall},
    {"smc", bench_smc},
    {"trapped", bench_trapped_instructions},
    {"mmio_isv", bench_mmio_isv},
    {"mmio_no_isv", bench_mmio_no_isv},
    {"demand_paging", bench_demand_paging},
    {"dirty_logging", bench_dirty_logging},
    {"s1ptw", bench_s1ptw},
    {"ptw", bench_ptw},
    {"timer_to_el2", bench_timer_to_el2},
    {"lr_irq", bench_inject_by_list_register},
    {"lr_fiq", bench_inject_fiq_by_list_register},
    {"hcr_vi", bench_inject_by_vi},
    {"hcr_vf", bench_inject_by_vf},
    {"hcr_vse", bench_inject_by_vse},
    {"virtual_timer", bench_virtual_timer},
    {"maintenance", bench_maintenance},
    {"virtual_ipi", bench_virtual_ipi},
    {"vm_switch", bench_vm_switch},
    {"nested_walks", bench_nested_walks},
    {"two_guests", bench_two_guests},
};
const unsigned benchmark_count = ARRAY_SIZE(benchmarks);

struct vcpu *boot_one(guest_function function) {
  return vcpu_boot(vm_reset(0), 0, function);
}

void expect(const char *name, const char *what, u64 expected, u64 got) {
  char line[64];
  unsigned n = 0;
  for (const char *s = name; *s && n < 40; ++s) line[n++] = *s;
  line[n++] = '.';
  for (const char *s = what; *s && n < 63; ++s) line[n++] = *s;
  line[n] = 0;
  check(line, expected, got);
}

void finish(const char *name, struct vcpu *vcpu, u64 expected_result) {
  expect(name, "result", expected_result, vcpu->result);
  trap_log_print(name, &vcpu->log);
  hypervisor_log_add(vcpu);
}
