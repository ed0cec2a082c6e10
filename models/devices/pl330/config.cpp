#include "devices/pl330/config.hpp"

#include <fmt/format.h>

namespace tw::devices::pl330 {

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  const auto power_of_two = [&](const char* key, u64 value) {
    if ((value & (value - 1)) == 0) return;
    complaints.push_back({key, fmt::format("{} is no power of two", value)});
  };
  power_of_two("device.pl330.data_width", config.data_width);
  power_of_two("device.pl330.cache_line_bytes", config.cache_line_bytes);
  return complaints;
}

}  // namespace tw::devices::pl330
