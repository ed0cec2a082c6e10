// The state of the DMAC's threads.
#pragma once

#include <deque>
#include <optional>

#include "devices/pl330/instructions.hpp"
#include "devices/pl330/ports.hpp"
#include "devices/pl330/stream.hpp"

namespace tw::devices::pl330 {

/// What the manager and the channels have.
struct Thread {
  ThreadState state = ThreadState::Stopped;
  bool non_secure = false;
  u32 pc = 0;
  u32 fault = 0;             ///< FTRn, FTRD
  unsigned waiting_for = 0;  ///< event or peripheral
  bool fetching = false;     ///< a line is on its way
  /// The count of changes at which its next instruction last found that it has to wait: it need not look again before
  /// something changes.
  std::optional<u64> stalled_at;
  bool waits_to_load = false;  ///< that instruction is a load without room in the MFIFO or without the load-lock

  /// Instructions are executed, now or when what they wait for is there.
  bool executes() const {
    return state == ThreadState::Executing || state == ThreadState::CacheMiss || state == ThreadState::AtBarrier ||
           state == ThreadState::Completing;
  }
};

/// A load or a store that the queues hold (DDI 0424, chapter 2: read and write instruction queue).
struct QueueEntry {
  unsigned channel = 0;
  BurstControl burst;  ///< beats is 1 for the S forms
  u32 address = 0;
  u32 bytes = 0;
  u32 issued = 0;    ///< bytes that are on the bus or were
  u64 position = 0;  ///< in the channel's stream
  bool zeroes = false;
  u32 swap_bytes = 1;
  std::optional<unsigned> acknowledge = {};  ///< the peripheral of DMALDP, DMASTP
  bool acknowledge_burst = false;
};

struct Channel {
  explicit Channel(u32 mfifo_bytes) : stream(mfifo_bytes) {}

  u32 source = 0, destination = 0;
  ChannelControl control;
  u8 loops[2] = {};
  bool burst_request = false;                            ///< request_type
  bool last_request = false;                             ///< request_last
  bool waited_burst = false, waited_peripheral = false;  ///< operands of the last DMAWFP
  Stream stream;
  /// Loads and stores that are queued or on the bus.
  unsigned reads = 0, writes = 0;
  unsigned transactions = 0;  ///< on the bus, of both kinds
};

/// What a peripheral asked for and no thread has seen.
struct Peripheral {
  static constexpr std::size_t kDepth = 4;
  std::deque<PeripheralRequest> requests;
};

}  // namespace tw::devices::pl330
