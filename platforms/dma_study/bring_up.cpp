#include "platforms/dma_study/bring_up.hpp"

#include <array>

#include "platforms/dma_study/smmu_registers.hpp"
#include "platforms/dma_study/software_time.hpp"

namespace tw::study {

namespace {

constexpr u64 kPollNs = 100;
constexpr unsigned kDoubleword = 8;

}  // namespace

BringUp::BringUp(sc_core::sc_module_name name, const Context& context) : sc_module(name), bus("bus"), around_(context) {
  SC_HAS_PROCESS(BringUp);
  SC_THREAD(run);
}

void BringUp::write(u64 offset, u64 value, unsigned bytes) {
  wait(bus.transport(around_.registers + offset, bytes, true, value, {}).delay);
}

u64 BringUp::read(u64 offset) {
  const tlm::Initiator::Answer answer = bus.transport(around_.registers + offset, 4, false, 0, {});
  wait(answer.delay);
  return answer.value;
}

void BringUp::enable(u64 cr0) {
  write(kCr0, cr0);
  while (read(kCr0Ack) != cr0) spend(kPollNs);
}

void BringUp::run() {
  if (around_.has_smmu) {
    enable(0);
    write(kCr1, kCacheableShareable);
    write(kCr2, kRecordInvalidStreams);
    write(kStrtabBase, around_.stream_tables->strtab_base(), kDoubleword);
    write(kStrtabBaseCfg, around_.stream_tables->strtab_base_cfg());
    write(kCmdqBase, around_.queue->base_register(), kDoubleword);
    write(kCmdqProd, 0);
    write(kCmdqCons, 0);
    enable(kCmdqEn);
    around_.queue->issue(bus, std::array{cfgi_all(), tlbi_nsnh_all()}, true);
    write(kEventqBase, around_.event_queue_base, kDoubleword);
    write(kEventqProd, 0);
    write(kEventqCons, 0);
    write(kIrqCtrl, kEventqIrqEn);
    while (read(kIrqCtrlAck) != kEventqIrqEn) spend(kPollNs);
    enable(kCmdqEn | kEventqEn);
    enable(kCmdqEn | kEventqEn | kSmmuEn);
  }
  around_.done();
}

}  // namespace tw::study
