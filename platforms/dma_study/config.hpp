// Parameters of the DMA study: what stands between masters and memory, and what software does meanwhile.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::study {

inline constexpr unsigned kMostMasters = 16;

struct Config {
  u64 frequency_mhz = 1000;
  u64 quantum_ns = 100;
  u64 masters = 1;
  bool check_protocol = false;
  // ---- translation
  std::string translation = "stage1";
  u64 granule = 4096;
  u64 leaf = 4096;
  u64 va_bits = 48;
  u64 granule2 = 4096;
  u64 leaf2 = 4096;
  u64 ipa_bits = 40;
  bool shuffle = true;
  std::string faults = "none";
  u64 command_queue_bits = 8;
  u64 mmio_latency = 40;
  // ---- software
  std::string work = "stream";
  std::string invalidation = "strict";
  std::string command = "va";
  std::string sync = "message";
  u64 cpus = 1;
  u64 depth = 32;
  u64 io_bytes = 4096;
  u64 ios = 10'000;
  u64 flush_entries = 256;
  u64 flush_timeout_us = 10'000;
  u64 interrupt_ns = 1000;
  u64 fault_ns = 1000;
  u64 map_ns = 100;
  u64 unmap_ns = 100;
  u64 pte_ns = 4;
  u64 atomic_ns = 40;
  u64 command_ns = 4;
  u64 poll_ns = 20;
};

inline constexpr std::string_view kSoftwareGuess = "of the software, on a CPU that is not modelled: a plausible value";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"study.frequency_mhz", &Config::frequency_mhz, "MHz", 1, 10000, Provenance::Choice,
     "clock of interconnect and memory"},
    {"study.quantum", &Config::quantum_ns, "ns", 0, 1'000'000, Provenance::Choice,
     "how far a master may run ahead of the others"},
    {"host.check_protocol", &Config::check_protocol, "", 0, 1, Provenance::Choice,
     "a checker of the TLM-2.0 base protocol at every socket; the program ends where a rule is broken"},
    {"study.masters", &Config::masters, "masters", 1, kMostMasters, Provenance::Choice,
     "generators as traffic.* describes them, each with StreamIDs of its own and a port of the SMMU; what differs is "
     "master0.traffic.*, master1.traffic.* …"},
    {"study.translation", &Config::translation, "", 0, 0, Provenance::Choice,
     "none: masters are at the interconnect; bypass: the SMMU lets all pass; else what translates",
     "none|bypass|stage1|stage2|nested"},
    {"study.granule", &Config::granule, "bytes", 4096, 65536, Provenance::Choice, "of stage 1: 4K, 16K or 64K"},
    {"study.leaf", &Config::leaf, "bytes", 4096, u64{1} << 30, Provenance::Choice,
     "of stage 1: a page or a block (4K: 2M, 1G; 16K: 32M; 64K: 512M)"},
    {"study.va_bits", &Config::va_bits, "bits", 25, 48, Provenance::Choice, "64 - CD.T0SZ"},
    {"study.granule2", &Config::granule2, "bytes", 4096, 65536, Provenance::Choice, "of stage 2"},
    {"study.leaf2", &Config::leaf2, "bytes", 4096, u64{1} << 30, Provenance::Choice, "of stage 2"},
    {"study.ipa_bits", &Config::ipa_bits, "bits", 32, 48, Provenance::Choice, "64 - STE.S2T0SZ"},
    {"study.shuffle", &Config::shuffle, "", 0, 1, Provenance::Choice,
     "leaves lead to pages in random order (traffic.seed), so that each translation is seen in the data"},
    {"study.faults", &Config::faults, "", 0, 0, Provenance::Choice,
     "none: all is mapped; stall: each page is mapped when a master is held at it (with traffic.may_stall, stage1)",
     "none|stall"},
    {"study.command_queue", &Config::command_queue_bits, "bits", 4, 19, Provenance::Choice,
     "log2 of the command queue's entries, at most what the SMMU has"},
    {"study.mmio_latency", &Config::mmio_latency, "cycles", 0, 100000, Provenance::Placeholder,
     "of the SMMU's registers, beside the way there"},
    {"study.work", &Config::work, "", 0, 0, Provenance::Choice,
     "stream: masters do what traffic.* says, on mappings that stay; io: CPUs map a buffer, have a master use it, "
     "unmap "
     "it, invalidate",
     "stream|io"},
    {"study.invalidation", &Config::invalidation, "", 0, 0, Provenance::Choice,
     "strict: each unmapping waits for it; deferred: a queue of unmapped addresses is flushed at once (Linux: lazy); "
     "none: addresses are used again unsafely",
     "strict|deferred|none"},
    {"study.command", &Config::command, "", 0, 0, Provenance::Choice,
     "what a strict unmapping sends: one command a page, one for the address space, or ranges (SMMUv3.2)",
     "va|asid|range"},
    {"study.sync", &Config::sync, "", 0, 0, Provenance::Choice,
     "how CMD_SYNC's end is seen: a message into the queue, or CMDQ_CONS is read", "message|register"},
    {"study.cpus", &Config::cpus, "CPUs", 1, 256, Provenance::Choice, "that submit, and contend for the command queue"},
    {"study.depth", &Config::depth, "I/Os", 1, 1024, Provenance::Choice, "of each CPU, under way at once"},
    {"study.io", &Config::io_bytes, "bytes", 1, u64{1} << 30, Provenance::Choice,
     "of an I/O; requests are of traffic.size"},
    {"study.ios", &Config::ios, "I/Os", 1, ~u64{0}, Provenance::Choice, "of all CPUs, then the run ends"},
    {"study.flush.entries", &Config::flush_entries, "entries", 1, 65536, Provenance::Paper,
     "of each CPU's queue of unmapped addresses; Linux, drivers/iommu/dma-iommu.c: 256"},
    {"study.flush.timeout", &Config::flush_timeout_us, "us", 1, 10'000'000, Provenance::Paper,
     "flushed at the latest after so long; Linux, drivers/iommu/dma-iommu.c: 10 ms"},
    {"study.driver.interrupt", &Config::interrupt_ns, "ns", 0, 1'000'000, Provenance::Placeholder,
     "from the event queue's wire until its handler looks into the queue"},
    {"study.driver.fault", &Config::fault_ns, "ns", 0, 1'000'000, Provenance::Placeholder,
     "of a page fault, until its page is mapped"},
    {"study.driver.map", &Config::map_ns, "ns", 0, 1'000'000, Provenance::Placeholder, kSoftwareGuess},
    {"study.driver.unmap", &Config::unmap_ns, "ns", 0, 1'000'000, Provenance::Placeholder, kSoftwareGuess},
    {"study.driver.pte", &Config::pte_ns, "ns", 0, 1'000'000, Provenance::Placeholder,
     "of each page mapped or unmapped, beside that"},
    {"study.driver.atomic", &Config::atomic_ns, "ns", 0, 1'000'000, Provenance::Placeholder,
     "to get the cache line of the queue's state from another CPU; one at a time"},
    {"study.driver.command", &Config::command_ns, "ns", 0, 1'000'000, Provenance::Placeholder,
     "of each command written to the queue"},
    {"study.driver.poll", &Config::poll_ns, "ns", 1, 1'000'000, Provenance::Placeholder,
     "between two looks at what a CPU waits for"},
};

/// What is wrong with the parameters together.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::study
