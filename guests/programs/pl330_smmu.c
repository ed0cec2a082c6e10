// The PL330 behind an SMMUv3: its addresses and its microcode's are translated; what stalls waits for CMD_RESUME and
// holds no other channel; microcode is fetched as a privileged instruction. `--smmu v3 --device pl330`.
#include "../dma/pl330.h"

#include "../lib/check.h"
#include "../lib/print.h"
#include "../lib/tables.h"
#include "../lib/timer.h"
#include "../smmu/record.h"

#define STREAM 0x10020u
#define STREAM_BITS 17
#define STREAM_TABLE 0x44000000ull  // 8 MB of STEs; memory is zero where nobody wrote
#define POOL 0x45000000ull
#define POOL_BYTES (16 * 4096ull)
#define ASID 7
#define ADDRESS_SIZE 3  // 42 bits

// Pages of memory and where the DMA controller sees them: below 4 GB, and elsewhere.
enum page { CODE, SOURCE, TARGET, OTHER_TARGET, USER_CODE, PAGES };
#define PA(page) (0x46000000ull + 0x1000 * (page))
#define VA(page) (0x80000000u + 0x5000u * (page))
#define BYTES 1024u

static struct tables tables;
static struct cd cd __attribute__((aligned(64)));

void el2_exception(struct trap_frame *frame, unsigned vector) {
  panic("vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame->esr, frame->elr, frame->far);
}

static struct ste *ste(void) { return (struct ste *)STREAM_TABLE + STREAM; }
static u64 *entry(enum page page) { return tables_entry(&tables, VA(page), 3); }

static void map(enum page page) {
  const u64 user = page == CODE ? 0 : S1_EL0;
  *entry(page) = leaf_descriptor(PA(page), 3, S1_NORMAL | S1_NG | user);
  dsb();
}

static void set_up(void) {
  tables_init(&tables, POOL, POOL_BYTES, 0, 12, 1);
  for (enum page page = CODE; page < PAGES; ++page) map(page);
  cd = (struct cd){{CD0_T0SZ(25) | CD0_WRITE_BACK | CD0_EPD1 | CD0_V | CD0_IPS(ADDRESS_SIZE) | CD0_AA64 | CD0_S |
                        CD0_R | CD0_A | CD0_ASET | CD0_ASID(ASID),
                    tables.root, 0, MAIR_VALUE}};
  *ste() = (struct ste){{STE0_V | STE0_CONFIG(STE_S1) | (u64)&cd, STE1_SHCFG_INCOMING | STE1_S1_WRITE_BACK}};
  smmu_init();
  smmu_write64(SMMU_STRTAB_BASE, STREAM_TABLE | QUEUE_RA);
  smmu_write(SMMU_STRTAB_BASE_CFG, STREAM_BITS);
  dsb();
  smmu_set_cr0(CR0_CMDQEN);
  smmu_invalidate_all();
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

// A program in page `code` that copies from SOURCE to page `to`.
static void start_copy(unsigned channel, enum page code, enum page to) {
  struct pl330_program program = {(u8 *)PA(code) + 256 * channel, 0};
  pl330_copy_program(&program, VA(to), VA(SOURCE), BYTES);
  PL330_END(&program);
  pl330_go(channel, (const u8 *)(u64)(VA(code) + 256 * channel));
}

static void forget(enum page page) {
  for (unsigned i = 0; i < BYTES / 8; ++i) ((u64 *)PA(page))[i] = 0;
  dsb();
}
static u64 differences(enum page page) {
  dsb();
  u64 count = 0;
  for (unsigned i = 0; i < BYTES / 8; ++i) count += ((volatile u64 *)PA(page))[i] != ((u64 *)PA(SOURCE))[i];
  return count;
}

static void unmap(enum page page) {
  *entry(page) = 0;
  dsb();
  smmu_command(CMD_TLBI_NH_VA | CMD_ASID(ASID), VA(page));
  smmu_sync();
}

// The one record that there is; its STAG.
static u16 expect_stall(const char *name, struct record expected) {
  struct event event = {{0}};
  const u64 end = physical_count() + READ_SYSREG(cntfrq_el0) / 100;
  while (!smmu_next_event(&event) && physical_count() < end) {
  }
  expected.sid = STREAM;
  expected.class = CLASS_IN;
  expected.stall = true;
  const struct event words = record_words(&expected), mask = record_mask(&expected);
  for (unsigned w = 0; w < 4; ++w) {
    check_hex(name, words.word[w] & mask.word[w], event.word[w] & mask.word[w]);
  }
  return (u16)event.word[1];
}

// More loads of the page were on their way; once the first goes on, they stall anew, one record after the other.
static void resume(u16 stag, u64 action) {
  struct event event;
  do {
    smmu_command(CMD_RESUME | action | CMD_SID(STREAM), stag);
    smmu_sync();
    for (volatile unsigned patience = 0; patience < 2000; ++patience) {
    }
    if (!smmu_next_event(&event)) break;
    stag = (u16)event.word[1];
  } while (true);
}

static void translated(void) {
  forget(TARGET);
  start_copy(0, CODE, TARGET);
  check("copy.state", PL330_STOPPED, pl330_wait(0, PL330_STOPPED));
  check("copy.differences", 0, differences(TARGET));
  check("copy.events", 0, smmu_events());
}

static const struct record read_fault = {.type = F_TRANSLATION, .input = VA(SOURCE)};

// Channel 1 does not read what stalls.
static void retried(void) {
  forget(TARGET);
  unmap(SOURCE);
  start_copy(0, CODE, TARGET);
  const u16 stag = expect_stall("retry.record", read_fault);
  struct pl330_program program = {(u8 *)PA(CODE) + 256, 0};
  PL330_MOVE_DESTINATION(&program, VA(OTHER_TARGET));
  PL330_MOVE_CONTROL(&program, PL330_BURSTS(3, 16));
  PL330_STORE_ZERO(&program);
  PL330_END(&program);
  ((volatile u8 *)PA(OTHER_TARGET))[127] = 1;
  pl330_go(1, (const u8 *)(u64)(VA(CODE) + 256));
  check("retry.other", PL330_STOPPED, pl330_wait(1, PL330_STOPPED));
  check("retry.other.data", 0, ((volatile u8 *)PA(OTHER_TARGET))[127]);
  check("retry.waits", 1, pl330_state(0) != PL330_STOPPED);
  map(SOURCE);
  resume(stag, RESUME_RETRY);
  check("retry.state", PL330_STOPPED, pl330_wait(0, PL330_STOPPED));
  check("retry.differences", 0, differences(TARGET));
}

static void aborted(void) {
  forget(TARGET);
  unmap(SOURCE);
  start_copy(0, CODE, TARGET);
  resume(expect_stall("abort.record", read_fault), RESUME_ABORT);
  check("abort.state", PL330_FAULTING, pl330_wait(0, PL330_FAULTING));
  check_hex("abort.fault", PL330_READ_ERROR, pl330_read(PL330_FTR(0)));
  pl330_kill(0);
  check("abort.killed", PL330_STOPPED, pl330_wait(0, PL330_STOPPED));
  check("abort.untouched", BYTES / 8, differences(TARGET));
  map(SOURCE);
}

#define PL330_KILLING 8
static void killed(void) {
  unmap(SOURCE);
  start_copy(0, CODE, TARGET);
  const u16 stag = expect_stall("kill.record", read_fault);
  pl330_kill(0);
  check("kill.waits", PL330_KILLING, pl330_state(0));
  resume(stag, RESUME_ABORT);
  check("kill.state", PL330_STOPPED, pl330_wait(0, PL330_STOPPED));
  check_hex("kill.no_fault", 0, pl330_read(PL330_FSRC));
  map(SOURCE);
  forget(TARGET);
  translated();
}

// What EL0 may write, EL1 does not execute: so Linux maps microcode with DMA_ATTR_PRIVILEGED.
static void microcode(void) {
  start_copy(2, USER_CODE, TARGET);
  const struct record fetch = {
      .type = F_PERMISSION, .input = VA(USER_CODE) + 512, .privileged = true, .instruction = true};
  resume(expect_stall("microcode.record", fetch), RESUME_ABORT);
  check("microcode.state", PL330_FAULTING, pl330_wait(2, PL330_FAULTING));
  check_hex("microcode.fault", PL330_FETCH_ERROR, pl330_read(PL330_FTR(2)));
  pl330_kill(2);
  pl330_wait(2, PL330_STOPPED);
}

// Without a valid STE nothing gets through.
static void no_stream(void) {
  ste()->word[0] = 0;
  dsb();
  smmu_invalidate_all();
  forget(TARGET);
  pl330_go(3, (const u8 *)(u64)VA(CODE));
  check("no_stream.state", PL330_FAULTING, pl330_wait(3, PL330_FAULTING));
  check_hex("no_stream.fault", PL330_FETCH_ERROR, pl330_read(PL330_FTR(3)));
  struct event event = {{0}};
  check("no_stream.record", 1, smmu_next_event(&event));
  check_hex("no_stream.type", (u64)STREAM << 32 | C_BAD_STE, event.word[0] & 0xffffffff000000ff);
  pl330_kill(3);
}

int main(void) {
  for (unsigned i = 0; i < BYTES / 8; ++i) ((u64 *)PA(SOURCE))[i] = 0x0101010101010101ull * (i + 1) + i;
  set_up();
  translated();
  retried();
  aborted();
  killed();
  microcode();
  no_stream();
  check_summary();
  return 0;
}
