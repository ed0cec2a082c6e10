// DRAM: when data come out of banks, rows and buses. No data in here.
#pragma once

#include <vector>

#include "base/slots.hpp"
#include "base/timeline.hpp"
#include "memory/dram_address.hpp"
#include "memory/history.hpp"

namespace tw::memory {

/// One controller for all channels. Times are clocks of the DRAM, absolute. Accesses are served as they are made; one
/// that comes late in host order but early in time (cores run ahead of one another) takes the state of its bank and the
/// gaps of the bus at its own time. Nothing is reordered, and write data go out when the bank is ready for them.
///
/// With the bank idle and the bus free, beyond front end and back end, to the end of the first burst:
///   row hit       CL + burst/2
///   row closed    RCD + CL + burst/2
///   row conflict  RP + RCD + CL + burst/2
class Dram final {
 public:
  explicit Dram(const DramConfig& config);

  /// Reads or writes `bytes` at `address`; when the controller answers.
  u64 access(u64 address, u64 bytes, bool write, u64 arrival);

  struct Statistics {
    u64 reads = 0, writes = 0, bytes = 0;                 ///< accesses, and what they asked for
    u64 row_hits = 0, row_closed = 0, row_conflicts = 0;  ///< bursts
    u64 read_clocks = 0;                                  ///< from arrival to answer, of all reads
    u64 queued_clocks = 0;                                ///< accesses waited for a place in a queue
    u64 refresh_clocks = 0;                               ///< bursts waited for a refresh
    u64 bus_clocks = 0;                                   ///< of data, of all channels
  };
  const Statistics& statistics() const { return statistics_; }
  void clear_statistics() { statistics_ = {}; }

 private:
  /// One burst's commands to its bank.
  struct Column {
    u64 begin = 0;           ///< its first command: precharge, activate, or the column command itself
    u64 column = 0;          ///< read or write command
    u64 activate = 0;        ///< of the row that it uses
    u64 precharge_from = 0;  ///< the row must stay open until then
    u64 row = 0;
  };
  struct Bank {
    History<Column, 64> columns;
  };
  struct Rank {
    std::vector<Bank> banks;
    Timeline activates;    ///< tRRD
    Slots four_activates;  ///< tFAW
    u64 refresh_offset = 0;
  };
  struct Transfer {
    u64 begin = 0, end = 0;
    bool write = false;
  };
  struct Channel {
    std::vector<Rank> ranks;
    Timeline bus;
    History<Transfer, 256> transfers;
  };
  enum class Outcome : u8 { Hit, Closed, Conflict };
  struct Plan {
    Column column;
    u64 data = 0;
    Outcome outcome = Outcome::Hit;
    bool activates = false;
  };

  /// Serves one burst that the controller has at `from`; the end of its data.
  u64 burst(const DramPlace& place, bool write, u64 from);
  Plan plan(const Channel& channel, const Rank& rank, const Bank& bank, u64 row, bool write, u64 from);
  /// The burst's commands behind those of `before` (nullptr: behind nothing), from `from` on.
  Plan follow(const Channel& channel, const Rank& rank, const Column* before, u64 row, bool write, u64 from) const;
  u64 data_slot(const Channel& channel, bool write, u64 from) const;
  u64 activate_slot(const Rank& rank, u64 from) const;
  /// How many refreshes of the rank have begun by `time`.
  u64 refreshes(const Rank& rank, u64 time) const;
  /// The end of a refresh that [begin, end] meets, or 0.
  u64 refresh_in_the_way(const Rank& rank, u64 begin, u64 end) const;

  const DramConfig config_;
  const DramMap map_;
  const bool closes_;  ///< page policy
  const u64 burst_bytes_, burst_clocks_, front_end_, back_end_;
  std::vector<Channel> channels_;
  Slots reads_, writes_;
  Statistics statistics_;
};

}  // namespace tw::memory
