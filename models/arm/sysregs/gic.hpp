// GICv3 CPU interface and hypervisor control (IHI 0069, 12.2 and 12.4). They live in the gic block; without one with
// system registers they are not there. ICV_* are the ICC_* rows, reached at EL1 under HCR_EL2.FMO and IMO.
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_GIC(X)                                                        \
  X(ICC_PMR_EL1, 3, 0, 4, 6, 0, E1, E1, traps.gic_common, kGic, 0, kAll64)       \
  X(ICC_IAR0_EL1, 3, 0, 12, 8, 0, E1, NO, traps.gic_group0, kGic, 0, 0)          \
  X(ICC_EOIR0_EL1, 3, 0, 12, 8, 1, NO, E1, traps.gic_group0, kGic, 0, kAll64)    \
  X(ICC_HPPIR0_EL1, 3, 0, 12, 8, 2, E1, NO, traps.gic_group0, kGic, 0, 0)        \
  X(ICC_BPR0_EL1, 3, 0, 12, 8, 3, E1, E1, traps.gic_group0, kGic, 0, kAll64)     \
  X(ICC_AP0R0_EL1, 3, 0, 12, 8, 4, E1, E1, traps.gic_group0, kGic, 0, kAll64)    \
  X(ICC_AP1R0_EL1, 3, 0, 12, 9, 0, E1, E1, traps.gic_group1, kGic, 0, kAll64)    \
  X(ICC_DIR_EL1, 3, 0, 12, 11, 1, NO, E1, traps.gic_dir, kGic, 0, kAll64)        \
  X(ICC_RPR_EL1, 3, 0, 12, 11, 3, E1, NO, traps.gic_common, kGic, 0, 0)          \
  X(ICC_SGI1R_EL1, 3, 0, 12, 11, 5, NO, E1, traps.gic_sgi, kGic, 0, kAll64)      \
  X(ICC_ASGI1R_EL1, 3, 0, 12, 11, 6, NO, E1, traps.gic_sgi, kGic, 0, kAll64)     \
  X(ICC_SGI0R_EL1, 3, 0, 12, 11, 7, NO, E1, traps.gic_sgi, kGic, 0, kAll64)      \
  X(ICC_IAR1_EL1, 3, 0, 12, 12, 0, E1, NO, traps.gic_group1, kGic, 0, 0)         \
  X(ICC_EOIR1_EL1, 3, 0, 12, 12, 1, NO, E1, traps.gic_group1, kGic, 0, kAll64)   \
  X(ICC_HPPIR1_EL1, 3, 0, 12, 12, 2, E1, NO, traps.gic_group1, kGic, 0, 0)       \
  X(ICC_BPR1_EL1, 3, 0, 12, 12, 3, E1, E1, traps.gic_group1, kGic, 0, kAll64)    \
  X(ICC_CTLR_EL1, 3, 0, 12, 12, 4, E1, E1, traps.gic_common, kGic, 0, kAll64)    \
  X(ICC_SRE_EL1, 3, 0, 12, 12, 5, E1, E1, traps.none, kGic, 0, kAll64)           \
  X(ICC_IGRPEN0_EL1, 3, 0, 12, 12, 6, E1, E1, traps.gic_group0, kGic, 0, kAll64) \
  X(ICC_IGRPEN1_EL1, 3, 0, 12, 12, 7, E1, E1, traps.gic_group1, kGic, 0, kAll64) \
  X(ICH_AP0R0_EL2, 3, 4, 12, 8, 0, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICH_AP1R0_EL2, 3, 4, 12, 9, 0, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICC_SRE_EL2, 3, 4, 12, 9, 5, E2, E2, traps.none, kGic, 0, kAll64)            \
  X(ICH_HCR_EL2, 3, 4, 12, 11, 0, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_VTR_EL2, 3, 4, 12, 11, 1, E2, NO, traps.none, kGic, 0, 0)                \
  X(ICH_MISR_EL2, 3, 4, 12, 11, 2, E2, NO, traps.none, kGic, 0, 0)               \
  X(ICH_EISR_EL2, 3, 4, 12, 11, 3, E2, NO, traps.none, kGic, 0, 0)               \
  X(ICH_ELRSR_EL2, 3, 4, 12, 11, 5, E2, NO, traps.none, kGic, 0, 0)              \
  X(ICH_VMCR_EL2, 3, 4, 12, 11, 7, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICH_LR0_EL2, 3, 4, 12, 12, 0, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR1_EL2, 3, 4, 12, 12, 1, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR2_EL2, 3, 4, 12, 12, 2, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR3_EL2, 3, 4, 12, 12, 3, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR4_EL2, 3, 4, 12, 12, 4, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR5_EL2, 3, 4, 12, 12, 5, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR6_EL2, 3, 4, 12, 12, 6, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR7_EL2, 3, 4, 12, 12, 7, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR8_EL2, 3, 4, 12, 13, 0, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR9_EL2, 3, 4, 12, 13, 1, E2, E2, traps.none, kGic, 0, kAll64)           \
  X(ICH_LR10_EL2, 3, 4, 12, 13, 2, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICH_LR11_EL2, 3, 4, 12, 13, 3, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICH_LR12_EL2, 3, 4, 12, 13, 4, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICH_LR13_EL2, 3, 4, 12, 13, 5, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICH_LR14_EL2, 3, 4, 12, 13, 6, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICH_LR15_EL2, 3, 4, 12, 13, 7, E2, E2, traps.none, kGic, 0, kAll64)          \
  X(ICC_CTLR_EL3, 3, 6, 12, 12, 4, E3, E3, traps.none, kGic, 0, kAll64)          \
  X(ICC_SRE_EL3, 3, 6, 12, 12, 5, E3, E3, traps.none, kGic, 0, kAll64)           \
  X(ICC_IGRPEN1_EL3, 3, 6, 12, 12, 7, E3, E3, traps.none, kGic, 0, kAll64)
