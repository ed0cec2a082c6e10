#include "platforms/dma_study/fault_handler.hpp"

#include "base/bits.hpp"
#include "platforms/dma_study/smmu_registers.hpp"
#include "platforms/dma_study/software_time.hpp"

namespace tw::study {

namespace {

constexpr unsigned kRegisterBytes = 4;
constexpr u64 kEventBytes = 32;
constexpr u64 kTranslationFault = 0x10;  ///< F_TRANSLATION (IHI 0070, 7.3.12)

}  // namespace

FaultHandler::FaultHandler(sc_core::sc_module_name name, const Context& context)
    : sc_module(name), bus("bus"), around_(context) {
  SC_HAS_PROCESS(FaultHandler);
  SC_THREAD(run);
}

u32 FaultHandler::read_prod() {
  const tlm::Initiator::Answer answer = bus.transport(around_.registers + kEventqProd, kRegisterBytes, false, 0, {});
  wait(answer.delay);
  return static_cast<u32>(answer.value);
}

void FaultHandler::run() {
  const u32 wrap = static_cast<u32>(low_mask(around_.event_bits + 1));
  for (;;) {
    while (!pending_) wait(interrupt_);
    pending_ = false;  // one that comes while the queue is looked at is not lost
    const u64 since = now_ps();
    spend(around_.config.interrupt_ns);
    for (u32 prod = read_prod(); cons_ != (prod & wrap); prod = read_prod()) {
      const u64 index = cons_ & low_mask(around_.event_bits);
      const Record record = load<Record>(bus, around_.events + index * kEventBytes);
      cons_ = (cons_ + 1) & wrap;
      wait(bus.transport(around_.registers + kEventqCons, kRegisterBytes, true, cons_, {}).delay);
      answer(record, since);
    }
  }
}

void FaultHandler::answer(const Record& record, u64 since_ps) {
  const StreamId stream{static_cast<u32>(record[0] >> 32)};
  const u32 substream = bit<11>(record[0]) ? static_cast<u32>(bits<31, 12>(record[0])) : 0;
  const u16 stag = static_cast<u16>(record[1]);
  if ((record[0] & 0xFF) != kTranslationFault || !bit<31>(record[1])) {
    ++statistics_.others;
    return;
  }
  spend(around_.config.fault_ns);
  const auto leaf = around_.spaces.take_unmapped(stream, substream, Iova{record[2]});
  if (leaf) {
    u64 descriptor = leaf->descriptor;
    store(bus, leaf->at, descriptor);
  }
  const Command resume = leaf ? resume_retry(stream, stag) : resume_abort(stream, stag);
  around_.queue.issue(bus, {&resume, 1}, false);
  ++(leaf ? statistics_.mapped : statistics_.terminated);
  statistics_.answer_ps.add(now_ps() - since_ps);
}

}  // namespace tw::study
