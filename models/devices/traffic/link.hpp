// A PCI Express link as bandwidth: how many bytes of the wire a read or a write takes in each direction, and when the
// wire has room for them. Times are byte times of the whole link (all lanes), so that lengths are whole numbers.
#pragma once

#include <algorithm>

#include "base/error.hpp"
#include "base/parameters.hpp"
#include "base/timeline.hpp"

namespace tw::devices::traffic {

struct LinkConfig {
  bool enabled = false;
  u64 generation = 3;
  u64 lanes = 8;
  u64 max_payload = 256;
  u64 max_read_request = 512;
  u64 completion = 256;
  u64 request_overhead = 24;
  u64 write_overhead = 24;
  u64 completion_overhead = 20;
  u64 dllp_ppm = 81'400;
  u64 root_complex_ns = 150;
};

inline constexpr std::string_view kTlp =
    "2 bytes of framing, 6 of the data link layer, a header of 16 (64-bit addresses) or 12: PCIe base specification, "
    "2.2; pcie-bench, SIGCOMM'18, 3";

inline constexpr ParameterRow<LinkConfig> kLinkParameters[] = {
    {"traffic.link.enabled", &LinkConfig::enabled, "", 0, 1, Provenance::Choice,
     "a PCI Express link between the generator and the system; without, requests come as they are issued"},
    {"traffic.link.generation", &LinkConfig::generation, "", 1, 5, Provenance::Choice,
     "2.5, 5, 8, 16 and 32 GT/s a lane"},
    {"traffic.link.lanes", &LinkConfig::lanes, "lanes", 1, 32, Provenance::Choice, "1, 2, 4, 8, 12, 16 or 32"},
    {"traffic.link.max_payload", &LinkConfig::max_payload, "bytes", 128, 4096, Provenance::Choice,
     "MPS: of a write's TLPs"},
    {"traffic.link.max_read_request", &LinkConfig::max_read_request, "bytes", 128, 4096, Provenance::Choice,
     "MRRS: of a read's request TLPs"},
    {"traffic.link.completion", &LinkConfig::completion, "bytes", 64, 4096, Provenance::Choice,
     "of a read's completions: RCB or MPS, as the root complex cuts them"},
    {"traffic.link.request_overhead", &LinkConfig::request_overhead, "bytes", 0, 64, Provenance::Architecture, kTlp},
    {"traffic.link.write_overhead", &LinkConfig::write_overhead, "bytes", 0, 64, Provenance::Architecture, kTlp},
    {"traffic.link.completion_overhead", &LinkConfig::completion_overhead, "bytes", 0, 64, Provenance::Architecture,
     kTlp},
    {"traffic.link.dllp", &LinkConfig::dllp_ppm, "ppm", 0, 500'000, Provenance::Paper,
     "of the wire, for acknowledgements, flow control and SKIP: 8/203 + 8/203 + 4/1538, as pcie-bench's model takes "
     "from the base specification for x8 and 256 bytes"},
    {"traffic.link.root_complex", &LinkConfig::root_complex_ns, "ns", 0, 1'000'000, Provenance::Placeholder,
     "from the wire through the root complex to the system and back, beside what the system takes"},
};

/// What is wrong with the parameters together.
std::vector<Complaint> validate(const LinkConfig& config);

/// Bytes of the wire, towards the system (up) and back (down).
struct WireBytes {
  u64 up = 0, down = 0;
};
WireBytes wire_bytes(const LinkConfig& config, u64 bytes, bool write);

/// Of the whole link, beside what acknowledgements take.
u64 femtoseconds_per_byte(const LinkConfig& config);

/// The closed formula: bytes a second of endless requests of `bytes`, where nothing but the wire limits.
double bandwidth(const LinkConfig& config, u64 bytes, bool write);

class Link final {
 public:
  /// `backlog`: the most bytes that wait for one direction at a time; what the link knows of its past must be longer.
  explicit Link(u64 backlog = 0) : up_(window(backlog)), down_(window(backlog)) {}
  /// Both return when the last byte has crossed.
  u64 go_up(u64 from, u64 bytes) { return up_.reserve(from, bytes) + bytes; }
  u64 go_down(u64 from, u64 bytes) { return down_.reserve(from, bytes) + bytes; }

 private:
  static constexpr u64 kLeast = u64{1} << 18;  ///< byte times: some microseconds of the fastest link
  static u64 window(u64 backlog) { return std::max(kLeast, 2 * backlog); }

  Timeline up_, down_;
};

}  // namespace tw::devices::traffic
