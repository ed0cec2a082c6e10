// Performance Monitors (Arm ARM D17.5). Six event counters, as PMCR_EL0.N of the modelled cores says. X(name, op0, op1,
// CRn, CRm, op2, lowest EL that reads, that writes, trap rules (arm/trap_rules.cpp), flags, reset value, writable bits)
#pragma once

#define TW_SYSREGS_EVENT_COUNTER(X, n)                                                                    \
  X(PMEVCNTR##n##_EL0, 3, 3, 14, 8, n, E0, E0, traps.pmu_event, kContext | kMonitor | kEffect, 0, kAll32) \
  X(PMEVTYPER##n##_EL0, 3, 3, 14, 12, n, E0, E0, traps.pmu, kContext | kMonitor | kEffect, 0, 0xFE00FFFF)

#define TW_SYSREGS_PERFORMANCE_MONITORS(X)                                                                  \
  X(PMCR_EL0, 3, 3, 9, 12, 0, E0, E0, traps.pmcr, kContext | kMonitor | kEffect, 0, 0x7F)                   \
  X(PMCNTENSET_EL0, 3, 3, 9, 12, 1, E0, E0, traps.pmu, kContext | kMonitor | kEffect, 0, 0x8000003F)        \
  X(PMCNTENCLR_EL0, 3, 3, 9, 12, 2, E0, E0, traps.pmu, kContext | kMonitor | kEffect, 0, 0x8000003F)        \
  X(PMOVSCLR_EL0, 3, 3, 9, 12, 3, E0, E0, traps.pmu, kContext | kMonitor | kEffect, 0, 0x8000003F)          \
  X(PMSWINC_EL0, 3, 3, 9, 12, 4, NO, E0, traps.pmu_software, kContext | kMonitor | kEffect, 0, 0x3F)        \
  X(PMSELR_EL0, 3, 3, 9, 12, 5, E0, E0, traps.pmu_select, kContext, 0, 0x1F)                                \
  X(PMCEID0_EL0, 3, 3, 9, 12, 6, E0, NO, traps.pmu, kModel, 0, 0)                                           \
  X(PMCEID1_EL0, 3, 3, 9, 12, 7, E0, NO, traps.pmu, kModel, 0, 0)                                           \
  X(PMCCNTR_EL0, 3, 3, 9, 13, 0, E0, E0, traps.pmu_cycles, kContext | kMonitor | kEffect, 0, kAll64)        \
  X(PMXEVTYPER_EL0, 3, 3, 9, 13, 1, E0, E0, traps.pmu, kContext | kMonitor | kEffect, 0, 0xFE00FFFF)        \
  X(PMXEVCNTR_EL0, 3, 3, 9, 13, 2, E0, E0, traps.pmu_event, kContext | kMonitor | kEffect, 0, kAll32)       \
  X(PMUSERENR_EL0, 3, 3, 9, 14, 0, E0, E1, traps.pmu_enable, kContext, 0, 0xF)                              \
  X(PMINTENSET_EL1, 3, 0, 9, 14, 1, E1, E1, traps.pmu_enable, kContext | kMonitor | kEffect, 0, 0x8000003F) \
  X(PMINTENCLR_EL1, 3, 0, 9, 14, 2, E1, E1, traps.pmu_enable, kContext | kMonitor | kEffect, 0, 0x8000003F) \
  X(PMOVSSET_EL0, 3, 3, 9, 14, 3, E0, E0, traps.pmu, kContext | kMonitor | kEffect, 0, 0x8000003F)          \
  TW_SYSREGS_EVENT_COUNTER(X, 0)                                                                            \
  TW_SYSREGS_EVENT_COUNTER(X, 1)                                                                            \
  TW_SYSREGS_EVENT_COUNTER(X, 2)                                                                            \
  TW_SYSREGS_EVENT_COUNTER(X, 3)                                                                            \
  TW_SYSREGS_EVENT_COUNTER(X, 4)                                                                            \
  TW_SYSREGS_EVENT_COUNTER(X, 5)                                                                            \
  X(PMCCFILTR_EL0, 3, 3, 14, 15, 7, E0, E0, traps.pmu, kContext | kMonitor | kEffect, 0, 0xFC000000)
