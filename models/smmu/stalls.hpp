// Transactions that wait for software's CMD_RESUME (IHI 0070, 3.12.2), by STAG.
#pragma once

#include <optional>
#include <vector>

#include "smmu/config.hpp"
#include "smmu/events.hpp"
#include "smmu/ports.hpp"

namespace tw::smmu {

class Stalls final {
 public:
  /// Tags of the two Security states differ, so that SignalPort::resume() needs no more.
  Stalls(const Config& config, EventLog& log, SignalPort& signals, Security security);

  /// The transaction of `event` stalls: Response::stag. Its event is recorded as soon as the queue takes it, but for
  /// one that repeats a stalled one's (3.12.2.1). Nothing: IDR5.STALL_MAX transactions are stalled, and this one is to
  /// be terminated, with Stall = 0.
  std::optional<u16> hold(const Event& event, u64 now);

  // ---- commands
  void resume(StreamId stream, u16 stag, StallVerdict verdict);
  void terminate(StreamId stream);
  /// SMMUEN is off.
  void terminate_all();
  /// The event queue is writable again: those without a record come again (7.2.1).
  void retry_unrecorded();

 private:
  struct Held {
    bool taken = false;
    bool recorded = false;
    std::optional<u16> like;  ///< of the stalled transaction whose record speaks for this one too
    Event event;
  };
  /// All that `which` says true to: their tags are free, and they go on.
  template <class Which>
  void release(StallVerdict verdict, Which which);
  std::optional<u16> same_page(const Event& event) const;

  EventLog& log_;
  SignalPort& signals_;
  u16 first_;
  std::vector<Held> held_;  ///< by STAG - first_
};

}  // namespace tw::smmu
