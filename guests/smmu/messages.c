// The SMMU's own messages (3.18): MSIs of the event queue, GERROR, CMD_SYNC and the PRI queue, here into memory; and
// what is said of a message that aborts.
#include "../lib/check.h"
#include "world.h"

static const char *const names[] = {
    "msi.sync", "msi.eventq", "msi.gerror", "msi.sync.abort", "msi.eventq.abort", "msi.masked_by_irq_ctrl",
};

#define MAILBOX(n) (0x4e000000ull + 64 * (n))

static u32 mailbox(unsigned n) {
  dsb();
  return *(volatile u32 *)MAILBOX(n);
}
static void message(unsigned cfg0, u64 address, u32 data) {
  smmu_write64(cfg0, address);
  smmu_write(cfg0 + 8, data);
  smmu_write(cfg0 + 12, 0xf);  // write-back
}
static u32 active_errors(void) { return smmu_read(SMMU_GERROR) ^ smmu_read(SMMU_GERRORN); }
static void acknowledge(void) { smmu_write(SMMU_GERRORN, smmu_read(SMMU_GERROR)); }
static void sync_with_message(u64 address, u32 data) {
  smmu_command(CMD_SYNC | CMD_SYNC_IRQ | 0xfull << 24 | (u64)data << 32, address);
  smmu_commands_done();
}
static void fault(void) {
  const struct record access = {.input = va_of_data(), .write = true};
  world_access(&access, 0);
}

void smmu_messages(void) {
  if (!(smmu_read(SMMU_IDR0) & IDR0_MSI)) {
    for (unsigned i = 0; i < ARRAY_SIZE(names); ++i) unsupported(names[i]);
    return;
  }
  for (unsigned n = 0; n < 4; ++n) *(volatile u32 *)MAILBOX(n) = 0;
  world_reset(STE_S1);
  sync_with_message(MAILBOX(0), 0x5ca1ab1e);
  check_hex("msi.sync", 0x5ca1ab1e, mailbox(0));
  *s1_entry(3) = 0;
  smmu_invalidate_all();
  message(SMMU_EVENTQ_IRQ_CFG0, MAILBOX(1), 0x0e0e0e01);
  fault();
  check_hex("msi.masked_by_irq_ctrl", 0, mailbox(1));
  smmu_write(SMMU_IRQ_CTRL, IRQ_CTRL_EVENTQ);
  fault();
  check_hex("msi.eventq", 0x0e0e0e01, mailbox(1));
  smmu_write(SMMU_IRQ_CTRL, 0);
  message(SMMU_EVENTQ_IRQ_CFG0, NOWHERE, 1);
  smmu_write(SMMU_IRQ_CTRL, IRQ_CTRL_EVENTQ);
  fault();
  check_hex("msi.eventq.abort", GERROR_MSI_EVENTQ_ABT, active_errors());
  smmu_write(SMMU_IRQ_CTRL, 0);
  acknowledge();
  message(SMMU_GERROR_IRQ_CFG0, MAILBOX(2), 0x6e446e44);
  smmu_write(SMMU_IRQ_CTRL, IRQ_CTRL_GERROR);
  sync_with_message(NOWHERE, 1);
  check_hex("msi.sync.abort", GERROR_MSI_CMDQ_ABT, active_errors());
  check_hex("msi.gerror", 0x6e446e44, mailbox(2));
  smmu_write(SMMU_IRQ_CTRL, 0);
  acknowledge();
  message(SMMU_GERROR_IRQ_CFG0, 0, 0);
  message(SMMU_EVENTQ_IRQ_CFG0, 0, 0);
  world_reset(STE_BYPASS);
}
