// A pointer chase that misses the TLB all the time, over the leaf sizes of the two stages. Without walk caches a miss
// costs (n1+1)(n2+1)-1 descriptor fetches, where n1 and n2 count the levels walked: 3 to a 4 KB leaf, 2 to a 2 MB one.
#include "benchmarks.h"

#define NODES (ARENA_SIZE / PAGE_SIZE)
#define STRIDE 167  // pages; coprime to NODES, so that the chain visits every page
#define LAPS 4

// A node at some line of its page, so that nodes do not compete for one cache set.
static u64 node(u64 i) {
  const u64 page = (i * STRIDE) % NODES;
  return ARENA_IPA + page * PAGE_SIZE + (page % 64) * 64;
}

static u64 guest_chase(struct guest *guest) {
  guest_map(guest, ARENA_IPA, ARENA_IPA, ARENA_SIZE, (unsigned)guest->flag, S1_NORMAL | S1_PXN | S1_UXN);
  for (u64 i = 0; i < NODES; ++i) *(volatile u64 *)node(i) = node((i + 1) % NODES);
  u64 at = node(0), sum = 0;
  for (u64 i = 0; i < LAPS * NODES; ++i) {
    at = *(volatile u64 *)at;
    sum += (at - ARENA_IPA) / PAGE_SIZE;
  }
  return sum;
}

static const struct {
  const char *name;
  unsigned stage1_level, stage2_level;
} rows[] = {{"walk_4k_4k", 3, 3}, {"walk_4k_2m", 3, 2}, {"walk_2m_2m", 2, 2}};

void bench_nested_walks(const char *group) {
  (void)group;
  for (unsigned i = 0; i < ARRAY_SIZE(rows); ++i) {
    struct vcpu *vcpu = boot_one(guest_chase);
    vcpu_guest(vcpu)->flag = rows[i].stage1_level;
    tables_map(&vcpu->vm->stage2, ARENA_IPA, vcpu->vm->arena, ARENA_SIZE, rows[i].stage2_level,
               S2_NORMAL | S2_READ | S2_WRITE | S2_XN);
    vcpu_run(vcpu);
    expect(rows[i].name, "data_aborts", 0, vcpu->log.by_ec[EC_DABT_LOWER]);
    finish(rows[i].name, vcpu, LAPS * NODES * (NODES - 1) / 2);
  }
}
