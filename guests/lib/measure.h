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
// "A.B.C", until the next call.
const char *name_of(const char *a, const char *b, const char *c);

// Two event counters beside it, which count at EL1 and EL0; where an event does not exist, zero.
enum pmu_event { EVENT_L1D_TLB_REFILL = 0x05, EVENT_L2D_TLB_REFILL = 0x2d, EVENT_DTLB_WALK = 0x34 };
void measure_events(enum pmu_event first, enum pmu_event second);
static inline u64 event_now(unsigned counter) {
  isb();
  return counter ? READ_SYSREG(pmevcntr1_el0) : READ_SYSREG(pmevcntr0_el0);
}
// `events: NAME EVENT=N`
void event_print(const char *name, const char *event, u64 count);
