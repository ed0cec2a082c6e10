// Where the caches of a cluster meet the interconnect: each line fill and write-back is a transaction for its time
// only.
#pragma once

#include <systemc>

#include "cache/ports.hpp"
#include "tlm/clock.hpp"
#include "tlm/initiator.hpp"

namespace tw::cache {

/// `clock` is the cores'. A transfer's `now` may be ahead of sc_time by what its core is.
class MemoryModule final : public sc_core::sc_module, public MemoryPort {
 public:
  tlm::Initiator bus;

  MemoryModule(sc_core::sc_module_name name, tlm::Clock clock);

  u64 read_line(const LineTransfer& transfer) override { return move_line(transfer, false); }
  u64 write_line(const LineTransfer& transfer) override { return move_line(transfer, true); }
  u64 uncached(unsigned core, const Request& request) override;

 private:
  u64 move_line(const LineTransfer& transfer, bool write);

  tlm::Clock clock_;
};

}  // namespace tw::cache
