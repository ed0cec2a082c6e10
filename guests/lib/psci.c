#include "psci.h"

u64 psci_call(u64 function, u64 argument1, u64 argument2, u64 argument3) {
  register u64 x0 asm("x0") = function;
  register u64 x1 asm("x1") = argument1;
  register u64 x2 asm("x2") = argument2;
  register u64 x3 asm("x3") = argument3;
  asm volatile("smc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                 "x12", "x13", "x14", "x15", "x16", "x17");
  return x0;
}

void psci_system_off(void) {
  // From EL1 an SMC reaches the platform as well, unless the hypervisor asked for HCR_EL2.TSC.
  psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
  for (;;) wfi();
}
