// Parameters of one core's MMU. All structures can be off (0 entries): every access then walks.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::mmu {

struct Config {
  u64 l1i_entries = 48;
  u64 l1d_entries = 32;
  u64 l2_entries = 1024;
  u64 l2_ways = 4;
  u64 l2_latency = 5;
  bool split = false;
  u64 ipa_entries = 0;
  u64 ipa_ways = 4;
  u64 ipa_latency = 1;
  u64 walk_cache_entries = 0;
  u64 walk_cache_ways = 4;
  u64 walk_cache_latency = 1;
  u64 descriptor_latency = 0;
  bool vmid_tagging = true;
  std::string replacement = "lru";
  u64 seed = 1;
};

inline constexpr std::string_view kTrmA57 = "Cortex-A57 TRM, Memory Management Unit: 48 I, 32 D, 1024 4-way";
inline constexpr std::string_view kTlbGuess = "a plausible core; to be replaced by Timed fidelity";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"mmu.l1i.entries", &Config::l1i_entries, "entries", 0, 4096, Provenance::Trm, kTrmA57},
    {"mmu.l1d.entries", &Config::l1d_entries, "entries", 0, 4096, Provenance::Trm, kTrmA57},
    {"mmu.l2.entries", &Config::l2_entries, "entries", 0, 65536, Provenance::Trm, kTrmA57},
    {"mmu.l2.ways", &Config::l2_ways, "ways", 1, 64, Provenance::Trm, kTrmA57},
    {"mmu.l2.latency", &Config::l2_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.split", &Config::split, "", 0, 1, Provenance::Choice,
     "second-level TLB: VA->PA, or VA->IPA with mmu.ipa behind it"},
    {"mmu.ipa.entries", &Config::ipa_entries, "entries", 0, 65536, Provenance::Choice,
     "IPA cache; stage-2 TLB with mmu.split (Cortex-A53: 64, 4-way)"},
    {"mmu.ipa.ways", &Config::ipa_ways, "ways", 1, 64, Provenance::Choice, "Cortex-A53 TRM: 4"},
    {"mmu.ipa.latency", &Config::ipa_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.walk_cache.entries", &Config::walk_cache_entries, "entries", 0, 65536, Provenance::Choice,
     "stage-1 table pointers (Cortex-A53: 64, 4-way)"},
    {"mmu.walk_cache.ways", &Config::walk_cache_ways, "ways", 1, 64, Provenance::Choice, "Cortex-A53 TRM: 4"},
    {"mmu.walk_cache.latency", &Config::walk_cache_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.descriptor_latency", &Config::descriptor_latency, "cycles", 0, 1000, Provenance::Placeholder,
     "of a descriptor fetch that hits the first cache it looks in; more when it misses. With cache.enabled"},
    {"mmu.vmid_tagging", &Config::vmid_tagging, "", 0, 1, Provenance::Choice,
     "off: a change of VTTBR_EL2.VMID drops all EL1&0 entries"},
    {"mmu.replacement", &Config::replacement, "", 0, 0, Provenance::Choice, "victim within a set", "lru|fifo|random"},
    {"mmu.seed", &Config::seed, "", 0, ~u64{0}, Provenance::Choice, "of random replacement"},
};

/// What rows cannot say: entries are a multiple of ways. `where` of a complaint is the key.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::mmu
