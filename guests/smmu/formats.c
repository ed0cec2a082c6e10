// Tables of other shapes: TTB1, granules of 16 KB and 64 KB at both stages, overrides of privilege.
#include "../lib/tables.h"
#include "world.h"

#define POOL 0x4a100000ull
#define POOL_BYTES 0x100000ull
#define GRANULES 2

static const struct granule {
  const char *s1_good, *s1_fault, *s2_good, *s2_fault;
  unsigned shift;
  u64 tg0, tg1;  // CD.TG0 (and STE.S2TG), CD.TG1
  unsigned start_level;
  u64 s2sl0;
  u64 idr5;
} granules[GRANULES] = {
    {"granule64k.s1", "granule64k.s1.translation", "granule64k.s2", "granule64k.s2.access", 16, 1, 3, 2, 1, BIT(6)},
    {"granule16k.s1", "granule16k.s1.translation", "granule16k.s2", "granule16k.s2.access", 14, 2, 1, 1, 2, BIT(5)},
};

// The data's address as this table translates it: the same offset in a page of 64 KB.
static u64 page_of(u64 address, unsigned shift) { return address & ~(BIT(shift) - 1); }

static struct tables stage1_of(const struct granule *g, u64 input) {
  struct tables tables;
  tables_init(&tables, POOL, POOL_BYTES, 0, g->shift, g->start_level);
  *tables_entry(&tables, page_of(input, g->shift), 3) =
      leaf_descriptor(page_of(pa_of(DATA_PAGE), g->shift), 3, S1_NORMAL | S1_EL0 | S1_NG);
  return tables;
}

static void stage1_granule(const struct granule *g) {
  world_reset(STE_S1);
  struct tables tables = stage1_of(g, va_of_data());
  world_cd()->word[0] |= CD0_TG0(g->tg0);
  world_cd()->word[1] = tables.root;
  expect_success(g->s1_good, STE_S1, va_of_data(), true);
  world_reset(STE_S1);
  tables = stage1_of(g, va_of_data());
  *tables_entry(&tables, page_of(va_of_data(), g->shift), 3) = 0;
  world_cd()->word[0] |= CD0_TG0(g->tg0);
  world_cd()->word[1] = tables.root;
  expect_fault(g->s1_fault, STE_S1, (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = va_of_data()});
}

static void stage2_granule(const struct granule *g) {
  for (unsigned fault = 0; fault < 2; ++fault) {
    world_reset(STE_S2);
    struct tables tables;
    tables_init(&tables, POOL, POOL_BYTES, 0, g->shift, g->start_level);
    u64 *const entry = tables_entry(&tables, page_of(ipa_of(DATA_PAGE), g->shift), 3);
    *entry = leaf_descriptor(page_of(pa_of(DATA_PAGE), g->shift), 3, S2_NORMAL | S2_READ | S2_WRITE);
    if (fault) *entry &= ~S2_AF;
    struct ste *const ste = world_ste();
    ste->word[2] = (ste->word[2] & ~(STE2_S2TG(3) | STE2_S2SL0(3))) | STE2_S2TG(g->tg0) | STE2_S2SL0(g->s2sl0);
    ste->word[3] = tables.root;
    if (fault) {
      expect_fault(
          g->s2_fault, STE_S2,
          (struct record){
              .type = F_ACCESS, .s2 = true, .class = CLASS_IN, .ipa = ipa_of(DATA_PAGE), .input = ipa_of(DATA_PAGE)});
    } else {
      expect_success(g->s2_good, STE_S2, ipa_of(DATA_PAGE), true);
    }
  }
}

// The upper half of the addresses, by TTB1: the same tables.
static void upper_half(void) {
  const u64 input = ~0ull << 39 | va_of_data();
  world_reset(STE_S1);
  world_cd()->word[0] &= ~CD0_EPD1;
  world_cd()->word[0] |= CD0_EPD0 | CD1_T1SZ(25) | CD1_TG1(2) | CD1_WRITE_BACK;
  world_cd()->word[2] = world_cd()->word[1];
  expect_success("ttb1", STE_S1, input, true);
  world_reset(STE_S1);
  world_cd()->word[0] &= ~CD0_EPD1;
  world_cd()->word[0] |= CD1_T1SZ(25) | CD1_TG1(2) | CD1_WRITE_BACK;
  world_cd()->word[2] = world_cd()->word[1];
  *s1_entry(2) = 0;
  expect_fault("ttb1.translation", STE_S1, (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = input});
  world_reset(STE_S1);
  world_cd()->word[0] &= ~CD0_EPD1;
  world_cd()->word[0] |= CD1_T1SZ(30) | CD1_TG1(2) | CD1_WRITE_BACK;
  world_cd()->word[2] = world_cd()->word[1];
  expect_fault("ttb1.beyond_t1sz", STE_S1, (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = input});
  // Tags above bit 55 are ignored with TBI.
  world_reset(STE_S1);
  world_cd()->word[0] |= CD0_TBI0;
  expect_success("tbi0", STE_S1, va_of_data() | 0xa5ull << 56, true);
}

// STE.PRIVCFG makes an access privileged, INSTCFG a read an instruction fetch; records show what they made of it.
static void overrides(void) {
  world_reset(STE_S1);
  world_ste()->word[1] |= STE1_PRIVCFG(3);
  *s1_entry(3) &= ~S1_EL0;
  expect_success("privcfg.read", STE_S1, va_of_data(), false);
  world_reset(STE_S1);
  world_ste()->word[1] |= STE1_PRIVCFG(3);
  *s1_entry(3) = 0;
  expect_fault("privcfg.translation", STE_S1,
               (struct record){.type = F_TRANSLATION, .class = CLASS_IN, .input = va_of_data(), .privileged = true});
  world_reset(STE_S1);
  world_ste()->word[1] |= STE1_INSTCFG(3);
  *s1_entry(3) |= S1_UXN;
  expect_fault("instcfg.permission", STE_S1,
               (struct record){.type = F_PERMISSION, .class = CLASS_IN, .input = va_of_data(), .instruction = true});
  world_reset(STE_S1);
  world_ste()->word[1] |= STE1_INSTCFG(3);
  *s1_entry(3) |= S1_UXN;
  expect_success("instcfg.write", STE_S1, va_of_data(), true);
}

void table_formats(void) {
  for (unsigned i = 0; i < GRANULES; ++i) {
    if (!(smmu_read(SMMU_IDR5) & granules[i].idr5)) {
      unsupported(granules[i].s1_good);
      continue;
    }
    stage1_granule(&granules[i]);
    stage2_granule(&granules[i]);
  }
  upper_half();
  overrides();
}
