// How a register frame of the GIC answers on the bus: the same for every frame of every version.
#pragma once

#include "gic/config.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::gic {

/// Latencies of `config` are cycles of `clock`.
inline tlm::MmioTiming frame_timing(const Config& config, tlm::Clock clock) {
  return {.read_latency = config.read_latency,
          .write_latency = config.write_latency,
          .clock = clock,
          .served_by = cost::ServedBy::Gic};
}

}  // namespace tw::gic
