// Registers of the translation regimes (Arm ARM D17.2, D8).
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_TRANSLATION(X)                                                                               \
  X(TTBR0_EL1, 3, 0, 2, 0, 0, E1, E1, traps.virtual_memory, kContext | kEffect, 0, kAll64)                      \
  X(TTBR1_EL1, 3, 0, 2, 0, 1, E1, E1, traps.virtual_memory, kContext | kEffect, 0, kAll64)                      \
  X(TCR_EL1, 3, 0, 2, 0, 2, E1, E1, traps.virtual_memory, kContext | kEffect, 0, tcr::kWritable)                \
  X(PAR_EL1, 3, 0, 7, 4, 0, E1, E1, traps.none, kContext, 0, kAll64)                                            \
  X(MAIR_EL1, 3, 0, 10, 2, 0, E1, E1, traps.virtual_memory, kContext | kEffect, 0, kAll64)                      \
  X(AMAIR_EL1, 3, 0, 10, 3, 0, E1, E1, traps.virtual_memory, kContext, 0, 0)                                    \
  X(TTBR0_EL2, 3, 4, 2, 0, 0, E2, E2, traps.none, kEffect, 0, 0x0000FFFFFFFFFFFF)                               \
  X(TCR_EL2, 3, 4, 2, 0, 2, E2, E2, traps.none, kEffect, 0, 0xFFFFFFFF)                                         \
  X(VTTBR_EL2, 3, 4, 2, 1, 0, E2, E2, traps.none, kEffect | kContext, 0, kAll64)                                \
  X(VTCR_EL2, 3, 4, 2, 1, 2, E2, E2, traps.none, kEffect | kContext, 0, 0xFFFFFFFF)                             \
  X(DACR32_EL2, 3, 4, 3, 0, 0, E2, E2, traps.none, kContext, 0, kAll32)                                         \
  X(MAIR_EL2, 3, 4, 10, 2, 0, E2, E2, traps.none, kEffect, 0, kAll64)                                           \
  X(AMAIR_EL2, 3, 4, 10, 3, 0, E2, E2, traps.none, kStored, 0, 0)                                               \
  X(TTBR0_EL3, 3, 6, 2, 0, 0, E3, E3, traps.none, kEffect, 0, 0x0000FFFFFFFFFFFF)                               \
  X(TCR_EL3, 3, 6, 2, 0, 2, E3, E3, traps.none, kEffect, 0, 0xFFFFFFFF)                                         \
  X(MAIR_EL3, 3, 6, 10, 2, 0, E3, E3, traps.none, kEffect, 0, kAll64)                                           \
  X(AMAIR_EL3, 3, 6, 10, 3, 0, E3, E3, traps.none, kStored, 0, 0)                                               \
  X(LORSA_EL1, 3, 0, 10, 4, 0, E1, E1, traps.ordering_regions, kContext | kLor | kNonSecure, 0, 0xFFFFFFFF0001) \
  X(LOREA_EL1, 3, 0, 10, 4, 1, E1, E1, traps.ordering_regions, kContext | kLor | kNonSecure, 0, 0xFFFFFFFF0000) \
  X(LORN_EL1, 3, 0, 10, 4, 2, E1, E1, traps.ordering_regions, kContext | kLor | kNonSecure, 0, 0xFF)            \
  X(LORC_EL1, 3, 0, 10, 4, 3, E1, E1, traps.ordering_regions, kContext | kLor | kNonSecure, 0, 0x3FD)           \
  X(LORID_EL1, 3, 0, 10, 4, 7, E1, NO, traps.ordering_regions, kComputed | kLor, 0, 0)
