// System control, thread pointers and the registers of one EL that configure it or those below (Arm ARM D17.2).
// X(name, op0, op1, CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset
// value, writable bits)
#pragma once

#define TW_SYSREGS_CONTROL(X)                                                                        \
  X(SCTLR_EL1, 3, 0, 1, 0, 0, E1, E1, traps.virtual_memory, kContext | kEffect, 0, sctlr::kWritable) \
  X(ACTLR_EL1, 3, 0, 1, 0, 1, E1, E1, traps.tacr, kContext, 0, 0)                                    \
  X(CPACR_EL1, 3, 0, 1, 0, 2, E1, E1, traps.cpacr, kContext, 0, cpacr::FPEN)                         \
  X(SCTLR_EL2, 3, 4, 1, 0, 0, E2, E2, traps.none, kEffect, 0x30C50830, sctlr::kWritable)             \
  X(ACTLR_EL2, 3, 4, 1, 0, 1, E2, E2, traps.none, kStored, 0, kAll64)                                \
  X(HCR_EL2, 3, 4, 1, 1, 0, E2, E2, traps.none, kEffect, hcr::RW, hcr::kWritable)                    \
  X(MDCR_EL2, 3, 4, 1, 1, 1, E2, E2, traps.mdcr2, kEffect, 6, 0x20FFF)                               \
  X(CPTR_EL2, 3, 4, 1, 1, 2, E2, E2, traps.cptr2, kStored, cptr::kEl2Res1, cptr::TFP | cptr::TCPAC)  \
  X(HSTR_EL2, 3, 4, 1, 1, 3, E2, E2, traps.none, kStored, 0, 0xBFEF)                                 \
  X(HACR_EL2, 3, 4, 1, 1, 7, E2, E2, traps.none, kStored, 0, 0)                                      \
  X(SCTLR_EL3, 3, 6, 1, 0, 0, E3, E3, traps.none, kEffect, 0, sctlr::kWritable)                      \
  X(ACTLR_EL3, 3, 6, 1, 0, 1, E3, E3, traps.none, kStored, 0, kAll64)                                \
  X(SCR_EL3, 3, 6, 1, 1, 0, E3, E3, traps.none, kEffect, scr::kReset, scr::kWritable)                \
  X(SDER32_EL3, 3, 6, 1, 1, 1, E3, E3, traps.none, kStored, 0, 3)                                    \
  X(CPTR_EL3, 3, 6, 1, 1, 2, E3, E3, traps.none, kStored, 0, cptr::TFP | cptr::TCPAC)                \
  X(MDCR_EL3, 3, 6, 1, 3, 1, E3, E3, traps.none, kEffect, 0, 0x33C640)                               \
  X(CONTEXTIDR_EL1, 3, 0, 13, 0, 1, E1, E1, traps.virtual_memory, kContext | kEffect, 0, kAll32)     \
  X(TPIDR_EL1, 3, 0, 13, 0, 4, E1, E1, traps.none, kContext, 0, kAll64)                              \
  X(TPIDR_EL0, 3, 3, 13, 0, 2, E0, E0, traps.none, kContext, 0, kAll64)                              \
  X(TPIDRRO_EL0, 3, 3, 13, 0, 3, E0, E1, traps.none, kContext, 0, kAll64)                            \
  X(TPIDR_EL2, 3, 4, 13, 0, 2, E2, E2, traps.none, kStored, 0, kAll64)                               \
  X(TPIDR_EL3, 3, 6, 13, 0, 2, E3, E3, traps.none, kStored, 0, kAll64)                               \
  X(RVBAR_EL1, 3, 0, 12, 0, 1, E1, NO, traps.none, kComputed | kHighestOnly, 0, 0)                   \
  X(RVBAR_EL2, 3, 4, 12, 0, 1, E2, NO, traps.none, kComputed | kHighestOnly, 0, 0)                   \
  X(RVBAR_EL3, 3, 6, 12, 0, 1, E3, NO, traps.none, kComputed | kHighestOnly, 0, 0)                   \
  X(RMR_EL1, 3, 0, 12, 0, 2, E1, E1, traps.none, kComputed | kHighestOnly, 1, 1)                     \
  X(RMR_EL2, 3, 4, 12, 0, 2, E2, E2, traps.none, kComputed | kHighestOnly, 1, 1)                     \
  X(RMR_EL3, 3, 6, 12, 0, 2, E3, E3, traps.none, kComputed | kHighestOnly, 1, 1)                     \
  X(NZCV, 3, 3, 4, 2, 0, E0, E0, traps.none, kComputed | kEffect, 0, 0xF0000000)                     \
  X(FPCR, 3, 3, 4, 4, 0, E0, E0, traps.fp, kContext, 0, 0x07FF0000)                                  \
  X(FPSR, 3, 3, 4, 4, 1, E0, E0, traps.fp, kContext, 0, 0xF800009F)
