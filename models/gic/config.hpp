// Parameters of the interrupt controller. The core holds the latencies, the TLM shell applies them.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::gic {

struct Config {
  u64 version = 2;         ///< of the architecture
  u64 cpus = 1;            ///< CPU interfaces
  u64 spis = 256;          ///< shared peripheral interrupts, INTIDs 32 .. 31 + spis
  u64 list_registers = 4;  ///< GICH_LRn of each core
  u64 priority_bits = 5;   ///< implemented high bits of a physical priority; at least 5 with Security Extensions
  bool security_extensions = false;
  u64 read_latency = 295;
  u64 write_latency = 26;
  u64 system_register_read = 42;
  u64 system_register_write = 42;
};

inline constexpr std::string_view kGic400 = "GIC-400 TRM (DDI 0471B), 2.1 and 3.2";
inline constexpr std::string_view kGicAccess =
    "ANCHORS.md row 1a (NEVE, SOSP'17, X-Gene): VGIC registers read and written by a world switch";

inline constexpr std::string_view kGicSystemRegister =
    "ANCHORS.md row 6 (kvm-unit-tests micro-bench, Altra, N1): eoi 14 ns, 42 cycles at 3 GHz";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"gic.version", &Config::version, "", 2, 3, Provenance::Choice, "QEMU virt: gic-version=2"},
    {"gic.cpus", &Config::cpus, "", 1, 8, Provenance::Choice, "GICv2 has at most 8 CPU interfaces (IHI 0048B, 2.2)"},
    {"gic.spis", &Config::spis, "", 0, 988, Provenance::Choice, "QEMU virt: 256 SPIs, 288 INTIDs"},
    {"gic.list_registers", &Config::list_registers, "", 1, 64, Provenance::Trm, kGic400},
    {"gic.priority_bits", &Config::priority_bits, "", 4, 8, Provenance::Trm, kGic400},
    {"gic.security_extensions", &Config::security_extensions, "", 0, 1, Provenance::Choice, "QEMU virt: secure=off"},
    {"gic.read_latency", &Config::read_latency, "cycles", 0, 100000, Provenance::Paper, kGicAccess},
    {"gic.write_latency", &Config::write_latency, "cycles", 0, 100000, Provenance::Paper, kGicAccess},
    {"gic.system_register_read", &Config::system_register_read, "cycles", 0, 100000, Provenance::Placeholder,
     "as a write, until somebody measures an acknowledge"},
    {"gic.system_register_write", &Config::system_register_write, "cycles", 0, 100000, Provenance::Measured,
     kGicSystemRegister},
};

/// One complaint for each parameter out of its row's range.
inline std::vector<Complaint> out_of_range(const Config& config) {
  std::vector<Complaint> complaints;
  for (const ParameterRow<Config>& row : kParameters) {
    const auto* member = std::get_if<u64 Config::*>(&row.member);
    if (!member) continue;
    const u64 value = config.**member;
    if (value >= row.min && value <= row.max) continue;
    complaints.push_back({std::string(row.key), std::to_string(value) + " is not in " + std::to_string(row.min) +
                                                    " .. " + std::to_string(row.max)});
  }
  return complaints;
}

}  // namespace tw::gic
