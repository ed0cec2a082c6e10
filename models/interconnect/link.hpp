// What it costs to cross one port of the fabric.
#pragma once

#include "interconnect/config.hpp"

namespace tw::interconnect {

/// A port to an initiator or to a target. Latencies in core clock cycles.
struct Link {
  u64 latency = 0;      ///< first beat
  u64 width = 8;        ///< bytes a beat
  u64 beat = 1;         ///< every further beat, and how long each keeps the data channel
  u64 outstanding = 0;  ///< transactions under way at once; 0: no limit
  u64 qos = 0;          ///< of an initiator: greater goes first where priority arbitrates
};

constexpr u64 beats(const Link& link, u64 size) { return size == 0 ? 1 : (size + link.width - 1) / link.width; }

/// What the beats behind the first add.
constexpr u64 further_beats(const Link& link, u64 size) { return (beats(link, size) - 1) * link.beat; }

/// How long a transfer keeps the data channel.
constexpr u64 occupancy(const Link& link, u64 size) { return beats(link, size) * link.beat; }

/// Cycles of a transfer of `size` bytes: beats = ceil(size / width).
constexpr u64 transfer_cycles(const Link& link, u64 size) { return link.latency + further_beats(link, size); }

constexpr Link memory_link(const Config& config) {
  return {config.memory_latency, config.memory_width, config.beat, config.memory_outstanding};
}
constexpr Link peripheral_link(const Config& config) {
  return {config.peripheral_latency, config.peripheral_width, config.beat, config.peripheral_outstanding};
}
constexpr Link cpu_link(const Config& config) {
  return {config.cpu_latency, config.cpu_width, config.beat, config.cpu_outstanding, config.cpu_qos};
}
constexpr Link dma_link(const Config& config) {
  return {config.dma_latency, config.dma_width, config.beat, config.dma_outstanding, config.dma_qos};
}

/// Nothing of its own: an initiator that the fabric knows no more about.
inline constexpr Link kIdealLink{.latency = 0, .width = 256, .beat = 0};

}  // namespace tw::interconnect
