#include "platforms/dma_study/config.hpp"

#include <fmt/format.h>

#include "platforms/tables/page_tables.hpp"

namespace tw::study {

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  const auto complain = [&](const char* key, std::string message) { complaints.push_back({key, std::move(message)}); };
  const auto check = [&](const char* granule_key, u64 granule, const char* leaf_key, u64 leaf) {
    if (!tables::is_leaf_size(granule, granule)) {
      complain(granule_key, fmt::format("{} is no granule: 4K, 16K or 64K", granule));
    } else if (!tables::is_leaf_size(granule, leaf)) {
      complain(leaf_key, fmt::format("a granule of {} has no leaves of {} bytes", granule, leaf));
    }
  };
  check("study.granule", config.granule, "study.leaf", config.leaf);
  check("study.granule2", config.granule2, "study.leaf2", config.leaf2);
  if (config.faults == "stall" && (config.work != "stream" || config.translation != "stage1")) {
    complain("study.faults", "stall: with study.work=stream and study.translation=stage1");
  }
  if (config.work == "io") {
    if (config.translation == "nested" || config.translation == "stage2") {
      complain("study.translation", "with study.work=io: none, bypass or stage1");
    }
    if (config.leaf != config.granule) complain("study.leaf", "with study.work=io: pages only");
  }
  return complaints;
}

}  // namespace tw::study
