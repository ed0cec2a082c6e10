// Parameters of the interconnect: its ports, who waits for whom, and DVM messages.
#pragma once

#include "base/parameters.hpp"

namespace tw::interconnect {

struct Config {
  u64 memory_latency = 20;
  u64 memory_width = 16;
  u64 memory_outstanding = 0;
  u64 peripheral_latency = 30;
  u64 peripheral_width = 8;
  u64 peripheral_outstanding = 0;
  u64 cpu_latency = 0;
  u64 cpu_width = 256;
  u64 cpu_outstanding = 0;
  u64 cpu_qos = 0;
  u64 dma_latency = 0;
  u64 dma_width = 256;
  u64 dma_outstanding = 0;
  u64 dma_qos = 0;
  u64 beat = 1;
  bool contention = false;
  std::string arbitration = "round-robin";
  u64 dvm_request = 0;
  u64 dvm_occupancy = 0;
  u64 dvm_snoop = 0;
  u64 dvm_processing = 0;
  u64 dvm_response = 0;
};

inline constexpr std::string_view kFabric = "a plausible fabric, for want of a source";
inline constexpr std::string_view kIdealPort = "as good as none: the port of the target decides";
inline constexpr std::string_view kOutstanding =
    "transactions under way at once; 0: no limit. With interconnect.contention";
inline constexpr std::string_view kQos = "greater goes first, with interconnect.arbitration = priority";
inline constexpr std::string_view kDvm = "0: TLBI of other cores costs what one of the core alone does";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"interconnect.memory.latency", &Config::memory_latency, "cycles", 0, 100000, Provenance::Placeholder, kFabric},
    {"interconnect.memory.width", &Config::memory_width, "bytes", 1, 256, Provenance::Placeholder, kFabric},
    {"interconnect.memory.outstanding", &Config::memory_outstanding, "transactions", 0, 1024, Provenance::Placeholder,
     kOutstanding},
    {"interconnect.peripheral.latency", &Config::peripheral_latency, "cycles", 0, 100000, Provenance::Placeholder,
     kFabric},
    {"interconnect.peripheral.width", &Config::peripheral_width, "bytes", 1, 256, Provenance::Placeholder, kFabric},
    {"interconnect.peripheral.outstanding", &Config::peripheral_outstanding, "transactions", 0, 1024,
     Provenance::Placeholder, kOutstanding},
    {"interconnect.cpu.latency", &Config::cpu_latency, "cycles", 0, 100000, Provenance::Placeholder, kIdealPort},
    {"interconnect.cpu.width", &Config::cpu_width, "bytes", 1, 256, Provenance::Placeholder, kIdealPort},
    {"interconnect.cpu.outstanding", &Config::cpu_outstanding, "transactions", 0, 1024, Provenance::Placeholder,
     kOutstanding},
    {"interconnect.cpu.qos", &Config::cpu_qos, "", 0, 15, Provenance::Choice, kQos},
    {"interconnect.dma.latency", &Config::dma_latency, "cycles", 0, 100000, Provenance::Placeholder, kIdealPort},
    {"interconnect.dma.width", &Config::dma_width, "bytes", 1, 256, Provenance::Placeholder, kIdealPort},
    {"interconnect.dma.outstanding", &Config::dma_outstanding, "transactions", 0, 1024, Provenance::Placeholder,
     kOutstanding},
    {"interconnect.dma.qos", &Config::dma_qos, "", 0, 15, Provenance::Choice, kQos},
    {"interconnect.beat", &Config::beat, "cycles", 0, 1000, Provenance::Placeholder, kFabric},
    {"interconnect.contention", &Config::contention, "", 0, 1, Provenance::Choice,
     "beats occupy the data channels of their ports, limits of outstanding transactions hold; without, nobody waits"},
    {"interconnect.arbitration", &Config::arbitration, "", 0, 0, Provenance::Choice,
     "who of several that wait for a port goes first (non-blocking transactions; blocking ones reserve as they come)",
     "round-robin|priority|oldest"},
    {"interconnect.dvm.request", &Config::dvm_request, "cycles", 0, 100000, Provenance::Placeholder, kDvm},
    {"interconnect.dvm.occupancy", &Config::dvm_occupancy, "cycles", 0, 1000, Provenance::Placeholder, kDvm},
    {"interconnect.dvm.snoop", &Config::dvm_snoop, "cycles", 0, 100000, Provenance::Placeholder, kDvm},
    {"interconnect.dvm.processing", &Config::dvm_processing, "cycles", 0, 1000, Provenance::Placeholder, kDvm},
    {"interconnect.dvm.response", &Config::dvm_response, "cycles", 0, 100000, Provenance::Placeholder, kDvm},
};

}  // namespace tw::interconnect
