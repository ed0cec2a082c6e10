// The PCIe endpoint without an SMMU: configuration space, registers, factorial, INTx, MSI (GICv2m), DMA both ways.
// On QEMU: -device edu,dma_mask=0xffffffff.
#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/gic.h"
#include "../lib/print.h"
#include "../smmu/pci.h"

#define FIRST_PCI_INTID (32 + 3)
#define GICV2M_SETSPI 0x08020040u
#define MESSAGE_INTID 80u
#define MSI_CAPABILITY 0x05
#define OTHER_BITS 0x7700000000ull  // beyond dma_mask

static u8 source[3 * 4096] __attribute__((aligned(4096)));
static u8 target[3 * 4096] __attribute__((aligned(4096)));
static struct edu edu;

void el2_exception(struct trap_frame *frame, unsigned vector) {
  panic("vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame->esr, frame->elr, frame->far);
}

static bool pending(unsigned intid) { return mmio_read32(GICD_ISPENDR + 4 * (intid / 32)) >> intid % 32 & 1; }
static u64 digest_of(const u8 *bytes, u64 count) {
  u64 digest = DIGEST_START;
  for (u64 i = 0; i < count; ++i) digest = digest_fold(digest, bytes[i]);
  return digest;
}

static void configuration(void) {
  u64 digest = DIGEST_START;
  for (unsigned offset = 0; offset < 0x50; offset += 4) {
    if (offset != PCI_BAR0) digest = digest_fold(digest, pci_read32(edu.slot, offset));
  }
  print("digest: configuration 0x%016lx\n", digest);
  const u32 bar = pci_read32(edu.slot, PCI_BAR0);
  pci_write32(edu.slot, PCI_BAR0, ~0u);
  check_hex("bar_size", 0xfff00000, pci_read32(edu.slot, PCI_BAR0));
  pci_write32(edu.slot, PCI_BAR0, bar);
}

static u32 factorial(u32 n) {
  edu_write(&edu, EDU_FACTORIAL, n);
  while (edu_read(&edu, EDU_STATUS) & EDU_STATUS_COMPUTING) {
  }
  return edu_read(&edu, EDU_FACTORIAL);
}

static void registers(void) {
  check_hex("identification", 0x010000ed, edu_read(&edu, EDU_IDENTIFICATION));
  edu_write(&edu, EDU_LIVENESS, 0x12345678);
  check_hex("liveness", 0xedcba987, edu_read(&edu, EDU_LIVENESS));
  check_hex("identification.doubleword", ~0ull, mmio_read64(edu.base));
  check_hex("hole", 0xffffffff, edu_read(&edu, 0x40));
  check_hex("raise.read", 0xffffffff, edu_read(&edu, EDU_RAISE));
  check("factorial.0", 1, factorial(0));
  check("factorial.12", 479001600, factorial(12));
  check("factorial.13", 1932053504, factorial(13));
  edu_write(&edu, EDU_STATUS, EDU_STATUS_INTERRUPT | EDU_STATUS_COMPUTING);
  check_hex("status", EDU_STATUS_INTERRUPT, edu_read(&edu, EDU_STATUS));
}

// By the pending bits of the distributor: a wire's level shows there whether it is enabled or not.
static void interrupts(void) {
  const unsigned wire = FIRST_PCI_INTID + edu.slot % 4;
  factorial(5);
  while (!edu_read(&edu, EDU_INTERRUPTS)) {  // the bit falls before the interrupt rises
  }
  check("factorial.reason", 1, edu_read(&edu, EDU_INTERRUPTS));
  check("factorial.wire", 1, pending(wire));
  check_hex("pci.status", 0x18, pci_read16(edu.slot, PCI_STATUS));
  edu_write(&edu, EDU_STATUS, 0);
  edu_write(&edu, EDU_ACKNOWLEDGE, 1);
  check("acknowledged", 0, pending(wire));

  edu_write(&edu, EDU_RAISE, 0x30);
  edu_write(&edu, EDU_RAISE, 0x01);
  check_hex("raised", 0x31, edu_read(&edu, EDU_INTERRUPTS));
  edu_write(&edu, EDU_ACKNOWLEDGE, 0x21);
  check("partly", 1, pending(wire));
  pci_write16(edu.slot, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX);
  check("disabled", 0, pending(wire));
  pci_write16(edu.slot, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
  check("enabled", 1, pending(wire));
  edu_write(&edu, EDU_ACKNOWLEDGE, 0x10);
  check("all", 0, pending(wire));

  const unsigned msi = pci_capability(edu.slot, MSI_CAPABILITY);
  pci_write32(edu.slot, msi + 4, GICV2M_SETSPI);
  pci_write32(edu.slot, msi + 8, 0);
  pci_write16(edu.slot, msi + 12, MESSAGE_INTID);
  pci_write16(edu.slot, msi + 2, 1);
  mmio_write32(GICD_ICFGR + 4 * (MESSAGE_INTID / 16), 2u << 2 * (MESSAGE_INTID % 16));  // an edge
  check("msi.before", 0, pending(MESSAGE_INTID));
  edu_write(&edu, EDU_RAISE, 2);
  check("msi", 1, pending(MESSAGE_INTID));
  check("msi.no_wire", 0, pending(wire));
  edu_write(&edu, EDU_ACKNOWLEDGE, 2);
  mmio_write32(GICD_ICPENDR + 4 * (MESSAGE_INTID / 32), 1u << MESSAGE_INTID % 32);
  pci_write16(edu.slot, msi + 2, 0);
}

static void transfers(void) {
  static const struct {
    u16 from, buffer, to, count;
  } rows[] = {{0, 0, 0, 4095},   {1, 3, 2, 1},         {0xffc, 0x10, 0x7fe, 8}, {0xff0, 1, 0x1001, 1000},
              {5, 0xfe0, 7, 16}, {0x800, 0, 0, 0x800}, {0x1ff8, 8, 0x0ff9, 24}};
  for (unsigned i = 0; i < ARRAY_SIZE(rows); ++i) {
    for (unsigned n = 0; n < sizeof(source); ++n) {
      source[n] = (u8)(n * 13 + (n >> 8) + i);
      target[n] = (u8)i;
    }
    edu_fetch(&edu, (u64)source + rows[i].from, rows[i].buffer, rows[i].count);
    edu_store(&edu, (u64)target + rows[i].to, rows[i].buffer, rows[i].count);
    u64 wrong = 0;
    for (unsigned n = 0; n < sizeof(target); ++n) {
      const bool inside = n >= rows[i].to && n - rows[i].to < rows[i].count;
      wrong += target[n] != (inside ? source[n - rows[i].to + rows[i].from] : (u8)i);
    }
    check("transfer", 0, wrong);
    print("digest: transfer.%u 0x%016lx\n", i, digest_of(target, sizeof(target)));
  }
  edu_fetch(&edu, (u64)source | OTHER_BITS, 0, 8);
  edu_store(&edu, (u64)target | OTHER_BITS, 0, 8);
  check_hex("masked", *(u64 *)source, *(u64 *)target);

  edu_start(&edu, (u64)source, EDU_BUFFER, 8, EDU_INTERRUPT_AT_END);
  mmio_write64(edu.base + EDU_COUNT, 77);
  check("count.busy", 8, mmio_read64(edu.base + EDU_COUNT));
  edu_wait(&edu);
  while (!edu_read(&edu, EDU_INTERRUPTS)) {
  }
  check_hex("end.reason", 0x100, edu_read(&edu, EDU_INTERRUPTS));
  edu_write(&edu, EDU_ACKNOWLEDGE, 0x100);

  *(u64 *)target = 0x5a5a5a5a5a5a5a5a;
  pci_write16(edu.slot, PCI_COMMAND, PCI_COMMAND_MEMORY);
  edu_store(&edu, (u64)target, 0, 8);
  check_hex("no_master", 0x5a5a5a5a5a5a5a5a, *(u64 *)target);
  pci_write16(edu.slot, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

int main(void) {
  pci_init();
  if (!edu_find(&edu, 1)) panic("no endpoint: -device edu,dma_mask=0xffffffff");
  gic_init(0);
  configuration();
  registers();
  interrupts();
  transfers();
  check_summary();
  return 0;
}
