#include "configuration.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "platforms/config/nearest.hpp"

namespace tw::python {
namespace {

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
    replay::add_all(table_, settings_);
  }
}

void Configuration::require_valid() {
  if (is_study_) {
    study::inherit(table_, study_);
    return study::require_valid(table_, study_);
  }
  std::vector<Complaint> complaints = replay::validate(settings_);
  try {
    config::require_valid(table_, settings_.platform);
  } catch (const UserError& error) {
    complaints.insert(complaints.begin(), error.complaints().begin(), error.complaints().end());
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
