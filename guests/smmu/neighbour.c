// Two endpoints, two VMs, one SMMU: the same IPA and the same VA lead each to its own memory, whatever is cached for
// the other; what is invalidated for one is not asked again of the other's tables.
#include "../lib/check.h"
#include "../lib/tables.h"
#include "world.h"

#define B_POOL 0x4a200000ull
#define B_POOL_BYTES (16 * 4096ull)
#define B_CD 0x4a300000ull
#define B_ASID 0x43
#define TLBI_S12_VMALL(vmid) (0x28ull | (u64)(vmid) << 32)
#define TLBI_NH_ASID(asid) (0x11ull | (u64)(asid) << 48)

static const char *const names[] = {
    "neighbour.s2.own",     "neighbour.s2.other",     "neighbour.s2.cached",          "neighbour.s2.still",
    "neighbour.s2.revoked", "neighbour.s1.own",       "neighbour.s1.other",           "neighbour.s1.revoked",
    "neighbour.s1.still",   "neighbour.wrong_stream", "neighbour.wrong_stream.still",
};

static struct edu b;
static struct tables b_tables;

static struct ste *b_ste(void) { return world_ste() + ((b.slot << 3) - world_sid()); }

// B's first page, where A has its data.
static void give_stage2_to_b(void) {
  for (u64 *p = (u64 *)B_POOL; p < (u64 *)(B_POOL + B_POOL_BYTES); ++p) *p = 0;
  tables_init(&b_tables, B_POOL, B_POOL_BYTES, 0, 12, 1);
  *tables_entry(&b_tables, ipa_of(DATA_PAGE), 3) =
      leaf_descriptor(pa_of_neighbour(), 3, S2_NORMAL | S2_READ | S2_WRITE);
  *b_ste() = *world_ste();
  b_ste()->word[2] = (b_ste()->word[2] & ~0xffffull) | STE2_S2VMID(B_VMID);
  b_ste()->word[3] = b_tables.root;
  dsb();
  smmu_invalidate_all();
}

static void give_stage1_to_b(void) {
  for (u64 *p = (u64 *)B_POOL; p < (u64 *)(B_POOL + B_POOL_BYTES); ++p) *p = 0;
  tables_init(&b_tables, B_POOL, B_POOL_BYTES, 0, 12, 1);
  *tables_entry(&b_tables, va_of_data(), 3) = leaf_descriptor(pa_of_neighbour(), 3, S1_NORMAL | S1_EL0 | S1_NG);
  struct cd *const cd = (struct cd *)B_CD;
  *cd = *world_cd();
  cd->word[0] = (cd->word[0] & ~CD0_ASID(0xffff)) | CD0_ASID(B_ASID);
  cd->word[1] = b_tables.root;
  *b_ste() = *world_ste();
  b_ste()->word[0] = (b_ste()->word[0] & ~pa_of(CD_PAGE)) | B_CD;
  dsb();
  smmu_invalidate_all();
}

// What B's endpoint finds at `input`: it reads four bytes and writes them behind those, where the processor sees them.
static u32 b_reads(u64 input) {
  volatile u32 *const page = (volatile u32 *)pa_of_neighbour();
  const u32 kept = page[2];
  if (b.extended) edu_write(&b, EDU_ATTRIBUTES, 0);
  edu_fetch(&b, input, 0, 4);
  edu_store(&b, input + 8, 0, 4);
  dsb();
  const u32 seen = page[2];
  page[2] = kept;
  return seen;
}

static bool a_reaches(u64 input) {
  const struct record access = {.input = input, .write = true};
  const struct outcome outcome = world_access(&access, 0);
  return outcome.events == 0 && (world_problems() & DATA_CHANGED);
}

static void restore(void) {
  for (unsigned n = 0; n < 512; ++n) ((u64 *)pa_of(DATA_PAGE))[n] = (u64)SECRET << 32 | SECRET;
}

static void stage2(void) {
  const u64 ipa = ipa_of(DATA_PAGE);
  const u32 mine = *(volatile u32 *)pa_of_neighbour();
  world_reset(STE_S2);
  give_stage2_to_b();
  check_hex("neighbour.s2.own", mine, b_reads(ipa));
  check("neighbour.s2.other", 1, a_reaches(ipa));
  restore();
  // A loses the page; B's translation of the same IPA stays where it is cached.
  *s2_entry(ipa, 3) = 0;
  dsb();
  smmu_command(TLBI_S12_VMALL(A_VMID), 0);
  smmu_sync();
  check("neighbour.s2.revoked", 0, a_reaches(ipa));
  check_hex("neighbour.s2.still", mine, b_reads(ipa));
  check("neighbour.s2.cached", 0, world_problems());
}

static void stage1(void) {
  const u64 va = va_of_data();
  const u32 mine = *(volatile u32 *)pa_of_neighbour();
  world_reset(STE_S1);
  give_stage1_to_b();
  check_hex("neighbour.s1.own", mine, b_reads(va));
  check("neighbour.s1.other", 1, a_reaches(va));
  restore();
  *s1_entry(3) = 0;
  dsb();
  smmu_command(TLBI_NH_ASID(A_ASID), 0);
  smmu_sync();
  check("neighbour.s1.revoked", 0, a_reaches(va));
  check_hex("neighbour.s1.still", mine, b_reads(va));
}

// B's stream is disabled; A's goes on.
static void streams(void) {
  world_reset(STE_S2);
  give_stage2_to_b();
  b_ste()->word[0] = 0;
  dsb();
  smmu_command(CMD_CFGI_STE | CMD_SID(b.slot << 3), 1);
  smmu_sync();
  const u64 before = *(volatile u64 *)pa_of_neighbour();
  edu_store(&b, ipa_of(DATA_PAGE), 0, 4);
  struct event event = {{0}};
  smmu_next_event(&event);
  check_hex("neighbour.wrong_stream", (u64)(b.slot << 3) << 32 | C_BAD_STE, event.word[0] & ~0xfffff000ull);
  check("neighbour.wrong_stream.still", 1,
        *(volatile u64 *)pa_of_neighbour() == before && a_reaches(ipa_of(DATA_PAGE)));
  restore();
}

void neighbours(void) {
  if (!edu_find(&b, world_edu.slot + 1)) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); ++i) unsupported(names[i]);
    return;
  }
  stage2();
  stage1();
  streams();
  world_reset(STE_BYPASS);
}
