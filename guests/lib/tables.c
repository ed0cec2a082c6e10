#include "tables.h"

#include "print.h"

#define ADDRESS_MASK 0x0000fffffffff000ull

static u64 take_table(struct tables *tables) {
  const u64 size = 1ull << tables->granule_shift;
  if (tables->next + size > tables->end) panic("no room for translation tables");
  const u64 table = tables->next;
  tables->next += size;
  u64 *p = (u64 *)(table + tables->alias);
  for (u64 i = 0; i < size / 8; ++i) p[i] = 0;
  return table;
}

void tables_init(struct tables *tables, u64 pool, u64 pool_size, s64 alias, unsigned granule_shift,
                 unsigned start_level) {
  *tables = (struct tables){.next = pool,
                            .end = pool + pool_size,
                            .alias = alias,
                            .granule_shift = granule_shift,
                            .start_level = start_level};
  tables->root = take_table(tables);
}

static unsigned level_shift(const struct tables *tables, unsigned level) {
  return tables->granule_shift + (3 - level) * (tables->granule_shift - 3);
}

u64 *tables_entry(struct tables *tables, u64 input, unsigned level) {
  const u64 index_mask = (1ull << (tables->granule_shift - 3)) - 1;
  u64 table = tables->root;
  for (unsigned l = tables->start_level;; ++l) {
    u64 *entry = (u64 *)(table + tables->alias) + ((input >> level_shift(tables, l)) & index_mask);
    if (l == level) return entry;
    if ((*entry & 3) != 3) *entry = take_table(tables) | 3;
    table = *entry & ADDRESS_MASK;
  }
}

u64 leaf_descriptor(u64 output, unsigned level, u64 attributes) { return output | attributes | (level == 3 ? 3 : 1); }

void tables_map(struct tables *tables, u64 input, u64 output, u64 size, unsigned level, u64 attributes) {
  const u64 step = 1ull << level_shift(tables, level);
  for (u64 offset = 0; offset < size; offset += step) {
    *tables_entry(tables, input + offset, level) = leaf_descriptor(output + offset, level, attributes);
  }
}

void el2_mmu_on(void) {
  static u64 pool[2 * 512] __attribute__((aligned(4096)));
  struct tables tables;
  tables_init(&tables, (u64)pool, sizeof(pool), 0, 12, 1);
  tables_map(&tables, 0, 0, RAM_BASE, 1, S1_AF | S1_EL2_XN | S1_EL0 /* AP[1] is RES1 at EL2 */);
  tables_map(&tables, RAM_BASE, RAM_BASE, RAM_BASE, 1, S1_NORMAL | S1_EL0);
  WRITE_SYSREG(mair_el2, MAIR_VALUE);
  WRITE_SYSREG(tcr_el2, TCR_EL2_4K);
  WRITE_SYSREG(ttbr0_el2, tables.root);
  asm volatile("dsb sy; tlbi alle2; dsb sy; isb" ::: "memory");
  WRITE_SYSREG(sctlr_el2, SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA);
  isb();
}
