#include "world.h"

#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/print.h"
#include "../lib/tables.h"
#include "divergences.h"

#define LOW30(address) ((address) & (BIT(30) - 1))
#define STREAM_BITS 8
#define NEIGHBOUR_PAGES 4
#define CANARY(n) (0xb0b0b0b000000000ull | (n))
#define FILLER 0xf111f111u
#define WIPED 0x31bed000u

// Memory of A, of B, and of the hypervisor. The pages of A are at fixed places, so that records do not depend on the
// compiler.
#define A_BASE 0x48000000ull
#define B_BASE 0x4c000000ull
#define S2_POOL 0x4a000000ull
#define S2_POOL_BYTES (40 * 4096ull)
#define STREAM_TABLE 0x4b000000ull
#define LEVEL2_STREAM_TABLE 0x4b010000ull

struct edu world_edu;
static struct tables s2;
static bool two_level;
static bool only_here;
static unsigned split_bits;
static struct ste *const stream_table = (struct ste *)STREAM_TABLE;
static u64 *const level1_stream_table = (u64 *)STREAM_TABLE;
static struct ste *const level2_stream_table = (struct ste *)LEVEL2_STREAM_TABLE;

u64 pa_of(enum thing thing) { return A_BASE + 0x1000 * (u64)thing; }
u64 ipa_of(enum thing thing) { return (u64)(thing + 2) << 30 | LOW30(pa_of(thing)); }
u64 va_of_data(void) { return VA_BASE | LOW30(pa_of(DATA_PAGE)); }
u32 world_sid(void) { return world_edu.slot << 3; }
u64 s2_root(void) { return s2.root; }

struct ste *world_ste(void) {
  return two_level ? &level2_stream_table[world_sid() & ((1u << split_bits) - 1)] : &stream_table[world_sid()];
}
u64 *world_l1std(void) { return &level1_stream_table[world_sid() >> split_bits]; }
struct cd *world_cd(void) {
  return (struct cd *)pa_of(CD_PAGE);
}

u64 *s1_entry(unsigned level) {
  const u64 *table = (const u64 *)pa_of((enum thing)level);
  return (u64 *)&table[va_of_data() >> (39 - 9 * level) & 511];
}
u64 *s2_entry(u64 ipa, unsigned level) { return tables_entry(&s2, ipa, level); }

static void clear(u64 address, u64 bytes) {
  for (u64 *p = (u64 *)address; p < (u64 *)(address + bytes); ++p) *p = 0;
}

static u64 *data(void) { return (u64 *)pa_of(DATA_PAGE); }
u64 pa_of_neighbour(void) { return B_BASE; }
static u64 *neighbour(void) { return (u64 *)B_BASE; }
#define NEIGHBOUR_WORDS (NEIGHBOUR_PAGES * 512)

static bool neighbour_intact(void) {
  for (unsigned n = 0; n < NEIGHBOUR_WORDS; ++n) {
    if (neighbour()[n] != CANARY(n)) return false;
  }
  return true;
}

void world_init(void) {
  pci_init();
  if (!edu_find(&world_edu, 1)) panic("no endpoint: -device edu,dma_mask=0xffffffffffffffff");
  if (!(smmu_read(SMMU_IDR0) & IDR0_S1P) || !(smmu_read(SMMU_IDR0) & IDR0_S2P)) panic("the SMMU has no two stages");
  for (unsigned n = 0; n < NEIGHBOUR_WORDS; ++n) neighbour()[n] = CANARY(n);
}

// Stage 2 of A.
static void make_stage2(void) {
  clear(S2_POOL, S2_POOL_BYTES);
  tables_init(&s2, S2_POOL, S2_POOL_BYTES, 0, 12, 1);
  for (enum thing t = S1_LEVEL1; t < THINGS; ++t) {
    *s2_entry(ipa_of(t), 3) = leaf_descriptor(pa_of(t), 3, S2_NORMAL | S2_READ | S2_WRITE);
  }
}

static void make_stage1(bool nested) {
  for (unsigned level = 1; level <= 3; ++level) clear(pa_of((enum thing)level), 4096);
  for (unsigned level = 1; level <= 3; ++level) {
    const enum thing next = level == 3 ? DATA_PAGE : (enum thing)(level + 1);
    const u64 to = nested ? ipa_of(next) : pa_of(next);
    *s1_entry(level) = level == 3 ? leaf_descriptor(to, 3, S1_NORMAL | S1_EL0 | S1_NG) : to | 3;
  }
}

static void make_ste(enum ste_config config) {
  struct ste *ste = world_ste();
  *ste = (struct ste){{STE0_V | STE0_CONFIG(config), STE1_SHCFG_INCOMING}};
  if (config == STE_S1 || config == STE_NESTED) {
    ste->word[0] |= config == STE_NESTED ? ipa_of(CD_PAGE) : pa_of(CD_PAGE);
    ste->word[1] |= STE1_S1_WRITE_BACK;
  }
  if (config == STE_S2 || config == STE_NESTED) {
    ste->word[2] = STE2_S2VMID(A_VMID) | STE2_S2T0SZ(25) | STE2_S2SL0(1) | STE2_S2_WRITE_BACK |
                   STE2_S2PS(ADDRESS_SIZE) | STE2_S2AA64 | STE2_S2R;
    ste->word[3] = s2.root;
  }
  const u64 ttb = config == STE_NESTED ? ipa_of(S1_LEVEL1) : pa_of(S1_LEVEL1);
  clear(pa_of(CD_PAGE), 4096);
  *world_cd() = (struct cd){{CD0_T0SZ(25) | CD0_WRITE_BACK | CD0_EPD1 | CD0_V | CD0_IPS(ADDRESS_SIZE) | CD0_AA64 |
                                 CD0_R | CD0_A | CD0_ASET | CD0_ASID(A_ASID),
                             ttb, 0, MAIR_VALUE}};
}

static void enable(void) {
  dsb();
  smmu_set_cr0(CR0_CMDQEN);
  smmu_invalidate_all();
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN | (smmu_read(SMMU_IDR0) & IDR0_ATS ? (u32)CR0_ATSCHK : 0));
}

static void fill_data(void) {
  for (unsigned n = 0; n < 512; ++n) data()[n] = (u64)SECRET << 32 | SECRET;
}

void world_reset(enum ste_config config) {
  smmu_init();
  clear(STREAM_TABLE, sizeof(struct ste) << STREAM_BITS);
  if (two_level) {
    clear(LEVEL2_STREAM_TABLE, sizeof(struct ste) << split_bits);
    *world_l1std() = L1STD(LEVEL2_STREAM_TABLE, split_bits + 1);
  }
  make_stage2();
  make_stage1(config == STE_NESTED);
  make_ste(config);
  fill_data();
  smmu_write64(SMMU_STRTAB_BASE, STREAM_TABLE | QUEUE_RA);
  smmu_write(SMMU_STRTAB_BASE_CFG, (two_level ? STRTAB_TWO_LEVEL | STRTAB_SPLIT(split_bits) : 0) | STREAM_BITS);
  enable();
}

void world_two_level(unsigned split) {
  two_level = true;
  split_bits = split;
}

u64 good_input(enum ste_config config) {
  return config == STE_BYPASS ? pa_of(DATA_PAGE) : config == STE_S2 ? ipa_of(DATA_PAGE) : va_of_data();
}

void world_start(const struct record *access, u32 attributes) {
  if (access->has_ssid) attributes |= (u32)EDU_ATTR_PASID;
  if (access->privileged) attributes |= (u32)EDU_ATTR_PRIVILEGED;
  if (access->instruction) attributes |= (u32)EDU_ATTR_EXECUTE;
  if (world_edu.extended) {
    edu_write(&world_edu, EDU_ATTRIBUTES, attributes);
    edu_write(&world_edu, EDU_PASID, access->ssid);
  }
  if (access->write) {
    edu_start(&world_edu, EDU_BUFFER, access->input, 4, EDU_TO_MEMORY);
  } else {
    edu_start(&world_edu, access->input, EDU_BUFFER, 4, 0);
  }
}

struct outcome world_outcome(void) {
  if (!edu_wait(&world_edu)) panic("the DMA does not end");
  struct outcome outcome = {.result = world_edu.extended ? edu_read(&world_edu, EDU_RESULT) : EDU_DONE};
  struct event event;
  for (; smmu_next_event(&event); ++outcome.events) {
    if (outcome.events < KEPT_EVENTS) outcome.event[outcome.events] = event;
  }
  return outcome;
}

struct outcome world_access(const struct record *access, u32 attributes) {
  world_start(access, attributes);
  return world_outcome();
}

static bool endpoint_has(u32 feature) { return world_edu.extended && (edu_read(&world_edu, EDU_FEATURES) & feature); }

bool world_has_substreams(void) { return endpoint_has(EDU_FEATURE_PASID) && IDR1_SSIDSIZE(smmu_read(SMMU_IDR1)) != 0; }
bool world_has_stalls(void) { return world_edu.extended && IDR0_STALL_MODEL(smmu_read(SMMU_IDR0)) == 0; }
bool world_has_ats(void) { return endpoint_has(EDU_FEATURE_ATS) && (smmu_read(SMMU_IDR0) & IDR0_ATS); }
bool world_has_pri(void) { return endpoint_has(EDU_FEATURE_PRI) && (smmu_read(SMMU_IDR0) & IDR0_PRI); }

unsigned world_problems(void) {
  unsigned problems = neighbour_intact() ? 0 : NEIGHBOUR_CHANGED;
  for (unsigned n = 0; n < 512; ++n) {
    if (data()[n] != ((u64)SECRET << 32 | SECRET)) problems |= DATA_CHANGED;
  }
  return problems;
}

void world_wipe(enum ste_config config) {
  *(u32 *)data() = WIPED;
  const struct record wipe = {.input = good_input(config)};
  world_access(&wipe, 0);
}

// What is in the endpoint's buffer goes to A by a configuration without a fault.
static unsigned recover(enum ste_config config) {
  if (config == STE_ABORT) config = STE_BYPASS;
  world_reset(config);
  *(u32 *)data() = FILLER;
  const struct record good = {.input = good_input(config), .write = true};
  const struct outcome outcome = world_access(&good, 0);
  const u32 arrived = *(volatile u32 *)data();
  unsigned problems = 0;
  if (outcome.events || outcome.result != EDU_DONE || arrived == FILLER) problems |= NOT_RECOVERED;
  if (arrived != SECRET) return problems;
  world_wipe(config);
  return problems | LEAKED;
}

static u64 digest_of(const struct event *words, const struct event *mask, unsigned events, unsigned problems) {
  u64 digest = digest_fold(digest_fold(DIGEST_START, events), problems);
  for (unsigned i = 0; i < events && i < KEPT_EVENTS; ++i) {
    for (unsigned w = 0; w < 4; ++w) digest = digest_fold(digest, words[i].word[w] & mask->word[w]);
  }
  return digest;
}

static void print_words(const char *what, const struct event *event) {
  print("  %s 0x%016lx 0x%016lx 0x%016lx 0x%016lx\n", what, event->word[0], event->word[1], event->word[2],
        event->word[3]);
}

// Without a record that is expected, the whole of one that came counts.
static struct event mask_of(const struct record *expected) {
  if (expected->type == NO_EVENT) return (struct event){{~0ull, ~0ull, ~0ull, ~0ull}};
  return record_mask(expected);
}

void expect_record(const char *name, struct record expected, const struct outcome *outcome, unsigned problems) {
  expected.sid = world_sid();
  const struct event words = record_words(&expected), mask = mask_of(&expected);
  const struct answer qemu = qemu_answer(name, &expected, words);
  const unsigned events = expected.type != NO_EVENT;
  const u64 right = digest_of(&words, &mask, events, 0);
  const u64 divergent = digest_of(&qemu.words, &mask, qemu.events, qemu.problems);
  const u64 got = digest_of(outcome->event, &mask, outcome->events, problems);
  if (right != divergent) {
    check_divergent_from("10.0", name, right, divergent, got);
  } else {
    print("%s %s", right != got ? "FAIL" : only_here ? "ONLY" : "PASS", name);
    for (unsigned w = 0; events && w < 4; ++w) print(" 0x%016lx", words.word[w] & mask.word[w]);
    print("\n");
    check_verdict(right == got);
  }
  if (right == got || divergent == got) return;
  if (events) print_words("expected", &words);
  print("  got %u records, problems 0x%x, result %u\n", outcome->events, problems, outcome->result);
  for (unsigned i = 0; i < outcome->events && i < KEPT_EVENTS; ++i) print_words("got     ", &outcome->event[i]);
}

void expect_fault(const char *name, enum ste_config config, struct record expected) {
  dsb();
  smmu_invalidate_all();
  const struct outcome outcome = world_access(&expected, 0);
  unsigned problems = world_problems();
  if (world_edu.extended && outcome.result != EDU_UNSUPPORTED_REQUEST) problems |= NO_ABORT;
  problems |= recover(config);
  expect_record(name, expected, &outcome, problems);
}

void expect_success_of(const char *name, enum ste_config config, struct record access) {
  dsb();
  smmu_invalidate_all();
  if (access.write) *(u32 *)data() = FILLER;
  const struct outcome outcome = world_access(&access, 0);
  unsigned problems = neighbour_intact() ? 0 : NEIGHBOUR_CHANGED;
  if (access.write && *(volatile u32 *)data() == FILLER) problems |= WRONG_STATE;
  if (!access.write && recover(config) != LEAKED) problems |= WRONG_STATE;  // the secret has come
  world_reset(config);
  access.type = NO_EVENT;
  expect_record(name, access, &outcome, problems);
}

void expect_success(const char *name, enum ste_config config, u64 address, bool write) {
  expect_success_of(name, config, (struct record){.input = address, .write = write});
}

void world_only_here(bool on) { only_here = on; }

void world_forget_cached(void) {
  smmu_command(CMD_ATC_INV | CMD_SID(world_sid()), 52);
  smmu_sync();
}

void unsupported(const char *name) { print("UNSUPPORTED %s\n", name); }
