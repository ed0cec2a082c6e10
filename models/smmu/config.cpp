#include "smmu/config.hpp"

#include <algorithm>
#include <array>

#include "vmsa/tlb/replacement.hpp"

namespace tw::smmu {

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  const auto complain = [&](std::string_view key, std::string what) {
    complaints.push_back({std::string(key), std::move(what)});
  };
  constexpr std::array<u64, 6> kAddressSizes = {32, 36, 40, 42, 44, 48};
  if (std::find(kAddressSizes.begin(), kAddressSizes.end(), config.pa_bits) == kAddressSizes.end()) {
    complain("smmu.pa_bits", std::to_string(config.pa_bits) + " is none of 32, 36, 40, 42, 44, 48");
  }
  if (!config.stage1 && !config.stage2) complain("smmu.stage1", "neither stage 1 nor stage 2 is implemented");
  if (!config.granule_4k && !config.granule_16k && !config.granule_64k) {
    complain("smmu.granule_4k", "no translation granule is implemented");
  }
  if (config.pri && !config.ats) complain("smmu.pri", "PRI needs smmu.ats");
  struct Array {
    std::string_view key;
    u64 entries, ways;
  };
  const Array arrays[] = {{"smmu.tbu.entries", config.tbu_entries, config.tbu_ways},
                          {"smmu.tbu.main.entries", config.tbu_main_entries, config.tbu_main_ways},
                          {"smmu.tlb.entries", config.tlb_entries, config.tlb_ways},
                          {"smmu.walk_cache.entries", config.walk_cache_entries, config.walk_cache_ways},
                          {"smmu.walk_cache2.entries", config.walk_cache2_entries, config.walk_cache2_ways},
                          {"smmu.ipa.entries", config.ipa_entries, config.ipa_ways},
                          {"smmu.ste.entries", config.ste_entries, config.ste_ways},
                          {"smmu.cd.entries", config.cd_entries, config.cd_ways}};
  for (const Array& array : arrays) {
    if (array.ways != 0 && array.entries % array.ways != 0) {
      complain(array.key,
               std::to_string(array.entries) + " entries are no multiple of " + std::to_string(array.ways) + " ways");
    }
    const u64 in_a_set = array.ways == 0 ? array.entries : array.ways;
    if (config.replacement == "plru" && in_a_set > vmsa::RecentBits::kMostWays) {
      complain(array.key, "plru has " + std::to_string(vmsa::RecentBits::kMostWays) + " ways at most");
    }
  }
  return complaints;
}

}  // namespace tw::smmu
