// What it costs to cross one link.
#pragma once

#include "interconnect/config.hpp"

namespace tw::interconnect {

/// One link from the fabric to a target. Latencies in core clock cycles.
struct Link {
  u64 latency = 0;  ///< first beat
  u64 width = 8;    ///< bytes a beat
  u64 beat = 1;     ///< every further beat
};

/// Cycles of a transfer of `size` bytes: beats = ceil(size / width).
constexpr u64 transfer_cycles(const Link& link, u64 size) {
  const u64 beats = size == 0 ? 1 : (size + link.width - 1) / link.width;
  return link.latency + (beats - 1) * link.beat;
}

constexpr Link memory_link(const Config& config) { return {config.memory_latency, config.memory_width, config.beat}; }
constexpr Link peripheral_link(const Config& config) {
  return {config.peripheral_latency, config.peripheral_width, config.beat};
}

}  // namespace tw::interconnect
