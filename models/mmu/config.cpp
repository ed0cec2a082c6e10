#include "mmu/config.hpp"

#include "mmu/structures.hpp"

namespace tw::mmu {

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  const auto complain = [&](const char* key, std::string what) { complaints.push_back({key, std::move(what)}); };
  struct Row {
    const char* key;
    u64 entries;
    u64 ways;
    bool in_use;
  };
  const bool split_sizes = config.l2_page_sizes == "split";
  const Row rows[] = {
      {"mmu.l2.entries", config.l2_entries, config.l2_ways, true},
      {"mmu.l2.large_entries", config.l2_large_entries, config.l2_large_ways, split_sizes},
      {"mmu.ipa.entries", config.ipa_entries, config.ipa_ways, true},
      {"mmu.walk_cache.entries", config.walk_cache_entries, config.walk_cache_ways, true},
      {"mmu.walk_cache2.entries", config.walk_cache2_entries, config.walk_cache2_ways, true},
  };
  for (const Row& row : rows) {
    if (row.entries == 0 || !row.in_use) continue;
    if (row.ways == 0 || row.entries % row.ways != 0) {
      complain(row.key,
               std::to_string(row.entries) + " entries are not a multiple of " + std::to_string(row.ways) + " ways");
    }
  }
  struct Choice {
    const char* key;
    const std::string& value;
    bool has_default;
    bool has_plru;
  };
  const Choice choices[] = {{"mmu.replacement", config.replacement, false, false},
                            {"mmu.l1.policy", config.l1_policy, true, false},
                            {"mmu.l2.policy", config.l2_policy, true, config.l2_page_sizes != "skewed"},
                            {"mmu.ipa.policy", config.ipa_policy, true, true},
                            {"mmu.walk_cache.policy", config.walk_cache_policy, true, true}};
  for (const Choice& choice : choices) {
    const std::optional<Policy> policy = policy_of(choice.value);
    if (choice.has_default && choice.value == "default") continue;
    if (!policy || (*policy == Policy::Plru && !choice.has_plru)) {
      complain(choice.key, "\"" + choice.value + "\" is no policy of this structure");
    }
  }
  const struct {
    const char* key;
    bool on;
  } guests[] = {{"mmu.ipa.in_l2", config.ipa_in_l2},
                {"mmu.walk_cache.in_l2", config.walk_cache_in_l2},
                {"mmu.walk_cache2.in_l2", config.walk_cache2_in_l2}};
  for (const auto& guest : guests) {
    if (guest.on && config.l2_entries == 0) complain(guest.key, "there is no second-level TLB");
  }
  return complaints;
}

}  // namespace tw::mmu
