// The events of a run as columns: one array a figure, an element an event, so that many take little room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cost/events.hpp"
#include "cost/interrupts.hpp"
#include "platforms/report/smmu.hpp"

namespace tw::report {

using Column = std::vector<u64>;

/// Columns whose names are read off a table; those of nothing but zeros are left out.
struct NamedColumns {
  std::vector<std::pair<std::string, Column>> columns;
  bool operator==(const NamedColumns&) const = default;
};

struct TrapKeyRow {
  cost::Context from;
  El to = El::El1;
  u8 exception_class = 0;
  std::string control;
  std::string subject;
  bool operator==(const TrapKeyRow&) const = default;
};

// Every table counts the events that it had no room for in `dropped`. Times are cycles of the core since reset.

struct TrapColumns {
  u64 dropped = 0;
  Column key;  ///< index of trap_keys
  Column begin, cycles;
  Column away;          ///< of `cycles`, while the guest was switched out
  Column returned;      ///< 1; 0: unfinished
  NamedColumns inside;  ///< cycles by part (event_part_names()); with inner spans and `away` they are `cycles`
  bool operator==(const TrapColumns&) const = default;
};

struct WorldColumns {
  u64 dropped = 0;
  Column begin, cycles, guest, vmid;
  bool operator==(const WorldColumns&) const = default;
};

struct SpanColumns {
  u64 dropped = 0;
  Column begin, cycles;
  bool operator==(const SpanColumns&) const = default;
};

struct WalkColumns {
  u64 dropped = 0;
  Column key;  ///< index of walk_keys
  Column at, cycles, fetches, fault;
  Column page;  ///< VA / 4096: a whole VA is no number of JavaScript
  bool operator==(const WalkColumns&) const = default;
};

/// Sums since the measurement began.
struct SampleColumns {
  u64 dropped = 0;
  Column at, instructions, walks, walk_cycles, idle_cycles;
  bool operator==(const SampleColumns&) const = default;
};

struct CoreEvents {
  u64 cpu = 0;
  u64 period_ps = 0;  ///< of a cycle; cycle 0 is the begin of simulated time
  SpanColumns phases;
  std::vector<TrapKeyRow> trap_keys;
  TrapColumns traps;
  WorldColumns worlds;
  SpanColumns idle;
  std::vector<cost::WalkKey> walk_keys;
  WalkColumns walks;
  SampleColumns samples;
  bool operator==(const CoreEvents&) const = default;
};

struct InterruptSource {
  u64 intid = 0;
  u64 cpu = 0;
  bool is_virtual = false;
  Vmid vmid{};
  bool operator==(const InterruptSource&) const = default;
};

/// Simulated time; 0: that station was not reached.
struct InterruptColumns {
  u64 dropped = 0;
  Column source;  ///< index of interrupt_sources
  Column asserted_ps, signalled_ps, acknowledged_ps, dropped_ps, deactivated_ps, withdrawn_ps;
  bool operator==(const InterruptColumns&) const = default;
};

/// Times are cycles of the SMMU's clock.
struct DmaColumns {
  u64 dropped = 0;
  Column source;  ///< index of dma_sources
  Column level;   ///< index of dma_levels: who answered
  Column write, begin, cycles;
  NamedColumns inside;
  bool operator==(const DmaColumns&) const = default;
};

struct Events {
  u64 limit = 0;  ///< of every table
  std::string keep;
  std::vector<std::string> kinds;
  std::vector<CoreEvents> cores;
  std::vector<InterruptSource> interrupt_sources;
  InterruptColumns interrupts;
  u64 dma_period_ps = 0;
  std::vector<std::string> dma_levels;
  std::vector<SmmuWho> dma_sources;
  DmaColumns dma;
  bool operator==(const Events&) const = default;
};

/// The parts of a trap: the report's groups of causes, and idling on its own.
std::vector<std::string> event_part_names();

/// What was asked for; no events yet.
Events events_asked_for(const cost::EventOptions& options);
CoreEvents take_core_events(const cost::CoreEvents& events, u64 cpu, u64 period_ps);
void take_interrupt_events(const cost::EventRing<cost::InterruptEvent>& events, Events& into);

/// Adds a row to named columns that all have `rows` rows so far.
void add_row(NamedColumns& to, const std::vector<std::string>& names, const std::vector<u64>& values, std::size_t rows);

/// Empty; or what is wrong: columns of one table that are not equally long, an index of nothing.
std::string what_is_wrong(const Events& events);

/// All events that are in `events`, and all that were dropped.
struct EventCounts {
  u64 kept = 0;
  u64 dropped = 0;
};
EventCounts count(const Events& events);

}  // namespace tw::report
