#include "platforms/replay/settings.hpp"

#include <algorithm>
#include <string_view>

namespace tw::replay {

void add_all(config::ParameterTable& table, Settings& settings) {
  config::add_all(table, settings.platform);
  table.add(kParameters, settings.replay);
}

std::vector<Complaint> validate(const Settings& settings) {
  std::vector<Complaint> complaints = validate(settings.replay);
  if (!settings.replay.caches) return complaints;
  for (Complaint& complaint : cache::validate(settings.platform.cache)) complaints.push_back(std::move(complaint));
  if (!settings.platform.cache.enabled) complaints.push_back({"replay.caches", "there are none: cache.enabled is off"});
  return complaints;
}

void require_valid(const config::ParameterTable& table, const Settings& settings) {
  std::vector<Complaint> complaints = table.complaints();
  for (Complaint& complaint : mmu::validate(settings.platform.mmu)) complaints.push_back(std::move(complaint));
  for (Complaint& complaint : smmu::validate(settings.platform.smmu)) complaints.push_back(std::move(complaint));
  for (Complaint& complaint : validate(settings)) complaints.push_back(std::move(complaint));
  if (!complaints.empty()) throw UserError(std::move(complaints));
}

bool is_of_replay(const config::Parameter& parameter) {
  constexpr std::string_view kPrefixes[] = {"mmu.", "smmu.", "cache.", "replay.", "core.frequency"};
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return parameter.key.starts_with(prefix); });
}

}  // namespace tw::replay
