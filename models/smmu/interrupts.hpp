// Interrupts and global errors of one Security state (IHI 0070, 3.18, 7.5). A source that is enabled pulses its wire
// and, where its message has an address, sends that too.
#pragma once

#include <optional>

#include "smmu/config.hpp"
#include "smmu/ports.hpp"
#include "smmu/state.hpp"

namespace tw::smmu {

/// Bits of SMMU_GERROR.
enum class GlobalError : u8 {
  CommandQueue = 0,
  EventQueueAbort = 2,
  PageQueueAbort = 3,
  CommandMessageAbort = 4,
  EventMessageAbort = 5,
  PageMessageAbort = 6,
  ErrorMessageAbort = 7,
};

class Interrupts final {
 public:
  Interrupts(const Config& config, State& state, MemoryPort& memory, SignalPort& signals, Security security)
      : config_(config), state_(state), memory_(memory), signals_(signals), security_(security) {}

  /// The error becomes active, if it is not yet.
  void raise(GlobalError error, u64 now);
  bool active(GlobalError error) const;

  /// The event queue is no longer empty.
  void event_queue(u64 now);
  /// SMMU_PRIQ_IRQ_CFG2.LO has its say with the caller.
  void page_queue(u64 now);
  /// CMD_SYNC is done and wants an interrupt, which no register enables. Returns when its message has arrived.
  u64 command_sync(const MessageState& message, u64 now);
  /// WFE's event, where it is implemented.
  void send_event();

 private:
  struct Source {
    Wire wire;
    GlobalError abort;
  };
  u64 fire(const Source& source, const MessageState& message, u64 now);

  const Config& config_;
  State& state_;
  MemoryPort& memory_;
  SignalPort& signals_;
  Security security_;
};

}  // namespace tw::smmu
