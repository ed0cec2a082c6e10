// The event queue's overflow and abort, command errors, interrupts.
#include "../lib/check.h"
#include "../lib/gic.h"
#include "world.h"

static bool pending(unsigned intid) { return mmio_read32(GICD_ISPENDR + 4 * (intid / 32)) >> intid % 32 & 1; }
static void clear_pending(unsigned intid) { mmio_write32(GICD_ICPENDR + 4 * (intid / 32), 1u << intid % 32); }
static void edge(unsigned intid) {
  const u64 address = GICD_ICFGR + 4 * (intid / 16);
  mmio_write32(address, mmio_read32(address) | 2u << 2 * (intid % 16));
}
// QEMU 10.0 has no overflow flag; it says that the queue aborted.
static void check_overflow(const char *name, u64 architecture, u64 qemu, u64 got) {
  check_divergent_from("10.0", name, architecture, qemu, got);
}
static u32 active_errors(void) { return smmu_read(SMMU_GERROR) ^ smmu_read(SMMU_GERRORN); }
static void acknowledge(void) { smmu_write(SMMU_GERRORN, smmu_read(SMMU_GERROR)); }

// Two records fit; a fault more.
static void overflow(void) {
  world_reset(STE_S1);
  smmu_set_cr0(CR0_CMDQEN);
  smmu_event_queue(smmu_own_event_queue(), 1);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
  *s1_entry(3) = 0;
  smmu_invalidate_all();
  for (unsigned n = 0; n < 2; ++n) edu_store(&world_edu, va_of_data() + 8 * n, 0, 4);
  check("overflow.full", 2, smmu_events());
  check_hex("overflow.not_yet", 2, smmu_read1(SMMU_EVENTQ_PROD));
  edu_store(&world_edu, va_of_data() + 16, 0, 4);
  check_overflow("overflow.prod", QUEUE_OVERFLOW | 2, 2, smmu_read1(SMMU_EVENTQ_PROD));
  edu_store(&world_edu, va_of_data() + 24, 0, 4);
  check_overflow("overflow.only_once", QUEUE_OVERFLOW | 2, 2, smmu_read1(SMMU_EVENTQ_PROD));
  struct event event;
  for (unsigned n = 0; n < 2; ++n) {
    check("overflow.entry", 1, smmu_next_event(&event));
    check_hex("overflow.input", va_of_data() + 8 * n, event.word[2]);
  }
  // Acknowledged: the next overflow toggles the flag back.
  smmu_write1(SMMU_EVENTQ_CONS, smmu_read1(SMMU_EVENTQ_CONS) | (u32)QUEUE_OVERFLOW);
  for (unsigned n = 0; n < 3; ++n) edu_store(&world_edu, va_of_data() + 32 + 8 * n, 0, 4);
  check_hex("overflow.again", 0, smmu_read1(SMMU_EVENTQ_PROD));
  check_overflow("overflow.no_gerror", 0, GERROR_EVENTQ_ABT, active_errors());
  acknowledge();
  check("overflow.unharmed", 0, world_problems());
}

static void event_queue_abort(void) {
  world_reset(STE_S1);
  smmu_set_cr0(CR0_CMDQEN);
  smmu_event_queue(NOWHERE, EVENT_BITS);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
  *s1_entry(3) = 0;
  smmu_invalidate_all();
  clear_pending(INTID_GERROR);
  smmu_write(SMMU_IRQ_CTRL, IRQ_CTRL_GERROR);
  edu_store(&world_edu, va_of_data(), 0, 4);
  check_hex("eventq_abt.gerror", GERROR_EVENTQ_ABT, active_errors());
  check("eventq_abt.prod", 0, smmu_read1(SMMU_EVENTQ_PROD));
  check("eventq_abt.interrupt", 1, pending(INTID_GERROR));
  acknowledge();
  check("eventq_abt.acknowledged", 0, active_errors());
  check("eventq_abt.unharmed", 0, world_problems());
  smmu_write(SMMU_IRQ_CTRL, 0);
}

static const struct {
  const char *name;
  u64 word0, word1;
  bool tolerated;  // by QEMU 10.0
} illegal[] = {
    {"command.0x00", 0x00, 0, false},
    {"command.0xff", 0xff, 0, false},
    {"command.tlbi_el3_all", CMD_TLBI_EL3_ALL, 0, true},
    {"command.sync_cs3", CMD_SYNC | 3ull << 12, 0, true},
};

static void command_errors(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(illegal); ++i) {
    world_reset(STE_S1);
    clear_pending(INTID_GERROR);
    smmu_write(SMMU_IRQ_CTRL, IRQ_CTRL_GERROR);
    const u32 before = smmu_read(SMMU_CMDQ_CONS) & 0xffffff;
    smmu_command(CMD_SYNC, 0);
    smmu_command(illegal[i].word0, illegal[i].word1);
    smmu_command(CMD_SYNC, 0);
    bool right = smmu_commands_done();
    const u32 cons = smmu_read(SMMU_CMDQ_CONS);
    right &= active_errors() == GERROR_CMDQ && CMDQ_CONS_ERR(cons) == CERROR_ILL && (cons & 0xffffff) == before + 1 &&
             pending(INTID_GERROR);
    if (illegal[i].tolerated) {
      check_divergent_from("10.0", illegal[i].name, 1, 0, right);
    } else {
      check(illegal[i].name, 1, right);
    }
    // Mended in its place, the queue goes on where it stopped.
    u64 *entry = (u64 *)(smmu_own_command_queue() + 16 * ((before + 1) % (1u << COMMAND_BITS)));
    entry[0] = CMD_SYNC;
    entry[1] = 0;
    dsb();
    acknowledge();
    smmu_sync();
    check("  mended", 0, active_errors());
    smmu_write(SMMU_IRQ_CTRL, 0);
  }
  world_reset(STE_S1);
  smmu_set_cr0(0);
  smmu_write64(SMMU_CMDQ_BASE, NOWHERE | COMMAND_BITS);
  smmu_write(SMMU_CMDQ_PROD, 0);
  smmu_write(SMMU_CMDQ_CONS, 0);
  smmu_set_cr0(CR0_CMDQEN);
  smmu_write(SMMU_CMDQ_PROD, 1);
  check("command.abort", 1, smmu_commands_done());
  check_hex("command.abort.cons", CERROR_ABT << 24, smmu_read(SMMU_CMDQ_CONS));
  smmu_write(SMMU_CMDQ_PROD, 0);
  smmu_set_cr0(0);
  acknowledge();
}

static void interrupts(void) {
  for (unsigned intid = INTID_EVENTQ; intid <= INTID_GERROR; ++intid) edge(intid);
  world_reset(STE_S1);
  for (unsigned intid = INTID_EVENTQ; intid <= INTID_GERROR; ++intid) clear_pending(intid);
  *s1_entry(3) = 0;
  smmu_invalidate_all();
  edu_store(&world_edu, va_of_data(), 0, 4);
  check("irq.eventq.disabled", 0, pending(INTID_EVENTQ));
  struct event event;
  while (smmu_next_event(&event)) {
  }
  smmu_write(SMMU_IRQ_CTRL, IRQ_CTRL_EVENTQ);
  edu_store(&world_edu, va_of_data(), 0, 4);
  check("irq.eventq", 1, pending(INTID_EVENTQ));
  while (smmu_next_event(&event)) {
  }
  smmu_write(SMMU_IRQ_CTRL, 0);
  clear_pending(INTID_CMD_SYNC);
  smmu_command(CMD_SYNC, 0);
  smmu_commands_done();
  check("irq.sync.none", 0, pending(INTID_CMD_SYNC));
  smmu_command(CMD_SYNC | CMD_SYNC_IRQ, 0);
  smmu_commands_done();
  check("irq.sync", 1, pending(INTID_CMD_SYNC));
}

// Events that nobody takes: the queue is off.
static void switched_off(void) {
  world_reset(STE_S1);
  *s1_entry(3) = 0;
  smmu_set_cr0(CR0_CMDQEN | CR0_SMMUEN);
  smmu_invalidate_all();
  edu_store(&world_edu, va_of_data(), 0, 4);
  check("eventq_off.prod", 0, smmu_read1(SMMU_EVENTQ_PROD));
  check("eventq_off.unharmed", 0, world_problems());
}

void queue_faults(void) {
  interrupts();
  overflow();
  event_queue_abort();
  command_errors();
  switched_off();
}
