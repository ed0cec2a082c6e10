#include "memory/dram.hpp"

#include <algorithm>

namespace tw::memory {

namespace {

constexpr u64 kTransfersPerClock = 2;
constexpr unsigned kActivates = 4;  ///< of tFAW

u64 clocks(u64 ns, u64 mhz) { return (ns * mhz + 999) / 1000; }

}  // namespace

Dram::Dram(const DramConfig& config)
    : config_(config),
      map_(config),
      closes_(config.page_policy == "closed"),
      burst_bytes_(config.burst * config.width),
      burst_clocks_(config.burst / kTransfersPerClock),
      front_end_(clocks(config.front_end_ns, config.clock_mhz)),
      back_end_(clocks(config.back_end_ns, config.clock_mhz)),
      channels_(config.channels),
      reads_(static_cast<unsigned>(config.read_queue)),
      writes_(static_cast<unsigned>(config.write_queue)) {
  for (Channel& channel : channels_) {
    for (u64 n = 0; n < config.ranks; ++n) {
      channel.ranks.push_back({.banks = std::vector<Bank>(config.banks),
                               .activates = Timeline{},
                               .four_activates = Slots(config.faw == 0 ? 0 : kActivates),
                               .refresh_offset = n * config.refi / config.ranks});
    }
  }
}

u64 Dram::access(u64 address, u64 bytes, bool write, u64 arrival) {
  Slots& queue = write ? writes_ : reads_;
  const u64 taken = queue.first_free(arrival);
  const u64 at = taken + front_end_;
  u64 done = at;
  const u64 last = address + (bytes == 0 ? 0 : bytes - 1);
  for (u64 next = address - address % burst_bytes_; next <= last; next += burst_bytes_) {
    done = std::max(done, burst(map_.place(next), write, at));
  }
  queue.occupy(taken, done);
  const bool posted = write && config_.write_queue != 0;
  const u64 answer = (posted ? at : done) + back_end_;
  ++(write ? statistics_.writes : statistics_.reads);
  statistics_.bytes += bytes;
  statistics_.queued_clocks += taken - arrival;
  if (!write) statistics_.read_clocks += answer - arrival;
  return answer;
}

u64 Dram::burst(const DramPlace& place, bool write, u64 from) {
  Channel& channel = channels_[place.channel];
  Rank& rank = channel.ranks[place.rank];
  Bank& bank = rank.banks[place.bank];
  const Plan served = plan(channel, rank, bank, place.row, write, from);
  bank.columns.insert(served.column);
  if (served.activates) {
    rank.activates.occupy(served.column.activate, served.column.activate + config_.rrd);
    rank.four_activates.occupy(served.column.activate, served.column.activate + config_.faw);
  }
  const u64 end = served.data + burst_clocks_;
  channel.bus.occupy(served.data, end);
  channel.transfers.insert({served.data, end, write});
  ++(served.outcome == Outcome::Hit      ? statistics_.row_hits
     : served.outcome == Outcome::Closed ? statistics_.row_closed
                                         : statistics_.row_conflicts);
  statistics_.bus_clocks += burst_clocks_;
  return end;
}

/// Takes the first gap between what the bank does already that is long enough for the burst's commands.
Dram::Plan Dram::plan(const Channel& channel, const Rank& rank, const Bank& bank, u64 row, bool write, u64 from) {
  u64 at = from;
  for (;;) {
    const std::size_t next = bank.columns.until(at);
    const Plan plan = follow(channel, rank, next == 0 ? nullptr : &bank.columns[next - 1], row, write, at);
    if (const u64 refreshed = refresh_in_the_way(rank, plan.column.begin, plan.column.column)) {
      statistics_.refresh_clocks += refreshed - std::max(at, plan.column.begin);
      at = refreshed;
    } else if (next != bank.columns.size() && plan.column.column >= bank.columns[next].begin) {
      at = bank.columns[bank.columns.until(plan.column.column) - 1].begin;
    } else {
      return plan;
    }
  }
}

Dram::Plan Dram::follow(const Channel& channel, const Rank& rank, const Column* before, u64 row, bool write,
                        u64 from) const {
  const u64 latency = write ? config_.cwl : config_.cl;
  // A refresh leaves all rows closed, and the bank ready.
  const bool refreshed = before != nullptr && refreshes(rank, from) != refreshes(rank, before->column);
  const bool open = before != nullptr && !closes_ && !refreshed;
  Plan plan{.column = {.row = row}};
  Column& column = plan.column;
  if (open && before->row == row) {
    column.activate = before->activate;
    column.column = std::max({from, before->column + config_.ccd, before->activate + config_.rcd});
  } else {
    plan.outcome = open ? Outcome::Conflict : Outcome::Closed;
    plan.activates = true;
    u64 activate = from;
    if (open) {
      column.begin = std::max(from, before->precharge_from);
      activate = column.begin + config_.rp;
    } else if (before != nullptr && !refreshed) {
      activate = std::max(from, before->precharge_from + config_.rp);
    }
    column.activate = activate_slot(rank, activate);
    if (!open) column.begin = column.activate;
    column.column = column.activate + config_.rcd;
  }
  plan.data = data_slot(channel, write, column.column + latency);
  column.column = plan.data - latency;
  if (plan.outcome == Outcome::Hit) column.begin = column.column;
  const u64 recovered = write ? plan.data + burst_clocks_ + config_.wr : column.column + config_.rtp;
  column.precharge_from = std::max(column.activate + config_.ras, recovered);
  if (plan.outcome == Outcome::Hit) column.precharge_from = std::max(column.precharge_from, before->precharge_from);
  return plan;
}

/// The first time >= `from` for a burst's data. The bus turns around between reads and writes: a read command comes
/// tWTR behind a write's data, a write's data tRTW behind a read's.
u64 Dram::data_slot(const Channel& channel, bool write, u64 from) const {
  const u64 gap_before_read = config_.wtr + config_.cl;
  const u64 gap_before_write = config_.rtw;
  u64 start = from;
  for (;;) {
    start = channel.bus.first_free(start, burst_clocks_);
    const std::size_t next = channel.transfers.until(start);
    const u64 gap = write ? gap_before_write : gap_before_read;
    if (next != 0) {
      const Transfer& before = channel.transfers[next - 1];
      if (before.write != write && start < before.end + gap) {
        start = before.end + gap;
        continue;
      }
    }
    if (next != channel.transfers.size()) {
      const Transfer& after = channel.transfers[next];
      const u64 gap_behind = write ? gap_before_read : gap_before_write;
      if (after.write != write && start + burst_clocks_ + gap_behind > after.begin) {
        start = after.end;
        continue;
      }
    }
    return start;
  }
}

u64 Dram::activate_slot(const Rank& rank, u64 from) const {
  u64 at = from;
  for (;;) {
    u64 start = config_.rrd == 0 ? at : rank.activates.first_free(at, config_.rrd);
    start = rank.four_activates.first_free(start);
    if (start == at) return at;
    at = start;
  }
}

/// The first one comes tREFI after the start, ranks of a channel one after the other.
u64 Dram::refreshes(const Rank& rank, u64 time) const {
  if (config_.refi == 0 || time < rank.refresh_offset) return 0;
  return (time - rank.refresh_offset) / config_.refi;
}

u64 Dram::refresh_in_the_way(const Rank& rank, u64 begin, u64 end) const {
  const u64 number = refreshes(rank, end);
  if (number == 0) return 0;
  const u64 refreshed = rank.refresh_offset + number * config_.refi + config_.rfc;
  return begin < refreshed ? refreshed : 0;
}

}  // namespace tw::memory
