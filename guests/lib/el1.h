// Code at EL1: its exception handler, and (for programs without a hypervisor) the way there.
#pragma once
#include "digest.h"

// TPIDR_EL1 points to it.
struct el1_context {
  struct trap_log log;
  void (*handler)(struct el1_context *context, struct trap_frame *frame, unsigned vector);
};

static inline struct el1_context *el1_context(void) { return (struct el1_context *)READ_SYSREG(tpidr_el1); }

#define SCTLR_EL1_ON (SCTLR_EL1_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA | SCTLR_SA0)

// Runs `program` at EL1 under an identity map (no stage 2), until it returns; then merges its log into `log`.
// Devices: 1 GB block; code: 2 MB block, read-only and executable for EL1 and EL0; other RAM: EL1 data.
void el1_run(void (*program)(void), struct el1_context *context);
// The map that el1_run made: programs add their own pages to it.
struct tables *el1_tables(void);

void el0_call(u64 entry, u64 stack);  // vectors.S
extern char el0_return[];
