// What a program says about the exceptions it saw: counts by exception class, and an FNV-1a digest of syndromes.
// Only what is architecturally deterministic goes in (README.md, "What the digest covers").
#pragma once
#include "arch.h"

#define DIGEST_START 0xcbf29ce484222325ull

struct trap_log {
  u64 digest;      // of synchronous exceptions, in order
  u64 async_sum;   // of interrupts: a sum, as their order against synchronous exceptions is a matter of time
  u64 by_ec[64];   // synchronous exceptions
  u64 by_slot[4];  // IRQ, FIQ, SError (enum vector_slot; SLOT_SYNC unused)
};

u64 digest_fold(u64 digest, u64 value);
void trap_log_clear(struct trap_log *log);
// Records one exception; frame->hpfar counts for stage-2 faults only.
void trap_log_add(struct trap_log *log, const struct trap_frame *frame, unsigned vector);
// Adds `part` to `total`; parts are merged in a fixed order.
void trap_log_merge(struct trap_log *total, const struct trap_log *part);
u64 trap_log_digest(const struct trap_log *log);
// Prints the `digest:` and `traps:` lines.
void trap_log_print(const char *name, const struct trap_log *log);
