#include "cache/config.hpp"

#include <bit>

#include "cache/level.hpp"

namespace tw::cache {
namespace {

void check_level(const Config& config, LevelId id, const std::string& name, std::vector<Complaint>& complaints) {
  const LevelConfig level = level_config(config, id);
  if (level.size == 0) return;
  const u64 way = config.line * level.ways;
  if (level.size % way != 0 || !std::has_single_bit(level.size / way)) {
    complaints.push_back({"cache." + name + ".size",
                          std::to_string(level.size) + " bytes in " + std::to_string(level.ways) + " ways of " +
                              std::to_string(config.line) + "-byte lines are not a power of two of sets"});
  }
  if (level.policy == Policy::Plru && !std::has_single_bit(level.ways)) {
    complaints.push_back({"cache." + name + ".policy", "plru needs a power of two of ways"});
  }
}

}  // namespace

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  if (!std::has_single_bit(config.line)) {
    return {{"cache.line", std::to_string(config.line) + " is not a power of two"}};
  }
  check_level(config, LevelId::L1i, "l1i", complaints);
  check_level(config, LevelId::L1d, "l1d", complaints);
  check_level(config, LevelId::L2, "l2", complaints);
  check_level(config, LevelId::L3, "l3", complaints);
  check_level(config, LevelId::System, "system", complaints);
  const u64 entries = config.directory_entries;
  if (entries != 0 && (entries % config.directory_ways != 0 || !std::has_single_bit(entries / config.directory_ways))) {
    complaints.push_back({"cache.directory.entries", std::to_string(entries) + " entries in " +
                                                         std::to_string(config.directory_ways) +
                                                         " ways are not a power of two of sets"});
  }
  if (!config.l1d_write_back) {
    // A store would put a line that L1 holds into a level that must not have it.
    if (config.l2_size != 0 && config.l2_inclusion == "exclusive") {
      complaints.push_back({"cache.l2.inclusion", "not exclusive of a write-through cache.l1d"});
    }
    if (config.l2_size == 0 && config.l3_size != 0 && config.l3_inclusion == "exclusive") {
      complaints.push_back({"cache.l3.inclusion", "not exclusive of a write-through cache.l1d"});
    }
  }
  return complaints;
}

}  // namespace tw::cache
