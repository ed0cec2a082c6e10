// A report as plain data: everything that a run measured and the whole configuration. Filled from ledgers, written as
// text and JSON, read back from JSON. Nothing of the host is in it: same inputs and same build, same bytes.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"
#include "cost/interrupts.hpp"
#include "cost/ledger.hpp"
#include "cost/spans.hpp"
#include "platforms/config/parameter.hpp"

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

/// Who brought a TLB entry in: a guest by its VMID, or what runs without stage 2 (EL2, EL3, a host).
struct Owner {
  bool guest = false;
  Vmid vmid{};
  auto operator<=>(const Owner&) const = default;
};

/// Entries of `victim` that `evictor` pushed out.
struct Evictions {
  Owner victim;
  Owner evictor;
  u64 count = 0;
  bool operator==(const Evictions&) const = default;
};

/// Statistics of one TLB, walk cache or IPA cache.
struct TlbStatistics {
  std::string name;  ///< "L1 data"
  u64 entries = 0;
  u64 ways = 0;  ///< 0: fully associative
  u64 lookups = 0;
  u64 hits = 0;
  u64 misses = 0;
  u64 insertions = 0;
  u64 evictions = 0;
  u64 invalidations = 0;  ///< TLBIs (and flushes for want of VMID tags) that concern the structure
  u64 entries_invalidated = 0;
  std::vector<Evictions> evictions_by;
  bool operator==(const TlbStatistics&) const = default;
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
  std::vector<ExplainedWalk> recent_walks;
  std::vector<TlbStatistics> tlbs;
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

struct Report {
  Run run;
  std::vector<Core> cores;
  std::vector<Interrupt> interrupts;
  std::vector<Link> links;
  std::vector<Dram> dram;
  std::vector<UnimplementedEncoding> unimplemented;
  std::vector<config::Parameter> configuration;
  bool operator==(const Report&) const = default;
};

/// Settles `ledger` and takes all that it holds.
Core take_core(cost::CoreLedger& ledger, std::string model, u64 frequency_mhz, std::vector<TlbStatistics> tlbs = {});
std::vector<Interrupt> take_interrupts(const cost::InterruptLedger& ledger);

/// What several cores' traps, walks, contexts and TLBs are together: rows of one key are merged. For a page that a
/// person reads, and for comparing.
Core all_cores(const Report& report);

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
/// "VMID 3", "no stage 2".
std::string text(const Owner& owner);
/// "EL1&0, stages 1+2, data".
std::string text(const cost::WalkKey& key);
/// "PPI 27 (virtual timer)", "virtual SPI 33, VMID 1".
std::string text(const Interrupt& interrupt);

}  // namespace tw::report
