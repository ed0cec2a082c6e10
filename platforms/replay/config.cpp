#include "platforms/replay/config.hpp"

#include <fmt/format.h>

#include "platforms/tables/page_tables.hpp"

namespace tw::replay {

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  const auto check = [&](const char* key, u64 granule, u64 leaf) {
    if (!tables::is_leaf_size(granule, leaf)) {
      complaints.push_back({key, fmt::format("no leaf of {} bytes with a granule of {} bytes", leaf, granule)});
    }
  };
  if (config.has_stage1()) check("replay.leaf", config.granule, config.leaf);
  if (config.has_stage2()) check("replay.leaf2", config.granule2, config.leaf2);
  return complaints;
}

}  // namespace tw::replay
