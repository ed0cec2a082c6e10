// ANCHORS.md, rows 3, 4 and 7: what a guest pays for a call, an access to an emulated device, an interrupt's ACK and
// EOI, under a hypervisor split between EL2 and a host at EL1 (KVM without VHE) and one that stays at EL2 (Xen).
#include "../lib/check.h"
#include "../lib/measure.h"
#include "../lib/print.h"
#include "world.h"

#define WARM 16
#define CALLS 256
#define ACKS 64

static void guest_hypercalls(struct vm_data *data) {
  for (unsigned i = 0; i < WARM; ++i) guest_call(CALL_NOTHING);
  const u64 start = cycles_now();
  for (unsigned i = 0; i < CALLS; ++i) guest_call(CALL_NOTHING);
  guest_end(data, cycles_now() - start, CALLS);
}

static void guest_distributor(struct vm_data *data) {
  mmio_write32(GICD_ISENABLER, 1u << SGI_OF_GUEST);
  u32 sum = 0;
  for (unsigned i = 0; i < WARM; ++i) (void)mmio_read32(GICD_ISENABLER);
  const u64 start = cycles_now();
  for (unsigned i = 0; i < CALLS; ++i) sum += mmio_read32(GICD_ISENABLER);
  const u64 cycles = cycles_now() - start;
  guest_end(data, cycles, sum == CALLS * (1u << SGI_OF_GUEST) ? CALLS : 0);
}

// Interrupts stay masked: what is measured is ACK and EOI alone.
static void guest_acks(struct vm_data *data) {
  guest_interface_on();
  u64 cycles = 0, good = 0;
  for (unsigned i = 0; i < WARM + ACKS; ++i) {
    guest_call(CALL_SGI_TO_SELF);
    const u64 start = cycles_now();
    const u32 iar = mmio_read32(GICC_IAR);
    mmio_write32(GICC_EOIR, iar);
    const u64 spent = cycles_now() - start;
    if (i < WARM) continue;
    cycles += spent;
    good += (iar & INTID_MASK) == SGI_OF_GUEST;
  }
  guest_end(data, cycles, good);
}

// The same, EOI alone.
static void guest_eois(struct vm_data *data) {
  guest_interface_on();
  u64 cycles = 0, good = 0;
  for (unsigned i = 0; i < WARM + ACKS; ++i) {
    guest_call(CALL_SGI_TO_SELF);
    const u32 iar = mmio_read32(GICC_IAR);
    const u64 start = cycles_now();
    mmio_write32(GICC_EOIR, iar);
    const u64 spent = cycles_now() - start;
    if (i < WARM) continue;
    cycles += spent;
    good += (iar & INTID_MASK) == SGI_OF_GUEST;
  }
  guest_end(data, cycles, good);
}

static const struct row {
  const char *name;
  void (*guest)(struct vm_data *data);
  bool list_registers;
  u64 count, hypercalls, accesses;
} rows[] = {
    {"hypercall", guest_hypercalls, true, CALLS, WARM + CALLS + 1, 0},
    {"distributor", guest_distributor, true, CALLS, 1, 1 + WARM + CALLS},
    {"ack_eoi", guest_acks, true, ACKS, WARM + ACKS + 1, 0},
    {"eoi", guest_eois, true, ACKS, WARM + ACKS + 1, 0},
    {"ack_eoi_emulated", guest_acks, false, ACKS, WARM + ACKS + 1, 2 + 2 * (WARM + ACKS)},
};

static void run_row(const struct hypervisor *hypervisor, const struct row *row) {
  struct vcpu *vcpu = vcpu_make(0, row->guest, row->list_registers);
  hypervisor->run(vcpu);
  check(name_of(hypervisor->name, row->name, "count"), row->count, vm_data()->count);
  check(name_of(hypervisor->name, row->name, "hypercalls"), row->hypercalls, vcpu->hypercalls);
  check(name_of(hypervisor->name, row->name, "accesses"), row->accesses, vcpu->accesses);
  measure_print(name_of("switch", hypervisor->name, row->name), vm_data()->cycles, vm_data()->count);
}

// --- the parts of a split switch, each by itself at EL2

#define TIMES 64

#define MEASURE_PART(name, code)                               \
  do {                                                         \
    for (unsigned i_ = 0; i_ < WARM; ++i_) code;               \
    const u64 start_ = cycles_now();                           \
    for (unsigned i_ = 0; i_ < TIMES; ++i_) code;              \
    measure_print("part." name, cycles_now() - start_, TIMES); \
  } while (0)

static void parts(void) {
  struct vcpu *vcpu = vcpu_make(0, guest_hypercalls, true);
  struct world *guest = &vcpu->guest;
  world_save(guest);  // loading it changes nothing
  MEASURE_PART("fp_save", fp_save(&guest->fp));
  MEASURE_PART("fp_load", fp_load(&guest->fp));
  MEASURE_PART("el1_save", world_save(guest));
  MEASURE_PART("el1_load", world_load(guest));
  MEASURE_PART("vgic_save", vgic_save(&vcpu->vgic));
  MEASURE_PART("vgic_load", vgic_load(&vcpu->vgic));
  MEASURE_PART("timer_save", timer_save(vcpu));
  MEASURE_PART("timer_load", timer_load(vcpu));
  mmio_write32(GICH_HCR, 0);
}

int main(void) {
  measure_init();
  gic_init(0);
  split_init();
  for (unsigned h = 0; h < HYPERVISORS; ++h) {
    for (unsigned r = 0; r < ARRAY_SIZE(rows); ++r) run_row(&hypervisors[h], &rows[r]);
  }
  parts();
  check_summary();
  return 0;
}
