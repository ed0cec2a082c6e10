// ATS: translation requests, the endpoint's cache and its invalidation, Translated accesses, and liars.
#include "../lib/check.h"
#include "../lib/tables.h"
#include "world.h"

#define ATS_CAPABILITY 0x0f

static const char *const names[] = {
    "ats.request.result",
    "ats.request.pa",
    "ats.request.silent",
    "ats.nested.pa",
    "ats.read_only",
    "ats.unmapped.result",
    "ats.unmapped.silent",
    "ats.abort.result",
    "ats.disabled",
    "ats.bypass",
    "ats.smmu_off",
    "ats.translated",
    "ats.hits",
    "ats.invalidated.before",
    "ats.invalidated.after",
    "ats.liar.forbidden",
    "ats.liar.bypass",
    "ats.liar.trusted",
    "ats.liar.split",
    "ats.liar.split.outside",
};

#define OTHER_PAGE L2_CD_PAGE

static struct record read_of(enum event_type type, u64 input) { return (struct record){.type = type, .input = input}; }

static void allow(enum ste_config config, unsigned eats) {
  world_reset(config);
  world_ste()->word[1] |= STE1_EATS(eats);
  dsb();
  smmu_invalidate_all();
  world_forget_cached();
}

// A translation request alone. What it gave is in EDU_TRANSLATION.
static struct outcome request(u64 address, bool write) {
  const struct record access = {.input = address, .write = write};
  return world_access(&access, (u32)(EDU_ATTR_TRANSLATE | EDU_ATTR_NO_DATA));
}
static u64 translation(void) { return mmio_read64(world_edu.base + EDU_TRANSLATION); }

static void requests(void) {
  allow(STE_S1, 1);
  struct outcome outcome = request(va_of_data(), true);
  check("ats.request.result", EDU_DONE, outcome.result);
  check_hex("ats.request.pa", pa_of(DATA_PAGE) | 3, translation() & ~0x7cull);
  check("ats.request.silent", 0, outcome.events);
  allow(STE_NESTED, 1);
  request(va_of_data(), true);
  check_hex("ats.nested.pa", pa_of(DATA_PAGE) | 3, translation() & ~0x7cull);
  // The right to write is asked for and not given.
  allow(STE_S1, 1);
  *s1_entry(3) |= S1_READ_ONLY;
  dsb();
  smmu_invalidate_all();
  outcome = request(va_of_data(), true);
  check("ats.read_only", EDU_NO_ACCESS, outcome.result);
  allow(STE_S1, 1);
  *s1_entry(3) = 0;
  dsb();
  smmu_invalidate_all();
  outcome = request(va_of_data(), false);
  check("ats.unmapped.result", EDU_NO_ACCESS, outcome.result);
  check("ats.unmapped.silent", 0, outcome.events);
  allow(STE_ABORT, 1);
  outcome = request(va_of_data(), false);
  check("ats.abort.result", EDU_TRANSLATION_UNSUPPORTED, outcome.result);
}

// A request that is refused with a record.
static void refused(const char *name) {
  const struct outcome outcome = request(va_of_data(), false);
  const unsigned problems = world_problems() | (outcome.result == EDU_TRANSLATION_UNSUPPORTED ? 0 : WRONG_STATE);
  expect_record(name, read_of(F_BAD_ATS_TREQ, va_of_data()), &outcome, problems);
}

static void refusals(void) {
  allow(STE_S1, 0);
  refused("ats.disabled");
  allow(STE_BYPASS, 1);
  refused("ats.bypass");
  allow(STE_S1, 1);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | (u32)CR0_ATSCHK);
  refused("ats.smmu_off");
}

static u32 fetched_from(u64 address) {
  const struct record access = {.input = address};
  world_access(&access, (u32)EDU_ATTR_TRANSLATE);
  // Back to memory by the same translation, where it can be seen.
  const struct record back = {.input = address + 0x800, .write = true};
  world_access(&back, (u32)EDU_ATTR_TRANSLATE);
  const u64 page = translation() & ~0xfffull;
  return *(volatile u32 *)(page + 0x800);
}

static void caching(void) {
  allow(STE_S1, 1);
  u32 *const other = (u32 *)pa_of(OTHER_PAGE);
  for (unsigned i = 0; i < 1024; ++i) other[i] = 0x07e47e47;
  const u32 hits = edu_read(&world_edu, EDU_ATC_HITS);
  check_hex("ats.translated", SECRET, fetched_from(va_of_data()));
  struct record again = {.input = va_of_data() + 0x10};
  world_access(&again, (u32)EDU_ATTR_TRANSLATE);
  check("ats.hits", 1, edu_read(&world_edu, EDU_ATC_HITS) > hits);
  // The page moves. Until CMD_ATC_INV the endpoint goes where it was.
  *s1_entry(3) = leaf_descriptor(pa_of(OTHER_PAGE), 3, S1_NORMAL | S1_EL0 | S1_NG);
  dsb();
  smmu_command(CMD_TLBI_NSNH_ALL, 0);
  smmu_sync();
  check_hex("ats.invalidated.before", SECRET, fetched_from(va_of_data()));
  smmu_command(CMD_ATC_INV | CMD_SID(world_sid()), va_of_data() & ~0xfffull);
  smmu_sync();
  check_hex("ats.invalidated.after", 0x07e47e47, fetched_from(va_of_data()));
}

// Translated accesses with addresses that nobody translated.
static struct outcome lie(const struct record *access) { return world_access(access, (u32)EDU_ATTR_TRANSLATED); }

static void forbidden(const char *name, enum ste_config config, unsigned eats) {
  allow(config, eats);
  struct record access = read_of(F_TRANSL_FORBIDDEN, pa_of(DATA_PAGE));
  access.write = true;
  const struct outcome outcome = lie(&access);
  expect_record(name, access, &outcome, world_problems() | (outcome.result == EDU_UNSUPPORTED_REQUEST ? 0 : NO_ABORT));
}

static void lies(void) {
  forbidden("ats.liar.forbidden", STE_S1, 0);
  forbidden("ats.liar.bypass", STE_BYPASS, 1);
  // With full ATS the endpoint is trusted.
  allow(STE_S1, 1);
  struct record access = read_of(NO_EVENT, pa_of(DATA_PAGE));
  access.write = true;
  struct outcome outcome = lie(&access);
  expect_record("ats.liar.trusted", access, &outcome,
                (world_problems() & DATA_CHANGED ? 0 : WRONG_STATE) | (outcome.result == EDU_DONE ? 0 : WRONG_STATE));
  // With split-stage ATS it says IPAs, and stage 2 holds.
  if (smmu_read(SMMU_IDR0) & BIT(11)) {  // NS1ATS
    unsupported("ats.liar.split");
    unsupported("ats.liar.split.outside");
    return;
  }
  allow(STE_NESTED, 2);
  access.input = ipa_of(DATA_PAGE);
  outcome = lie(&access);
  expect_record("ats.liar.split", access, &outcome,
                (world_problems() & DATA_CHANGED ? 0 : WRONG_STATE) | (outcome.result == EDU_DONE ? 0 : WRONG_STATE));
  allow(STE_NESTED, 2);
  access = (struct record){.type = F_TRANSLATION,
                           .s2 = true,
                           .class = CLASS_IN,
                           .input = pa_of(DATA_PAGE),
                           .ipa = pa_of(DATA_PAGE),
                           .write = true};
  outcome = lie(&access);
  expect_record("ats.liar.split.outside", access, &outcome,
                world_problems() | (outcome.result == EDU_UNSUPPORTED_REQUEST ? 0 : NO_ABORT));
}

void translation_requests(void) {
  if (!world_has_ats()) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); ++i) unsupported(names[i]);
    return;
  }
  pci_write16(world_edu.slot, pci_extended_capability(world_edu.slot, ATS_CAPABILITY) + 6, 0x8000);
  requests();
  refusals();
  caching();
  lies();
  world_reset(STE_BYPASS);
}
