// PCIe by ECAM at `virt`'s addresses, and the endpoint on it: QEMU's educational device (docs/specs/edu), or
// Trapwalk's, which has registers beyond it.
#pragma once
#include "../lib/arch.h"

// Maps ECAM at EL2. Once, first.
void pci_init(void);

u32 pci_read32(unsigned slot, unsigned offset);
void pci_write32(unsigned slot, unsigned offset, u32 value);
u16 pci_read16(unsigned slot, unsigned offset);
void pci_write16(unsigned slot, unsigned offset, u16 value);
u8 pci_read8(unsigned slot, unsigned offset);
#define PCI_COMMAND 0x04
#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u
#define PCI_COMMAND_NO_INTX 0x400u
#define PCI_STATUS 0x06
#define PCI_BAR0 0x10
// The capability's place, or 0.
unsigned pci_capability(unsigned slot, u8 id);
unsigned pci_extended_capability(unsigned slot, u16 id);

static inline u64 mmio_read64(u64 address) {
  u64 value;
  asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
static inline void mmio_write64(u64 address, u64 value) {
  asm volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
}

struct edu {
  unsigned slot;
  u64 base;
  bool extended;  // registers that QEMU's device does not have
};

#define EDU_ID 0x11e81234u
#define EDU_IDENTIFICATION 0x00
#define EDU_LIVENESS 0x04
#define EDU_FACTORIAL 0x08
#define EDU_STATUS 0x20
#define EDU_STATUS_COMPUTING 0x01u
#define EDU_STATUS_INTERRUPT 0x80u
#define EDU_INTERRUPTS 0x24
#define EDU_RAISE 0x60
#define EDU_ACKNOWLEDGE 0x64
#define EDU_SOURCE 0x80
#define EDU_DESTINATION 0x88
#define EDU_COUNT 0x90
#define EDU_COMMAND 0x98
#define EDU_RUN 1u
#define EDU_TO_MEMORY 2u
#define EDU_INTERRUPT_AT_END 4u
#define EDU_BUFFER 0x40000u
#define EDU_BUFFER_BYTES 4096u

#define EDU_EXTENSION 0x200
#define EDU_EXTENSION_ID 0x50575403u
#define EDU_FEATURES 0x204
#define EDU_FEATURE_ATS 1u
#define EDU_FEATURE_PRI 2u
#define EDU_FEATURE_PASID 4u
#define EDU_RESULT 0x208
enum edu_result {
  EDU_DONE = 0,
  EDU_UNSUPPORTED_REQUEST = 1,
  EDU_COMPLETER_ABORT = 2,
  EDU_NO_ACCESS = 3,
  EDU_TRANSLATION_UNSUPPORTED = 4,
  EDU_TRANSLATION_ABORTED = 5,
  EDU_PAGE_REFUSED = 6,
  EDU_IMPOSSIBLE = 7,
};
#define EDU_BYTES 0x20c
#define EDU_ATTRIBUTES 0x210
#define EDU_ATTR_PASID BIT(0)
#define EDU_ATTR_PRIVILEGED BIT(1)
#define EDU_ATTR_EXECUTE BIT(2)
#define EDU_ATTR_TRANSLATE BIT(3)
#define EDU_ATTR_TRANSLATED BIT(4)
#define EDU_ATTR_ASK_FOR_PAGES BIT(5)
#define EDU_ATTR_NO_DATA BIT(6)
#define EDU_ATTR_MAY_STALL BIT(7)
#define EDU_ATTR_NO_WAIT BIT(8)
#define EDU_PASID 0x214
#define EDU_TRANSLATION 0x220
#define EDU_TRANSLATION_SIZE 0x228
#define EDU_ATC_HITS 0x230
#define EDU_ATC_MISSES 0x234
#define EDU_PAGE_REQUESTS 0x23c
#define EDU_PAGE_RESPONSE 0x240

// The first endpoint from slot `from` on: places its BAR, makes it a bus master. False: there is none.
bool edu_find(struct edu *edu, unsigned from);
u32 edu_read(const struct edu *edu, unsigned offset);
void edu_write(const struct edu *edu, unsigned offset, u32 value);
// Starts a transfer; `edu_wait` returns at its end, false when it does not come (0.5 s).
void edu_start(const struct edu *edu, u64 source, u64 destination, u64 count, u32 command);
bool edu_wait(const struct edu *edu);
// A whole transfer between memory at `address` and the buffer at `offset`; panics when it does not end. The result is
// EDU_DONE on a device that does not tell.
enum edu_result edu_fetch(const struct edu *edu, u64 address, unsigned offset, u64 count);
enum edu_result edu_store(const struct edu *edu, u64 address, unsigned offset, u64 count);
