// Reliability (FEAT_RAS; Arm ARM D17.6, DDI 0587). No error record is modelled: ERRIDR_EL1.NUM is 0, and what would
// show the selected record is RAZ/WI, which the architecture allows beside UNDEFINED. X(name, op0, op1, CRn, CRm, op2,
// lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset value, writable bits)
#pragma once

#define TW_SYSREGS_RELIABILITY(X)                                                                                \
  X(ERRIDR_EL1, 3, 0, 5, 3, 0, E1, NO, traps.error_records, kRas, 0, 0)                                          \
  X(ERRSELR_EL1, 3, 0, 5, 3, 1, E1, E1, traps.error_records, kRas, 0, 0)                                         \
  X(ERXFR_EL1, 3, 0, 5, 4, 0, E1, NO, traps.error_records, kRas, 0, 0)                                           \
  X(ERXCTLR_EL1, 3, 0, 5, 4, 1, E1, E1, traps.error_records, kRas, 0, 0)                                         \
  X(ERXSTATUS_EL1, 3, 0, 5, 4, 2, E1, E1, traps.error_records, kRas, 0, 0)                                       \
  X(ERXADDR_EL1, 3, 0, 5, 4, 3, E1, E1, traps.error_records, kRas, 0, 0)                                         \
  X(ERXMISC0_EL1, 3, 0, 5, 5, 0, E1, E1, traps.error_records, kRas, 0, 0)                                        \
  X(ERXMISC1_EL1, 3, 0, 5, 5, 1, E1, E1, traps.error_records, kRas, 0, 0)                                        \
  X(DISR_EL1, 3, 0, 12, 1, 1, E1, E1, traps.none, kContext | kComputed | kEffect | kRas, 0, disr::A | disr::ISS) \
  X(VSESR_EL2, 3, 4, 5, 2, 3, E2, E2, traps.none, kContext | kRas, 0, disr::ISS)                                 \
  X(VDISR_EL2, 3, 4, 12, 1, 1, E2, E2, traps.none, kContext | kRas, 0, disr::A | disr::ISS)
