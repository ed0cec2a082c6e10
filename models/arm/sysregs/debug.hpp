// Debug registers (Arm ARM D17.3).
// Six breakpoints and four watchpoints, as ID_AA64DFR0_EL1 of the modelled cores says.
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_BREAKPOINT(X, n, value_bits)                                   \
  X(DBGBVR##n##_EL1, 2, 0, 0, n, 4, E1, E1, traps.debug, kContext, 0, value_bits) \
  X(DBGBCR##n##_EL1, 2, 0, 0, n, 5, E1, E1, traps.debug, kContext | kEffect, 0, 0xFFE1E7)
#define TW_SYSREGS_WATCHPOINT(X, n)                                                    \
  X(DBGWVR##n##_EL1, 2, 0, 0, n, 6, E1, E1, traps.debug, kContext, 0, kVirtualAddress) \
  X(DBGWCR##n##_EL1, 2, 0, 0, n, 7, E1, E1, traps.debug, kContext | kEffect, 0, 0x1F1FFFFF)

#define TW_SYSREGS_DEBUG(X)                                                                       \
  X(OSDTRRX_EL1, 2, 0, 0, 0, 2, E1, E1, traps.debug, kContext, 0, kAll32)                         \
  X(MDCCINT_EL1, 2, 0, 0, 2, 0, E1, E1, traps.debug, kContext, 0, 0x60000000)                     \
  X(MDSCR_EL1, 2, 0, 0, 2, 2, E1, E1, traps.debug, kContext | kEffect, 0, 0xF9E1)                 \
  X(OSDTRTX_EL1, 2, 0, 0, 3, 2, E1, E1, traps.debug, kContext, 0, kAll32)                         \
  X(OSECCR_EL1, 2, 0, 0, 6, 2, E1, E1, traps.debug, kContext, 0, kAll32)                          \
  TW_SYSREGS_BREAKPOINT(X, 0, kVirtualAddress)                                                    \
  TW_SYSREGS_BREAKPOINT(X, 1, kVirtualAddress)                                                    \
  TW_SYSREGS_BREAKPOINT(X, 2, kVirtualAddress)                                                    \
  TW_SYSREGS_BREAKPOINT(X, 3, kVirtualAddress)                                                    \
  TW_SYSREGS_BREAKPOINT(X, 4, kAll64)                                                             \
  TW_SYSREGS_BREAKPOINT(X, 5, kAll64)                                                             \
  TW_SYSREGS_WATCHPOINT(X, 0)                                                                     \
  TW_SYSREGS_WATCHPOINT(X, 1)                                                                     \
  TW_SYSREGS_WATCHPOINT(X, 2)                                                                     \
  TW_SYSREGS_WATCHPOINT(X, 3)                                                                     \
  X(MDRAR_EL1, 2, 0, 1, 0, 0, E1, NO, traps.debug_rom, kStored, 0, 0)                             \
  X(OSLAR_EL1, 2, 0, 1, 0, 4, NO, E1, traps.debug_os, kEffect, 0, 1)                              \
  X(OSLSR_EL1, 2, 0, 1, 1, 4, E1, NO, traps.debug_os, kContext, 0xA, 0)                           \
  X(OSDLR_EL1, 2, 0, 1, 3, 4, E1, E1, traps.debug_os, kContext, 0, 1)                             \
  X(DBGPRCR_EL1, 2, 0, 1, 4, 4, E1, E1, traps.debug_os, kContext, 0, 1)                           \
  X(DBGCLAIMSET_EL1, 2, 0, 7, 8, 6, E1, E1, traps.debug, kContext | kComputed | kEffect, 0, 0xFF) \
  X(DBGCLAIMCLR_EL1, 2, 0, 7, 9, 6, E1, E1, traps.debug, kContext | kComputed | kEffect, 0, 0xFF) \
  X(DBGAUTHSTATUS_EL1, 2, 0, 7, 14, 6, E1, NO, traps.debug, kStored, 0xAA, 0)                     \
  X(MDCCSR_EL0, 2, 3, 0, 1, 0, E0, NO, traps.debug_comms, kStored, 0, 0)                          \
  X(DBGDTR_EL0, 2, 3, 0, 4, 0, E0, E0, traps.debug_comms, kContext, 0, kAll64)                    \
  X(DBGDTRTRX_EL0, 2, 3, 0, 5, 0, E0, E0, traps.debug_comms, kContext, 0, kAll32)                 \
  X(DBGVCR32_EL2, 2, 4, 0, 7, 0, E2, E2, traps.debug_el2, kContext, 0, kAll32)
