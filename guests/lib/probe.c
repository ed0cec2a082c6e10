// Exceptions provoked one at a time, at EL1 or EL0, and looked at one at a time.
#include "check.h"
#include "el1.h"
#include "print.h"

#define EL0_DONE 0xe0  // SVC immediate with which EL0 code ends

void probe_handler(struct el1_context *context, struct trap_frame *frame, unsigned vector) {
  struct probe *probe = (struct probe *)context;
  const unsigned ec = ESR_EC(frame->esr);
  if (VECTOR_FROM_LOWER(vector) && ec == EC_SVC64 && ESR_ISS(frame->esr) == EL0_DONE) {
    frame->elr = (u64)el0_return;
    frame->spsr = SPSR_EL1H | SPSR_DAIF;
    return;
  }
  probe->seen = *frame;
  probe->vector = vector;
  ++probe->taken;
  switch (ec) {
    case EC_SVC64:  // ELR is already behind the instruction
      break;
    case EC_ILLEGAL_STATE:
      frame->spsr &= ~SPSR_IL;
      break;
    case EC_IABT_SAME:
    case EC_IABT_LOWER:
    case EC_PC_ALIGNMENT:  // reached by BLR: on behind the call
      frame->elr = frame->x[30];
      break;
    default:
      frame->elr += 4;
  }
}

static void expect_esr(struct probe *probe, const char *name, enum exception_class ec, u64 iss) {
  if (probe->taken != 1) print("%s: %lu exceptions\n", name, probe->taken);
  check_hex(name, (u64)ec << 26 | ESR_IL | iss, probe->taken == 1 ? probe->seen.esr : 0);
  probe->taken = 0;
}

void probe_expect(struct probe *probe, const char *name, enum exception_class ec, u64 iss) {
  expect_esr(probe, name, ec, iss);
}

void probe_expect_far(struct probe *probe, const char *name, enum exception_class ec, u64 iss, u64 far) {
  const u64 seen = probe->seen.far;
  expect_esr(probe, name, ec, iss);
  if (seen != far) check_hex("  its FAR", far, seen);
}

void probe_expect_divergent(struct probe *probe, const char *name, u64 architecture, u64 qemu) {
  check_divergent(name, architecture, qemu, probe->taken ? probe->seen.esr : 0);
  probe->taken = 0;
  asm volatile("msr nzcv, xzr" ::: "cc", "memory");  // what was compared here must not show in the next SPSR
}

void probe_expect_none(struct probe *probe, const char *name) {
  check(name, 0, probe->taken);
  probe->taken = 0;
}
