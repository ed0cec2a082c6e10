// What hypervisor and guests agree on: memory map (IPA), hypercalls, and the guest's own state.
#pragma once
#include "../lib/el1.h"
#include "../lib/gic.h"
#include "../lib/tables.h"

#define VCPU_COUNT 2              // of a VM
#define WINDOW_IPA 0x80000000ull  // private memory of a VM: 2 MB
#define WINDOW_SIZE (2 * MEGABYTE)
#define VCPU_AREA_SIZE 0x80000ull  // of the window, for each vCPU: struct guest, tables, stack
#define SHARED_IPA (WINDOW_IPA + VCPU_COUNT * VCPU_AREA_SIZE)
#define ARENA_IPA 0x90000000ull  // 2 MB that benchmarks map as they like
#define ARENA_SIZE (2 * MEGABYTE)
#define SCRATCH_IPA 0x0a000000ull  // an emulated device: 16 words
#define UART_IPA UART_BASE         // emulated
// GICD_BASE is emulated; GICC_BASE is backed by the virtual CPU interface.

enum hypercall {
  HC_NOP,
  HC_DONE,    // argument: result of the guest function
  HC_YIELD,   // leaves vcpu_run()
  HC_INJECT,  // argument: INTID, by list register
  HC_SET_VI,  // argument: 1 to set, 0 to clear HCR_EL2.VI
  HC_SET_VF,
  HC_SET_VSE,
  HC_BENCHMARK,  // argument: up to the benchmark (vcpu->on_call)
};

// At the start of the vCPU's area of the window.
struct guest {
  struct el1_context el1;  // first: TPIDR_EL1 points to it
  volatile u64 flag;       // set by the hypervisor
  volatile u64 irqs, fiqs, serrors;
  volatile u64 last_intid;
  volatile u64 aborts;
  bool hold_eoi;  // the IRQ handler acknowledges, the guest function ends the interrupt
  void (*on_irq)(struct guest *guest, unsigned intid);
  struct tables stage1;  // made by the hypervisor; a guest may add to it
};

typedef u64 (*guest_function)(struct guest *guest);

static inline u64 hypercall(enum hypercall function, u64 argument) {
  register u64 x0 asm("x0") = (u64)function;
  register u64 x1 asm("x1") = argument;
  asm volatile("hvc #0" : "+r"(x0), "+r"(x1)::"memory");
  return x0;
}

static inline void enable_interrupts(void) { asm volatile("msr daifclr, #7" ::: "memory"); }
static inline void disable_interrupts(void) { asm volatile("msr daifset, #7" ::: "memory"); }

// --- guest.c: runs at EL1
void guest_exit(void);  // where a guest function returns to
void guest_exception(struct el1_context *context, struct trap_frame *frame, unsigned vector);
// Turns the (virtual) CPU interface on; `ctlr` adds bits to GICC_CTLR.
void guest_gic_on(u32 ctlr);
// Adds a mapping and makes it visible.
void guest_map(struct guest *guest, u64 va, u64 ipa, u64 size, unsigned level, u64 attributes);
