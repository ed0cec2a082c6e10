// Code at EL1: its exception handler, and (for programs without a hypervisor) the way there.
#pragma once
#include "digest.h"

// TPIDR_EL1 points to it.
struct el1_context {
  struct trap_log log;
  bool unlogged;  // keeps exceptions out of the log: those on which QEMU departs from the architecture
  void (*handler)(struct el1_context *context, struct trap_frame *frame, unsigned vector);
};

// A handler for programs that provoke one exception at a time: it keeps what it saw and goes on.
struct probe {
  struct el1_context el1;
  struct trap_frame seen;
  unsigned vector;
  u64 taken;
};
void probe_handler(struct el1_context *context, struct trap_frame *frame, unsigned vector);
// Checks the last exception: one was taken since the previous check, with this EC and ISS; and FAR where it is valid.
void probe_expect(struct probe *probe, const char *name, enum exception_class ec, u64 iss);
void probe_expect_far(struct probe *probe, const char *name, enum exception_class ec, u64 iss, u64 far);
void probe_expect_none(struct probe *probe, const char *name);
// For QEMU's divergences: ESR_EL1, or 0 for "no exception". Meant for exceptions taken with el1.unlogged set.
void probe_expect_divergent(struct probe *probe, const char *name, u64 architecture, u64 qemu);

static inline struct el1_context *el1_context(void) { return (struct el1_context *)READ_SYSREG(tpidr_el1); }

#define SCTLR_EL1_ON (SCTLR_EL1_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA | SCTLR_SA0)

// Runs `program` at EL1 under an identity map (no stage 2), until it returns; then merges its log into `log`.
// Devices: 1 GB block; code: 2 MB block, read-only and executable for EL1 and EL0; other RAM: EL1 data.
void el1_run(void (*program)(void), struct el1_context *context);
// The map that el1_run made: programs add their own pages to it.
struct tables *el1_tables(void);

void el0_call(u64 entry, u64 stack, u64 argument);  // vectors.S
extern char el0_return[];
