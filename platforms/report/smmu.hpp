// What an SMMU did, as data, and its part of the page and of a comparison.
#pragma once

#include <string>
#include <vector>

#include "cost/histogram.hpp"
#include "platforms/report/counters.hpp"

namespace tw::report {

struct Report;
struct PairTable;

/// Translations of one stream while it belonged to `owner`. Times are cycles of the SMMU.
struct SmmuStream {
  u64 stream = 0;
  u64 substream = 0;
  bool has_substream = false;
  Owner owner = {};
  Counts translations = {};  ///< by who answered
  Counts cycles = {};        ///< by part; their sum is that of `latency`
  u64 reads = 0;
  u64 writes = 0;
  u64 fetches_stage1 = 0;
  u64 fetches_stage2 = 0;
  u64 ste_fetches = 0;
  u64 cd_fetches = 0;
  u64 prefetches = 0;
  u64 ats_requests = 0;
  u64 page_requests = 0;
  cost::Histogram latency = {};
  bool operator==(const SmmuStream&) const = default;
};

struct SmmuCommand {
  std::string name;  ///< "CMD_TLBI_NH_VA"
  u64 count = 0;
  u64 cycles = 0;  ///< until the next one could begin
  bool operator==(const SmmuCommand&) const = default;
};

struct Smmu {
  u64 frequency_mhz = 0;
  std::vector<SmmuStream> streams;
  std::vector<SmmuCommand> commands;
  Counts events;  ///< recorded, by kind
  u64 events_lost = 0;
  u64 events_merged = 0;
  u64 commands_illegal = 0;
  u64 sync_wait_cycles = 0;  ///< of CMD_SYNC, for what was before it
  std::vector<TlbStatistics> structures;
  bool operator==(const Smmu&) const = default;
};

/// Adds what `more` says of another measured stretch.
void merge(Smmu& to, const Smmu& more);

std::string smmu_text(const Report& report);
/// Empty without an SMMU in either.
std::vector<PairTable> compare_smmu(const Report& a, const Report& b);

}  // namespace tw::report
