#include "pci.h"

#include "../lib/print.h"
#include "../lib/tables.h"
#include "../lib/timer.h"

#define ECAM 0x4010000000ull
#define BAR_BASE 0x10000000ull

// ECAM lies above what el2_mmu_on maps: one more block of 1 GB in its first table.
void pci_init(void) {
  u64 *table = (u64 *)(READ_SYSREG(ttbr0_el2) & ~0xfffull);
  const u64 block = ECAM & ~(BIT(30) - 1);
  table[block >> 30 & 511] = leaf_descriptor(block, 1, S1_AF | S1_EL2_XN | S1_EL0);
  asm volatile("dsb sy; tlbi alle2; dsb sy; isb" ::: "memory");
}

static u64 place(unsigned slot, unsigned offset) { return ECAM | (u64)slot << 15 | offset; }
u32 pci_read32(unsigned slot, unsigned offset) { return mmio_read32(place(slot, offset)); }
void pci_write32(unsigned slot, unsigned offset, u32 value) { mmio_write32(place(slot, offset), value); }
u16 pci_read16(unsigned slot, unsigned offset) {
  u32 value;
  asm volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(place(slot, offset)) : "memory");
  return (u16)value;
}
void pci_write16(unsigned slot, unsigned offset, u16 value) {
  asm volatile("strh %w0, [%1]" ::"r"((u32)value), "r"(place(slot, offset)) : "memory");
}
u8 pci_read8(unsigned slot, unsigned offset) {
  u32 value;
  asm volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(place(slot, offset)) : "memory");
  return (u8)value;
}

unsigned pci_capability(unsigned slot, u8 id) {
  for (unsigned at = pci_read8(slot, 0x34); at; at = pci_read8(slot, at + 1)) {
    if (pci_read8(slot, at) == id) return at;
  }
  return 0;
}

unsigned pci_extended_capability(unsigned slot, u16 id) {
  for (unsigned at = 0x100; at; at = pci_read32(slot, at) >> 20) {
    if ((pci_read32(slot, at) & 0xffff) == id) return at;
  }
  return 0;
}

bool edu_find(struct edu *edu, unsigned from) {
  for (unsigned slot = from; slot < 32; ++slot) {
    if (pci_read32(slot, 0) != EDU_ID) continue;
    *edu = (struct edu){.slot = slot, .base = BAR_BASE + MEGABYTE * slot};
    pci_write32(slot, PCI_BAR0, (u32)edu->base);
    pci_write16(slot, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    edu->extended = edu_read(edu, EDU_EXTENSION) == EDU_EXTENSION_ID;
    return true;
  }
  return false;
}

u32 edu_read(const struct edu *edu, unsigned offset) { return mmio_read32(edu->base + offset); }
void edu_write(const struct edu *edu, unsigned offset, u32 value) { mmio_write32(edu->base + offset, value); }

void edu_start(const struct edu *edu, u64 source, u64 destination, u64 count, u32 command) {
  dsb();
  mmio_write64(edu->base + EDU_SOURCE, source);
  mmio_write64(edu->base + EDU_DESTINATION, destination);
  mmio_write64(edu->base + EDU_COUNT, count);
  mmio_write64(edu->base + EDU_COMMAND, command | EDU_RUN);
}

bool edu_wait(const struct edu *edu) {
  const u64 deadline = physical_count() + READ_SYSREG(cntfrq_el0) / 2;
  while (mmio_read64(edu->base + EDU_COMMAND) & EDU_RUN) {
    if (physical_count() > deadline) return false;
  }
  dsb();
  return true;
}

static enum edu_result run(const struct edu *edu, u64 source, u64 destination, u64 count, u32 command) {
  edu_start(edu, source, destination, count, command);
  if (!edu_wait(edu)) panic("the DMA does not end");
  return edu->extended ? (enum edu_result)edu_read(edu, EDU_RESULT) : EDU_DONE;
}

enum edu_result edu_fetch(const struct edu *edu, u64 address, unsigned offset, u64 count) {
  return run(edu, address, EDU_BUFFER + offset, count, 0);
}

enum edu_result edu_store(const struct edu *edu, u64 address, unsigned offset, u64 count) {
  return run(edu, EDU_BUFFER + offset, address, count, EDU_TO_MEMORY);
}
