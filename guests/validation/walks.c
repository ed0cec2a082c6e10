// ANCHORS.md, rows 11 and 12a: loads at random pages of a set far larger than any TLB, each address from the last
// load's value, under stage-1 leaves of 4 KB and stage-2 leaves of 4 KB or 2 MB, and without stage 2. WALK_MEGABYTES:
// the size of the set.
#include "../lib/check.h"
#include "../lib/measure.h"
#include "../lib/print.h"
#include "../lib/tables.h"
#include "vm.h"

#ifndef WALK_MEGABYTES
#define WALK_MEGABYTES 64
#endif
#define SET_BASE 0x48000000ull
#define SET_SIZE (WALK_MEGABYTES * MEGABYTE)
#define PAGES (SET_SIZE / PAGE_SIZE)
#define WARM 2000
#define LOADS 20000

// xorshift64 (Marsaglia 2003) of the last state and what was loaded (the set is all zero); a line within the page as
// well, so that the data do not compete for one set of a cache.
static u64 guest_loads(u64 count, u64 argument) {
  u64 state = 88172645463325252ull, sum = argument;
  for (u64 i = 0; i < count; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const u64 loaded = *(const volatile u64 *)(SET_BASE + (state % PAGES) * PAGE_SIZE + (state >> 58) * 64);
    state += loaded;
    sum += state >> 40;
  }
  return sum;
}

static u64 guest_main(struct vm_result *result) {
  result->value = guest_loads(WARM, 0);
  const u64 refills = event_now(0), walks = event_now(1);
  const u64 start = cycles_now();
  result->value += guest_loads(LOADS, 1);
  result->cycles = cycles_now() - start;
  result->events[0] = event_now(0) - refills;
  result->events[1] = event_now(1) - walks;
  return 0;
}

static const struct {
  const char *name;
  unsigned stage2_level;  // 0: no stage 2
} rows[] = {
#if !WALK_NESTED_ALONE
    {"walks.4k", 0},
    {"walks.4k_2m", 2},
#endif
    {"walks.4k_4k", 3},
};

int main(void) {
  measure_init();
  measure_events(EVENT_L1D_TLB_REFILL, EVENT_DTLB_WALK);
  u64 first = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(rows); ++i) {
    vm_make(3, rows[i].stage2_level);
    vm_map(SET_BASE, SET_SIZE, 3, rows[i].stage2_level);
    print("measuring %s\n", rows[i].name);  // a mark for --timed-from: the tables above take long to make
    const struct vm_result *result = vm_run(guest_main);
    if (i == 0) first = result->value;
    check_hex(rows[i].name, first, result->value);
    measure_print(rows[i].name, result->cycles, LOADS);
    event_print(rows[i].name, "l1d_tlb_refill", result->events[0]);
    event_print(rows[i].name, "dtlb_walk", result->events[1]);
  }
  check_summary();
  return 0;
}
