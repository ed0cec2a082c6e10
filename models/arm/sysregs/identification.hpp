// Identification registers (Arm ARM D17.2, C5.3). The values are the CPU model's (arm/cpu_models.cpp).
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_IDENTIFICATION(X)                                        \
  X(MIDR_EL1, 3, 0, 0, 0, 0, E1, NO, traps.none, kModel | kComputed, 0, 0)  \
  X(MPIDR_EL1, 3, 0, 0, 0, 5, E1, NO, traps.none, kComputed, 0, 0)          \
  X(REVIDR_EL1, 3, 0, 0, 0, 6, E1, NO, traps.tid1, kModel, 0, 0)            \
  X(ID_PFR0_EL1, 3, 0, 0, 1, 0, E1, NO, traps.tid3, kModel, 0, 0)           \
  X(ID_PFR1_EL1, 3, 0, 0, 1, 1, E1, NO, traps.tid3, kModel, 0, 0)           \
  X(ID_DFR0_EL1, 3, 0, 0, 1, 2, E1, NO, traps.tid3, kModel, 0, 0)           \
  X(ID_AFR0_EL1, 3, 0, 0, 1, 3, E1, NO, traps.tid3, kModel, 0, 0)           \
  X(ID_MMFR0_EL1, 3, 0, 0, 1, 4, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_MMFR1_EL1, 3, 0, 0, 1, 5, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_MMFR2_EL1, 3, 0, 0, 1, 6, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_MMFR3_EL1, 3, 0, 0, 1, 7, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_ISAR0_EL1, 3, 0, 0, 2, 0, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_ISAR1_EL1, 3, 0, 0, 2, 1, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_ISAR2_EL1, 3, 0, 0, 2, 2, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_ISAR3_EL1, 3, 0, 0, 2, 3, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_ISAR4_EL1, 3, 0, 0, 2, 4, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_ISAR5_EL1, 3, 0, 0, 2, 5, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_MMFR4_EL1, 3, 0, 0, 2, 6, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_ISAR6_EL1, 3, 0, 0, 2, 7, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(MVFR0_EL1, 3, 0, 0, 3, 0, E1, NO, traps.tid3, kModel, 0, 0)             \
  X(MVFR1_EL1, 3, 0, 0, 3, 1, E1, NO, traps.tid3, kModel, 0, 0)             \
  X(MVFR2_EL1, 3, 0, 0, 3, 2, E1, NO, traps.tid3, kModel, 0, 0)             \
  X(ID_RESERVED_C3_3, 3, 0, 0, 3, 3, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_PFR2_EL1, 3, 0, 0, 3, 4, E1, NO, traps.tid3, kModel, 0, 0)           \
  X(ID_DFR1_EL1, 3, 0, 0, 3, 5, E1, NO, traps.tid3, kModel, 0, 0)           \
  X(ID_MMFR5_EL1, 3, 0, 0, 3, 6, E1, NO, traps.tid3, kModel, 0, 0)          \
  X(ID_RESERVED_C3_7, 3, 0, 0, 3, 7, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64PFR0_EL1, 3, 0, 0, 4, 0, E1, NO, traps.tid3, kModel, 0, 0)       \
  X(ID_AA64PFR1_EL1, 3, 0, 0, 4, 1, E1, NO, traps.tid3, kModel, 0, 0)       \
  X(ID_RESERVED_C4_2, 3, 0, 0, 4, 2, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C4_3, 3, 0, 0, 4, 3, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64ZFR0_EL1, 3, 0, 0, 4, 4, E1, NO, traps.tid3, kModel, 0, 0)       \
  X(ID_AA64SMFR0_EL1, 3, 0, 0, 4, 5, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C4_6, 3, 0, 0, 4, 6, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C4_7, 3, 0, 0, 4, 7, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64DFR0_EL1, 3, 0, 0, 5, 0, E1, NO, traps.tid3, kModel, 0, 0)       \
  X(ID_AA64DFR1_EL1, 3, 0, 0, 5, 1, E1, NO, traps.tid3, kModel, 0, 0)       \
  X(ID_RESERVED_C5_2, 3, 0, 0, 5, 2, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C5_3, 3, 0, 0, 5, 3, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64AFR0_EL1, 3, 0, 0, 5, 4, E1, NO, traps.tid3, kModel, 0, 0)       \
  X(ID_AA64AFR1_EL1, 3, 0, 0, 5, 5, E1, NO, traps.tid3, kModel, 0, 0)       \
  X(ID_RESERVED_C5_6, 3, 0, 0, 5, 6, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C5_7, 3, 0, 0, 5, 7, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64ISAR0_EL1, 3, 0, 0, 6, 0, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64ISAR1_EL1, 3, 0, 0, 6, 1, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64ISAR2_EL1, 3, 0, 0, 6, 2, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C6_3, 3, 0, 0, 6, 3, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C6_4, 3, 0, 0, 6, 4, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C6_5, 3, 0, 0, 6, 5, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C6_6, 3, 0, 0, 6, 6, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C6_7, 3, 0, 0, 6, 7, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64MMFR0_EL1, 3, 0, 0, 7, 0, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64MMFR1_EL1, 3, 0, 0, 7, 1, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64MMFR2_EL1, 3, 0, 0, 7, 2, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64MMFR3_EL1, 3, 0, 0, 7, 3, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_AA64MMFR4_EL1, 3, 0, 0, 7, 4, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C7_5, 3, 0, 0, 7, 5, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C7_6, 3, 0, 0, 7, 6, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(ID_RESERVED_C7_7, 3, 0, 0, 7, 7, E1, NO, traps.tid3, kModel, 0, 0)      \
  X(CCSIDR_EL1, 3, 1, 0, 0, 0, E1, NO, traps.tid2, kComputed, 0, 0)         \
  X(CLIDR_EL1, 3, 1, 0, 0, 1, E1, NO, traps.tid2, kModel, 0, 0)             \
  X(AIDR_EL1, 3, 1, 0, 0, 7, E1, NO, traps.tid1, kModel, 0, 0)              \
  X(CSSELR_EL1, 3, 2, 0, 0, 0, E1, E1, traps.tid2, kContext, 0, 0xF)        \
  X(CTR_EL0, 3, 3, 0, 0, 1, E0, NO, traps.ctr, kModel, 0, 0)                \
  X(DCZID_EL0, 3, 3, 0, 0, 7, E0, NO, traps.none, kModel | kComputed, 0, 0) \
  X(VPIDR_EL2, 3, 4, 0, 0, 0, E2, E2, traps.none, kContext, 0, 0xFFFFFFFF)  \
  X(VMPIDR_EL2, 3, 4, 0, 0, 5, E2, E2, traps.none, kContext, 0, 0xFFC1FFFFFF)
