// Integer work with loads and stores, for measuring simulation speed: sieve, hash, sort, linked list. The checksum says
// that it was done right. SPEED_ROUNDS scales it; a round is 25 million instructions.
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"

#ifndef SPEED_ROUNDS
#define SPEED_ROUNDS 80
#endif

static struct probe probe = {.el1.handler = probe_handler};

static u64 random_state;
static u32 next_random(void) {  // xorshift64
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (u32)(random_state >> 16);
}

#define SIEVE_SIZE 500000
static u8 composite[SIEVE_SIZE];

static u64 sieve(void) {
  u64 primes = 0;
  for (u32 i = 0; i < SIEVE_SIZE; ++i) composite[i] = 0;
  for (u32 i = 2; i < SIEVE_SIZE; ++i) {
    if (composite[i]) continue;
    ++primes;
    for (u32 j = 2 * i; j < SIEVE_SIZE; j += i) composite[j] = 1;
  }
  return primes;
}

#define SLOTS 65536
static u64 keys[SLOTS], values[SLOTS];

static u64 hash_table(void) {
  for (u32 i = 0; i < SLOTS; ++i) keys[i] = values[i] = 0;
  u64 probes = 0;
  for (u32 i = 0; i < 150000; ++i) {
    const u64 key = next_random() % (SLOTS / 2) + 1;
    u32 slot = (u32)((key * 0x9e3779b97f4a7c15ull) >> 48);
    while (keys[slot] && keys[slot] != key) slot = (slot + 1) % SLOTS, ++probes;
    keys[slot] = key;
    values[slot] += i;
  }
  u64 sum = probes;
  for (u32 i = 0; i < SLOTS; ++i) sum = sum * 31 + values[i];
  return sum;
}

#define SORTED 40000
static u32 numbers[SORTED], merged[SORTED];

static u64 merge_sort(void) {
  for (u32 i = 0; i < SORTED; ++i) numbers[i] = next_random();
  u32 *from = numbers, *to = merged;
  for (u32 width = 1; width < SORTED; width *= 2) {
    for (u32 low = 0; low < SORTED; low += 2 * width) {
      const u32 middle = low + width < SORTED ? low + width : SORTED;
      const u32 high = low + 2 * width < SORTED ? low + 2 * width : SORTED;
      u32 a = low, b = middle;
      for (u32 k = low; k < high; ++k) to[k] = a < middle && (b >= high || from[a] <= from[b]) ? from[a++] : from[b++];
    }
    u32 *swap = from;
    from = to;
    to = swap;
  }
  u64 sum = 0;
  for (u32 i = 0; i < SORTED; ++i) sum = (sum ^ from[i]) * 0x100000001b3ull;
  for (u32 i = 1; i < SORTED; ++i) sum += from[i - 1] > from[i];
  return sum;
}

#define NODES 32768
static struct node {
  struct node *next;
  u64 value;
} nodes[NODES];

static u64 linked_list(void) {
  struct node *head = NULL;
  for (u32 i = 0; i < NODES; ++i) {
    struct node *node = &nodes[(i * 12345) % NODES];
    node->value = i;
    node->next = head;
    head = node;
  }
  u64 sum = 0;
  for (u32 lap = 0; lap < 8; ++lap) {
    struct node *reversed = NULL;
    for (struct node *n = head; n;) {
      struct node *next = n->next;
      sum = sum * 3 + n->value;
      n->next = reversed;
      reversed = n;
      n = next;
    }
    head = reversed;
  }
  return sum;
}

static void program(void) {
  u64 checksum = 0;
  random_state = 0x5eed;
  for (u32 round = 0; round < SPEED_ROUNDS; ++round) {
    u64 sums[] = {sieve(), hash_table(), merge_sort(), linked_list()};
    for (u32 i = 0; i < ARRAY_SIZE(sums); ++i) checksum = digest_fold(checksum, sums[i]);
    if (round == 0) check("primes", 41538, sums[0]);
  }
  print("digest: speed 0x%016lx\n", checksum);
}

int main(void) {
  el1_run(program, &probe.el1);
  check_summary();
  return 0;
}
