// All parameters of a platform and of a replay, with the table that checks them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/dma_study/settings.hpp"
#include "platforms/replay/settings.hpp"

namespace tw::python {

class Configuration final {
 public:
  /// `platform`: "virt" or "dma-study".
  explicit Configuration(std::string_view platform);
  // The table points into it.
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  config::ParameterTable& table() { return table_; }
  const config::ParameterTable& table() const { return table_; }
  bool is_study() const { return is_study_; }

  /// Throws UserError with all complaints, about single parameters and about several together.
  void require_valid();
  /// The parameter that a complaint is about; empty: none.
  std::string key_of(const Complaint& complaint) const;

  const config::PlatformConfig& platform() const { return settings_.platform; }
  const replay::Config& replay() const { return settings_.replay; }
  /// Both.
  const replay::Settings& settings() const { return settings_; }

 private:
  bool is_study_;
  replay::Settings settings_;  ///< of virt
  study::Settings study_;
  config::ParameterTable table_;
};

}  // namespace tw::python
