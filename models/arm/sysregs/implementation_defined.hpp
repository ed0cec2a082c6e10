// IMPLEMENTATION DEFINED registers of Cortex-A53, A57 and A72 (their TRMs, "AArch64 implementation defined registers"):
// stored, without effect. Of a model that has them; elsewhere the encodings are UNDEFINED behind HCR_EL2.TIDCP.
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_IMPLEMENTATION_DEFINED(X)                                    \
  X(L2CTLR_EL1, 3, 1, 11, 0, 2, E1, E1, traps.tidcp, kCortex | kComputed, 0, 0) \
  X(L2ECTLR_EL1, 3, 1, 11, 0, 3, E1, E1, traps.tidcp, kCortex, 0, 0)            \
  X(CPUACTLR_EL1, 3, 1, 15, 2, 0, E1, E1, traps.tidcp, kCortex, 0, kAll64)      \
  X(CPUECTLR_EL1, 3, 1, 15, 2, 1, E1, E1, traps.tidcp, kCortex, 0, kAll64)      \
  X(CPUMERRSR_EL1, 3, 1, 15, 2, 2, E1, E1, traps.tidcp, kCortex, 0, 0)          \
  X(L2MERRSR_EL1, 3, 1, 15, 2, 3, E1, E1, traps.tidcp, kCortex, 0, 0)           \
  X(L2ACTLR_EL1, 3, 1, 15, 0, 0, E1, E1, traps.tidcp, kCortex, 0, 0)            \
  X(CBAR_EL1, 3, 1, 15, 3, 0, E1, NO, traps.tidcp, kCortex, 0, 0)
