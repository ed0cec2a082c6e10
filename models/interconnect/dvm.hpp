// Distributed virtual memory messages: when a TLBI of one core has reached all others, and what a DSB waits for (Arm
// IHI 0022, AMBA ACE, C12; IHI 0050, AMBA CHI, B8).
#pragma once

#include <vector>

#include "base/timeline.hpp"
#include "interconnect/config.hpp"

namespace tw::interconnect {

/// A message goes from its core to the DVM node, from there as a snoop to every other core, each answers when it is
/// done, and the node tells the first core when the last one has answered. The node sends one message at a time, a core
/// processes one at a time. Times are cycles of the core's clock; cores may run ahead of one another.
class Dvm final {
 public:
  Dvm(const Config& config, unsigned cores);

  /// TLBI (or IC) for the shareable domain; when it is complete on all other cores. The core need not wait.
  u64 broadcast(unsigned core, u64 now);
  /// DSB: a sync message behind the core's broadcasts, if there are any since its last DSB. When the DSB is done.
  u64 sync(unsigned core, u64 now);

  struct Statistics {
    u64 broadcasts = 0, syncs = 0;
    u64 sync_cycles = 0;  ///< that DSBs waited
  };
  const Statistics& statistics() const { return statistics_; }
  void clear_statistics() { statistics_ = {}; }

 private:
  u64 message(unsigned core, u64 now);

  struct Core {
    Timeline processing;
    bool broadcasts = false;  ///< since the last sync
    u64 complete = 0;         ///< the last of them
  };
  const u64 request_, occupancy_, snoop_, processing_, response_;
  Timeline node_;
  std::vector<Core> cores_;
  Statistics statistics_;
};

}  // namespace tw::interconnect
