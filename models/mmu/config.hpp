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
  u64 l1d_store_entries = 0;
  u64 l1_max_page_bits = 48;
  std::string l1_policy = "default";
  u64 l2_entries = 1024;
  u64 l2_ways = 4;
  u64 l2_latency = 5;
  u64 l2_max_page_bits = 48;
  std::string l2_policy = "default";
  std::string l2_page_sizes = "unified";
  u64 l2_rehash_latency = 1;
  u64 l2_large_entries = 64;
  u64 l2_large_ways = 4;
  u64 l2_large_bits = 21;
  bool split = false;
  bool contiguous = false;
  u64 ipa_entries = 0;
  u64 ipa_ways = 4;
  u64 ipa_latency = 1;
  std::string ipa_policy = "default";
  bool ipa_in_l2 = false;
  u64 walk_cache_entries = 0;
  u64 walk_cache_ways = 4;
  u64 walk_cache_latency = 1;
  u64 descriptor_latency = 0;
  std::string walk_cache_policy = "default";
  bool walk_cache_per_level = false;
  bool walk_cache_in_l2 = false;
  u64 walk_cache2_entries = 0;
  u64 walk_cache2_ways = 4;
  u64 walk_cache2_latency = 1;
  bool walk_cache2_in_l2 = false;
  u64 walkers = 1;
  bool coalesce = true;
  std::string prefetch = "none";
  bool vmid_tagging = true;
  bool asid_tagging = true;
  u64 tlbi_issue = 0;
  u64 tlbi_by_address = 0;
  u64 tlbi_by_set = 0;
  u64 tlbi_all = 0;
  u64 tlbi_remote = 0;
  bool check_contract = false;
  std::string replacement = "lru";
  u64 seed = 1;
};

inline constexpr std::string_view kTrmA57 = "Cortex-A57 TRM, Memory Management Unit: 48 I, 32 D, 1024 4-way";
inline constexpr std::string_view kTlbGuess = "a plausible core; no source has it";
inline constexpr std::string_view kAnyPolicy = "default|lru|plru|fifo|random";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"mmu.l1i.entries", &Config::l1i_entries, "entries", 0, 4096, Provenance::Trm, kTrmA57},
    {"mmu.l1d.entries", &Config::l1d_entries, "entries", 0, 4096, Provenance::Trm, kTrmA57},
    {"mmu.l1d.store_entries", &Config::l1d_store_entries, "entries", 0, 4096, Provenance::Choice,
     "a first-level TLB of its own for stores (Cortex-A15: 32); 0: stores use mmu.l1d"},
    {"mmu.l1.max_page_bits", &Config::l1_max_page_bits, "bits", 12, 48, Provenance::Choice,
     "largest page in a first-level entry; larger ones are kept in fragments (Cortex-A57, A72: 1 MB, 20)"},
    {"mmu.l1.policy", &Config::l1_policy, "", 0, 0, Provenance::Choice, "victim; no plru, whose state a hit changes",
     "default|lru|fifo|random"},
    {"mmu.l2.entries", &Config::l2_entries, "entries", 0, 65536, Provenance::Trm, kTrmA57},
    {"mmu.l2.ways", &Config::l2_ways, "ways", 1, 64, Provenance::Trm, kTrmA57},
    {"mmu.l2.latency", &Config::l2_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.l2.max_page_bits", &Config::l2_max_page_bits, "bits", 12, 48, Provenance::Choice,
     "largest page in an entry (Cortex-A53 splits 1 GB into 512 MB: 29)"},
    {"mmu.l2.policy", &Config::l2_policy, "", 0, 0, Provenance::Choice, "victim within a set", kAnyPolicy},
    {"mmu.l2.page_sizes", &Config::l2_page_sizes, "", 0, 0, Provenance::Choice,
     "all sizes at once; one after another; large pages in an array of their own; each way another index",
     "unified|rehash|split|skewed"},
    {"mmu.l2.rehash_latency", &Config::l2_rehash_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.l2.large_entries", &Config::l2_large_entries, "entries", 1, 65536, Provenance::Choice,
     "of the second array with mmu.l2.page_sizes=split"},
    {"mmu.l2.large_ways", &Config::l2_large_ways, "ways", 1, 64, Provenance::Choice, "the same"},
    {"mmu.l2.large_bits", &Config::l2_large_bits, "bits", 13, 48, Provenance::Choice,
     "the smallest page of the second array: 2 MB"},
    {"mmu.split", &Config::split, "", 0, 1, Provenance::Choice,
     "second-level TLB: VA->PA, or VA->IPA with mmu.ipa behind it"},
    {"mmu.contiguous", &Config::contiguous, "", 0, 1, Provenance::Choice,
     "one entry for a run of pages with the contiguous hint"},
    {"mmu.ipa.entries", &Config::ipa_entries, "entries", 0, 65536, Provenance::Choice,
     "IPA cache; stage-2 TLB with mmu.split (Cortex-A53: 64, 4-way)"},
    {"mmu.ipa.ways", &Config::ipa_ways, "ways", 1, 64, Provenance::Choice, "Cortex-A53 TRM: 4"},
    {"mmu.ipa.latency", &Config::ipa_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.ipa.policy", &Config::ipa_policy, "", 0, 0, Provenance::Choice, "victim within a set", kAnyPolicy},
    {"mmu.ipa.in_l2", &Config::ipa_in_l2, "", 0, 1, Provenance::Choice,
     "in the array of the second-level TLB instead of its own (Cortex-A76)"},
    {"mmu.walk_cache.entries", &Config::walk_cache_entries, "entries", 0, 65536, Provenance::Choice,
     "stage-1 table pointers (Cortex-A53: 64, 4-way)"},
    {"mmu.walk_cache.ways", &Config::walk_cache_ways, "ways", 1, 64, Provenance::Choice, "Cortex-A53 TRM: 4"},
    {"mmu.walk_cache.latency", &Config::walk_cache_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.descriptor_latency", &Config::descriptor_latency, "cycles", 0, 1000, Provenance::Placeholder,
     "of a descriptor fetch that hits the first cache it looks in; more when it misses. With cache.enabled"},
    {"mmu.walk_cache.policy", &Config::walk_cache_policy, "", 0, 0, Provenance::Choice,
     "victim within a set; both stages", kAnyPolicy},
    {"mmu.walk_cache.per_level", &Config::walk_cache_per_level, "", 0, 1, Provenance::Choice,
     "as many entries for each level of table, in both stages"},
    {"mmu.walk_cache.in_l2", &Config::walk_cache_in_l2, "", 0, 1, Provenance::Choice,
     "in the array of the second-level TLB instead of its own (Cortex-A76)"},
    {"mmu.walk_cache2.entries", &Config::walk_cache2_entries, "entries", 0, 65536, Provenance::Choice,
     "stage-2 table pointers"},
    {"mmu.walk_cache2.ways", &Config::walk_cache2_ways, "ways", 1, 64, Provenance::Choice, "as stage 1's"},
    {"mmu.walk_cache2.latency", &Config::walk_cache2_latency, "cycles", 0, 1000, Provenance::Placeholder, kTlbGuess},
    {"mmu.walk_cache2.in_l2", &Config::walk_cache2_in_l2, "", 0, 1, Provenance::Choice,
     "in the array of the second-level TLB instead of its own"},
    {"mmu.walkers", &Config::walkers, "walks", 0, 64, Provenance::Choice,
     "walks at a time (Cortex-A76: 4); 0: no limit"},
    {"mmu.coalesce", &Config::coalesce, "", 0, 1, Provenance::Choice,
     "an access to a page whose walk is under way waits for it; off: walks as well"},
    {"mmu.prefetch", &Config::prefetch, "", 0, 0, Provenance::Choice,
     "after a data access's walk, a walk for the page behind it, into the second level", "none|next-page"},
    {"mmu.vmid_tagging", &Config::vmid_tagging, "", 0, 1, Provenance::Choice,
     "off: a change of VTTBR_EL2.VMID drops all EL1&0 entries"},
    {"mmu.asid_tagging", &Config::asid_tagging, "", 0, 1, Provenance::Choice,
     "off: a change of the ASID drops all EL1&0 entries that are not global"},
    {"mmu.tlbi.issue", &Config::tlbi_issue, "cycles", 0, 1000, Provenance::Placeholder, "every TLBI"},
    {"mmu.tlbi.by_address", &Config::tlbi_by_address, "cycles", 0, 1000, Provenance::Placeholder,
     "and of one by VA or IPA"},
    {"mmu.tlbi.by_set", &Config::tlbi_by_set, "cycles", 0, 1000, Provenance::Placeholder,
     "and of one by ASID or VMID, for each set of the largest structure"},
    {"mmu.tlbi.all", &Config::tlbi_all, "cycles", 0, 1000, Provenance::Placeholder, "and of one of all entries"},
    {"mmu.tlbi.remote", &Config::tlbi_remote, "cycles", 0, 1000, Provenance::Placeholder,
     "that another core's TLBI keeps this core's walkers from their work"},
    {"mmu.check_contract", &Config::check_contract, "", 0, 1, Provenance::Choice,
     "look for missing TLBIs, DSBs and break-before-make; changes no time"},
    {"mmu.replacement", &Config::replacement, "", 0, 0, Provenance::Choice,
     "victim within a set where a structure has no policy of its own", "lru|fifo|random"},
    {"mmu.seed", &Config::seed, "", 0, ~u64{0}, Provenance::Choice, "of random replacement"},
};

/// What rows cannot say: entries are a multiple of ways, and what goes with what. `where` of a complaint is the key.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::mmu
