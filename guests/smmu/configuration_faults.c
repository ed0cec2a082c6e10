// Stream tables, STEs and CDs that are wrong, and streams that are not translated.
#include "../lib/tables.h"
#include "world.h"

static struct record plain(enum event_type type) { return (struct record){.type = type, .input = va_of_data()}; }

static void fault(const char *name, enum event_type type) { expect_fault(name, STE_S1, plain(type)); }

static void stream_tables(void) {
  world_reset(STE_S1);
  smmu_set_cr0(CR0_CMDQEN);
  smmu_write(SMMU_STRTAB_BASE_CFG, 3);  // StreamIDs 0 to 7
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
  fault("streamid.out_of_range", C_BAD_STREAMID);
  world_reset(STE_S1);
  smmu_set_cr0(CR0_CMDQEN);
  smmu_write(SMMU_STRTAB_BASE_CFG, 3);
  smmu_write(SMMU_CR2, CR2_PTM);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
  fault("streamid.not_recorded", NO_EVENT);
  world_reset(STE_S1);
  smmu_set_cr0(CR0_CMDQEN);
  smmu_write64(SMMU_STRTAB_BASE, NOWHERE);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
  struct record fetch = plain(F_STE_FETCH);
  fetch.fetch = NOWHERE + sizeof(struct ste) * world_sid();
  expect_fault("ste_fetch", STE_S1, fetch);
}

// The level-1 descriptor becomes `descriptor`.
static void l1std(const char *name, u64 descriptor, struct record expected) {
  world_reset(STE_S1);
  *world_l1std() = descriptor;
  expect_fault(name, STE_S1, expected);
}

void two_level_faults(void) {
  world_two_level(8);
  world_reset(STE_S1);
  expect_success("two_level.split8", STE_S1, va_of_data(), false);
  world_two_level(6);
  world_reset(STE_S1);
  expect_success("two_level.split6", STE_S1, va_of_data(), true);
  const u64 table = *world_l1std() & ~0x1full;
  l1std("two_level.span0", 0, plain(C_BAD_STREAMID));
  l1std("two_level.span_too_big", L1STD(table, 8), plain(C_BAD_STREAMID));
  l1std("two_level.span_reserved", L1STD(table, 12), plain(C_BAD_STREAMID));
  l1std("two_level.beyond_span", L1STD(table, 4), plain(C_BAD_STREAMID));  // eight STEs; the endpoint's is the ninth
  struct record fetch = plain(F_STE_FETCH);
  fetch.fetch = NOWHERE + sizeof(struct ste) * (world_sid() % 64);
  l1std("two_level.ste_fetch", L1STD(NOWHERE, 7), fetch);
  world_reset(STE_S1);
  smmu_set_cr0(CR0_CMDQEN);
  smmu_write64(SMMU_STRTAB_BASE, NOWHERE);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
  fetch.fetch = NOWHERE + 8 * (world_sid() / 64);
  expect_fault("two_level.l1std_fetch", STE_S1, fetch);
}

// Bits of word `word` of the STE: cleared, then set.
static const struct {
  const char *name;
  enum ste_config config;
  unsigned word;
  u64 clear, set;
} bad_stes[] = {
    {"ste.invalid", STE_S1, 0, STE0_V, 0},
    {"ste.context_too_far", STE_S1, 0, 0, BIT(50)},
    {"ste.strw1", STE_S1, 1, 0, STE1_STRW(1)},  // with IDR0.Hyp alone
    {"ste.strw3", STE_S1, 1, 0, STE1_STRW(3)},  // the same
    {"ste.s2tg_reserved", STE_S2, 2, 0, STE2_S2TG(3)},
    {"ste.s2t0sz_small", STE_S2, 2, STE2_S2T0SZ(63), STE2_S2T0SZ(15)},
    {"ste.s2t0sz_big", STE_S2, 2, STE2_S2T0SZ(63), STE2_S2T0SZ(40)},
    {"ste.s2sl0_too_low", STE_S2, 2, STE2_S2SL0(3), STE2_S2SL0(0)},
    {"ste.s2sl0_reserved", STE_S2, 2, 0, STE2_S2SL0(3)},
    {"ste.s2ttb_too_far", STE_S2, 3, 0, TOO_BIG},
    {"ste.nested.s2tg_reserved", STE_NESTED, 2, 0, STE2_S2TG(3)},
    {"ste.nested.context_too_far", STE_NESTED, 0, 0, BIT(50)},
};

static void stes(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(bad_stes); ++i) {
    if (bad_stes[i].word == 1 && !(smmu_read(SMMU_IDR0) & IDR0_HYP)) {
      unsupported(bad_stes[i].name);
      continue;
    }
    world_reset(bad_stes[i].config);
    u64 *word = &world_ste()->word[bad_stes[i].word];
    *word = (*word & ~bad_stes[i].clear) | bad_stes[i].set;
    struct record expected = plain(C_BAD_STE);
    expected.input = good_input(bad_stes[i].config);
    expect_fault(bad_stes[i].name, bad_stes[i].config, expected);
  }
}

static const struct {
  const char *name;
  unsigned word;
  u64 clear, set;
} bad_cds[] = {
    {"cd.invalid", 0, CD0_V, 0},
    {"cd.t0sz_small", 0, 0x3f, CD0_T0SZ(15)},
    {"cd.t0sz_big", 0, 0x3f, CD0_T0SZ(40)},
    {"cd.tg0_reserved", 0, 0, CD0_TG0(3)},
    {"cd.ttb0_too_far", 1, 0, TOO_BIG},
    {"cd.tg1_reserved", 0, CD0_EPD1, 25ull << 16},
};

static void cds(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(bad_cds); ++i) {
    world_reset(STE_S1);
    u64 *word = &world_cd()->word[bad_cds[i].word];
    *word = (*word & ~bad_cds[i].clear) | bad_cds[i].set;
    fault(bad_cds[i].name, C_BAD_CD);
  }
  world_reset(STE_NESTED);
  world_cd()->word[0] &= ~CD0_V;
  expect_fault("cd.nested.invalid", STE_NESTED, plain(C_BAD_CD));

  world_reset(STE_S1);
  world_ste()->word[0] = STE0_V | STE0_CONFIG(STE_S1) | NOWHERE;
  struct record fetch = plain(F_CD_FETCH);
  fetch.fetch = NOWHERE;
  expect_fault("cd_fetch", STE_S1, fetch);
  world_reset(STE_NESTED);
  *s2_entry(ipa_of(CD_PAGE), 3) = leaf_descriptor(NOWHERE, 3, S2_NORMAL | S2_READ);
  expect_fault("cd_fetch.nested", STE_NESTED, fetch);
}

// Big-endian tables, where the SMMU has none.
static void endianness(void) {
  if (!IDR0_LITTLE_ENDIAN(smmu_read(SMMU_IDR0))) return;
  world_only_here(true);
  world_reset(STE_S2);
  world_ste()->word[2] |= BIT(52);
  struct record ste = plain(C_BAD_STE);
  ste.input = ipa_of(DATA_PAGE);
  expect_fault("ste.s2endi", STE_S2, ste);
  world_reset(STE_S1);
  world_cd()->word[0] |= BIT(15);
  fault("cd.endi", C_BAD_CD);
  world_only_here(false);
}

static void untranslated(void) {
  for (unsigned write = 0; write < 2; ++write) {
    world_reset(STE_BYPASS);
    expect_success(write ? "ste.bypass.write" : "ste.bypass.read", STE_BYPASS, pa_of(DATA_PAGE), write);
    world_reset(STE_ABORT);
    expect_fault(write ? "ste.abort.write" : "ste.abort.read", STE_ABORT,
                 (struct record){.type = NO_EVENT, .input = pa_of(DATA_PAGE), .write = write});
    world_reset(STE_S1);
    expect_success(write ? "s1.write" : "s1.read", STE_S1, va_of_data(), write);
    world_reset(STE_S2);
    expect_success(write ? "s2.write" : "s2.read", STE_S2, ipa_of(DATA_PAGE), write);
    world_reset(STE_NESTED);
    expect_success(write ? "nested.write" : "nested.read", STE_NESTED, va_of_data(), write);
    world_reset(STE_BYPASS);
    smmu_set_gbpa(false);
    smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    expect_success(write ? "disabled.bypass.write" : "disabled.bypass.read", STE_BYPASS, pa_of(DATA_PAGE), write);
    world_reset(STE_BYPASS);
    smmu_set_gbpa(true);
    smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    expect_fault(write ? "disabled.abort.write" : "disabled.abort.read", STE_BYPASS,
                 (struct record){.type = NO_EVENT, .input = pa_of(DATA_PAGE), .write = write});
    smmu_set_gbpa(false);
  }
}

void configuration_faults(void) {
  untranslated();
  stream_tables();
  stes();
  cds();
  endianness();
}
