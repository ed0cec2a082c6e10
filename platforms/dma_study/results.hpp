// What a study came to, as data, text and JSON. What an SMMU, links and DRAM counted is in the report that goes with
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "devices/traffic/link.hpp"
#include "devices/traffic/statistics.hpp"
#include "platforms/dma_study/fault_statistics.hpp"
#include "platforms/dma_study/io_statistics.hpp"

namespace tw::study {

struct MasterResult {
  std::string name;
  u64 elapsed_ps = 0;  ///< of what is counted
  std::vector<devices::traffic::StreamStatistics> streams;
};

struct CommandCount {
  std::string name;
  u64 count = 0;
};

/// study.work=io.
struct IoResult {
  IoStatistics io;
  std::vector<CommandCount> commands;  ///< that the driver has sent
  u64 doorbells = 0;
  u64 queue_full = 0;
  cost::Histogram sync_ps, doorbell_ps;
};

struct Results {
  std::vector<MasterResult> masters;  ///< none with io
  std::optional<IoResult> io;
  std::optional<FaultStatistics> faults;        ///< study.faults=stall
  std::optional<double> link_bytes_per_second;  ///< the closed formula for traffic.size, reads if there are any
  u64 wrong_words = 0;                          ///< in memory, at the end
};

std::string to_text(const Results& results);
/// The member "study" of a JSON report whose text is `report`.
std::string to_json(const Results& results, const std::string& report);

}  // namespace tw::study
