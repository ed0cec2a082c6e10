// The two hypervisors that guests/validation/switch.c measures, and the VM that both run: its code is the image's, its
// data one region; every address is the same at all stages, but for the VM's CPU interface.
#pragma once
#include "../lib/el1.h"
#include "../lib/gic.h"
#include "../lib/tables.h"

#define CORES 2  // each runs the vCPU of its number

// What switch.S saves.
struct gp {
  u64 x[31];
  u64 sp_el0, pc, pstate, sp_el1, elr_el1, spsr_el1;
  u64 spare;  // 16-byte alignment of fp
};

struct fp {
  u64 v[64];
  u64 fpsr, fpcr;
};

// KVM of Linux 4.0, arch/arm64/kvm/hyp.S: the 22 registers of its save_sysregs.
// clang-format off
#define WORLD_REGISTERS(X)                                                                               \
  X(vmpidr_el2) X(csselr_el1) X(sctlr_el1) X(actlr_el1) X(cpacr_el1) X(ttbr0_el1) X(ttbr1_el1) X(tcr_el1) \
  X(esr_el1) X(afsr0_el1) X(afsr1_el1) X(far_el1) X(mair_el1) X(vbar_el1) X(contextidr_el1) X(tpidr_el0)  \
  X(tpidrro_el0) X(tpidr_el1) X(amair_el1) X(cntkctl_el1) X(par_el1) X(mdscr_el1)
// clang-format on

struct world {
  struct gp gp;
  struct fp fp;
#define X(name) u64 name;
  WORLD_REGISTERS(X)
#undef X
};

// A GICv2's virtual interface; misr, eisr and elrsr are what an exit would look at.
struct vgic {
  u32 hcr, vmcr, misr, eisr[2], elrsr[2], apr, lr[LR_COUNT];
};

enum exit_reason { EXIT_TRAP, EXIT_IRQ };

struct vcpu {
  struct world guest;   // first: gp is what switch.S works on
  struct world *host;   // of the core that runs it
  u64 esr, far, hpfar;  // of the last exit
  struct vgic vgic;
  u64 vttbr, hcr;
  u64 cntv_ctl, cntv_cval, cntvoff;
  unsigned id;
  bool list_registers;  // else ACK and EOI are emulated
  bool ended;
  u64 hypercalls, accesses, interrupts;
  volatile u32 pending;  // SGIs for it, by number, that are in no list register
  u32 active;            // acknowledged by emulation
  u32 gicd_enabled;
};

_Static_assert(offsetof(struct gp, sp_el0) == 248, "switch.S: GP_SP_EL0");
_Static_assert(offsetof(struct vcpu, host) == 1008 && offsetof(struct vcpu, esr) == 1016,
               "switch.S: VCPU_HOST, VCPU_ESR");

enum hypercall_number { CALL_NOTHING, CALL_SGI_TO_SELF, CALL_END };
#define SGI_OF_GUEST 5u
#define SGI_KICK 7u  // between cores, when something is pending for the other's vCPU

// The VM's region: shared by its vCPUs.
struct vm_data {
  struct {
    struct el1_context el1;
    volatile u64 irqs;
    u8 stack[0x2000] __attribute__((aligned(16)));
  } cpu[CORES];
  u64 cycles, count;  // what the guest measured
  volatile u64 pong_is_up;
};

// --- switch.S
extern char split_vectors[], resident_vectors[], core_entry[];
// From the host at EL1: function(vcpu) at EL2.
u64 hyp_call(u64 (*function)(struct vcpu *vcpu), struct vcpu *vcpu);
u64 host_leave_at_el2(struct vcpu *vcpu);  // by hyp_call(): host_enter() returns
void host_enter(void (*entry)(void), u64 stack);
// EL2: on to the guest; returns when it exits, with its general-purpose registers in vcpu->guest.gp.
enum exit_reason guest_enter(struct vcpu *vcpu);
void resident_run(struct vcpu *vcpu);
void fp_save(struct fp *fp);
void fp_load(const struct fp *fp);

// --- world.c
struct vm_data *vm_data(void);
struct vcpu *vcpu_of(unsigned id);
unsigned core_number(void);
// A vCPU that will run `function` in the VM; `list_registers`: the VM sees the virtual CPU interface.
struct vcpu *vcpu_make(unsigned id, void (*function)(struct vm_data *data), bool list_registers);
void world_save(struct world *world);
void world_load(const struct world *world);
// In the guest:
u64 guest_call(enum hypercall_number number);
void guest_interface_on(void);
void guest_end(struct vm_data *data, u64 cycles, u64 count);
// Core 1, at EL2: runs `function`; the next one after core_wait().
void core_start(void (*function)(void));
void core_wait(void);

// --- split.c: a host at EL1 behind EL2, as KVM's
void split_init(void);  // every core: EL1 is the host's
void split_run(struct vcpu *vcpu);
void vgic_save(struct vgic *vgic);
void vgic_load(const struct vgic *vgic);
void timer_save(struct vcpu *vcpu);
void timer_load(const struct vcpu *vcpu);
void traps_on(const struct vcpu *vcpu);
void traps_off(void);

// --- resident.c: EL2 alone, as Xen
void resident_vcpu_run(struct vcpu *vcpu);

struct hypervisor {
  const char *name;
  void (*run)(struct vcpu *vcpu);
};
#define HYPERVISORS 2
extern const struct hypervisor hypervisors[HYPERVISORS];

// --- device.c: distributor and CPU interface as both emulate them
// Counts and emulates the access that the guest's stage 2 refused; true: pass the instruction over.
bool device_access(struct vcpu *vcpu);
bool hypercall_handle(struct vcpu *vcpu);
// An interrupt of the core: a kick, or nothing.
void device_interrupt(struct vcpu *vcpu);
// Pending SGIs into free list registers of vcpu->vgic, or on the virtual IRQ line.
void device_flush(struct vcpu *vcpu);
void device_sync(struct vcpu *vcpu);
