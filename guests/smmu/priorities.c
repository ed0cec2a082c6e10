// Two things wrong at once: the record is that of the first in the order of 7.3.22.
#include "../lib/tables.h"
#include "world.h"

static struct record stage1_fault(enum event_type type, bool write) {
  return (struct record){.type = type, .class = CLASS_IN, .input = va_of_data(), .write = write};
}

static void configuration(void) {
  world_reset(STE_S1);
  world_ste()->word[0] = (world_ste()->word[0] & ~STE0_V & ~pa_of(CD_PAGE)) | NOWHERE;
  expect_fault("priority.ste_before_cd_fetch", STE_S1, stage1_fault(C_BAD_STE, false));
  world_reset(STE_S1);
  world_cd()->word[0] &= ~CD0_V;
  *s1_entry(1) = 0;
  expect_fault("priority.cd_before_translation", STE_S1, stage1_fault(C_BAD_CD, false));
  world_reset(STE_NESTED);
  world_cd()->word[0] &= ~CD0_V;
  *s2_entry(ipa_of(CD_PAGE), 3) &= ~S2_AF;
  expect_fault(
      "priority.s2_of_cd_before_cd", STE_NESTED,
      (struct record){.type = F_ACCESS, .s2 = true, .class = CLASS_CD, .ipa = ipa_of(CD_PAGE), .input = va_of_data()});
}

static void one_stage(void) {
  const u64 read_only = S1_NORMAL | S1_NG | S1_EL0 | S1_READ_ONLY;
  world_reset(STE_S1);
  *s1_entry(3) = leaf_descriptor(TOO_BIG, 3, read_only & ~S1_AF);
  expect_fault("priority.s1.size_before_access", STE_S1, stage1_fault(F_ADDR_SIZE, true));
  world_reset(STE_S1);
  *s1_entry(3) = leaf_descriptor(pa_of(DATA_PAGE), 3, read_only & ~S1_AF);
  expect_fault("priority.s1.access_before_permission", STE_S1, stage1_fault(F_ACCESS, true));
  world_reset(STE_S2);
  *s2_entry(ipa_of(DATA_PAGE), 3) = leaf_descriptor(pa_of(DATA_PAGE), 3, S2_NORMAL & ~S2_AF);
  expect_fault(
      "priority.s2.access_before_permission", STE_S2,
      (struct record){
          .type = F_ACCESS, .s2 = true, .class = CLASS_IN, .ipa = ipa_of(DATA_PAGE), .input = ipa_of(DATA_PAGE)});
}

static void nested(void) {
  world_reset(STE_NESTED);
  *s1_entry(3) |= S1_READ_ONLY;
  *s2_entry(ipa_of(DATA_PAGE), 3) = 0;
  expect_fault("priority.s1_permission_before_s2", STE_NESTED, stage1_fault(F_PERMISSION, true));
  world_reset(STE_NESTED);
  *s1_entry(3) = 0;
  *s2_entry(ipa_of(S1_LEVEL3), 3) = 0;
  expect_fault(
      "priority.s2_of_table_before_s1", STE_NESTED,
      (struct record){
          .type = F_TRANSLATION, .s2 = true, .class = CLASS_TT, .ipa = ipa_of(S1_LEVEL3), .input = va_of_data()});
  world_reset(STE_NESTED);
  *s1_entry(2) = 0;
  *s2_entry(ipa_of(S1_LEVEL3), 3) = 0;
  expect_fault("priority.upper_level_first", STE_NESTED, stage1_fault(F_TRANSLATION, false));
}

static const char *const substream_names[] = {"priority.ste_before_ssid", "priority.ssid_before_cd_fetch",
                                              "priority.disabled_before_cd_fetch"};

static void substreams(void) {
  if (!world_has_substreams()) {
    for (unsigned i = 0; i < ARRAY_SIZE(substream_names); ++i) unsupported(substream_names[i]);
    return;
  }
  struct record access = {.type = C_BAD_STE, .input = va_of_data(), .has_ssid = true, .ssid = 5};
  world_reset(STE_S1);
  world_ste()->word[0] &= ~STE0_V;
  expect_fault("priority.ste_before_ssid", STE_S1, access);
  world_reset(STE_S1);
  world_ste()->word[0] = STE0_V | STE0_CONFIG(STE_S1) | NOWHERE;
  access.type = C_BAD_SUBSTREAMID;
  expect_fault("priority.ssid_before_cd_fetch", STE_S1, access);
  world_reset(STE_S1);
  world_ste()->word[0] = STE0_V | STE0_CONFIG(STE_S1) | NOWHERE | STE0_S1CDMAX(4);
  expect_fault("priority.disabled_before_cd_fetch", STE_S1, stage1_fault(F_STREAM_DISABLED, false));
}

void priorities(void) {
  configuration();
  one_stage();
  nested();
  substreams();
}
