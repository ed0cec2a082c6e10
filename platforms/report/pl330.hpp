// What a DMA controller (PL330) did, as data, and its part of the page and of a comparison.
#pragma once

#include <string>
#include <vector>

#include "base/types.hpp"

namespace tw::report {

struct Report;
struct PairTable;

/// Bursts on the bus of one direction.
struct Pl330Bursts {
  u64 count = 0;
  u64 bytes = 0;   ///< of those that were not refused
  u64 cycles = 0;  ///< of all, from the request to the last beat
  bool operator==(const Pl330Bursts&) const = default;
};

struct Pl330Thread {
  std::string name;  ///< "channel 0", "manager"
  u64 starts = 0;    ///< programs, by DMAGO
  u64 instructions = 0;
  u64 fetches = 0;  ///< lines of microcode
  Pl330Bursts reads = {};
  Pl330Bursts writes = {};
  u64 faults = 0;
  bool operator==(const Pl330Thread&) const = default;
};

/// Times are cycles of its clock.
struct Pl330 {
  u64 frequency_mhz = 0;
  std::vector<Pl330Thread> threads;
  bool operator==(const Pl330&) const = default;
};

/// Adds what `more` says of another measured stretch.
void merge(Pl330& to, const Pl330& more);

std::string pl330_text(const Report& report);
/// Empty without one in either.
std::vector<PairTable> compare_pl330(const Report& a, const Report& b);

}  // namespace tw::report
