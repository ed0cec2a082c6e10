// The CPU that answers stalled faults, as a kernel with shared virtual addresses does: an interrupt says that there are
// events, each page is mapped when a master has been held at it, and CMD_RESUME lets the master go on.
#pragma once

#include <array>

#include <systemc>

#include "platforms/dma_study/address_spaces.hpp"
#include "platforms/dma_study/command_queue.hpp"
#include "platforms/dma_study/fault_statistics.hpp"
#include "tlm/initiator.hpp"

namespace tw::study {

class FaultHandler final : public sc_core::sc_module {
 public:
  tlm::Initiator bus;

  struct Context {
    const Config& config;
    AddressSpaces& spaces;
    CommandQueue& queue;
    Pa registers{};
    Pa events{};
    unsigned event_bits = 0;
  };
  FaultHandler(sc_core::sc_module_name name, const Context& context);
  /// The wire of the event queue.
  void interrupt() {
    pending_ = true;
    interrupt_.notify(sc_core::SC_ZERO_TIME);
  }
  const FaultStatistics& statistics() const { return statistics_; }

 private:
  using Record = std::array<u64, 4>;
  void run();
  u32 read_prod();
  void answer(const Record& record, u64 since_ps);

  const Context around_;
  sc_core::sc_event interrupt_;
  bool pending_ = false;
  u32 cons_ = 0;  ///< as its register: index and wrap
  FaultStatistics statistics_;
};

}  // namespace tw::study
