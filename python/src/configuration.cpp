#include "configuration.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "platforms/config/nearest.hpp"

namespace tw::python {
namespace {

/// Adds the complaints of `check`, which throws them, to `complaints`.
template <class Check>
void collect(std::vector<Complaint>& complaints, Check check) {
  try {
    check();
  } catch (const UserError& error) {
    for (const Complaint& complaint : error.complaints()) complaints.push_back(complaint);
  }
}

bool is_study(std::string_view platform) {
  static const std::array<std::string, 2> kPlatforms = {"virt", "dma-study"};
  if (platform == kPlatforms[1]) return true;
  if (platform == kPlatforms[0]) return false;
  throw UserError(Complaint{"platform", fmt::format("\"{}\" is neither virt nor dma-study{}", platform,
                                                    config::did_you_mean(platform, kPlatforms))});
}

}  // namespace

Configuration::Configuration(std::string_view platform) : is_study_(python::is_study(platform)) {
  if (is_study_) {
    study::add_all(table_, study_);
  } else {
    config::add_all(table_, platform_);
    table_.add(replay::kParameters, replay_);
  }
}

void Configuration::require_valid() {
  std::vector<Complaint> complaints;
  if (is_study_) {
    study::inherit(table_, study_);
    collect(complaints, [&] { study::require_valid(table_, study_); });
  } else {
    collect(complaints, [&] { config::require_valid(table_, platform_); });
    for (Complaint& complaint : replay::validate(replay_)) complaints.push_back(std::move(complaint));
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
}

std::string Configuration::key_of(const Complaint& complaint) const {
  if (table_.find(complaint.where)) return complaint.where;
  const std::string& message = complaint.message;
  const std::string before_colon = message.substr(0, message.find(": "));
  if (table_.find(before_colon)) return before_colon;
  constexpr std::string_view kUnknown = "unknown parameter \"";
  if (!message.starts_with(kUnknown)) return {};
  return message.substr(kUnknown.size(), message.find('"', kUnknown.size()) - kUnknown.size());
}

}  // namespace tw::python
