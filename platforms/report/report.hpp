// A report as plain data: everything that a run measured and the whole configuration. Filled from ledgers, written as
// text and JSON, read back from JSON. Nothing of the host is in it: same inputs and same build, same bytes.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"
#include "cost/interrupts.hpp"
#include "cost/ledger.hpp"
#include "cost/spans.hpp"
#include "platforms/config/parameter.hpp"
#include "platforms/report/counters.hpp"
#include "platforms/report/events.hpp"
#include "platforms/report/pl330.hpp"
#include "platforms/report/smmu.hpp"

namespace tw::report {

inline constexpr std::string_view kSchema = "trapwalk-report/1";

/// What ran and why it stopped.
struct Run {
  std::string platform;             ///< "virt"
  std::string fidelity;             ///< "functional", "timed", "timed from …"
  std::vector<std::string> images;  ///< what was loaded, as the user named it
  std::string stopped;              ///< "guest powered off (PSCI SYSTEM_OFF)"
  u64 exit_status = 0;
  u64 simulated_ps = 0;
  bool operator==(const Run&) const = default;
};

struct ContextTotals {
  cost::Context context;
  u64 instructions = 0;
  cost::ByCause cycles{};
  bool operator==(const ContextTotals&) const = default;
};

struct Trap {
  cost::Context from;
  El to = El::El1;
  u8 exception_class = 0;
  std::string control;
  std::string subject;
  u64 count = 0;
  u64 returned = 0;
  u64 unfinished = 0;
  u64 instructions = 0;
  u64 walks = 0;
  u64 away = 0;
  cost::ByCause inside{};
  cost::Histogram cycles;
  cost::Histogram inclusive;
  cost::RefillsByStructure indirect{};  ///< after the return
  bool operator==(const Trap&) const = default;
};

/// Descriptor fetches of one place in a walk; members as in cost::DescriptorFetch.
struct LevelFetches {
  u64 stage = 1;
  i64 level = 0;
  i64 for_stage1_level = -1;
  u64 count = 0;
  u64 cycles = 0;
  bool operator==(const LevelFetches&) const = default;
};

struct Walk {
  cost::WalkKey key;
  u64 count = 0;
  u64 faults = 0;
  u64 fetches_stage1 = 0;
  u64 fetches_stage2 = 0;
  u64 cycles_stage1 = 0;
  u64 cycles_stage2 = 0;
  u64 cycles_final_stage2 = 0;
  std::array<u64, cost::kServedByCount> served_by{};
  cost::Histogram cycles;
  cost::Histogram fetches;
  std::vector<LevelFetches> levels;  ///< none in reports of before there were
  bool operator==(const Walk&) const = default;
};

/// One descriptor fetch of an explained walk; members as in cost::DescriptorFetch.
struct Fetch {
  u64 stage = 1;
  i64 level = 0;
  i64 for_stage1_level = -1;
  cost::ServedBy served_by = cost::ServedBy::Memory;
  u64 address = 0;
  u64 descriptor = 0;
  u64 cycles = 0;
  bool operator==(const Fetch&) const = default;
};

struct ExplainedWalk {
  cost::WalkKey key;
  u64 va = 0;
  bool fault = false;
  u64 cycles = 0;
  std::vector<Fetch> fetches;
  bool operator==(const ExplainedWalk&) const = default;
};

/// Branches of one kind in one context, and how the core had predicted them.
struct BranchStatistics {
  cost::Context context;
  std::string kind;  ///< "conditional"
  u64 branches = 0;
  u64 taken = 0;
  u64 wrong_direction = 0;
  u64 wrong_target = 0;
  u64 unknown_target = 0;  ///< predicted rightly, but the target was known after decoding only
  u64 mispredicted() const { return wrong_direction + wrong_target; }
  bool operator==(const BranchStatistics&) const = default;
};

/// Statistics of one cache.
struct CacheStatistics {
  std::string name;  ///< "L1 data"
  u64 size = 0;      ///< bytes
  u64 ways = 0;
  u64 latency = 0;  ///< cycles that a look-up adds
  Counts counts;
  std::vector<Evictions> evictions_by;
  u64 evictions_by_others = 0;  ///< of pairs for which the table had no room
  bool operator==(const CacheStatistics&) const = default;
};

/// One core. The conservation line is accounted == elapsed - origin.
struct Core {
  u64 cpu = 0;
  std::string model;
  u64 frequency_mhz = 0;
  u64 elapsed = 0;
  u64 origin = 0;
  u64 accounted = 0;
  u64 instructions = 0;
  std::vector<ContextTotals> contexts;
  std::vector<Trap> traps;
  std::vector<Walk> walks;
  std::vector<ExplainedWalk> recent_walks;   ///< oldest first
  std::vector<ExplainedWalk> longest_walks;  ///< longest first
  std::vector<TlbStatistics> tlbs;
  std::vector<BranchStatistics> branches;  ///< none: the pipeline predicts nothing
  std::vector<CacheStatistics> caches;     ///< its own
  u64 cycles() const { return elapsed - origin; }
  bool operator==(const Core&) const = default;
};

struct Interrupt {
  u64 intid = 0;
  u64 cpu = 0;
  bool is_virtual = false;
  Vmid vmid{};
  u64 count = 0;
  u64 withdrawn = 0;
  u64 skewed = 0;
  cost::Histogram asserted_to_signalled_ps;
  cost::Histogram asserted_to_ack_ps;
  cost::Histogram ack_to_drop_ps;
  cost::Histogram ack_to_deactivate_ps;
  u64 others = 0;  ///< of a folded row, not in JSON: how many more interrupts it stands for
  bool operator==(const Interrupt&) const = default;
};

/// A port from the interconnect to a target, where transactions contend.
struct Link {
  std::string name;
  u64 transactions = 0;
  u64 bytes = 0;
  u64 waited_to_enter = 0;
  u64 waited_for_data = 0;
  bool operator==(const Link&) const = default;
};

/// A memory controller with DRAM. `*_clocks` are clocks of the DRAM.
struct Dram {
  u64 clock_mhz = 0;
  u64 elapsed_clocks = 0;   ///< of the measurement
  u64 bytes_per_clock = 0;  ///< of all channels, at most
  u64 reads = 0;
  u64 writes = 0;
  u64 bytes = 0;
  u64 row_hits = 0;
  u64 row_closed = 0;
  u64 row_conflicts = 0;
  u64 read_clocks = 0;
  u64 queued_clocks = 0;
  u64 refresh_clocks = 0;
  u64 bus_clocks = 0;
  bool operator==(const Dram&) const = default;
};

/// An encoding that the model does not have; it was UNDEFINED to the guest.
struct UnimplementedEncoding {
  u64 instruction = 0;
  u64 first_pc = 0;
  u64 count = 0;
  bool operator==(const UnimplementedEncoding&) const = default;
};

/// A breach of what software owes the MMU: how often, and the first.
struct ContractViolation {
  std::string kind;  ///< "break-before-make"
  std::string what;
  u64 count = 0;
  u64 cpu = 0;
  u64 cycle = 0;  ///< of that core
  u64 pc = 0;
  u64 stage = 1;
  u64 address = 0;     ///< VA, IPA of stage 2
  u64 descriptor = 0;  ///< its physical address
  Vmid vmid{};
  u64 asid = 0;
  bool operator==(const ContractViolation&) const = default;
};

/// A structure of another size than the real one, over all cores (--ghost).
struct Ghost {
  std::string structure;  ///< "tlb.l2"
  u64 entries = 0;
  u64 ways = 0;  ///< 0: fully associative
  u64 lookups = 0;
  u64 misses = 0;
  u64 estimated_cycles = 0;
  bool operator==(const Ghost&) const = default;
};

/// A stretch of the run that was measured; of a region that was sampled, all of it.
struct RegionSpan {
  u64 first_instruction = 0, end_instruction = 0;  ///< of all cores since the start
  u64 begin_ps = 0, end_ps = 0;                    ///< simulated time
  bool operator==(const RegionSpan&) const = default;
};

/// The region of interest; without one, all of the run is measured and `spans` is empty.
struct Region {
  std::string from, until;  ///< marks as the user wrote them; empty: the run's start and end
  u64 warm_up = 0;          ///< instructions, timed but not measured, at its beginning
  std::vector<RegionSpan> spans;
  bool operator==(const Region&) const = default;
};

/// One figure of a sampled region. `half_width` of its 95 % confidence interval; 0 with fewer than two samples.
struct Metric {
  std::string name;
  double mean = 0;
  double half_width = 0;
  u64 samples = 0;  ///< in which it has a value
  bool operator==(const Metric&) const = default;
};

/// How a region was sampled, and what that says of all of it. The rest of the report is the sum of the samples.
struct Sampling {
  u64 period = 0, warm = 0, measure = 0;  ///< instructions; period 0: not sampled
  u64 samples = 0;
  u64 instructions = 0;          ///< of the region, all cores
  u64 idle_cycles = 0;           ///< of the region, all cores, in any fidelity
  double cycles = 0;             ///< of the region, if all of it had been timed: an estimate, `idle_cycles` included
  double cycles_half_width = 0;  ///< of its 95 % confidence interval
  std::vector<Metric> metrics;
  bool operator==(const Sampling&) const = default;
};

struct Report {
  Run run;
  Region region;
  Sampling sampling;
  std::vector<Core> cores;
  std::vector<CacheStatistics> shared_caches;  ///< from the cores to the memory
  std::vector<Interrupt> interrupts;
  std::vector<Link> links;
  std::vector<Dram> dram;
  std::vector<Smmu> smmu;    ///< none or one
  std::vector<Pl330> pl330;  ///< none or one
  std::vector<UnimplementedEncoding> unimplemented;
  std::vector<ContractViolation> violations;
  std::vector<Ghost> ghosts;
  std::vector<config::Parameter> configuration;
  std::vector<Events> events;  ///< none or one (--events)
  bool operator==(const Report&) const = default;
};

/// Settles `ledger` and takes all that it holds.
Core take_core(cost::CoreLedger& ledger, std::string model, u64 frequency_mhz, std::vector<TlbStatistics> tlbs = {},
               std::vector<CacheStatistics> caches = {});
std::vector<Interrupt> take_interrupts(const cost::InterruptLedger& ledger);

/// Adds what another measured stretch of the same core, or of the same platform, came to. elapsed - origin is then the
/// sum of both, with the first one's origin.
void add(Core& to, const Core& more);
/// The same of what cores share: shared caches, interrupts, links, DRAM, SMMU, ghosts.
void add_shared(Report& to, const Report& more);

/// All of a report: the cores' own, rows of one name merged, and behind them what they share.
std::vector<CacheStatistics> all_caches(const Report& report, const Core& all);

/// What several cores' traps, walks, contexts, TLBs and caches are together: rows of one key are merged. For a page
/// that a person reads, and for comparing.
Core all_cores(const Report& report);
Core sum_of(std::span<const Core> cores);

/// Descriptor fetches of all `walks` by place: stage 1 by level, then stage 2 by what it was for (-1 first) and level.
std::vector<LevelFetches> levels_of(const std::vector<Walk>& walks);

/// Traps of one control that differ only in what they caught ("HCR_EL2.TID3: read ID_AA64PFR0_EL1", …), and interrupts
/// of one kind, guest and core, become one row when they are more than this; for a page that a person reads.
inline constexpr std::size_t kFoldAbove = 4;
std::vector<Trap> folded(const std::vector<Trap>& traps);
std::vector<Interrupt> folded(const std::vector<Interrupt>& interrupts);

/// Cycles of a trap or a context by what a reader asks for first.
enum class Group : u8 { Entry, Instructions, WorldSwitch, Walks, Memory, Gic, Device, Return, Other };
inline constexpr unsigned kGroupCount = 9;
std::string_view name(Group group);
Group group_of(cost::Cause cause);
std::array<u64, kGroupCount> by_group(const cost::ByCause& cycles);

/// "EL1 VMID 3", "EL2", "EL0" (no stage 2).
std::string text(const cost::Context& context);
/// "HCR_EL2.TVM: write SCTLR_EL1".
std::string reason(const Trap& trap);
/// "EL1&0, stages 1+2, data".
std::string text(const cost::WalkKey& key);
/// "stage 1, level 3", "stage 2, level 2, for stage 1, level 0", "stage 2, level 3, for the final IPA".
std::string text(const LevelFetches& place);
/// "PPI 27 (virtual timer)", "virtual SPI 33, VMID 1".
std::string text(const Interrupt& interrupt);

}  // namespace tw::report
