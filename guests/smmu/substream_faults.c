// SubstreamIDs (PASIDs): their range, tables of CDs in one and two levels, STE.S1DSS, and what privilege and execution
// make of permissions.
#include "../lib/tables.h"
#include "world.h"

#define SSID 5
#define PASID_CAPABILITY 0x1b
#define LEAF_BITS 6  // S1Fmt 1: 64 CDs in a table of 4 KB

static const char *const names[] = {
    "ssid.linear.read",
    "ssid.linear.write",
    "ssid.two_level",
    "ssid.s1cdmax0",
    "ssid.out_of_range",
    "ssid.no_stage1",
    "ssid.bypass",
    "ssid.l1cd_invalid",
    "ssid.l1cd_fetch",
    "ssid.cd_fetch",
    "ssid.bad_cd",
    "ssid.s1cdmax_too_big",
    "ssid.nested.l1cd",
    "s1dss0.no_ssid",
    "s1dss2.ssid0",
    "s1dss2.no_ssid",
    "s1dss1.no_ssid",
    "ssid.translation",
    "ssid.permission.exec",
    "ssid.permission.write",
    "ssid.permission.pan",
    "ssid.privileged.read",
    "ssid.nested.privileged",
};

static struct record with_ssid(enum event_type type, u32 ssid) {
  return (struct record){.type = type, .class = CLASS_IN, .input = va_of_data(), .has_ssid = true, .ssid = ssid};
}

// 2^bits CDs in one table; SSID's is as that of 0.
static void linear(enum ste_config config, unsigned bits) {
  world_reset(config);
  world_ste()->word[0] |= STE0_S1CDMAX(bits);
  world_cd()[SSID] = world_cd()[0];
}

static void two_level(enum ste_config config) {
  linear(config, 8);
  struct cd *const leaf = (struct cd *)pa_of(L2_CD_PAGE);
  for (unsigned i = 0; i < 1 << LEAF_BITS; ++i) leaf[i] = world_cd()[0];
  for (unsigned i = 0; i < 1 << LEAF_BITS; ++i) world_cd()[i] = (struct cd){{0}};
  *(u64 *)world_cd() = L1CD(config == STE_NESTED ? ipa_of(L2_CD_PAGE) : pa_of(L2_CD_PAGE));
  world_ste()->word[0] |= STE0_S1FMT(1);
}

static void tables(void) {
  struct record access = with_ssid(NO_EVENT, SSID);
  linear(STE_S1, 4);
  expect_success_of("ssid.linear.read", STE_S1, access);
  linear(STE_S1, 4);
  access.write = true;
  expect_success_of("ssid.linear.write", STE_S1, access);
  two_level(STE_S1);
  expect_success_of("ssid.two_level", STE_S1, access);
  world_reset(STE_S1);
  expect_fault("ssid.s1cdmax0", STE_S1, with_ssid(C_BAD_SUBSTREAMID, SSID));
  linear(STE_S1, 4);
  expect_fault("ssid.out_of_range", STE_S1, with_ssid(C_BAD_SUBSTREAMID, 16));
  world_reset(STE_S2);
  struct record stage2 = with_ssid(C_BAD_SUBSTREAMID, SSID);
  stage2.input = ipa_of(DATA_PAGE);
  expect_fault("ssid.no_stage1", STE_S2, stage2);
  world_reset(STE_BYPASS);
  stage2.input = pa_of(DATA_PAGE);
  expect_fault("ssid.bypass", STE_BYPASS, stage2);
  two_level(STE_S1);
  *(u64 *)world_cd() = 0;
  expect_fault("ssid.l1cd_invalid", STE_S1, with_ssid(C_BAD_SUBSTREAMID, SSID));
  two_level(STE_S1);
  world_ste()->word[0] = (world_ste()->word[0] & ~pa_of(CD_PAGE)) | NOWHERE;
  struct record fetch = with_ssid(F_CD_FETCH, SSID);
  fetch.fetch = NOWHERE;
  expect_fault("ssid.l1cd_fetch", STE_S1, fetch);
  two_level(STE_S1);
  *(u64 *)world_cd() = L1CD(NOWHERE);
  fetch.fetch = NOWHERE + sizeof(struct cd) * SSID;
  expect_fault("ssid.cd_fetch", STE_S1, fetch);
  linear(STE_S1, 4);
  world_cd()[SSID].word[0] &= ~CD0_V;
  expect_fault("ssid.bad_cd", STE_S1, with_ssid(C_BAD_CD, SSID));
  linear(STE_S1, 31);
  expect_fault("ssid.s1cdmax_too_big", STE_S1, with_ssid(C_BAD_STE, SSID));
  two_level(STE_NESTED);
  *s2_entry(ipa_of(CD_PAGE), 3) = 0;
  struct record stage2_fault = with_ssid(F_TRANSLATION, SSID);
  stage2_fault.s2 = true;
  stage2_fault.class = CLASS_CD;
  stage2_fault.ipa = ipa_of(CD_PAGE);
  expect_fault("ssid.nested.l1cd", STE_NESTED, stage2_fault);
}

static void without_ssid(void) {
  linear(STE_S1, 4);
  expect_fault("s1dss0.no_ssid", STE_S1, (struct record){.type = F_STREAM_DISABLED, .input = va_of_data()});
  linear(STE_S1, 4);
  world_ste()->word[1] |= STE1_S1DSS(S1DSS_SSID0);
  expect_fault("s1dss2.ssid0", STE_S1, with_ssid(F_STREAM_DISABLED, 0));
  linear(STE_S1, 4);
  world_ste()->word[1] |= STE1_S1DSS(S1DSS_SSID0);
  expect_success("s1dss2.no_ssid", STE_S1, va_of_data(), true);
  linear(STE_S1, 4);
  world_ste()->word[1] |= STE1_S1DSS(S1DSS_BYPASS);
  expect_success("s1dss1.no_ssid", STE_S1, pa_of(DATA_PAGE), true);
}

static void permissions(void) {
  linear(STE_S1, 4);
  *s1_entry(2) = 0;
  struct record access = with_ssid(F_TRANSLATION, SSID);
  access.privileged = true;
  expect_fault("ssid.translation", STE_S1, access);
  access.type = F_PERMISSION;
  linear(STE_S1, 4);
  *s1_entry(3) |= S1_UXN | S1_PXN;
  access.instruction = true;
  expect_fault("ssid.permission.exec", STE_S1, access);
  linear(STE_S1, 4);
  *s1_entry(3) |= S1_READ_ONLY;
  access.instruction = false;
  access.write = true;
  expect_fault("ssid.permission.write", STE_S1, access);
  linear(STE_S1, 4);
  world_cd()[SSID].word[0] |= CD0_PAN;
  access.write = false;
  expect_fault("ssid.permission.pan", STE_S1, access);
  linear(STE_S1, 4);
  *s1_entry(3) &= ~S1_EL0;
  expect_success_of("ssid.privileged.read", STE_S1, access);
  // Stage 2's fault for a privileged execution.
  linear(STE_NESTED, 4);
  *s2_entry(ipa_of(DATA_PAGE), 3) |= S2_XN;
  *s1_entry(3) &= ~S1_EL0;
  access.instruction = true;
  access.s2 = true;
  access.ipa = ipa_of(DATA_PAGE);
  expect_fault("ssid.nested.privileged", STE_NESTED, access);
}

void substream_faults(void) {
  if (!world_has_substreams()) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); ++i) unsupported(names[i]);
    return;
  }
  pci_write16(world_edu.slot, pci_extended_capability(world_edu.slot, PASID_CAPABILITY) + 6, 7);
  tables();
  without_ssid();
  permissions();
}
