// A CPU that does I/O as a kernel does: it maps a buffer, has a device use it, unmaps it, invalidates what the SMMU has
// cached of it, and only then uses the address again, by the policy of study.invalidation.
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include <systemc>

#include "devices/tlm/traffic_module.hpp"
#include "platforms/dma_study/address_spaces.hpp"
#include "platforms/dma_study/command_queue.hpp"
#include "platforms/dma_study/io_statistics.hpp"
#include "platforms/dma_study/job_queue.hpp"

namespace tw::study {

class Submitter final : public sc_core::sc_module {
 public:
  tlm::Initiator bus;

  struct Context {
    const Config& config;
    const devices::traffic::Config& traffic;
    tables::PhysicalMemory& memory;
    AddressSpace& space;            ///< of the device
    CommandQueue* queue = nullptr;  ///< none without an SMMU
    JobQueue& jobs;
    devices::TrafficModule& device;
    IoStatistics& statistics;
    const sc_core::sc_event& begin;
    std::function<void()> done;
  };
  Submitter(sc_core::sc_module_name name, unsigned number, const Context& context);

 private:
  struct Io {
    Job job;
    u64 slot = 0, buffer = 0;
    u64 started_ps = 0;
  };
  void run();
  bool may_start() const;
  void start_io();
  void wait_for_completion();
  void finish_io(Io& io);
  void set_leaves(const Io& io, bool mapped);
  void invalidate(Io& io);
  void send(std::vector<Command> commands);
  void flush_if_due();
  bool is_translated() const { return space_.stage1 != nullptr; }
  u64 pages() const { return (config_.io_bytes + config_.granule - 1) / config_.granule; }
  bool is_right(const Io& io) const;

  const Context around_;
  const Config& config_;
  AddressSpace& space_;
  std::vector<Io> ios_;      ///< by place in flight
  std::vector<u64> free_;    ///< places
  std::deque<u64> slots_;    ///< free addresses
  std::deque<u64> buffers_;  ///< free ones
  std::vector<Iova> slot_at_;
  std::vector<Pa> buffer_at_;
  struct Flushable {
    u64 slot = 0;
    u64 since_ps = 0;
  };
  std::deque<Flushable> unmapped_;         ///< waiting for a flush
  using Completion = std::pair<u64, u64>;  ///< when, place
  std::priority_queue<Completion, std::vector<Completion>, std::greater<>> completions_;
  sc_core::sc_event completed_;
};

}  // namespace tw::study
