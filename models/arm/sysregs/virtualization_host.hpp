// FEAT_VHE (Arm ARM D8.5, D17.2): EL2's own, and EL1's and EL0's under the names that an EL2 host uses. UNDEFINED: no
// model has VHE yet (ID_AA64MMFR1_EL1.VH = 0).
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_VIRTUALIZATION_HOST(X)                                 \
  X(TTBR1_EL2, 3, 4, 2, 0, 1, E2, E2, traps.none, kVhe, 0, kAll64)        \
  X(CONTEXTIDR_EL2, 3, 4, 13, 0, 1, E2, E2, traps.none, kVhe, 0, kAll32)  \
  X(CNTHV_TVAL_EL2, 3, 4, 14, 3, 0, E2, E2, traps.none, kVhe, 0, kAll32)  \
  X(CNTHV_CTL_EL2, 3, 4, 14, 3, 1, E2, E2, traps.none, kVhe, 0, 7)        \
  X(CNTHV_CVAL_EL2, 3, 4, 14, 3, 2, E2, E2, traps.none, kVhe, 0, kAll64)  \
  X(SCTLR_EL12, 3, 5, 1, 0, 0, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(CPACR_EL12, 3, 5, 1, 0, 2, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(TTBR0_EL12, 3, 5, 2, 0, 0, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(TTBR1_EL12, 3, 5, 2, 0, 1, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(TCR_EL12, 3, 5, 2, 0, 2, E2, E2, traps.none, kVhe, 0, kAll64)         \
  X(SPSR_EL12, 3, 5, 4, 0, 0, E2, E2, traps.none, kVhe, 0, kAll64)        \
  X(ELR_EL12, 3, 5, 4, 0, 1, E2, E2, traps.none, kVhe, 0, kAll64)         \
  X(AFSR0_EL12, 3, 5, 5, 1, 0, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(AFSR1_EL12, 3, 5, 5, 1, 1, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(ESR_EL12, 3, 5, 5, 2, 0, E2, E2, traps.none, kVhe, 0, kAll64)         \
  X(FAR_EL12, 3, 5, 6, 0, 0, E2, E2, traps.none, kVhe, 0, kAll64)         \
  X(MAIR_EL12, 3, 5, 10, 2, 0, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(AMAIR_EL12, 3, 5, 10, 3, 0, E2, E2, traps.none, kVhe, 0, kAll64)      \
  X(VBAR_EL12, 3, 5, 12, 0, 0, E2, E2, traps.none, kVhe, 0, kAll64)       \
  X(CONTEXTIDR_EL12, 3, 5, 13, 0, 1, E2, E2, traps.none, kVhe, 0, kAll64) \
  X(CNTKCTL_EL12, 3, 5, 14, 1, 0, E2, E2, traps.none, kVhe, 0, kAll64)    \
  X(CNTP_TVAL_EL02, 3, 5, 14, 2, 0, E2, E2, traps.none, kVhe, 0, kAll64)  \
  X(CNTP_CTL_EL02, 3, 5, 14, 2, 1, E2, E2, traps.none, kVhe, 0, kAll64)   \
  X(CNTP_CVAL_EL02, 3, 5, 14, 2, 2, E2, E2, traps.none, kVhe, 0, kAll64)  \
  X(CNTV_TVAL_EL02, 3, 5, 14, 3, 0, E2, E2, traps.none, kVhe, 0, kAll64)  \
  X(CNTV_CTL_EL02, 3, 5, 14, 3, 1, E2, E2, traps.none, kVhe, 0, kAll64)   \
  X(CNTV_CVAL_EL02, 3, 5, 14, 3, 2, E2, E2, traps.none, kVhe, 0, kAll64)
