// Runs every benchmark of guests/benchmarks in order and sums up.
#include "../benchmarks/benchmarks.h"
#include "../lib/check.h"
#include "../lib/print.h"
#include "hypervisor.h"

#if FLUSH_ON_SWITCH
#define MODE "flush"
#else
#define MODE "tagged"
#endif

int main(void) {
  hypervisor_init();
  print("trapwalk hypervisor, mode " MODE ", %u VMs\n", (unsigned)VM_COUNT);
  for (unsigned i = 0; i < benchmark_count; ++i) benchmarks[i].run(benchmarks[i].name);
  print("VM switches: %lu\n", hypervisor_switches());
  trap_log_print("hypervisor", hypervisor_log());
  check_summary();
  return 0;
}
