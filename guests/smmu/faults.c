// Every fault of an SMMUv3 (IHI 0070, 7.3) that a device can cause, by an endpoint's DMA; its record to the bit, the
// abort, and the memory of the neighbour untouched. QEMU 10.0: -M virt,iommu=smmuv3 -global arm-smmuv3.stage=nested
// two endpoints (-device edu,dma_mask=0xffffffffffffffff)
#include "../lib/check.h"
#include "../lib/print.h"
#include "world.h"

void el2_exception(struct trap_frame *frame, unsigned vector) {
  panic("vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame->esr, frame->elr, frame->far);
}

int main(void) {
  world_init();
  configuration_faults();
  translation_faults();
  table_formats();
  table_updates();
  neighbours();
  queue_faults();
  smmu_messages();
  substream_faults();
  priorities();
  stalled_faults();
  translation_requests();
  page_requests();
  two_level_faults();
  check_summary();
  return 0;
}
