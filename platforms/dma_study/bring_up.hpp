// The CPU that sets an SMMU up, as a kernel's driver does when it probes one.
#pragma once

#include <functional>

#include <systemc>

#include "platforms/dma_study/command_queue.hpp"
#include "platforms/tables/stream_tables.hpp"
#include "tlm/initiator.hpp"

namespace tw::study {

class BringUp final : public sc_core::sc_module {
 public:
  tlm::Initiator bus;

  struct Context {
    bool has_smmu = false;
    Pa registers{};
    const tables::StreamTables* stream_tables = nullptr;
    CommandQueue* queue = nullptr;
    u64 event_queue_base = 0;  ///< the register's value
    std::function<void()> done;
  };
  BringUp(sc_core::sc_module_name name, const Context& context);

 private:
  void run();
  void write(u64 offset, u64 value, unsigned bytes = 4);
  u64 read(u64 offset);
  void enable(u64 cr0);

  const Context around_;
};

}  // namespace tw::study
