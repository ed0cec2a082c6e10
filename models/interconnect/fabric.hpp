// When a transaction crosses the fabric: ports with a width, a latency and a number of outstanding transactions, whose
// read and write channels carry one beat at a time.
#pragma once

#include <deque>

#include "base/slots.hpp"
#include "base/timeline.hpp"
#include "interconnect/link.hpp"

namespace tw::interconnect {

/// Times are cycles of the core's clock. Transactions may come out of the order of their times (base/timeline.hpp): a
/// blocking one reserves its way when it is made.
class Fabric final {
 public:
  /// Without `contention` nobody ever waits.
  explicit Fabric(bool contention) : contention_(contention) {}
  unsigned add_initiator(const Link& link) { return add(initiators_, link); }
  unsigned add_target(const Link& link) { return add(targets_, link); }
  const Link& initiator(unsigned port) const { return initiators_[port].link; }
  const Link& target(unsigned port) const { return targets_[port].link; }

  struct Request {
    unsigned initiator = 0, target = 0;
    u64 bytes = 0;
    bool write = false;
  };
  /// A transaction on its way.
  struct Passage {
    Request request;
    u64 start = 0;      ///< when the fabric took it: limits leave room, and a write's channel is free
    u64 at_target = 0;  ///< when the target sees it: with a write, behind its data
  };
  /// When the fabric takes a transaction that comes at `arrival`. Changes nothing.
  u64 ready(const Request& request, u64 arrival) const;
  /// Takes it.
  Passage enter(const Request& request, u64 arrival);
  /// The target answered at `answered`; the initiator has the answer, with a read's data, at the time returned.
  u64 leave(const Passage& passage, u64 answered);
  /// The initiator kept the transaction until `end`. leave() means that it ends there; this prolongs it.
  void hold(const Passage& passage, u64 from, u64 end);

  /// The owner let it wait `cycles` before enter(), for reasons of its own (arbitration).
  void waited(const Request& request, u64 cycles) { targets_[request.target].statistics.waited_to_enter += cycles; }
  bool contention() const { return contention_; }

  /// Of a transaction that meets no other.
  u64 idle_cycles(const Request& request) const;

  struct Statistics {
    u64 transactions = 0, bytes = 0;
    u64 waited_to_enter = 0;  ///< cycles, for limits, write channels and the arbiter
    u64 waited_for_data = 0;  ///< cycles of answers, for read channels
  };
  const Statistics& target_statistics(unsigned port) const { return targets_[port].statistics; }
  void clear_statistics();

 private:
  struct Port {
    explicit Port(const Link& l) : link(l), outstanding(static_cast<unsigned>(l.outstanding)) {}
    Link link;
    Slots outstanding;
    Timeline reads, writes;
    Statistics statistics;
  };
  static unsigned add(std::deque<Port>& ports, const Link& link) {
    ports.emplace_back(link);
    return static_cast<unsigned>(ports.size() - 1);
  }
  /// The first instant >= `from` at which both ends' data channels are free for the transfer.
  u64 channels_free(const Request& request, u64 from) const;
  void occupy_channels(const Request& request, u64 start);
  u64 latency(const Request& request) const;
  u64 further(const Request& request) const;

  bool contention_;
  std::deque<Port> initiators_, targets_;
};

}  // namespace tw::interconnect
