// ANCHORS.md, row 12: what stage 2 costs small programs, with leaves of 2 MB and of 4 KB. The programs are of the kinds
// of MiBench: counting bits, shortest paths, sorting, smoothing a picture, looking up prefixes; written for this and
// run in a VM without an operating system, so that stage 1 has 4 KB pages throughout.
#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/measure.h"
#include "../lib/print.h"
#include "vm.h"

static u64 next_random(u64 *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

// --- automotive/bitcount: no memory to speak of
static u64 bitcount(u8 *heap) {
  (void)heap;
  u64 state = 1, bits = 0;
  for (unsigned i = 0; i < 2000; ++i) {
    for (u64 v = next_random(&state); v; v &= v - 1) ++bits;
  }
  return bits;
}

// --- network/dijkstra: 160 nodes, a full matrix of 100 KB
#define NODES 160u
static u64 dijkstra(u8 *heap) {
  u32(*const weight)[NODES] = (u32(*)[NODES])heap;
  u32 *const distance = (u32 *)(heap + sizeof(u32) * NODES * NODES);
  u8 *const done = (u8 *)(distance + NODES);
  u64 state = 2, sum = 0;
  for (unsigned i = 0; i < NODES * NODES; ++i) weight[i / NODES][i % NODES] = 1 + next_random(&state) % 1000;
  for (unsigned from = 0; from < 2; ++from) {
    for (unsigned i = 0; i < NODES; ++i) distance[i] = i == from ? 0 : ~0u, done[i] = 0;
    for (unsigned step = 0; step < NODES; ++step) {
      unsigned nearest = NODES;
      for (unsigned i = 0; i < NODES; ++i) {
        if (!done[i] && (nearest == NODES || distance[i] < distance[nearest])) nearest = i;
      }
      done[nearest] = 1;
      for (unsigned i = 0; i < NODES; ++i) {
        const u32 through = distance[nearest] + weight[nearest][i];
        if (through < distance[i]) distance[i] = through;
      }
    }
    for (unsigned i = 0; i < NODES; ++i) sum += distance[i];
  }
  return sum;
}

// --- automotive/qsort: 8 K keys by heap sort, 64 KB, whose accesses are far apart
#define KEYS 8192u
static void sift(u64 *keys, u32 root, u32 count) {
  for (u32 child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && keys[child] < keys[child + 1]) ++child;
    if (keys[root] >= keys[child]) return;
    const u64 key = keys[root];
    keys[root] = keys[child];
    keys[child] = key;
  }
}

static u64 sort(u8 *heap) {
  u64 *const keys = (u64 *)heap;
  u64 state = 3, digest = DIGEST_START;
  for (u32 i = 0; i < KEYS; ++i) keys[i] = next_random(&state);
  for (u32 i = KEYS / 2; i-- > 0;) sift(keys, i, KEYS);
  for (u32 n = KEYS; n-- > 1;) {
    const u64 key = keys[0];
    keys[0] = keys[n];
    keys[n] = key;
    sift(keys, 0, n);
  }
  for (u32 i = 0; i < KEYS; i += 1024) digest = digest_fold(digest, keys[i]);
  return digest;
}

// --- automotive/susan: a 3 x 3 mean over a picture of 128 x 128 bytes
#define WIDTH 128u
static u64 smooth(u8 *heap) {
  const u8 *const in = heap;
  u8 *const out = heap + WIDTH * WIDTH;
  u64 state = 4, sum = 0;
  for (u32 i = 0; i < WIDTH * WIDTH; ++i) heap[i] = (u8)next_random(&state);
  for (u32 y = 1; y < WIDTH - 1; ++y) {
    for (u32 x = 1; x < WIDTH - 1; ++x) {
      u32 total = 0;
      for (u32 dy = 0; dy < 3; ++dy) {
        for (u32 dx = 0; dx < 3; ++dx) total += in[(y + dy - 1) * WIDTH + x + dx - 1];
      }
      out[y * WIDTH + x] = (u8)(total / 9);
    }
  }
  for (u32 i = 0; i < WIDTH * WIDTH; i += 61) sum += out[i];
  return sum;
}

// --- network/patricia: a binary trie of 20-bit prefixes, 4 MB
#define TRIE_NODES 262144u
static u64 prefixes(u8 *heap) {
  struct node {
    u32 child[2];
    u64 value;
  } *const nodes = (struct node *)heap;
  for (u32 i = 0; i < TRIE_NODES; ++i) nodes[i] = (struct node){{0, 0}, 0};
  u64 state = 5, found = 0;
  u32 used = 1;
  for (u32 i = 0; i < 12000 && used + 20 < TRIE_NODES; ++i) {
    const u64 key = next_random(&state);
    u32 at = 0;
    for (unsigned bit = 0; bit < 20; ++bit) {
      u32 *const next = &nodes[at].child[(key >> bit) & 1];
      if (!*next) *next = used++;
      at = *next;
    }
    nodes[at].value = key;
  }
  for (u32 i = 0; i < 12000; ++i) {
    const u64 key = next_random(&state);
    u32 at = 0;
    for (unsigned bit = 0; bit < 20; ++bit) {
      const u32 next = nodes[at].child[(key >> bit) & 1];
      if (!next) break;
      at = next;
    }
    found += nodes[at].value + at;
  }
  return found;
}

static const struct {
  const char *name;
  u64 (*run)(u8 *heap);
} kernels[] = {
    {"bitcount", bitcount}, {"dijkstra", dijkstra}, {"sort", sort}, {"smooth", smooth}, {"prefixes", prefixes}};

static const struct {
  const char *name;
  unsigned stage1_level, stage2_level;
} settings[] = {{"4k", 3, 0}, {"4k_2m", 3, 2}, {"4k_4k", 3, 3}, {"2m", 2, 0}, {"2m_2m", 2, 2}, {"2m_4k", 2, 3}};

// Constant functions for vm_run(), which passes nothing but the result.
#define GUEST(index)                                        \
  static u64 guest_##index(struct vm_result *result) {      \
    const u64 refills = event_now(0), walks = event_now(1); \
    const u64 start = cycles_now();                         \
    result->value = kernels[index].run(result->heap);       \
    result->cycles = cycles_now() - start;                  \
    result->events[0] = event_now(0) - refills;             \
    result->events[1] = event_now(1) - walks;               \
    return 0;                                               \
  }
GUEST(0)
GUEST(1)
GUEST(2)
GUEST(3)
GUEST(4)
static u64 (*const guests[])(struct vm_result *) = {guest_0, guest_1, guest_2, guest_3, guest_4};
_Static_assert(ARRAY_SIZE(guests) == ARRAY_SIZE(kernels), "a guest a kernel");

int main(void) {
  measure_init();
  measure_events(EVENT_L1D_TLB_REFILL, EVENT_L2D_TLB_REFILL);
  u64 values[ARRAY_SIZE(kernels)];
  for (unsigned s = 0; s < ARRAY_SIZE(settings); ++s) {
    for (unsigned k = 0; k < ARRAY_SIZE(kernels); ++k) {
      vm_make(settings[s].stage1_level, settings[s].stage2_level);
      const struct vm_result *result = vm_run(guests[k]);
      if (s == 0) values[k] = result->value;
      check_hex(name_of("stage2", settings[s].name, kernels[k].name), values[k], result->value);
      measure_print(name_of("stage2", settings[s].name, kernels[k].name), result->cycles, 1);
      event_print(name_of("stage2", settings[s].name, kernels[k].name), "l1d_tlb_refill", result->events[0]);
      event_print(name_of("stage2", settings[s].name, kernels[k].name), "l2d_tlb_refill", result->events[1]);
    }
  }
  check_summary();
  return 0;
}
