#include "devices/traffic/link.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace tw::devices::traffic {

namespace {

/// PCIe base specification 5.0, 1.2: rates and encodings (8b/10b, 128b/130b).
struct Generation {
  u64 megatransfers;
  u64 coded, payload;  ///< bits
};
constexpr Generation kGenerations[] = {
    {2'500, 10, 8}, {5'000, 10, 8}, {8'000, 130, 128}, {16'000, 130, 128}, {32'000, 130, 128}};
constexpr u64 kLanes[] = {1, 2, 4, 8, 12, 16, 32};

constexpr u64 kBits = 8;
constexpr u64 kFemtosecondsPerMicrosecond = 1'000'000'000;
constexpr u64 kMillion = 1'000'000;

constexpr u64 pieces(u64 bytes, u64 most) { return (bytes + most - 1) / most; }

}  // namespace

std::vector<Complaint> validate(const LinkConfig& config) {
  std::vector<Complaint> complaints;
  if (std::find(std::begin(kLanes), std::end(kLanes), config.lanes) == std::end(kLanes)) {
    complaints.push_back({"traffic.link.lanes", fmt::format("no link has {} lanes", config.lanes)});
  }
  return complaints;
}

WireBytes wire_bytes(const LinkConfig& config, u64 bytes, bool write) {
  if (write) return {.up = bytes + pieces(bytes, config.max_payload) * config.write_overhead, .down = 0};
  return {.up = pieces(bytes, config.max_read_request) * config.request_overhead,
          .down = bytes + pieces(bytes, config.completion) * config.completion_overhead};
}

u64 femtoseconds_per_byte(const LinkConfig& config) {
  const Generation& generation = kGenerations[config.generation - 1];
  const u64 numerator = kBits * generation.coded * kFemtosecondsPerMicrosecond;
  const u64 denominator = generation.payload * generation.megatransfers * config.lanes;
  const u64 share = kMillion - config.dllp_ppm;
  return (numerator / denominator * kMillion + share / 2) / share;
}

double bandwidth(const LinkConfig& config, u64 bytes, bool write) {
  const WireBytes wire = wire_bytes(config, bytes, write);
  const double seconds =
      static_cast<double>(std::max(wire.up, wire.down)) * static_cast<double>(femtoseconds_per_byte(config)) * 1e-15;
  return static_cast<double>(bytes) / seconds;
}

}  // namespace tw::devices::traffic
