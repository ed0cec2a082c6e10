// Parameters of a replay: the translation tables under a trace, and what takes time beside the MMU.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::replay {

struct Config {
  std::string paging = "nested";
  u64 granule = 4096;
  u64 leaf = 4096;
  u64 granule2 = 4096;
  u64 leaf2 = 4096;
  u64 ipa_bits = 40;
  u64 memory = u64{256} << 30;
  u64 access_cycles = 1;
  u64 descriptor_cycles = 20;
  bool shortcuts = true;

  bool has_stage1() const { return paging != "stage2"; }
  bool has_stage2() const { return paging == "nested" || paging == "stage2"; }
};

inline constexpr ParameterRow<Config> kParameters[] = {
    {"replay.paging", &Config::paging, "", 0, 0, Provenance::Choice,
     "native: stage 1 alone; nested: both stages; stage2: it alone, of the trace's IPAs, or VAs where it knows none",
     "native|nested|stage2"},
    {"replay.granule", &Config::granule, "bytes", 4096, 65536, Provenance::Choice, "of stage 1: 4K, 16K or 64K"},
    {"replay.leaf", &Config::leaf, "bytes", 4096, u64{1} << 30, Provenance::Choice,
     "of stage 1: a page or a block (4K: 2M, 1G; 16K: 32M; 64K: 512M)"},
    {"replay.granule2", &Config::granule2, "bytes", 4096, 65536, Provenance::Choice, "of stage 2"},
    {"replay.leaf2", &Config::leaf2, "bytes", 4096, u64{1} << 30, Provenance::Choice, "of stage 2"},
    {"replay.ipa_bits", &Config::ipa_bits, "bits", 32, 48, Provenance::Choice, "64 - VTCR_EL2.T0SZ"},
    {"replay.memory", &Config::memory, "bytes", 1 << 20, u64{1} << 46, Provenance::Choice,
     "for tables and for the pages that they lead to, which hold nothing"},
    {"replay.access_cycles", &Config::access_cycles, "cycles", 1, 1000, Provenance::Choice,
     "of an access, beside its translation: there is no pipeline and no cache"},
    {"replay.descriptor_cycles", &Config::descriptor_cycles, "cycles", 0, 10000, Provenance::Placeholder,
     "of a descriptor fetch; a plausible second-level cache"},
    {"host.replay_shortcuts", &Config::shortcuts, "", 0, 1, Provenance::Choice,
     "hits of the first level are remembered; changes no result"},
};

/// What rows cannot say.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::replay
