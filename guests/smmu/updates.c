// Hardware updates of Access flag and dirty state (3.13), and what stage 2 says to the SMMU's writes of stage-1 tables.
#include "../lib/check.h"
#include "../lib/tables.h"
#include "world.h"

#define DBM BIT(51)
#define S2_DBM BIT(51)

static const char *const names[] = {
    "httu.s1.af",        "httu.s1.af.bit",    "httu.s1.dirty",        "httu.s1.dirty.bit",
    "httu.s1.clean",     "httu.s2.af",        "httu.s2.af.bit",       "httu.s2.dirty",
    "httu.s2.dirty.bit", "httu.nested.table", "httu.nested.no_write", "httu.nested.no_write.bit",
};

static void stage1_bits(u64 clear, u64 set) {
  world_reset(STE_S1);
  world_cd()->word[0] |= CD0_HA | CD0_HD;
  *s1_entry(3) = (*s1_entry(3) & ~clear) | set;
}

// The descriptor after the access; world_reset() makes the tables anew, so it is looked at before.
static u64 seen;
static void success(const char *name, enum ste_config config, u64 input, bool write, const u64 *entry) {
  dsb();
  smmu_invalidate_all();
  const struct record access = {.input = input, .write = write};
  const struct outcome outcome = world_access(&access, 0);
  seen = *(const volatile u64 *)entry;
  const unsigned problems = (world_problems() & NEIGHBOUR_CHANGED) | (outcome.result == EDU_DONE ? 0 : WRONG_STATE);
  world_reset(config);
  if (!write) world_wipe(config);
  expect_record(name, access, &outcome, problems);
}

static void stage1(void) {
  stage1_bits(S1_AF, 0);
  success("httu.s1.af", STE_S1, va_of_data(), false, s1_entry(3));
  check("httu.s1.af.bit", 1, seen >> 10 & 1);
  stage1_bits(0, S1_READ_ONLY | DBM);
  success("httu.s1.dirty", STE_S1, va_of_data(), true, s1_entry(3));
  check("httu.s1.dirty.bit", 0, seen >> 7 & 1);
  // A read leaves a clean page clean.
  stage1_bits(0, S1_READ_ONLY | DBM);
  success("httu.s1.clean", STE_S1, va_of_data(), false, s1_entry(3));
}

static void stage2(void) {
  world_reset(STE_S2);
  u64 *entry = s2_entry(ipa_of(DATA_PAGE), 3);
  world_ste()->word[2] |= STE2_S2HA | STE2_S2HD;
  *entry &= ~S2_AF;
  success("httu.s2.af", STE_S2, ipa_of(DATA_PAGE), false, entry);
  check("httu.s2.af.bit", 1, seen >> 10 & 1);
  world_reset(STE_S2);
  world_ste()->word[2] |= STE2_S2HA | STE2_S2HD;
  *entry = (*entry & ~S2_WRITE) | S2_DBM;
  success("httu.s2.dirty", STE_S2, ipa_of(DATA_PAGE), true, entry);
  check("httu.s2.dirty.bit", 1, seen >> 7 & 1);
}

// The SMMU writes a stage-1 descriptor for a read; stage 2 does not allow it.
static void nested(void) {
  world_reset(STE_NESTED);
  world_cd()->word[0] |= CD0_HA;
  *s1_entry(3) &= ~S1_AF;
  success("httu.nested.table", STE_NESTED, va_of_data(), false, s1_entry(3));
  world_reset(STE_NESTED);
  world_cd()->word[0] |= CD0_HA;
  *s1_entry(3) &= ~S1_AF;
  *s2_entry(ipa_of(S1_LEVEL3), 3) &= ~S2_WRITE;
  dsb();
  smmu_invalidate_all();
  const struct record access = {.type = F_PERMISSION,
                                .s2 = true,
                                .class = CLASS_TT,
                                .ipa = ipa_of(S1_LEVEL3) + ((u64)s1_entry(3) & 0xfff),
                                .table_write = true,
                                .input = va_of_data()};
  const struct outcome outcome = world_access(&access, 0);
  const u64 descriptor = *(volatile u64 *)s1_entry(3);
  const unsigned problems = world_problems() | (outcome.result == EDU_UNSUPPORTED_REQUEST ? 0 : NO_ABORT);
  world_reset(STE_NESTED);
  expect_record("httu.nested.no_write", access, &outcome, problems);
  check("httu.nested.no_write.bit", 0, descriptor >> 10 & 1);
}

void table_updates(void) {
  if (!world_edu.extended || IDR0_HTTU(smmu_read(SMMU_IDR0)) < 2) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); ++i) unsupported(names[i]);
    return;
  }
  stage1();
  stage2();
  nested();
}
