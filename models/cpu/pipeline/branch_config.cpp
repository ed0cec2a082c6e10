#include "cpu/pipeline/branch_config.hpp"

#include <bit>

namespace tw::cpu {

std::vector<Complaint> validate(const BranchConfig& config) {
  std::vector<Complaint> complaints;
  const auto power = [&](const char* key, u64 value) {
    if (value != 0 && !std::has_single_bit(value)) complaints.push_back({key, "must be a power of two"});
  };
  power("core.branch.table_entries", config.table_entries);
  power("core.branch.tage.entries", config.tage_entries);
  power("core.branch.btb.sets", config.btb_sets);
  power("core.branch.indirect.entries", config.indirect_entries);
  if (config.predictor == "gshare" && config.history >= static_cast<u64>(std::bit_width(config.table_entries))) {
    complaints.push_back({"core.branch.history", "must be at most log2 of core.branch.table_entries"});
  }
  if (config.tage_longest < config.tage_shortest + config.tage_tables - 1) {
    complaints.push_back(
        {"core.branch.tage.longest", "leaves no room for core.branch.tage.tables different histories"});
  }
  return complaints;
}

}  // namespace tw::cpu
