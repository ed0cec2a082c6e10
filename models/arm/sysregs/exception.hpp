// Registers that hold and steer exceptions (Arm ARM D17.2, C5.2).
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_EXCEPTION(X)                                                      \
  X(SPSR_EL1, 3, 0, 4, 0, 0, E1, E1, traps.none, kContext, 0, kAll32)                \
  X(ELR_EL1, 3, 0, 4, 0, 1, E1, E1, traps.none, kContext, 0, kAll64)                 \
  X(SP_EL0, 3, 0, 4, 1, 0, E1, E1, traps.none, kContext | kNotCurrentSp, 0, kAll64)  \
  X(SPSel, 3, 0, 4, 2, 0, E1, E1, traps.none, kComputed | kEffect, 0, 1)             \
  X(CurrentEL, 3, 0, 4, 2, 2, E1, NO, traps.none, kComputed, 0, 0)                   \
  X(PAN, 3, 0, 4, 2, 3, E1, E1, traps.none, kComputed | kEffect | kPan, 0, 0x400000) \
  X(UAO, 3, 0, 4, 2, 4, E1, E1, traps.none, kComputed | kEffect | kUao, 0, 0x800000) \
  X(DAIF, 3, 3, 4, 2, 1, E0, E0, traps.daif, kComputed | kEffect, 0, 0x3C0)          \
  X(SPSR_EL2, 3, 4, 4, 0, 0, E2, E2, traps.none, kStored, 0, kAll32)                 \
  X(ELR_EL2, 3, 4, 4, 0, 1, E2, E2, traps.none, kStored, 0, kAll64)                  \
  X(SP_EL1, 3, 4, 4, 1, 0, E2, E2, traps.none, kContext, 0, kAll64)                  \
  X(SPSR_irq, 3, 4, 4, 3, 0, E2, E2, traps.none, kContext, 0, kAll32)                \
  X(SPSR_abt, 3, 4, 4, 3, 1, E2, E2, traps.none, kContext, 0, kAll32)                \
  X(SPSR_und, 3, 4, 4, 3, 2, E2, E2, traps.none, kContext, 0, kAll32)                \
  X(SPSR_fiq, 3, 4, 4, 3, 3, E2, E2, traps.none, kContext, 0, kAll32)                \
  X(SPSR_EL3, 3, 6, 4, 0, 0, E3, E3, traps.none, kStored, 0, kAll32)                 \
  X(ELR_EL3, 3, 6, 4, 0, 1, E3, E3, traps.none, kStored, 0, kAll64)                  \
  X(SP_EL2, 3, 6, 4, 1, 0, E3, E3, traps.none, kStored, 0, kAll64)                   \
  X(SP_EL3, 3, 7, 4, 1, 0, NO, NO, traps.none, kInternal, 0, 0)                      \
  X(AFSR0_EL1, 3, 0, 5, 1, 0, E1, E1, traps.virtual_memory, kContext, 0, 0)          \
  X(AFSR1_EL1, 3, 0, 5, 1, 1, E1, E1, traps.virtual_memory, kContext, 0, 0)          \
  X(ESR_EL1, 3, 0, 5, 2, 0, E1, E1, traps.virtual_memory, kContext, 0, kAll32)       \
  X(FAR_EL1, 3, 0, 6, 0, 0, E1, E1, traps.virtual_memory, kContext, 0, kAll64)       \
  X(AFSR0_EL2, 3, 4, 5, 1, 0, E2, E2, traps.none, kStored, 0, 0)                     \
  X(AFSR1_EL2, 3, 4, 5, 1, 1, E2, E2, traps.none, kStored, 0, 0)                     \
  X(ESR_EL2, 3, 4, 5, 2, 0, E2, E2, traps.none, kStored, 0, kAll32)                  \
  X(FAR_EL2, 3, 4, 6, 0, 0, E2, E2, traps.none, kStored, 0, kAll64)                  \
  X(HPFAR_EL2, 3, 4, 6, 0, 4, E2, E2, traps.none, kStored, 0, 0xFFFFFFFFF0)          \
  X(IFSR32_EL2, 3, 4, 5, 0, 1, E2, E2, traps.none, kContext, 0, kAll32)              \
  X(FPEXC32_EL2, 3, 4, 5, 3, 0, E2, E2, traps.fp_el2, kContext, 0, kAll32)           \
  X(AFSR0_EL3, 3, 6, 5, 1, 0, E3, E3, traps.none, kStored, 0, 0)                     \
  X(AFSR1_EL3, 3, 6, 5, 1, 1, E3, E3, traps.none, kStored, 0, 0)                     \
  X(ESR_EL3, 3, 6, 5, 2, 0, E3, E3, traps.none, kStored, 0, kAll32)                  \
  X(FAR_EL3, 3, 6, 6, 0, 0, E3, E3, traps.none, kStored, 0, kAll64)                  \
  X(VBAR_EL1, 3, 0, 12, 0, 0, E1, E1, traps.none, kContext, 0, ~u64{0x7FF})          \
  X(ISR_EL1, 3, 0, 12, 1, 0, E1, NO, traps.none, kComputed, 0, 0)                    \
  X(VBAR_EL2, 3, 4, 12, 0, 0, E2, E2, traps.none, kStored, 0, ~u64{0x7FF})           \
  X(VBAR_EL3, 3, 6, 12, 0, 0, E3, E3, traps.none, kStored, 0, ~u64{0x7FF})           \
  X(SSBS, 3, 3, 4, 2, 6, E0, E0, traps.none, kComputed | kEffect | kSsbs, 0, spsr::SSBS)
