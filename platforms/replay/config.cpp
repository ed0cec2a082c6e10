#include "platforms/replay/config.hpp"

#include <fmt/format.h>

#include "platforms/tables/page_tables.hpp"

namespace tw::replay {

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  const auto complain = [&](const char* key, std::string message) { complaints.push_back({key, std::move(message)}); };
  const auto check = [&](const char* key, u64 granule, u64 leaf) {
    if (!tables::is_leaf_size(granule, leaf)) {
      complain(key, fmt::format("no leaf of {} bytes with a granule of {} bytes", leaf, granule));
    }
  };
  if (config.has_stage1()) check("replay.leaf", config.granule, config.leaf);
  if (config.has_stage2() || config.paging == "shadow") check("replay.leaf2", config.granule2, config.leaf2);
  if (config.paging == "shadow" && complaints.empty() && !tables::is_leaf_size(config.granule, config.walked_leaf())) {
    complain("replay.leaf2", fmt::format("a shadow with a granule of {} bytes has no leaf of {}", config.granule,
                                         config.walked_leaf()));
  }
  if (config.mapping == "own") {
    if (config.has_stage1() && config.leaf != config.granule) complain("replay.leaf", "with replay.mapping=own: pages");
    if (config.has_stage2() && config.leaf2 != config.granule2) {
      complain("replay.leaf2", "with replay.mapping=own: pages");
    }
  }
  return complaints;
}

}  // namespace tw::replay
