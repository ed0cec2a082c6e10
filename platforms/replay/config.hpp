// Parameters of a replay: the translation tables under a trace, what takes time beside the MMU, and the hypervisor.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::replay {

struct Config {
  std::string paging = "nested";
  std::string mapping = "first_use";
  u64 granule = 4096;
  u64 leaf = 4096;
  u64 granule2 = 4096;
  u64 leaf2 = 4096;
  u64 ipa_bits = 40;
  u64 memory = u64{256} << 30;
  u64 access_cycles = 1;
  u64 descriptor_cycles = 20;
  bool caches = false;
  u64 memory_cycles = 150;
  std::string table_writes = "first_use";
  bool hardware_dirty = false;
  u64 hypercall_batch = 32;
  u64 exit_entry = 72;
  u64 exit_return = 65;
  u64 exit_software = 239;
  u64 write_cycles = 400;
  u64 fill_cycles = 600;
  u64 dirty_cycles = 200;
  u64 tlbi_cycles = 100;
  u64 space_cycles = 300;
  u64 update_cycles = 150;
  std::string vmids = "numbered";
  u64 quantum = 100'000;
  std::string quantum_unit = "accesses";
  std::string switch_policy = "tagged";
  u64 switch_cycles = 2000;
  bool shortcuts = true;

  bool has_stage1() const { return paging != "stage2"; }
  bool has_stage2() const { return paging == "nested" || paging == "stage2"; }
  /// The guest knows of a hypervisor, or the hypervisor keeps tables in the place of the guest's.
  bool is_deprivileged() const { return paging == "shadow" || paging == "direct"; }
  /// Of the stage-1 tables that are walked: a shadow maps no more at once than both stages have in one piece.
  u64 walked_leaf() const { return paging == "shadow" ? std::min(leaf, leaf2) : leaf; }
};

inline constexpr ParameterRow<Config> kParameters[] = {
    {"replay.paging", &Config::paging, "", 0, 0, Provenance::Choice,
     "native: stage 1 alone; nested: both stages; shadow: one stage, kept by the hypervisor; direct: one stage, "
     "changed by hypercalls; stage2: it alone, of the trace's IPAs, or VAs where it knows none",
     "native|nested|shadow|direct|stage2"},
    {"replay.mapping", &Config::mapping, "", 0, 0, Provenance::Choice,
     "first_use: pages lie in the order in which they are used first; own: where the trace has them", "first_use|own"},
    {"replay.granule", &Config::granule, "bytes", 4096, 65536, Provenance::Choice, "of stage 1: 4K, 16K or 64K"},
    {"replay.leaf", &Config::leaf, "bytes", 4096, u64{1} << 30, Provenance::Choice,
     "of stage 1: a page or a block (4K: 2M, 1G; 16K: 32M; 64K: 512M)"},
    {"replay.granule2", &Config::granule2, "bytes", 4096, 65536, Provenance::Choice, "of stage 2"},
    {"replay.leaf2", &Config::leaf2, "bytes", 4096, u64{1} << 30, Provenance::Choice,
     "of stage 2; of the host's memory under a shadow"},
    {"replay.ipa_bits", &Config::ipa_bits, "bits", 32, 48, Provenance::Choice, "64 - VTCR_EL2.T0SZ"},
    {"replay.memory", &Config::memory, "bytes", 1 << 20, u64{1} << 46, Provenance::Choice,
     "for tables and for the pages that they lead to, which hold nothing"},
    {"replay.access_cycles", &Config::access_cycles, "cycles", 1, 1000, Provenance::Choice,
     "of an access, beside its translation: there is no pipeline and no cache"},
    {"replay.descriptor_cycles", &Config::descriptor_cycles, "cycles", 0, 10000, Provenance::Placeholder,
     "of a descriptor fetch without replay.caches; a plausible second-level cache"},
    {"replay.caches", &Config::caches, "", 0, 1, Provenance::Choice,
     "accesses and descriptor fetches go through the caches of cache.*, and wait for what they take beyond L1"},
    {"replay.memory_cycles", &Config::memory_cycles, "cycles", 0, 100000, Provenance::Placeholder,
     "of a line from memory with replay.caches; plausible"},
    {"replay.table_writes", &Config::table_writes, "", 0, 0, Provenance::Choice,
     "with shadow, direct: what writes the guest's tables; records: the trace's TableWrites; first_use: a page's first "
     "use stands for a write",
     "first_use|records"},
    {"replay.hardware_dirty", &Config::hardware_dirty, "", 0, 1, Provenance::Choice,
     "with shadow: the guest lets hardware mark what is dirty (FEAT_HAFDBS), so the first write to a page exits"},
    {"replay.hypercall_batch", &Config::hypercall_batch, "updates", 1, 1024, Provenance::Choice,
     "with direct: of tables in one hypercall, at most (Linux on Xen: 32, MC_BATCH)"},
    {"replay.exit.entry", &Config::exit_entry, "cycles", 0, 100000, Provenance::Paper,
     "EL1 to EL2: 68 to 76 (X-Gene, NEVE, SOSP 2017; docs/validation.md, row 1)"},
    {"replay.exit.return", &Config::exit_return, "cycles", 0, 100000, Provenance::Paper,
     "EL2 to EL1: 65 (X-Gene, NEVE, SOSP 2017; docs/validation.md, row 1)"},
    {"replay.exit.software", &Config::exit_software, "cycles", 0, 100000, Provenance::Placeholder,
     "of any exit: with entry and return 376, Xen's hypercall on X-Gene (ISCA 2016, unverified; row 4)"},
    {"replay.exit.table_write", &Config::write_cycles, "cycles", 0, 100000, Provenance::Placeholder,
     "with shadow: decodes and does a store into a table, and drops what the shadow has of it; plausible"},
    {"replay.exit.fill", &Config::fill_cycles, "cycles", 0, 100000, Provenance::Placeholder,
     "with shadow: walks the guest's tables by software and fills an entry; plausible"},
    {"replay.exit.first_write", &Config::dirty_cycles, "cycles", 0, 100000, Provenance::Placeholder,
     "with shadow and replay.hardware_dirty: marks a descriptor of the guest's, and lets the shadow be written; "
     "plausible"},
    {"replay.exit.tlbi", &Config::tlbi_cycles, "cycles", 0, 100000, Provenance::Placeholder,
     "with shadow, direct: of a TLBI or its hypercall, beside the TLBI itself; plausible"},
    {"replay.exit.space", &Config::space_cycles, "cycles", 0, 100000, Provenance::Placeholder,
     "with shadow, direct: finds and loads the tables of another address space; plausible"},
    {"replay.exit.update", &Config::update_cycles, "cycles", 0, 100000, Provenance::Placeholder,
     "with direct: checks and does one update of a table; plausible"},
    {"replay.vmids", &Config::vmids, "", 0, 0, Provenance::Choice,
     "of several traces: 1, 2, 3 ... in their order, or those of their own records", "numbered|own"},
    {"replay.quantum", &Config::quantum, "", 1, u64{1} << 40, Provenance::Choice,
     "that one of several traces runs at a time, in replay.quantum_unit"},
    {"replay.quantum_unit", &Config::quantum_unit, "", 0, 0, Provenance::Choice, "of replay.quantum",
     "accesses|cycles"},
    {"replay.switch", &Config::switch_policy, "", 0, 0, Provenance::Choice,
     "between traces: tagged: entries stay; flush: all TLBs are emptied (TLBI ALLE1)", "tagged|flush"},
    {"replay.switch_cycles", &Config::switch_cycles, "cycles", 0, 1'000'000, Provenance::Placeholder,
     "from one trace to the next, beside exit and TLBI: saves and restores; plausible"},
    {"host.replay_shortcuts", &Config::shortcuts, "", 0, 1, Provenance::Choice,
     "hits of the first level are remembered; changes no result"},
};

/// What rows cannot say.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::replay
