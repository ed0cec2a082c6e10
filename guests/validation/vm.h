// One VM with one vCPU and no devices, for workloads whose cost is translation: 4 KB or 2 MB leaves at either stage, or
// no stage 2.
#pragma once
#include "../lib/arch.h"

#define VM_HEAP (8 * MEGABYTE)

// The VM's own memory.
struct vm_result {
  u8 *heap;      // VM_HEAP bytes
  u64 argument;  // what vm_set_argument() gave
  u64 value, cycles, events[2];
};

// Text, stack, tables and heap, by leaves of these levels; stage2_level 0: HCR_EL2.VM stays 0. Each VM has a VMID of
// its own.
void vm_make(unsigned stage1_level, unsigned stage2_level);
// Adds [base, base + size), the same address at every stage.
void vm_map(u64 base, u64 size, unsigned stage1_level, unsigned stage2_level);
// Makes it the VM's EL0's as well.
void vm_map_user(u64 base, u64 size);
// For a device.
void vm_map_device(u64 base, u64 size);
void vm_set_argument(u64 argument);
// Answers HVC #2 of the VM, whose x0 to x2 it gets.
void vm_on_hypercall(u64 (*handler)(u64 call, u64 first, u64 second));
static inline u64 vm_hypercall(u64 call, u64 first, u64 second) {
  register u64 x0 asm("x0") = call;
  register u64 x1 asm("x1") = first;
  register u64 x2 asm("x2") = second;
  asm volatile("hvc #2" : "+r"(x0) : "r"(x1), "r"(x2) : "memory");
  return x0;
}
// For those who share the VM's tables.
u64 vm_stage1_root(void);
u64 vm_stage2_root(void);
u64 vm_id(void);
u8 *vm_heap(void);
// Runs `function` at EL1 until it returns.
const struct vm_result *vm_run(u64 (*function)(struct vm_result *result));
