#include "devices/traffic/config.hpp"

#include <charconv>
#include <numeric>

#include <fmt/format.h>

namespace tw::devices::traffic {

std::vector<u64> weights_of(const Config& config) {
  if (config.weights.empty()) return std::vector<u64>(config.streams, 1);
  std::vector<u64> weights;
  const char* at = config.weights.data();
  const char* const end = at + config.weights.size();
  for (;;) {
    u64 weight = 0;
    const auto [next, error] = std::from_chars(at, end, weight);
    if (error != std::errc() || weight > 1'000'000 || (next != end && *next != ',')) {
      throw UserError(Complaint{"traffic.weights",
                                fmt::format("\"{}\": numbers up to a million, with commas between", config.weights)});
    }
    weights.push_back(weight);
    if (next == end) break;
    at = next + 1;
  }
  if (weights.size() != config.streams) {
    throw UserError(
        Complaint{"traffic.weights", fmt::format("{} weights for {} streams", weights.size(), config.streams)});
  }
  if (std::accumulate(weights.begin(), weights.end(), u64{0}) == 0) {
    throw UserError(Complaint{"traffic.weights", "no stream ever has its turn"});
  }
  return weights;
}

std::vector<Complaint> validate(const Config& config) {
  std::vector<Complaint> complaints;
  const auto complain = [&](const char* key, std::string message) { complaints.push_back({key, std::move(message)}); };
  const u64 largest = config.size_max == 0 ? config.size : config.size_max;
  if (largest < config.size) complain("traffic.size_max", fmt::format("less than traffic.size, {}", config.size));
  if (largest > config.window) {
    complain("traffic.window", fmt::format("{} bytes do not hold a request of {}", config.window, largest));
  }
  if (config.pattern == "scatter-gather" && config.segment_bytes > config.window) {
    complain("traffic.segment_bytes", fmt::format("a segment is larger than the window of {}", config.window));
  }
  if (config.streams * std::max<u64>(config.substreams, 1) > kMostStreams) {
    complain("traffic.substreams", fmt::format("{} streams with {} substreams each are more than {} windows",
                                               config.streams, config.substreams, kMostStreams));
  }
  try {
    weights_of(config);
  } catch (const UserError& error) {
    complaints.insert(complaints.end(), error.complaints().begin(), error.complaints().end());
  }
  return complaints;
}

}  // namespace tw::devices::traffic
