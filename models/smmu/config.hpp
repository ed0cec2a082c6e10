// Parameters of the SMMU: what it implements (its ID registers follow from these), and the structures and times of its
// TBUs and TCU.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::smmu {

struct Config {
  u64 frequency_mhz = 1000;
  // ---- what is implemented
  bool stage1 = true;
  bool stage2 = true;
  u64 sid_bits = 17;
  u64 ssid_bits = 16;
  u64 pa_bits = 44;
  bool granule_4k = true;
  bool granule_16k = true;
  bool granule_64k = true;
  bool aarch32 = true;
  bool asid16 = true;
  bool vmid16 = true;
  bool vmid_wildcard = true;
  bool hyp = true;
  std::string httu = "dirty";
  std::string stall = "both";
  u64 stall_max = 64;
  bool ats = true;
  bool pri = true;
  bool msi = true;
  bool sev = true;
  bool range_invalidation = true;
  bool coherent = true;
  bool bypass_abort = false;
  u64 command_queue_bits = 16;
  u64 event_queue_bits = 16;
  u64 page_queue_bits = 16;
  bool secure = false;
  // ---- TBU
  u64 tbus = 0;
  u64 tbu_entries = 64;
  u64 tbu_ways = 0;
  u64 tbu_latency = 2;
  u64 tbu_main_entries = 0;
  u64 tbu_main_ways = 4;
  u64 tbu_main_latency = 2;
  u64 tbu_walks = 8;
  u64 link_latency = 10;
  // ---- TCU
  u64 tcu_latency = 4;
  u64 port_interval = 1;
  u64 slots = 64;
  u64 walks = 64;
  u64 tlb_entries = 1024;
  u64 tlb_ways = 4;
  u64 tlb_latency = 4;
  u64 walk_cache_entries = 256;
  u64 walk_cache_ways = 4;
  bool walk_cache_per_level = false;
  u64 walk_cache_latency = 2;
  u64 walk_cache2_entries = 256;
  u64 walk_cache2_ways = 4;
  u64 ipa_entries = 256;
  u64 ipa_ways = 4;
  u64 ipa_latency = 2;
  u64 ste_entries = 256;
  u64 ste_ways = 4;
  u64 cd_entries = 256;
  u64 cd_ways = 4;
  u64 configuration_latency = 2;
  std::string prefetch = "none";
  std::string replacement = "lru";
  u64 seed = 1;
  // ---- commands
  u64 command_fetch = 8;
  u64 command_issue = 4;
  u64 invalidate_by_address = 4;
  u64 invalidate_by_set = 1;
  u64 invalidate_all = 64;
  u64 sync = 16;
  u64 atc_timeout = 1000000;
};

inline constexpr std::string_view kSmmuV3 = "IHI 0070, 6.3.1 - 6.3.6: ID registers";
inline constexpr std::string_view kAnchor16 = "ANCHORS.md row 16: MMU-500, MMU-600 as built in Agilex 5";
inline constexpr std::string_view kSmmuGuess = "a plausible SMMU; no source has it";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"smmu.frequency_mhz", &Config::frequency_mhz, "MHz", 1, 10000, Provenance::Choice, "clock of TBUs and TCU"},
    {"smmu.stage1", &Config::stage1, "", 0, 1, Provenance::Choice, "IDR0.S1P"},
    {"smmu.stage2", &Config::stage2, "", 0, 1, Provenance::Choice, "IDR0.S2P"},
    {"smmu.sid_bits", &Config::sid_bits, "bits", 1, 32, Provenance::Choice,
     "IDR1.SIDSIZE: PCI bus 0 and platform devices"},
    {"smmu.ssid_bits", &Config::ssid_bits, "bits", 0, 20, Provenance::Choice, "IDR1.SSIDSIZE"},
    {"smmu.pa_bits", &Config::pa_bits, "bits", 32, 48, Provenance::Choice, "IDR5.OAS: 32, 36, 40, 42, 44 or 48"},
    {"smmu.granule_4k", &Config::granule_4k, "", 0, 1, Provenance::Choice, "IDR5.GRAN4K"},
    {"smmu.granule_16k", &Config::granule_16k, "", 0, 1, Provenance::Choice, "IDR5.GRAN16K"},
    {"smmu.granule_64k", &Config::granule_64k, "", 0, 1, Provenance::Choice, "IDR5.GRAN64K"},
    {"smmu.aarch32", &Config::aarch32, "", 0, 1, Provenance::Choice, "IDR0.TTF: AArch32 LPAE tables too"},
    {"smmu.asid16", &Config::asid16, "", 0, 1, Provenance::Choice, "IDR0.ASID16"},
    {"smmu.vmid16", &Config::vmid16, "", 0, 1, Provenance::Choice, "IDR0.VMID16"},
    {"smmu.vmid_wildcard", &Config::vmid_wildcard, "", 0, 1, Provenance::Choice, "IDR0.VMW"},
    {"smmu.hyp", &Config::hyp, "", 0, 1, Provenance::Choice, "IDR0.Hyp: EL2 and EL2-E2H streams"},
    {"smmu.httu", &Config::httu, "", 0, 0, Provenance::Choice, "IDR0.HTTU", "none|access|dirty"},
    {"smmu.stall", &Config::stall, "", 0, 0, Provenance::Choice, "IDR0.STALL_MODEL", "both|terminate|stall"},
    {"smmu.stall_max", &Config::stall_max, "transactions", 1, 32768, Provenance::Choice,
     "IDR5.STALL_MAX: stalled at a time; any more are terminated"},
    {"smmu.ats", &Config::ats, "", 0, 1, Provenance::Choice, "IDR0.ATS"},
    {"smmu.pri", &Config::pri, "", 0, 1, Provenance::Choice, "IDR0.PRI"},
    {"smmu.msi", &Config::msi, "", 0, 1, Provenance::Choice, "IDR0.MSI"},
    {"smmu.sev", &Config::sev, "", 0, 1, Provenance::Choice, "IDR0.SEV"},
    {"smmu.range_invalidation", &Config::range_invalidation, "", 0, 1, Provenance::Choice, "IDR3.RIL"},
    {"smmu.coherent", &Config::coherent, "", 0, 1, Provenance::Choice, "IDR0.COHACC"},
    {"smmu.bypass_abort", &Config::bypass_abort, "", 0, 1, Provenance::Choice, "GBPA.ABORT after reset"},
    {"smmu.command_queue.bits", &Config::command_queue_bits, "bits", 0, 19, Provenance::Choice, "IDR1.CMDQS"},
    {"smmu.event_queue.bits", &Config::event_queue_bits, "bits", 0, 19, Provenance::Choice, "IDR1.EVENTQS"},
    {"smmu.page_queue.bits", &Config::page_queue_bits, "bits", 0, 19, Provenance::Choice, "IDR1.PRIQS"},
    {"smmu.secure", &Config::secure, "", 0, 1, Provenance::Choice, "S_IDR1.SECURE_IMPL"},
    {"smmu.tbus", &Config::tbus, "TBUs", 0, 64, Provenance::Choice, "shared by the masters in turn; 0: one a master"},
    {"smmu.tbu.entries", &Config::tbu_entries, "entries", 0, 65536, Provenance::Placeholder, kSmmuGuess},
    {"smmu.tbu.ways", &Config::tbu_ways, "ways", 0, 64, Provenance::Choice, "0: fully associative"},
    {"smmu.tbu.latency", &Config::tbu_latency, "cycles", 0, 1000, Provenance::Trm, kAnchor16},
    {"smmu.tbu.main.entries", &Config::tbu_main_entries, "entries", 0, 65536, Provenance::Choice,
     "of a second TLB in each TBU, behind its micro-TLB"},
    {"smmu.tbu.main.ways", &Config::tbu_main_ways, "ways", 0, 64, Provenance::Choice, "0: fully associative"},
    {"smmu.tbu.main.latency", &Config::tbu_main_latency, "cycles", 0, 1000, Provenance::Placeholder, kSmmuGuess},
    {"smmu.tbu.walks", &Config::tbu_walks, "walks", 0, 1024, Provenance::Trm, kAnchor16},
    {"smmu.link_latency", &Config::link_latency, "cycles", 0, 1000, Provenance::Placeholder,
     "from a TBU to the TCU, and the same back"},
    {"smmu.tcu.latency", &Config::tcu_latency, "cycles", 0, 1000, Provenance::Placeholder, kSmmuGuess},
    {"smmu.tcu.port_interval", &Config::port_interval, "cycles", 0, 1000, Provenance::Placeholder,
     "between requests that the TCU takes"},
    {"smmu.tcu.slots", &Config::slots, "translations", 0, 4096, Provenance::Trm, kAnchor16},
    {"smmu.tcu.walks", &Config::walks, "walks", 0, 4096, Provenance::Choice, "at a time; 0: no limit"},
    {"smmu.tlb.entries", &Config::tlb_entries, "entries", 0, 65536, Provenance::Placeholder, kSmmuGuess},
    {"smmu.tlb.ways", &Config::tlb_ways, "ways", 0, 64, Provenance::Placeholder, kSmmuGuess},
    {"smmu.tlb.latency", &Config::tlb_latency, "cycles", 0, 1000, Provenance::Placeholder, kSmmuGuess},
    {"smmu.walk_cache.entries", &Config::walk_cache_entries, "entries", 0, 65536, Provenance::Trm, kAnchor16},
    {"smmu.walk_cache.ways", &Config::walk_cache_ways, "ways", 0, 64, Provenance::Placeholder, kSmmuGuess},
    {"smmu.walk_cache.per_level", &Config::walk_cache_per_level, "", 0, 1, Provenance::Choice,
     "as many entries for each level of table, of stage 1 and of stage 2"},
    {"smmu.walk_cache.latency", &Config::walk_cache_latency, "cycles", 0, 1000, Provenance::Placeholder, kSmmuGuess},
    {"smmu.walk_cache2.entries", &Config::walk_cache2_entries, "entries", 0, 65536, Provenance::Trm, kAnchor16},
    {"smmu.walk_cache2.ways", &Config::walk_cache2_ways, "ways", 0, 64, Provenance::Placeholder, kSmmuGuess},
    {"smmu.ipa.entries", &Config::ipa_entries, "entries", 0, 65536, Provenance::Placeholder, kSmmuGuess},
    {"smmu.ipa.ways", &Config::ipa_ways, "ways", 0, 64, Provenance::Placeholder, kSmmuGuess},
    {"smmu.ipa.latency", &Config::ipa_latency, "cycles", 0, 1000, Provenance::Placeholder, kSmmuGuess},
    {"smmu.ste.entries", &Config::ste_entries, "entries", 0, 65536, Provenance::Trm, kAnchor16},
    {"smmu.ste.ways", &Config::ste_ways, "ways", 0, 64, Provenance::Placeholder, kSmmuGuess},
    {"smmu.cd.entries", &Config::cd_entries, "entries", 0, 65536, Provenance::Trm, kAnchor16},
    {"smmu.cd.ways", &Config::cd_ways, "ways", 0, 64, Provenance::Placeholder, kSmmuGuess},
    {"smmu.configuration.latency", &Config::configuration_latency, "cycles", 0, 1000, Provenance::Placeholder,
     kSmmuGuess},
    {"smmu.prefetch", &Config::prefetch, "", 0, 0, Provenance::Choice,
     "after a walk, a walk for the page behind it, into the main TLB", "none|next-page"},
    {"smmu.replacement", &Config::replacement, "", 0, 0, Provenance::Choice, "victim within a set",
     "lru|plru|fifo|random"},
    {"smmu.seed", &Config::seed, "", 0, ~u64{0}, Provenance::Choice, "of random replacement"},
    {"smmu.command.fetch", &Config::command_fetch, "cycles", 0, 100000, Provenance::Placeholder,
     "from the doorbell to the first read of the queue"},
    {"smmu.command.issue", &Config::command_issue, "cycles", 0, 100000, Provenance::Placeholder, "every command"},
    {"smmu.command.by_address", &Config::invalidate_by_address, "cycles", 0, 100000, Provenance::Placeholder,
     "and of an invalidation by VA or IPA, for each page of a range"},
    {"smmu.command.by_set", &Config::invalidate_by_set, "cycles", 0, 100000, Provenance::Placeholder,
     "and of one by ASID or VMID, for each set of the main TLB"},
    {"smmu.command.all", &Config::invalidate_all, "cycles", 0, 100000, Provenance::Placeholder, "and of one of all"},
    {"smmu.command.sync", &Config::sync, "cycles", 0, 100000, Provenance::Placeholder,
     "CMD_SYNC, beyond its wait for what was before it"},
    {"smmu.command.atc_timeout", &Config::atc_timeout, "cycles", 1, ~u64{0}, Provenance::Placeholder,
     "until an ATC invalidation that no endpoint completes fails its CMD_SYNC"},
};

/// What rows cannot say. `where` of a complaint is the key.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::smmu
