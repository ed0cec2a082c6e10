// The generic timers (DDI 0487, D11).
#pragma once
#include "arch.h"

#define TIMER_ENABLE BIT(0)
#define TIMER_IMASK BIT(1)
#define TIMER_ISTATUS BIT(2)

static inline u64 virtual_count(void) {
  isb();
  return READ_SYSREG(cntvct_el0);
}
static inline u64 physical_count(void) {
  isb();
  return READ_SYSREG(cntpct_el0);
}

// Waits until *flag reaches `value`; gives up after some five seconds of the counter. True when it was reached.
static inline bool wait_until(const volatile u64 *flag, u64 value) {
  const u64 deadline = virtual_count() + 5 * READ_SYSREG(cntfrq_el0);
  while (*flag < value) {
    if (virtual_count() > deadline) return false;
  }
  return true;
}
