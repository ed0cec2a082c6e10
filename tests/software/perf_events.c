// /init of a Linux guest: counts what it knows by perf_event_open and compares. Statically linked; it needs nothing but
// the kernel. Prints PASS and FAIL lines, then "perf_events: PASS|FAIL", and powers off.
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned failed;

static void check(const char *name, bool passed, uint64_t got) {
  printf("%s %s: %llu\n", passed ? "PASS" : "FAIL", name, (unsigned long long)got);
  failed += !passed;
}

static int open_event(uint32_t type, uint64_t config, uint64_t period) {
  struct perf_event_attr attr = {.type = type,
                                 .size = sizeof attr,
                                 .config = config,
                                 .disabled = 1,
                                 .exclude_kernel = 1,
                                 .exclude_hv = 1,
                                 .sample_period = period,
                                 .sample_type = period != 0 ? PERF_SAMPLE_IP : 0};
  return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

// `turns` turns of two instructions.
__attribute__((noinline)) static void loop(uint64_t turns) {
  asm volatile(".globl loop_begin, loop_end; loop_begin: subs %0, %0, #1; b.ne loop_begin; loop_end:"
               : "+r"(turns)::"cc");
}
extern char loop_begin[], loop_end[];

static void load_loop(uint64_t turns) {
  uint64_t word = 0;
  asm volatile("1: ldr %1, [%2]; subs %0, %0, #1; b.ne 1b" : "+r"(turns), "+r"(word) : "r"(&word) : "cc");
}
static void call_loop(uint64_t turns) {
  while (turns-- != 0) syscall(SYS_getppid);
}
static void page_loop(uint64_t turns) {
  static const size_t kBytes = 4096ul * 4096;
  static volatile char *pages;
  if (pages == NULL) {
    pages = mmap(NULL, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // A huge page would be one entry of the TLB.
    if (pages == MAP_FAILED || madvise((void *)pages, kBytes, MADV_NOHUGEPAGE) != 0) exit(1);
    for (size_t at = 0; at < kBytes; at += 4096) pages[at] = 1;
  }
  for (uint64_t n = 0; n < turns; ++n) (void)pages[n * 4096];
}

static uint64_t count(int event, void (*work)(uint64_t), uint64_t turns) {
  uint64_t value = 0;
  ioctl(event, PERF_EVENT_IOC_RESET, 0);
  ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
  work(turns);
  ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
  if (read(event, &value, sizeof value) != sizeof value) value = ~0ull;
  return value;
}

// What the surroundings of the work count is in both runs and falls out of the difference.
static uint64_t per_thousand(uint32_t type, uint64_t config, void (*work)(uint64_t)) {
  const int event = open_event(type, config, 0);
  if (event < 0) return ~0ull;
  count(event, work, 1);  // everything is mapped from here on
  const uint64_t few = count(event, work, 1000);
  const uint64_t many = count(event, work, 3000);
  close(event);
  return (many - few) / 2;
}

static void exact_counts(void) {
  const struct {
    const char *name;
    uint32_t type;
    uint64_t config;
    void (*work)(uint64_t);
    uint64_t expected;
  } rows[] = {
      {"instructions:u", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, loop, 2000},
      {"branches:u", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, loop, 1000},
      {"br_retired:u", PERF_TYPE_RAW, 0x21, loop, 1000},
      {"br_return_retired:u", PERF_TYPE_RAW, 0x0E, loop, 0},
      {"ld_retired:u", PERF_TYPE_RAW, 0x06, load_loop, 1000},
      {"st_retired:u", PERF_TYPE_RAW, 0x07, load_loop, 0},
      {"mem_access:u", PERF_TYPE_RAW, 0x13, load_loop, 1000},
      {"exc_svc:u", PERF_TYPE_RAW, 0x82, call_loop, 1000},
  };
  for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    const uint64_t got = per_thousand(rows[i].type, rows[i].config, rows[i].work);
    check(rows[i].name, got == rows[i].expected, got);
  }
  const uint64_t cycles = per_thousand(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, loop);
  check("cycles:u are those of one to eight instructions a cycle", cycles >= 2000 / 8 && cycles < 20000, cycles);
}

// Only a modelled TLB counts: the program is told by its argument.
static void tlb_counts(bool timed) {
  const uint64_t lookups = per_thousand(PERF_TYPE_RAW, 0x25, page_loop);
  const uint64_t refills = per_thousand(PERF_TYPE_RAW, 0x05, page_loop);
  const uint64_t walks = per_thousand(PERF_TYPE_RAW, 0x34, page_loop);
  check("l1d_tlb:u", timed ? lookups >= 1000 && lookups < 2000 : lookups == 0, lookups);
  check("l1d_tlb_refill:u", timed ? refills >= 990 && refills < 1200 : refills == 0, refills);
  check("dtlb_walk:u", timed ? walks <= refills + 100 : walks == 0, walks);
}

static void sampling(void) {
  enum { kPages = 64, kPeriod = 10000, kTurns = 1000000, kSampleBytes = 16 };
  const int event = open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, kPeriod);
  struct perf_event_mmap_page *ring = mmap(NULL, (kPages + 1) * 4096ul, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
  if (event < 0 || ring == MAP_FAILED) {
    check("sampling is there", false, 0);
    return;
  }
  count(event, loop, kTurns);
  unsigned samples = 0, inside = 0;
  const char *data = (const char *)ring + ring->data_offset;
  for (uint64_t at = 0; at < ring->data_head;) {
    struct perf_event_header header;
    memcpy(&header, data + at, sizeof header);
    if (header.type == PERF_RECORD_SAMPLE && header.size == kSampleBytes) {
      uint64_t ip;
      memcpy(&ip, data + at + sizeof header, sizeof ip);
      ++samples;
      inside += ip >= (uint64_t)loop_begin && ip < (uint64_t)loop_end;
    }
    if (header.size == 0) break;
    at += header.size;
  }
  // 2 * kTurns instructions and a few around them.
  check("a sample each 10000 instructions", samples >= 2 * kTurns / kPeriod - 1 && samples <= 2 * kTurns / kPeriod + 1,
        samples);
  check("samples inside the loop", inside + 2 >= samples && inside > 0, inside);
  close(event);
}

int main(int argc, char **argv) {
  bool timed = false;
  for (int i = 1; i < argc; ++i) timed = timed || strcmp(argv[i], "timed") == 0;
  exact_counts();
  tlb_counts(timed);
  sampling();
  printf("perf_events: %s\n", failed == 0 ? "PASS" : "FAIL");
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
  return 0;
}
