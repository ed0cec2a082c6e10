// Every translation fault at each stage, level and class: stage 1 alone, stage 2 alone, and nested, where stage 2 fails
// for the CD, for a stage-1 table of each level, or for the address that stage 1 put out.
#include "../lib/print.h"
#include "../lib/tables.h"
#include "world.h"

struct kind {
  const char *name;
  enum event_type type;
};
static const struct kind kinds[] = {
    {"translation", F_TRANSLATION}, {"addr_size", F_ADDR_SIZE}, {"access", F_ACCESS},
    {"permission", F_PERMISSION},   {"walk_eabt", F_WALK_EABT},
};

#define LOW30(address) ((address) & (BIT(30) - 1))
#define LEAF_BITS(level) (39 - 9 * (level))
#define PAGE_OFFSET 0x5a8  // of the access

static char text[64];
static const char *name_of_case(const char *where, const char *kind, unsigned level, bool write) {
  char *out = text;
  const char *parts[] = {where, ".", kind, ".l", 0, write ? ".write" : ".read"};
  for (unsigned i = 0; i < ARRAY_SIZE(parts); ++i) {
    for (const char *p = parts[i]; p && *p; ++p) *out++ = *p;
    if (!parts[i]) *out++ = (char)('0' + level);
  }
  *out = 0;
  return text;
}

// What a leaf of `level` puts out, so that it leads to the same thing.
static u64 output_of(u64 address, unsigned level) { return address & ~(BIT(LEAF_BITS(level)) - 1); }

// Spoils the descriptor of `level` for one kind of fault; `to` is the output address that would be right, `good` and
// `powerless` are a leaf's attributes with and without the right that is asked for.
static void spoil(enum event_type type, u64 *entry, unsigned level, u64 to, u64 good, u64 powerless) {
  const u64 leaf = output_of(to, level);
  switch (type) {
    case F_TRANSLATION:
      *entry = 0;
      break;
    case F_ADDR_SIZE:
      *entry = level == 3 ? leaf_descriptor(TOO_BIG | leaf, 3, good) : TOO_BIG | 3;
      break;
    case F_ACCESS:
      *entry = leaf_descriptor(leaf, level, good & ~S1_AF);
      break;
    case F_PERMISSION:
      *entry = leaf_descriptor(leaf, level, powerless);
      break;
    default:
      panic("no descriptor to spoil");
  }
}

// Stage 1. A fetch that aborts is spoilt where the table's address comes from.
static void stage1(enum ste_config config, const struct kind *kind, unsigned level, bool write) {
  world_reset(config);
  const u64 input = va_of_data() + PAGE_OFFSET;
  const u64 index = (u64)s1_entry(level) & 0xfff;
  const bool nested = config == STE_NESTED;
  struct record expected = {.type = kind->type, .class = CLASS_IN, .input = input, .write = write};
  if (kind->type == F_WALK_EABT) {
    expected.class = CLASS_TT;
    expected.fetch = NOWHERE | index;
    if (nested) {
      *s2_entry(ipa_of((enum thing)level), 3) = leaf_descriptor(NOWHERE, 3, S2_NORMAL | S2_READ | S2_WRITE);
    } else if (level == 1) {
      world_cd()->word[1] = NOWHERE;
    } else {
      *s1_entry(level - 1) = NOWHERE | 3;
    }
  } else {
    const u64 to = nested ? ipa_of(DATA_PAGE) : pa_of(DATA_PAGE);
    const u64 good = S1_NORMAL | S1_NG | S1_EL0;
    spoil(kind->type, s1_entry(level), level, to, good, write ? good | S1_READ_ONLY : good & ~S1_EL0);
  }
  expect_fault(name_of_case(nested ? "nested.s1" : "s1", kind->name, level, write), config, expected);
}

// Stage 2's translation of `thing`, on behalf of `class`.
static void stage2(enum ste_config config, const char *where, enum thing thing, enum event_class class, u64 ipa,
                   const struct kind *kind, unsigned level, bool write) {
  world_reset(config);
  struct record expected = {.type = kind->type,
                            .s2 = true,
                            .class = class,
                            .ipa = ipa,
                            .input = good_input(config) + PAGE_OFFSET,
                            .write = write};
  u64 *const entry = s2_entry(ipa, level);
  if (kind->type == F_WALK_EABT) {
    expected.fetch = NOWHERE | ((u64)entry & 0xfff);
    if (level == 1) {
      world_ste()->word[3] = NOWHERE;
    } else {
      *s2_entry(ipa, level - 1) = NOWHERE | 3;
    }
  } else {
    const u64 good = S2_NORMAL | S2_READ | S2_WRITE;
    // Tables and CDs are read, whatever the transaction does.
    const u64 powerless = class == CLASS_IN && write ? good & ~S2_WRITE : good & ~S2_READ;
    spoil(kind->type, entry, level, pa_of(thing), good, powerless);
  }
  expect_fault(name_of_case(where, kind->name, level, write), config, expected);
}

static const char *const table_names[] = {0, "nested.s2.tt1", "nested.s2.tt2", "nested.s2.tt3"};

static void each_level(const struct kind *kind, unsigned level) {
  for (unsigned write = 0; write < 2; ++write) {
    stage1(STE_S1, kind, level, write);
    stage1(STE_NESTED, kind, level, write);
    stage2(STE_S2, "s2", DATA_PAGE, CLASS_IN, ipa_of(DATA_PAGE) + PAGE_OFFSET, kind, level, write);
    // All things share stage 2's first table: with an aborting fetch of it, the CD is the first that suffers.
    const bool shared = kind->type == F_WALK_EABT && level == 1;
    if (!shared) {
      stage2(STE_NESTED, "nested.s2", DATA_PAGE, CLASS_IN, ipa_of(DATA_PAGE) + PAGE_OFFSET, kind, level, write);
    }
    for (unsigned table = 1; table <= 3 && !shared; ++table) {
      const enum thing thing = (enum thing)table;
      stage2(STE_NESTED, table_names[table], thing, CLASS_TT, ipa_of(thing) + ((u64)s1_entry(table) & 0xfff), kind,
             level, write);
    }
    stage2(STE_NESTED, "nested.s2.cd", CD_PAGE, CLASS_CD, ipa_of(CD_PAGE), kind, level, write);
  }
}

// Addresses that no table is asked about.
static void ranges(void) {
  world_reset(STE_S1);
  expect_fault("s1.beyond_t0sz", STE_S1, (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = BIT(39)});
  world_reset(STE_S1);
  expect_fault("s1.no_sign", STE_S1,
               (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = va_of_data() | BIT(60)});
  world_reset(STE_S1);
  expect_fault("s1.epd1", STE_S1, (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = ~0ull << 39});
  world_reset(STE_S1);
  world_cd()->word[0] |= CD0_EPD0;
  expect_fault("s1.epd0", STE_S1, (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = va_of_data()});
  world_reset(STE_NESTED);
  expect_fault("nested.s1.beyond_t0sz", STE_NESTED,
               (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = BIT(40), .write = true});
  world_reset(STE_S2);
  expect_fault("s2.beyond_s2t0sz", STE_S2,
               (struct record){.type = F_TRANSLATION, .s2 = true, .class = CLASS_IN, .ipa = BIT(39), .input = BIT(39)});
  world_reset(STE_NESTED);
  world_cd()->word[0] = (world_cd()->word[0] & ~CD0_IPS(7)) | CD0_IPS(4);
  *s1_entry(3) = leaf_descriptor(BIT(40), 3, S1_NORMAL | S1_EL0 | S1_NG);
  expect_fault(
      "nested.s2.beyond_s2t0sz", STE_NESTED,
      (struct record){.type = F_TRANSLATION, .s2 = true, .class = CLASS_IN, .ipa = BIT(40), .input = va_of_data()});
  // Stage 1 that is bypassed checks the size of an IPA; so does a stream that bypasses both.
  world_reset(STE_S2);
  expect_fault("s2.input_beyond_ias", STE_S2,
               (struct record){.type = F_ADDR_SIZE, .class = CLASS_IN, .input = BIT(50)});
  world_reset(STE_BYPASS);
  expect_fault("bypass.input_beyond_oas", STE_BYPASS,
               (struct record){.type = F_ADDR_SIZE, .class = CLASS_IN, .input = BIT(50)});
}

// A block or page whose output is too big, and what the switches of the CD and the STE do to faults.
static void policies(void) {
  for (unsigned level = 1; level <= 2; ++level) {
    world_reset(STE_S1);
    *s1_entry(level) = leaf_descriptor(TOO_BIG, level, S1_NORMAL | S1_EL0);
    expect_fault(level == 1 ? "s1.addr_size.block1" : "s1.addr_size.block2", STE_S1,
                 (struct record){.type = F_ADDR_SIZE, .class = CLASS_IN, .input = va_of_data()});
    world_reset(STE_S2);
    *s2_entry(ipa_of(DATA_PAGE), level) = leaf_descriptor(TOO_BIG, level, S2_NORMAL | S2_READ);
    expect_fault(
        level == 1 ? "s2.addr_size.block1" : "s2.addr_size.block2", STE_S2,
        (struct record){
            .type = F_ADDR_SIZE, .s2 = true, .class = CLASS_IN, .ipa = ipa_of(DATA_PAGE), .input = ipa_of(DATA_PAGE)});
  }
  world_reset(STE_S1);
  world_cd()->word[0] &= ~CD0_R;
  *s1_entry(2) = 0;
  expect_fault("s1.not_recorded", STE_S1, (struct record){.type = NO_EVENT, .input = va_of_data()});
  world_reset(STE_S2);
  world_ste()->word[2] &= ~STE2_S2R;
  *s2_entry(ipa_of(DATA_PAGE), 3) = 0;
  expect_fault("s2.not_recorded", STE_S2, (struct record){.type = NO_EVENT, .input = ipa_of(DATA_PAGE)});
  world_reset(STE_S1);
  world_cd()->word[0] |= CD0_AFFD;
  *s1_entry(3) &= ~S1_AF;
  expect_success("s1.affd", STE_S1, va_of_data(), true);
  world_reset(STE_S2);
  world_ste()->word[2] |= STE2_S2AFFD;
  *s2_entry(ipa_of(DATA_PAGE), 3) &= ~S2_AF;
  expect_success("s2.affd", STE_S2, ipa_of(DATA_PAGE), true);
  // STE.S2PTW: stage-1 tables in Device memory.
  world_reset(STE_NESTED);
  world_ste()->word[2] |= STE2_S2PTW;
  *s2_entry(ipa_of(S1_LEVEL3), 3) = leaf_descriptor(pa_of(S1_LEVEL3), 3, S2_DEVICE | S2_READ | S2_WRITE);
  expect_fault(
      "nested.s2ptw", STE_NESTED,
      (struct record){
          .type = F_PERMISSION, .s2 = true, .class = CLASS_TT, .ipa = ipa_of(S1_LEVEL3), .input = va_of_data()});
}

void translation_faults(void) {
  for (unsigned kind = 0; kind < ARRAY_SIZE(kinds); ++kind) {
    for (unsigned level = 1; level <= 3; ++level) each_level(&kinds[kind], level);
  }
  ranges();
  policies();
}
