#include "gic.h"

void gic_init(u32 ctlr) {
  mmio_write32(GICD_CTLR, 1);
  mmio_write32(GICC_PMR, 0xff);
  mmio_write32(GICC_CTLR, (u32)GICC_CTLR_GROUP0 | ctlr);
}

void gic_set_priority(unsigned intid, u8 priority) {
  const unsigned shift = 8 * (intid % 4);
  const u64 address = GICD_IPRIORITYR + (intid & ~3u);
  mmio_write32(address, (mmio_read32(address) & ~(0xffu << shift)) | ((u32)priority << shift));
}

void gic_enable(unsigned intid, u8 priority) {
  gic_set_priority(intid, priority);
  mmio_write32(GICD_ISENABLER + 4 * (intid / 32), 1u << (intid % 32));
}

void gic_disable(unsigned intid) { mmio_write32(GICD_ICENABLER + 4 * (intid / 32), 1u << (intid % 32)); }
