// Parameters of DRAM and its controller.
#pragma once

#include <bit>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::memory {

/// A DRAM controller and its channels. Times are clocks of the DRAM's command clock (half the data rate), as data
/// sheets give them after rounding; the defaults are DDR4-2400 with CL 17, x8 devices of 8 Gb.
struct DramConfig {
  u64 clock_mhz = 1200;
  u64 channels = 1;
  u64 ranks = 1;
  u64 banks = 16;
  u64 row_bytes = 8192;
  u64 width = 8;
  u64 burst = 8;
  u64 interleave = 64;
  std::string mapping = "row-rank-bank-column-channel";
  bool bank_hash = false;
  std::string page_policy = "open";
  u64 cl = 17;
  u64 cwl = 12;
  u64 rcd = 17;
  u64 rp = 17;
  u64 ras = 39;
  u64 ccd = 4;
  u64 rrd = 4;
  u64 faw = 26;
  u64 wr = 18;
  u64 wtr = 9;
  u64 rtp = 9;
  u64 rtw = 2;
  u64 refi = 9360;
  u64 rfc = 420;
  u64 front_end_ns = 10;
  u64 back_end_ns = 10;
  u64 read_queue = 64;
  u64 write_queue = 64;
};

inline constexpr std::string_view kDdr4 = "JEDEC JESD79-4, DDR4-2400R/T speed bins, x8 8 Gb";
inline constexpr std::string_view kController = "a plausible controller, for want of a source";

inline constexpr ParameterRow<DramConfig> kDramParameters[] = {
    {"memory.dram.clock", &DramConfig::clock_mhz, "MHz", 1, 10000, Provenance::Paper, kDdr4},
    {"memory.dram.channels", &DramConfig::channels, "channels", 1, 64, Provenance::Choice, "a power of two"},
    {"memory.dram.ranks", &DramConfig::ranks, "ranks", 1, 16, Provenance::Choice, "of a channel; a power of two"},
    {"memory.dram.banks", &DramConfig::banks, "banks", 1, 256, Provenance::Paper, kDdr4},
    {"memory.dram.row", &DramConfig::row_bytes, "bytes", 64, 1 << 20, Provenance::Paper,
     "of all devices of a rank together: 8 of 1 KB"},
    {"memory.dram.width", &DramConfig::width, "bytes", 1, 128, Provenance::Paper, "data lines of a channel"},
    {"memory.dram.burst", &DramConfig::burst, "transfers", 2, 64, Provenance::Paper, "BL8; two transfers a clock"},
    {"memory.dram.interleave", &DramConfig::interleave, "bytes", 8, 1 << 20, Provenance::Choice,
     "this much stays in a channel and a row, then the lowest part of memory.dram.mapping counts"},
    {"memory.dram.mapping", &DramConfig::mapping, "", 0, 0, Provenance::Choice,
     "which address bits choose what, highest first",
     "row-rank-bank-column-channel|row-column-rank-bank-channel|row-rank-bank-channel-column"},
    {"memory.dram.bank_hash", &DramConfig::bank_hash, "", 0, 1, Provenance::Choice,
     "the bank is exclusive-ored with the lowest bits of the row"},
    {"memory.dram.page_policy", &DramConfig::page_policy, "", 0, 0, Provenance::Choice,
     "open: a row stays until another one is asked for; closed: each access precharges its bank behind itself",
     "open|closed"},
    {"memory.dram.cl", &DramConfig::cl, "clocks", 1, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.cwl", &DramConfig::cwl, "clocks", 1, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.rcd", &DramConfig::rcd, "clocks", 0, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.rp", &DramConfig::rp, "clocks", 0, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.ras", &DramConfig::ras, "clocks", 0, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.ccd", &DramConfig::ccd, "clocks", 0, 1000, Provenance::Paper,
     "between column commands of one bank; tCCD_S: bank groups are not modelled"},
    {"memory.dram.rrd", &DramConfig::rrd, "clocks", 0, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.faw", &DramConfig::faw, "clocks", 0, 1000, Provenance::Paper,
     "four activates of a rank; 0: no limit"},
    {"memory.dram.wr", &DramConfig::wr, "clocks", 0, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.wtr", &DramConfig::wtr, "clocks", 0, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.rtp", &DramConfig::rtp, "clocks", 0, 1000, Provenance::Paper, kDdr4},
    {"memory.dram.rtw", &DramConfig::rtw, "clocks", 0, 1000, Provenance::Paper,
     "the data bus idles so long between a read's data and a write's"},
    {"memory.dram.refi", &DramConfig::refi, "clocks", 0, 1'000'000, Provenance::Paper,
     "7.8 us between refreshes of a rank; 0: none"},
    {"memory.dram.rfc", &DramConfig::rfc, "clocks", 0, 100'000, Provenance::Paper, "350 ns, 8 Gb"},
    {"memory.dram.front_end", &DramConfig::front_end_ns, "ns", 0, 10000, Provenance::Placeholder, kController},
    {"memory.dram.back_end", &DramConfig::back_end_ns, "ns", 0, 10000, Provenance::Placeholder, kController},
    {"memory.dram.read_queue", &DramConfig::read_queue, "entries", 0, 1024, Provenance::Placeholder,
     "reads in the controller at once; 0: no limit"},
    {"memory.dram.write_queue", &DramConfig::write_queue, "entries", 0, 1024, Provenance::Placeholder,
     "writes are answered when they are in it; 0: there is none, a write is answered when it is done"},
};

/// What is wrong with the parameters together.
inline std::vector<Complaint> validate(const DramConfig& config) {
  std::vector<Complaint> complaints;
  const auto power_of_two = [&](const char* key, u64 value) {
    if (!std::has_single_bit(value)) complaints.push_back({key, fmt::format("{} is not a power of two", value)});
  };
  power_of_two("memory.dram.channels", config.channels);
  power_of_two("memory.dram.ranks", config.ranks);
  power_of_two("memory.dram.banks", config.banks);
  power_of_two("memory.dram.row", config.row_bytes);
  power_of_two("memory.dram.width", config.width);
  power_of_two("memory.dram.burst", config.burst);
  power_of_two("memory.dram.interleave", config.interleave);
  if (config.interleave < config.burst * config.width) {
    complaints.push_back({"memory.dram.interleave", fmt::format("{} bytes are less than a burst of {}",
                                                                config.interleave, config.burst * config.width)});
  }
  if (config.interleave > config.row_bytes) {
    complaints.push_back({"memory.dram.interleave", "more than a row"});
  }
  if (config.refi != 0 && config.rfc >= config.refi) {
    complaints.push_back({"memory.dram.rfc", "a refresh takes longer than the time until the next one"});
  }
  return complaints;
}

}  // namespace tw::memory
