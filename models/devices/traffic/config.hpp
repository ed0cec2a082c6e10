// Parameters of the traffic generator: what a master asks for, how often, and in whose name.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::devices::traffic {

struct Config {
  std::string pattern = "random";
  u64 base = 0x1000'0000;
  u64 window = u64{1} << 20;
  u64 alignment = 64;
  u64 stride = 4096;
  u64 size = 64;
  u64 size_max = 0;
  u64 segments = 64;
  u64 segment_bytes = 16384;
  u64 read_share = 100;
  u64 rate = 0;
  u64 outstanding = 32;
  u64 engine_ns = 0;
  u64 stream_first = 0x100;
  u64 streams = 1;
  u64 substreams = 0;
  std::string weights = {};
  bool privileged = false;
  bool may_stall = false;
  u64 requests = 0;
  u64 warm_up = 0;
  u64 seed = 1;
  bool check = true;
};

inline constexpr u64 kMostStreams = 256;
inline constexpr u64 kMostBytes = 1 << 16;  ///< of a request

inline constexpr ParameterRow<Config> kParameters[] = {
    {"traffic.pattern", &Config::pattern, "", 0, 0, Provenance::Choice,
     "the order of addresses in the window; scatter-gather: through a list of traffic.segments, again and again",
     "sequential|random|strided|scatter-gather"},
    {"traffic.base", &Config::base, "bytes", 0, ~u64{0} >> 12, Provenance::Choice,
     "the window's first address, of each stream"},
    {"traffic.window", &Config::window, "bytes", 8, u64{1} << 40, Provenance::Choice, "the footprint of each stream"},
    {"traffic.alignment", &Config::alignment, "bytes", 1, kMostBytes, Provenance::Choice,
     "of a random request and of a segment"},
    {"traffic.stride", &Config::stride, "bytes", 1, u64{1} << 40, Provenance::Choice,
     "from one strided request to the next"},
    {"traffic.size", &Config::size, "bytes", 1, kMostBytes, Provenance::Choice,
     "of a request; the least, with size_max"},
    {"traffic.size_max", &Config::size_max, "bytes", 0, kMostBytes, Provenance::Choice,
     "0: all are of traffic.size; else it is doubled a random number of times up to here (PCIe-like: 64 to 1024)"},
    {"traffic.segments", &Config::segments, "segments", 1, 65536, Provenance::Choice, "of a scatter-gather list"},
    {"traffic.segment_bytes", &Config::segment_bytes, "bytes", 1, u64{1} << 30, Provenance::Choice,
     "of a segment; requests end where it ends"},
    {"traffic.read_share", &Config::read_share, "percent", 0, 100, Provenance::Choice, "the others are writes"},
    {"traffic.rate", &Config::rate, "MB/s", 0, 1'000'000, Provenance::Choice, "0: as fast as requests complete"},
    {"traffic.outstanding", &Config::outstanding, "requests", 1, 4096, Provenance::Choice, "under way at once"},
    {"traffic.engine", &Config::engine_ns, "ns", 0, 1'000'000, Provenance::Choice,
     "what the device itself takes before a request leaves it; part of its latency"},
    {"traffic.stream_first", &Config::stream_first, "", 0, 0xFFFF'FFFF, Provenance::Choice,
     "StreamID of the first stream, the others follow"},
    {"traffic.streams", &Config::streams, "streams", 1, kMostStreams, Provenance::Choice,
     "StreamIDs, each with a window of its own"},
    {"traffic.substreams", &Config::substreams, "substreams", 0, kMostStreams, Provenance::Choice,
     "SubstreamIDs (PASIDs) of each stream, from 1 on, each with a window of its own; 0: none"},
    {"traffic.weights", &Config::weights, "", 0, 0, Provenance::Choice,
     "\"3,1\": how often each stream's turn comes; empty: equally often"},
    {"traffic.privileged", &Config::privileged, "", 0, 1, Provenance::Choice, "AxPROT[0] of all requests"},
    {"traffic.may_stall", &Config::may_stall, "", 0, 1, Provenance::Choice,
     "an SMMU may hold a request until software resolves its fault; those behind it wait too"},
    {"traffic.requests", &Config::requests, "requests", 0, ~u64{0}, Provenance::Choice,
     "that are counted, then the master is done; 0: without end"},
    {"traffic.warm_up", &Config::warm_up, "requests", 0, ~u64{0}, Provenance::Choice,
     "before the first that is counted"},
    {"traffic.seed", &Config::seed, "", 0, ~u64{0}, Provenance::Choice, "equal runs make equal requests"},
    {"traffic.check", &Config::check, "", 0, 1, Provenance::Choice,
     "data are compared with what belongs to their address"},
};

/// The parts of traffic.weights, one a stream; throws UserError.
std::vector<u64> weights_of(const Config& config);

/// What is wrong with the parameters together.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::devices::traffic
