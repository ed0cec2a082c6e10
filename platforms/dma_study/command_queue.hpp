// The command queue as CPUs share it, by the protocol of Linux's arm-smmu-v3 since 5.4: a CPU takes room with one
// atomic operation; the first of a group owns the doorbell and rings it for those that joined meanwhile; each waits for
// its own CMD_SYNC. The costs of atomics, writes and looks are parameters; registers are reached over the bus.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include <systemc>

#include "cost/histogram.hpp"
#include "platforms/dma_study/commands.hpp"
#include "platforms/dma_study/config.hpp"
#include "tlm/initiator.hpp"

namespace tw::study {

class CommandQueue final {
 public:
  struct Place {
    Pa base{};
    unsigned bits = 0;
    Pa registers{};  ///< of the SMMU
  };
  CommandQueue(const Config& config, const Place& place);
  u64 base_register() const;

  /// Sends commands, at most half a queue, and with `sync` waits until all of them are done. In a thread.
  void issue(tlm::Initiator& bus, std::span<const Command> commands, bool sync);
  /// The SMMU has written to `at`, which it will have done at `when` (ps).
  void written(Pa at, u64 when);

  struct Statistics {
    std::map<Opcode, u64> sent;
    u64 doorbells = 0;
    u64 full = 0;                 ///< times that a CPU found no room
    cost::Histogram sync_ps;      ///< from the call to the end of its CMD_SYNC
    cost::Histogram doorbell_ps;  ///< from the call until the doorbell has been rung for it
  };
  const Statistics& statistics() const { return statistics_; }
  void clear_statistics() { statistics_ = {}; }

 private:
  u64 size() const { return u64{1} << place_.bits; }
  Pa slot(u64 index) const;
  void get_line();
  u64 take_room(tlm::Initiator& bus, u64 count, bool& owner);
  void write_entries(tlm::Initiator& bus, std::span<const Command> commands, bool sync, u64 first);
  void ring(tlm::Initiator& bus, u64 first);
  void await_sync(tlm::Initiator& bus, u64 index);
  void read_cons(tlm::Initiator& bus);

  const Config& config_;
  Place place_;
  // Indices count from the start and never wrap; registers hold them with `bits` + 1 bits.
  u64 prod_ = 0, cons_ = 0;
  u64 published_ = 0;   ///< what the SMMU was told
  bool owned_ = false;  ///< somebody is going to ring for who comes now
  u64 line_free_ps_ = 0;
  std::vector<u64> valid_;                        ///< by slot: the index that was written there, plus one
  std::vector<u64> done_index_;                   ///< by slot: of the CMD_SYNC whose message has come, plus one
  std::vector<u64> done_ps_;                      ///< by slot: when
  std::unique_ptr<sc_core::sc_event[]> message_;  ///< by slot
  sc_core::sc_event filled_, rung_;
  Statistics statistics_;
};

}  // namespace tw::study
