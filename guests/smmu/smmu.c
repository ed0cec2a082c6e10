#include "smmu.h"

#include "../lib/print.h"
#include "../lib/timer.h"

#define COMMAND_BYTES 16
#define EVENT_BYTES 32
#define PAGE_REQUEST_BYTES 16

static u8 commands[COMMAND_BYTES << COMMAND_BITS] __attribute__((aligned(COMMAND_BYTES << COMMAND_BITS)));
static u8 events[EVENT_BYTES << EVENT_BITS] __attribute__((aligned(EVENT_BYTES << EVENT_BITS)));
static u8 page_requests[PAGE_REQUEST_BYTES << PRI_BITS] __attribute__((aligned(PAGE_REQUEST_BYTES << PRI_BITS)));

struct queue {
  u64 base;
  unsigned bits;
};
static struct queue command_queue, event_queue, page_queue;

u64 smmu_own_command_queue(void) { return (u64)commands; }
u64 smmu_own_event_queue(void) { return (u64)events; }
u64 smmu_own_page_queue(void) { return (u64)page_requests; }

static u64 now(void) { return physical_count(); }
static u64 deadline(void) { return now() + READ_SYSREG(cntfrq_el0) / 10; }

static void wait_for(unsigned offset, u32 mask, u32 value, const char *what) {
  const u64 end = deadline();
  while ((smmu_read(offset) & mask) != value) {
    if (now() > end) panic("the SMMU does not answer: %s", what);
  }
}

void smmu_set_cr0(u32 bits) {
  smmu_write(SMMU_CR0, bits);
  wait_for(SMMU_CR0ACK, ~0u, bits, "CR0");
}

void smmu_set_gbpa(bool abort) {
  wait_for(SMMU_GBPA, GBPA_UPDATE, 0, "GBPA");
  const u32 rest = smmu_read(SMMU_GBPA) & ~(u32)GBPA_ABORT;
  smmu_write(SMMU_GBPA, rest | (abort ? (u32)GBPA_ABORT : 0) | (u32)GBPA_UPDATE);
  wait_for(SMMU_GBPA, GBPA_UPDATE, 0, "GBPA");
}

void smmu_command_queue(u64 base, unsigned bits) {
  command_queue = (struct queue){base, bits};
  smmu_write64(SMMU_CMDQ_BASE, base | bits | QUEUE_RA);
  smmu_write(SMMU_CMDQ_PROD, 0);
  smmu_write(SMMU_CMDQ_CONS, 0);
}

void smmu_event_queue(u64 base, unsigned bits) {
  event_queue = (struct queue){base, bits};
  smmu_write64(SMMU_EVENTQ_BASE, base | bits | QUEUE_RA);
  smmu_write1(SMMU_EVENTQ_PROD, 0);
  smmu_write1(SMMU_EVENTQ_CONS, 0);
}

void smmu_page_queue(u64 base, unsigned bits) {
  page_queue = (struct queue){base, bits};
  smmu_write64(SMMU_PRIQ_BASE, base | bits | QUEUE_RA);
  smmu_write1(SMMU_PRIQ_PROD, 0);
  smmu_write1(SMMU_PRIQ_CONS, 0);
}

void smmu_init(void) {
  smmu_set_cr0(0);
  smmu_write(SMMU_CR1, CR1_WRITE_BACK);
  smmu_write(SMMU_CR2, CR2_RECINVSID | CR2_PTM);
  smmu_command_queue((u64)commands, COMMAND_BITS);
  smmu_event_queue((u64)events, EVENT_BITS);
  if (smmu_read(SMMU_IDR0) & IDR0_PRI) smmu_page_queue((u64)page_requests, PRI_BITS);
  smmu_set_cr0(CR0_CMDQEN);
}

static unsigned index_of(u32 pointer, unsigned bits) { return pointer & ((1u << bits) - 1); }
static u32 next(u32 pointer, unsigned bits) { return (pointer + 1) & ((2u << bits) - 1); }

void smmu_command(u64 word0, u64 word1) {
  const u32 prod = smmu_read(SMMU_CMDQ_PROD);
  u64 *entry = (u64 *)(command_queue.base + COMMAND_BYTES * index_of(prod, command_queue.bits));
  entry[0] = word0;
  entry[1] = word1;
  dsb();
  smmu_write(SMMU_CMDQ_PROD, next(prod, command_queue.bits));
}

bool smmu_commands_done(void) {
  const u64 end = deadline();
  const u32 mask = (2u << command_queue.bits) - 1;
  for (;;) {
    if ((smmu_read(SMMU_GERROR) ^ smmu_read(SMMU_GERRORN)) & GERROR_CMDQ) return true;
    if (((smmu_read(SMMU_CMDQ_CONS) ^ smmu_read(SMMU_CMDQ_PROD)) & mask) == 0) return false;
    if (now() > end) panic("the SMMU does not consume its commands");
  }
}

void smmu_sync(void) {
  smmu_command(CMD_SYNC, 0);
  if (smmu_commands_done()) panic("command error %u", CMDQ_CONS_ERR(smmu_read(SMMU_CMDQ_CONS)));
}

void smmu_invalidate_all(void) {
  smmu_command(CMD_CFGI_ALL, 31);
  smmu_command(CMD_TLBI_NSNH_ALL, 0);
  smmu_sync();
}

unsigned smmu_events(void) {
  const u32 mask = (2u << event_queue.bits) - 1;
  return (smmu_read1(SMMU_EVENTQ_PROD) - smmu_read1(SMMU_EVENTQ_CONS)) & mask;
}

// The overflow flag is left alone: who looks for it acknowledges it.
bool smmu_next_event(struct event *event) {
  if (!smmu_events()) return false;
  dsb();
  const u32 cons = smmu_read1(SMMU_EVENTQ_CONS);
  const u64 *entry = (const u64 *)(event_queue.base + EVENT_BYTES * index_of(cons, event_queue.bits));
  for (unsigned i = 0; i < 4; ++i) event->word[i] = entry[i];
  smmu_write1(SMMU_EVENTQ_CONS, (cons & (u32)QUEUE_OVERFLOW) | next(cons, event_queue.bits));
  return true;
}

bool smmu_next_page_request(struct page_request *request) {
  const u32 mask = (2u << page_queue.bits) - 1;
  const u32 cons = smmu_read1(SMMU_PRIQ_CONS);
  if (((smmu_read1(SMMU_PRIQ_PROD) - cons) & mask) == 0) return false;
  dsb();
  const u64 *entry = (const u64 *)(page_queue.base + PAGE_REQUEST_BYTES * index_of(cons, page_queue.bits));
  for (unsigned i = 0; i < 2; ++i) request->word[i] = entry[i];
  smmu_write1(SMMU_PRIQ_CONS, (cons & (u32)QUEUE_OVERFLOW) | next(cons, page_queue.bits));
  return true;
}
