// The fabric's approximately-timed side: four phases from initiators to targets, over the same ports and at the same
// times as blocking transactions, with arbitration among those that wait and back-pressure.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <tlm_utils/peq_with_get.h>
#include <systemc>
#include <tlm>

#include "interconnect/address_map.hpp"
#include "interconnect/arbiter.hpp"
#include "interconnect/fabric.hpp"
#include "tlm/clock.hpp"

namespace tw::interconnect {

/// From BEGIN_REQ to BEGIN_RESP at its initiator a transaction takes what the same one takes as a blocking one, when
/// nobody is in its way; BEGIN_RESP stands for the last beat. END_REQ is withheld until the transaction goes: as long
/// as a limit of outstanding transactions is reached, a write's channel is busy, the target withholds END_REQ itself,
/// or the arbiter chooses another one. A transaction counts as outstanding until END_RESP.
class NonBlocking final : public sc_core::sc_module {
 public:
  using Payload = ::tlm::tlm_generic_payload;
  using Send = std::function<::tlm::tlm_sync_enum(int socket, Payload&, ::tlm::tlm_phase&, sc_core::sc_time&)>;
  struct Surroundings {
    Fabric& fabric;
    tlm::Clock clock;
    Arbitration arbitration;
    Send forward, backward;
  };
  NonBlocking(sc_core::sc_module_name name, const Surroundings& around);

  ::tlm::tlm_sync_enum begin_request(int initiator, const Region& region, const Fabric::Request& request,
                                     Payload& payload, const sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum end_response(Payload& payload, const sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum from_target(Payload& payload, ::tlm::tlm_phase& phase, const sc_core::sc_time& delay);

 private:
  enum class Stage : u8 {
    Arriving,      ///< BEGIN_REQ is annotated to come later
    Waiting,       ///< for the arbiter
    Crossing,      ///< to the target
    AtDoor,        ///< the target has not accepted the one before
    AtTarget,      ///< BEGIN_REQ sent
    AtTargetOpen,  ///< END_REQ received
    Returning,     ///< the answer is on its way
    Responding,    ///< BEGIN_RESP sent, or held until the one before is over
    Ending,        ///< END_RESP is annotated to come later
  };
  struct Transit {
    Payload* payload = nullptr;
    int socket = 0;
    u64 base = 0;  ///< of the region
    Fabric::Request request;
    Fabric::Passage passage;
    u64 since = 0;  ///< cycle of its arrival
    u64 end = 0;    ///< cycle of its last beat
    Stage stage = Stage::Arriving;
  };
  struct Target {
    explicit Target(Arbitration arbitration) : arbiter(arbitration) {}
    Arbiter arbiter;
    std::vector<Transit*> waiting;
    std::deque<Transit*> door;  ///< the first one's BEGIN_REQ may be sent, and its END_REQ not be there yet
    u64 outstanding = 0;
  };
  struct Initiator {
    std::deque<Transit*> responses;  ///< the first one's BEGIN_RESP may be sent
    bool open = false;
  };

  void step();
  void step(Transit& transit);
  void schedule();
  /// Lets one go, if one may; the time to look again is notified if it is known.
  bool schedule(Target& target);
  bool has_room(const Transit& transit);
  void go(Target& target, Transit& transit);
  void knock(Target& target);
  void accepted(Transit& transit);
  void answered(Transit& transit, const sc_core::sc_time& delay);
  void respond(Initiator& initiator);
  void finish(Transit& transit);
  Target& target(unsigned number);
  u64 now() const { return clock_.cycles_up(sc_core::sc_time_stamp()); }

  Fabric& fabric_;
  tlm::Clock clock_;
  Arbitration arbitration_;
  Send forward_, backward_;
  std::unordered_map<const Payload*, std::unique_ptr<Transit>> transits_;
  std::deque<Target> targets_;                     ///< by number in the fabric
  std::vector<u64> outstanding_;                   ///< by initiator port of the fabric
  std::unordered_map<int, Initiator> initiators_;  ///< by socket
  tlm_utils::peq_with_get<Transit> peq_;
  sc_core::sc_event look_again_;
};

}  // namespace tw::interconnect
