// The stall model (3.12): a faulting access waits for CMD_RESUME or CMD_STALL_TERM; and faults that end as if all were
// well (CD.A = 0).
#include "../lib/check.h"
#include "../lib/tables.h"
#include "../lib/timer.h"
#include "world.h"

static const char *const names[] = {
    "stall.retry",        "stall.abort",         "stall.terminate",    "stall.raz",          "stall.stall_term",
    "stall.s2",           "stall.s1stalld",      "stall.wrong_stag",   "stall.full.before",  "stall.full.no_overflow",
    "stall.full.waits",   "stall.full.recorded", "stall.full.aborted", "stall.off.recorded", "stall.off.aborted",
    "stall.off.unharmed",
};

static struct record stalled(void) {
  return (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .stall = true, .input = va_of_data(), .write = true};
}

// Waits for the record of the stalled access, which is under way all the while.
static bool wait_for_stall(struct event *event) {
  const u64 end = physical_count() + READ_SYSREG(cntfrq_el0) / 100;
  while (!smmu_next_event(event)) {
    if (physical_count() > end || !(mmio_read64(world_edu.base + EDU_COMMAND) & EDU_RUN)) return false;
  }
  return (mmio_read64(world_edu.base + EDU_COMMAND) & EDU_RUN) != 0;
}

static u16 stag_of(const struct event *event) { return (u16)event->word[1]; }

// The access stalls; `answer` does something about it with its STAG; it ends with `result`.
static void stall(const char *name, enum ste_config config, struct record expected, void (*answer)(u16 stag),
                  enum edu_result result, bool written) {
  dsb();
  smmu_invalidate_all();
  struct outcome outcome = {0};
  unsigned problems = 0;
  world_start(&expected, (u32)EDU_ATTR_MAY_STALL);
  if (wait_for_stall(&outcome.event[0])) {
    outcome.events = 1;
    answer(stag_of(&outcome.event[0]));
  } else {
    problems |= WRONG_STATE;
  }
  const struct outcome end = world_outcome();
  outcome.events += end.events;
  if (end.result != result) problems |= WRONG_STATE;
  const unsigned changed = world_problems();
  problems |= changed & ~(unsigned)DATA_CHANGED;
  if (((changed & DATA_CHANGED) != 0) != written) problems |= DATA_CHANGED;
  world_reset(config);
  expect_record(name, expected, &outcome, problems);
}

static void resume(u16 stag, u64 action) {
  smmu_command(CMD_RESUME | action | CMD_SID(world_sid()), stag);
  smmu_sync();
}
static void abort_it(u16 stag) { resume(stag, RESUME_ABORT); }
static void terminate(u16 stag) { resume(stag, 0); }
static void terminate_stream(u16 stag) {
  (void)stag;
  smmu_command(CMD_STALL_TERM | CMD_SID(world_sid()), 0);
  smmu_sync();
}
static void mend_stage1(u16 stag) {
  *s1_entry(3) = leaf_descriptor(pa_of(DATA_PAGE), 3, S1_NORMAL | S1_EL0 | S1_NG);
  dsb();
  resume(stag, RESUME_RETRY);
}
static void mend_stage2(u16 stag) {
  *s2_entry(ipa_of(DATA_PAGE), 3) = leaf_descriptor(pa_of(DATA_PAGE), 3, S2_NORMAL | S2_READ | S2_WRITE);
  dsb();
  resume(stag, RESUME_RETRY);
}
// Another STAG answers nobody; then the right one.
static void wrong_stag(u16 stag) {
  resume(stag ^ 1, RESUME_ABORT);
  mend_stage1(stag);
}

static void unmapped_stage1(void) {
  world_reset(STE_S1);
  world_cd()->word[0] |= CD0_S;
  *s1_entry(3) = 0;
}

// Reads give zero, writes are dropped; the record is as ever.
static void read_as_zero(const char *name, bool write) {
  world_reset(STE_S1);
  const struct record seed = {.input = va_of_data()};
  world_access(&seed, 0);  // the buffer holds the secret
  world_cd()->word[0] &= ~CD0_A;
  *s1_entry(3) = 0;
  dsb();
  smmu_invalidate_all();
  const struct record access = {.type = F_TRANSLATION, .class = CLASS_IN, .input = va_of_data() + 8, .write = write};
  const struct outcome outcome = world_access(&access, 0);
  unsigned problems = world_problems() | (outcome.result == EDU_DONE ? 0 : WRONG_STATE);
  world_reset(STE_S1);
  const struct record back = {.input = va_of_data(), .write = true};
  world_access(&back, 0);
  const u32 buffer = *(volatile u32 *)pa_of(DATA_PAGE);
  if (buffer != (write ? SECRET : 0)) problems |= WRONG_STATE;
  world_wipe(STE_S1);
  world_reset(STE_S1);
  expect_record(name, access, &outcome, problems);
}

// A stalled access's record is not lost in a full queue: it comes when there is room, and is no overflow (7.4).
static void full_queue(void) {
  unmapped_stage1();
  smmu_set_cr0(CR0_CMDQEN);
  smmu_event_queue(smmu_own_event_queue(), 1);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
  smmu_invalidate_all();
  // Accesses that cannot wait fill it. world_access() would empty it.
  for (unsigned n = 0; n < 2; ++n) {
    edu_write(&world_edu, EDU_ATTRIBUTES, 0);
    edu_start(&world_edu, EDU_BUFFER, va_of_data() + 8 * n, 4, EDU_TO_MEMORY);
    edu_wait(&world_edu);
  }
  check("stall.full.before", 2, smmu_events());
  struct record access = stalled();
  world_start(&access, (u32)EDU_ATTR_MAY_STALL);
  const u64 end = physical_count() + READ_SYSREG(cntfrq_el0) / 1000;
  while (physical_count() < end) {
  }
  check_hex("stall.full.no_overflow", 2, smmu_read1(SMMU_EVENTQ_PROD));
  check("stall.full.waits", 1, (mmio_read64(world_edu.base + EDU_COMMAND) & EDU_RUN) != 0);
  struct event event = {{0}};
  smmu_next_event(&event);
  smmu_next_event(&event);
  const bool recorded = wait_for_stall(&event);
  check("stall.full.recorded", 1, recorded && (event.word[1] & BIT(31)));
  abort_it(stag_of(&event));
  edu_wait(&world_edu);
  check("stall.full.aborted", EDU_UNSUPPORTED_REQUEST, edu_read(&world_edu, EDU_RESULT));
}

// Switching the SMMU off terminates what is stalled (6.3.9.6).
static void switched_off(void) {
  unmapped_stage1();
  smmu_invalidate_all();
  struct record access = stalled();
  world_start(&access, (u32)EDU_ATTR_MAY_STALL);
  struct event event = {{0}};
  check("stall.off.recorded", 1, wait_for_stall(&event));
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN);
  edu_wait(&world_edu);
  check("stall.off.aborted", EDU_UNSUPPORTED_REQUEST, edu_read(&world_edu, EDU_RESULT));
  check("stall.off.unharmed", 0, world_problems());
}

void stalled_faults(void) {
  if (!world_edu.extended || (smmu_read(SMMU_IDR0) & IDR0_TERM_MODEL)) {
    unsupported("raz.read");
    unsupported("raz.write");
  } else {
    read_as_zero("raz.read", false);
    read_as_zero("raz.write", true);
  }
  if (!world_has_stalls()) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); ++i) unsupported(names[i]);
    return;
  }
  unmapped_stage1();
  stall("stall.retry", STE_S1, stalled(), mend_stage1, EDU_DONE, true);
  unmapped_stage1();
  stall("stall.abort", STE_S1, stalled(), abort_it, EDU_UNSUPPORTED_REQUEST, false);
  // Terminated without Ab: as if all were well, where the SMMU can (IDR0.TERM_MODEL).
  const bool raz = !(smmu_read(SMMU_IDR0) & IDR0_TERM_MODEL);
  unmapped_stage1();
  stall("stall.terminate", STE_S1, stalled(), terminate, raz ? EDU_DONE : EDU_UNSUPPORTED_REQUEST, false);
  unmapped_stage1();
  stall("stall.stall_term", STE_S1, stalled(), terminate_stream, EDU_UNSUPPORTED_REQUEST, false);
  world_reset(STE_S2);
  world_ste()->word[2] |= STE2_S2S;
  *s2_entry(ipa_of(DATA_PAGE), 3) = 0;
  struct record stage2 = stalled();
  stage2.s2 = true;
  stage2.input = stage2.ipa = ipa_of(DATA_PAGE);
  stall("stall.s2", STE_S2, stage2, mend_stage2, EDU_DONE, true);
  // STE.S1STALLD with CD.S is an illegal CD.
  unmapped_stage1();
  world_ste()->word[1] |= BIT(27);
  expect_fault("stall.s1stalld", STE_S1, (struct record){.type = C_BAD_CD, .input = va_of_data()});
  unmapped_stage1();
  stall("stall.wrong_stag", STE_S1, stalled(), wrong_stag, EDU_DONE, true);
  full_queue();
  switched_off();
}
