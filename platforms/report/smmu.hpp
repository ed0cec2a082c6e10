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

/// Whose an entry is.
struct SmmuWho {
  u64 stream = 0;
  u64 substream = 0;
  bool has_substream = false;
  Owner owner = {};
  bool operator==(const SmmuWho&) const = default;
};

/// Entries of `victim` that left for those of `evictor`.
struct SmmuEvictions {
  std::string structure;
  SmmuWho victim;
  SmmuWho evictor;
  u64 count = 0;
  bool operator==(const SmmuEvictions&) const = default;
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
  std::vector<SmmuEvictions> evictions;  ///< of the TLBs, by stream
  bool operator==(const Smmu&) const = default;
};

/// Adds what `more` says of another measured stretch.
void merge(Smmu& to, const Smmu& more);

std::string smmu_text(const Report& report);
/// Empty without an SMMU in either.
std::vector<PairTable> compare_smmu(const Report& a, const Report& b);

}  // namespace tw::report
