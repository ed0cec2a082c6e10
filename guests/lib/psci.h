// PSCI through SMC, the conduit of `virt` when EL2 belongs to the program.
#pragma once
#include "arch.h"

#define PSCI_VERSION 0x84000000u
#define PSCI_SYSTEM_OFF 0x84000008u

u64 psci_call(u64 function, u64 argument1, u64 argument2, u64 argument3);
void psci_system_off(void) __attribute__((noreturn));
