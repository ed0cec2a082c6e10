// Chains of loads, each address from the last load's value: what a load takes when its line, or its page's
// translation, is in this level or the next. Each size is run with N and with 2N loads, so that the difference is free
// of what begins and ends a run. tests/guest/plateaus.py holds the cycles against the parameters.
#include "../lib/check.h"
#include "../lib/measure.h"
#include "../lib/print.h"
#include "../lib/tables.h"
#include "vm.h"

#define SET_BASE 0x48000000ull
#define SET_SIZE (4 * MEGABYTE)
#define LINE 64

static u64 gcd(u64 a, u64 b) { return b ? gcd(b, a % b) : a; }

// A cycle through `count` places, far from one to the next.
static u64 *chain(u64 count, u64 stride) {
  u64 step = count * 618 / 1000 + 1;
  while (gcd(step, count) != 1) ++step;
  u64 at = 0;
  for (u64 i = 0; i < count; ++i) {
    const u64 next = (at + step) % count;
    // A line of its own in each page, so that pages do not compete for one set of a cache.
    const u64 here = SET_BASE + at * stride + (stride > LINE ? at % (stride / LINE) * LINE : 0);
    const u64 there = SET_BASE + next * stride + (stride > LINE ? next % (stride / LINE) * LINE : 0);
    *(volatile u64 *)here = there;
    at = next;
  }
  if (at != 0) check("chain.is_a_cycle", 0, at);
  return (u64 *)SET_BASE;
}

// Not inline: all runs execute the same code, from the same lines and the same page.
__attribute__((noinline)) static u64 chase(u64 *place, u64 loads) {
  loads /= 8;
  const u64 start = cycles_now();
  asm volatile(
      "1: ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n"
      "   ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n ldr %0, [%0]\n"
      "   subs %1, %1, #1\n b.ne 1b\n"
      : "+r"(place), "+r"(loads)::"memory", "cc");
  return cycles_now() - start;
}

// `name`.COUNT: the cycles of eight times round, and of sixteen.
static void run(const char *name, u64 count, u64 stride, struct vm_result *result) {
  u64 *const place = chain(count, stride);
  chase(place, count * 8);
  const u64 once = chase(place, count * 8), twice = chase(place, count * 16);
  if (result) {
    result->cycles = twice - once;
  } else {
    print("plateau: %s places=%lu loads=%lu cycles=%lu\n", name, count, count * 8, twice - once);
  }
}

static const u64 line_counts[] = {64, 256, 511, 512, 513, 1024, 4096, 16384, 32768};
static const u64 page_counts[] = {8, 31, 32, 33, 48, 127, 128, 129, 256, 1024};
static u64 guest_main(struct vm_result *result) {
  run("", result->argument, PAGE_SIZE, result);
  return 0;
}

// What a loop over sets and ways would go by: data caches of levels 1 and 2.
static void print_geometry(void) {
  for (u64 level = 0; level < 2; ++level) {
    WRITE_SYSREG(csselr_el1, level << 1);
    isb();
    const u64 ccsidr = READ_SYSREG(ccsidr_el1);
    print("geometry: level=%lu line=%lu ways=%lu sets=%lu\n", level + 1, 16ul << (ccsidr & 7),
          ((ccsidr >> 3) & 0x3ff) + 1, ((ccsidr >> 13) & 0x7fff) + 1);
  }
}

int main(void) {
  measure_init();
  print_geometry();
  el2_mmu_on();
  for (unsigned i = 0; i < ARRAY_SIZE(line_counts); ++i) run("lines", line_counts[i], LINE, 0);
  static const struct {
    const char *name;
    unsigned stage2_level;
  } stages[] = {{"pages", 0}, {"pages_2m", 2}, {"pages_4k", 3}};
  for (unsigned s = 0; s < ARRAY_SIZE(stages); ++s) {
    for (unsigned i = 0; i < ARRAY_SIZE(page_counts); ++i) {
      const u64 pages = page_counts[i];
      vm_make(3, stages[s].stage2_level);
      vm_map(SET_BASE, SET_SIZE, 3, stages[s].stage2_level);
      vm_set_argument(pages);
      const struct vm_result *result = vm_run(guest_main);
      print("plateau: %s places=%lu loads=%lu cycles=%lu\n", stages[s].name, pages, pages * 8, result->cycles);
    }
  }
  check("plateaus.done", 1, 1);
  check("plateaus.sizes", ARRAY_SIZE(page_counts), 10);
  check_summary();
  return 0;
}
