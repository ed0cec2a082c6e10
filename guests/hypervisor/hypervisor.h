// A small hypervisor: two VMs, each with a VMID, stage-2 tables, a window of private memory and up to two vCPUs,
// scheduled on one physical CPU. Benchmarks (guests/benchmarks) boot a vCPU at a guest function and run it.
#pragma once
#include "../lib/digest.h"
#include "../lib/gic.h"
#include "../lib/tables.h"
#include "abi.h"

#define VM_COUNT 2

// The EL1 state that a switch of vCPUs saves and restores.
// clang-format off
#define EL1_REGISTERS(X)                                                                  \
  X(sctlr_el1) X(actlr_el1) X(cpacr_el1) X(ttbr0_el1) X(ttbr1_el1) X(tcr_el1) X(mair_el1) \
  X(amair_el1) X(contextidr_el1) X(vbar_el1) X(elr_el1) X(spsr_el1) X(esr_el1) X(far_el1) \
  X(afsr0_el1) X(afsr1_el1) X(par_el1) X(sp_el0) X(sp_el1) X(tpidr_el0) X(tpidrro_el0)    \
  X(tpidr_el1) X(csselr_el1) X(cntkctl_el1) X(cntv_ctl_el0) X(cntv_cval_el0) X(mdscr_el1)
// clang-format on

struct el1_state {
#define X(name) u64 name;
  EL1_REGISTERS(X)
#undef X
};

struct vgic_state {
  u32 hcr, vmcr, apr, lr[LR_COUNT];
};

enum vcpu_state { VCPU_RUNNABLE, VCPU_YIELDED, VCPU_DONE };

struct vm;
struct vcpu {
  struct trap_frame frame;  // first: enter_lower_el() works on it
  struct vm *vm;
  unsigned id;
  enum vcpu_state state;
  struct el1_state el1;
  struct vgic_state vgic;
  u64 hcr, cptr, mdcr, cnthctl;  // EL2 controls while this vCPU runs
  u64 result;                    // what the guest function returned

  struct trap_log log;  // since boot
  u64 guest_digest;     // of the exceptions that the guest took at EL1
  bool unlogged;        // keeps traps out of the log: for those on which QEMU departs from the architecture

  // A benchmark's own handlers; true: done with it.
  bool (*on_trap)(struct vcpu *vcpu, unsigned ec);
  bool (*on_irq)(struct vcpu *vcpu, unsigned intid);
  void (*on_call)(struct vcpu *vcpu, u64 function, u64 argument);
};

struct vm {
  unsigned vmid;
  u64 window;  // physical address behind WINDOW_IPA
  u64 arena;   // physical address behind ARENA_IPA
  struct tables stage2;
  struct vcpu vcpus[VCPU_COUNT];
  char console[256];  // what it wrote to the emulated UART
  unsigned console_length;
  u32 scratch[16];  // registers of the emulated device at SCRATCH_IPA
  u32 gicd_enabled;
};

// --- vm.c
void hypervisor_init(void);
struct vm *vm_get(unsigned index);
// Clears the VM's memory and tables; maps code, window and the virtual CPU interface. The arena stays unmapped.
struct vm *vm_reset(unsigned index);
// A fresh vCPU that will run `function` at EL1 with MMU and caches on.
struct vcpu *vcpu_boot(struct vm *vm, unsigned id, guest_function function);
// Runs it until it yields or ends.
void vcpu_run(struct vcpu *vcpu);
// Saves the vCPU that is in the registers, so that its struct can be read and changed.
void vcpu_unload(void);
// The physical address behind an IPA of the window or the arena; 0 if it is neither.
u64 vm_physical(const struct vm *vm, u64 ipa);
struct guest *vcpu_guest(struct vcpu *vcpu);
void tlb_flush_vm(void);      // all of the current VMID
void tlb_flush_ipa(u64 ipa);  // one page of the current VMID, both stages
const struct trap_log *hypervisor_log(void);
void hypervisor_log_add(struct vcpu *vcpu);  // at the end of a benchmark
u64 hypervisor_switches(void);

// --- trap.c
void trap_dispatch(struct vcpu *vcpu, unsigned vector);
u64 vcpu_register(const struct vcpu *vcpu, unsigned n);  // 31 reads as zero
void vcpu_set_register(struct vcpu *vcpu, unsigned n, u64 value);
void vcpu_skip_instruction(struct vcpu *vcpu);
u64 fault_ipa(const struct vcpu *vcpu);
bool timer_tick_in(u64 ticks);  // arms CNTHP; false (and disarms) for 0

// --- mmio.c
bool mmio_emulate(struct vcpu *vcpu, u64 ipa);

// --- vgic.c
void vgic_init(void);
void vgic_load(const struct vgic_state *state);
void vgic_save(struct vgic_state *state);
void vgic_disable(void);
// Puts `lr` into a free list register of a vCPU, loaded or not; false: none is free.
bool vgic_inject(struct vcpu *vcpu, u32 lr);
bool vcpu_is_loaded(const struct vcpu *vcpu);
