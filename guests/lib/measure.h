// Cycles of a region by PMCCNTR_EL0, as kvm-unit-tests and the papers measure: barrier, counter, work, barrier,
// counter. What comes out is time, so it is printed on lines of its own (`cycles:`), which are compared with nothing.
#pragma once
#include "arch.h"

// At EL2, once a core: the cycle counter runs at every EL and can be read at EL1.
void measure_init(void);

static inline u64 cycles_now(void) {
  u64 now;
  asm volatile("isb; mrs %0, pmccntr_el0; isb" : "=r"(now)::"memory");
  return now;
}

// `cycles: NAME total=T count=N each=T/N`
void measure_print(const char *name, u64 total, u64 count);
