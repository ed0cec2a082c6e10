// Generic Timer (Arm ARM D17.8). Counters and timers live in the timer block; CNTKCTL and CNTHCTL here.
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_TIMERS(X)                                                               \
  X(CNTKCTL_EL1, 3, 0, 14, 1, 0, E1, E1, traps.none, kContext | kEffect, 0, 0x3FF)         \
  X(CNTFRQ_EL0, 3, 3, 14, 0, 0, E0, E1, traps.cntfrq, kTimer | kHighestWrites, 0, kAll32)  \
  X(CNTPCT_EL0, 3, 3, 14, 0, 1, E0, NO, traps.cntpct, kTimer, 0, 0)                        \
  X(CNTVCT_EL0, 3, 3, 14, 0, 2, E0, NO, traps.cntvct, kTimer, 0, 0)                        \
  X(CNTP_TVAL_EL0, 3, 3, 14, 2, 0, E0, E0, traps.cntp, kTimer | kContext, 0, kAll32)       \
  X(CNTP_CTL_EL0, 3, 3, 14, 2, 1, E0, E0, traps.cntp, kTimer | kContext, 0, 3)             \
  X(CNTP_CVAL_EL0, 3, 3, 14, 2, 2, E0, E0, traps.cntp, kTimer | kContext, 0, kAll64)       \
  X(CNTV_TVAL_EL0, 3, 3, 14, 3, 0, E0, E0, traps.cntv, kTimer | kContext, 0, kAll32)       \
  X(CNTV_CTL_EL0, 3, 3, 14, 3, 1, E0, E0, traps.cntv, kTimer | kContext, 0, 3)             \
  X(CNTV_CVAL_EL0, 3, 3, 14, 3, 2, E0, E0, traps.cntv, kTimer | kContext, 0, kAll64)       \
  X(CNTVOFF_EL2, 3, 4, 14, 0, 3, E2, E2, traps.none, kTimer | kContext, 0, kAll64)         \
  X(CNTHCTL_EL2, 3, 4, 14, 1, 0, E2, E2, traps.none, kEffect, 3, 0xFF)                     \
  X(CNTHP_TVAL_EL2, 3, 4, 14, 2, 0, E2, E2, traps.none, kTimer, 0, kAll32)                 \
  X(CNTHP_CTL_EL2, 3, 4, 14, 2, 1, E2, E2, traps.none, kTimer, 0, 3)                       \
  X(CNTHP_CVAL_EL2, 3, 4, 14, 2, 2, E2, E2, traps.none, kTimer, 0, kAll64)                 \
  X(CNTPS_TVAL_EL1, 3, 7, 14, 2, 0, E1, E1, traps.cntps, kTimer | kSecureTimer, 0, kAll32) \
  X(CNTPS_CTL_EL1, 3, 7, 14, 2, 1, E1, E1, traps.cntps, kTimer | kSecureTimer, 0, 3)       \
  X(CNTPS_CVAL_EL1, 3, 7, 14, 2, 2, E1, E1, traps.cntps, kTimer | kSecureTimer, 0, kAll64)
