// One VM with one vCPU and no devices, for workloads whose cost is translation: 4 KB or 2 MB leaves at either stage, or
// no stage 2.
#pragma once
#include "../lib/arch.h"

#define VM_HEAP (8 * MEGABYTE)

// The VM's own memory.
struct vm_result {
  u8 *heap;  // VM_HEAP bytes
  u64 argument;  // what vm_set_argument() gave
  u64 value, cycles, events[2];
};

// Text, stack, tables and heap, by leaves of these levels; stage2_level 0: HCR_EL2.VM stays 0. Each VM has a VMID of
// its own.
void vm_make(unsigned stage1_level, unsigned stage2_level);
// Adds [base, base + size), the same address at every stage.
void vm_map(u64 base, u64 size, unsigned stage1_level, unsigned stage2_level);
void vm_set_argument(u64 argument);
// Runs `function` at EL1 until it returns.
const struct vm_result *vm_run(u64 (*function)(struct vm_result *result));
