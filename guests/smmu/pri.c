// Page requests: their entries in the queue, responses, the queue's overflow and abort.
#include "../lib/check.h"
#include "../lib/tables.h"
#include "../lib/timer.h"
#include "world.h"

#define PRI_CAPABILITY 0x13
#define ENTRY_READ BIT(60)
#define ENTRY_WRITE BIT(61)
#define ENTRY_LAST BIT(62)
#define GROUP(request) ((request).word[1] & 0x1ff)
#define PAGE_RESPONSE(code, group) (BIT(31) | (u64)(code) << 16 | (group))

static const char *const names[] = {
    "pri.request",       "pri.word0",        "pri.word1",        "pri.response",      "pri.paged_in",
    "pri.paged_in.end",  "pri.refused",      "pri.refused.code", "pri.overflow.full", "pri.overflow.prod",
    "pri.overflow.auto", "pri.abort.gerror", "pri.off.response",
};

static void reset(unsigned bits, u64 base) {
  world_reset(STE_S1);
  world_ste()->word[1] |= STE1_EATS(1);
  dsb();
  smmu_set_cr0(CR0_CMDQEN);
  smmu_invalidate_all();
  smmu_page_queue(base, bits);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN | (u32)CR0_ATSCHK | (u32)CR0_PRIQEN);
  world_forget_cached();  // CMD_ATC_INV is ignored while SMMUEN is 0
  // The function forgets what it had asked for.
  const unsigned pri = pci_extended_capability(world_edu.slot, PRI_CAPABILITY);
  pci_write16(world_edu.slot, pri + 4, 0);
  pci_write16(world_edu.slot, pri + 6, 3);
  pci_write32(world_edu.slot, pri + 12, 16);
  pci_write16(world_edu.slot, pri + 4, 1);
}

// Asks for the page of `address` and for nothing else; does not wait for the answer.
static void ask(u64 address, bool write) {
  const struct record access = {.input = address, .write = write};
  world_access(&access, (u32)(EDU_ATTR_ASK_FOR_PAGES | EDU_ATTR_NO_DATA | EDU_ATTR_NO_WAIT));
}

static void respond(u64 group, u64 code) {
  smmu_command(CMD_PRI_RESP | CMD_SID(world_sid()), code | group);
  smmu_sync();
}

static void entries(void) {
  struct page_request request;
  reset(PRI_BITS, smmu_own_page_queue());
  ask(va_of_data() + 0x123, true);
  check("pri.request", 1, smmu_next_page_request(&request));
  check_hex("pri.word0", world_sid() | ENTRY_WRITE | ENTRY_LAST, request.word[0] & ~(0xfffffull << 32));
  check_hex("pri.word1", va_of_data() & ~0xfffull, request.word[1] & ~0x1ffull);
  respond(GROUP(request), PRI_RESP_SUCCESS);
  check_hex("pri.response", PAGE_RESPONSE(0, GROUP(request)), edu_read(&world_edu, EDU_PAGE_RESPONSE));
}

// A transfer finds its page missing; software brings it, or refuses.
static struct outcome transfer(bool mend, u64 code) {
  reset(PRI_BITS, smmu_own_page_queue());
  *s1_entry(3) = 0;
  dsb();
  smmu_invalidate_all();
  const struct record access = {.input = va_of_data(), .write = true};
  world_start(&access, (u32)(EDU_ATTR_TRANSLATE | EDU_ATTR_ASK_FOR_PAGES));
  struct page_request request;
  const u64 end = physical_count() + READ_SYSREG(cntfrq_el0) / 100;
  while (!smmu_next_page_request(&request)) {
    if (physical_count() > end) return world_outcome();
  }
  if (mend) *s1_entry(3) = leaf_descriptor(pa_of(DATA_PAGE), 3, S1_NORMAL | S1_EL0 | S1_NG);
  dsb();
  respond(GROUP(request), code);
  return world_outcome();
}

static void answers(void) {
  const struct outcome paged_in = transfer(true, PRI_RESP_SUCCESS);
  check("pri.paged_in.end", EDU_DONE, paged_in.result);
  check("pri.paged_in", DATA_CHANGED, world_problems());
  const struct outcome refused = transfer(false, PRI_RESP_INVALID);
  check("pri.refused", EDU_PAGE_REFUSED, refused.result);
  check("pri.refused.code", 1, edu_read(&world_edu, EDU_PAGE_RESPONSE) >> 16 & 0xf);
}

static void overflow(void) {
  reset(1, smmu_own_page_queue());
  for (unsigned n = 0; n < 2; ++n) ask(va_of_data() + 0x1000 * n, false);
  check_hex("pri.overflow.full", 2, smmu_read1(SMMU_PRIQ_PROD));
  ask(va_of_data() + 0x2000, false);
  check_hex("pri.overflow.prod", QUEUE_OVERFLOW | 2, smmu_read1(SMMU_PRIQ_PROD));
  // Whoever finds the queue full is told that all is well, and asks again.
  check_hex("pri.overflow.auto", BIT(31), edu_read(&world_edu, EDU_PAGE_RESPONSE) & ~0x1ffu);
  reset(PRI_BITS, NOWHERE);
  ask(va_of_data(), false);
  check_hex("pri.abort.gerror", GERROR_PRIQ_ABT, smmu_read(SMMU_GERROR) ^ smmu_read(SMMU_GERRORN));
  smmu_write(SMMU_GERRORN, smmu_read(SMMU_GERROR));
  // Switched off, the queue answers with a failure.
  reset(PRI_BITS, smmu_own_page_queue());
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN | (u32)CR0_ATSCHK);
  ask(va_of_data(), false);
  check_hex("pri.off.response", PAGE_RESPONSE(0xf, 0), edu_read(&world_edu, EDU_PAGE_RESPONSE) & ~0x1ffu);
}

void page_requests(void) {
  if (!world_has_pri()) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); ++i) unsupported(names[i]);
    return;
  }
  entries();
  answers();
  overflow();
  world_reset(STE_BYPASS);
}
