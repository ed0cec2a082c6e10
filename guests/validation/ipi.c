// ANCHORS.md, row 8: an IPI between two vCPUs, each on a core of its own: GICD_SGIR is emulated, the other core kicked
// out of its guest, the interrupt injected, taken, acknowledged and ended. With list registers and without.
#include "../lib/check.h"
#include "../lib/measure.h"
#include "world.h"

#define WARM 4
#define IPIS 16

// Waits in loops that do not trap: the other core is running its vCPU all the time.
static void guest_ping(struct vm_data *data) {
  guest_interface_on();
  u64 cycles = 0;
  while (!data->pong_is_up) {
  }
  for (unsigned i = 0; i < WARM + IPIS; ++i) {
    const u64 start = cycles_now();
    mmio_write32(GICD_SGIR, SGIR_TO_CPU(1) | SGI_OF_GUEST);
    while (data->cpu[1].irqs <= i) {
    }
    if (i >= WARM) cycles += cycles_now() - start;
  }
  guest_end(data, cycles, IPIS);
}

static void guest_pong(struct vm_data *data) {
  guest_interface_on();
  asm volatile("msr daifclr, #2" ::: "memory");
  data->pong_is_up = 1;
  while (data->cpu[1].irqs < WARM + IPIS) {
  }
  guest_call(CALL_END);
}

static const struct hypervisor *on_core_1;

static void run_core_1(void) {
  split_init();
  on_core_1->run(vcpu_of(1));
}

static void run(const struct hypervisor *hypervisor, bool list_registers, const char *name) {
  on_core_1 = hypervisor;
  vm_data()->pong_is_up = 0;
  struct vcpu *ping = vcpu_make(0, guest_ping, list_registers);
  struct vcpu *pong = vcpu_make(1, guest_pong, list_registers);
  core_start(run_core_1);
  hypervisor->run(ping);
  core_wait();
  check(name_of(hypervisor->name, name, "count"), IPIS, vm_data()->count);
  check(name_of(hypervisor->name, name, "irqs"), WARM + IPIS, vm_data()->cpu[1].irqs);
  // Of the emulated interface: 2 accesses turn it on, 2 belong to an interrupt.
  const u64 emulated = list_registers ? 0 : 2 + 2 * (WARM + IPIS);
  check(name_of(hypervisor->name, name, "accesses"), emulated, pong->accesses);
  measure_print(name_of("switch", hypervisor->name, name), vm_data()->cycles, vm_data()->count);
}

int main(void) {
  measure_init();
  gic_init(0);
  split_init();
  for (unsigned h = 0; h < HYPERVISORS; ++h) {
    run(&hypervisors[h], true, "ipi");
    run(&hypervisors[h], false, "ipi_emulated");
  }
  check_summary();
  return 0;
}
