// Parameters of branch prediction. What a misprediction costs is the pipeline's (core.branch.penalty and its like).
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::cpu {

struct BranchConfig {
  std::string predictor = "tage";
  u64 table_entries = 8192;
  u64 history = 12;
  u64 tage_tables = 6;
  u64 tage_entries = 1024;
  u64 tage_tag_bits = 10;
  u64 tage_shortest = 4;
  u64 tage_longest = 160;
  u64 tage_period = 262144;
  u64 btb_sets = 1024;
  u64 btb_ways = 4;
  u64 return_stack = 16;
  u64 indirect_entries = 512;
  u64 indirect_history = 4;
  std::string tagging = "none";
  std::string isolation = "tagged";
};

inline constexpr std::string_view kBranchGuess = "a plausible out-of-order core: Arm states no sizes";
inline constexpr std::string_view kTagePaper =
    "Seznec, Michaud: A case for (partially) tagged geometric history length "
    "branch prediction, JILP 2006";

inline constexpr ParameterRow<BranchConfig> kBranchParameters[] = {
    {"core.branch.predictor", &BranchConfig::predictor, "", 0, 0, Provenance::Choice,
     "of directions; static: backward taken; perfect: targets too", "perfect|static|bimodal|gshare|tage"},
    {"core.branch.table_entries", &BranchConfig::table_entries, "counters", 1, u64{1} << 24, Provenance::Placeholder,
     "bimodal, gshare, and the table behind tage's"},
    {"core.branch.history", &BranchConfig::history, "branches", 0, 24, Provenance::Placeholder,
     "gshare: at most log2 of core.branch.table_entries"},
    {"core.branch.tage.tables", &BranchConfig::tage_tables, "tables", 1, 8, Provenance::Paper, kTagePaper},
    {"core.branch.tage.entries", &BranchConfig::tage_entries, "entries a table", 2, u64{1} << 20, Provenance::Paper,
     kTagePaper},
    {"core.branch.tage.tag_bits", &BranchConfig::tage_tag_bits, "bits", 4, 15, Provenance::Paper, kTagePaper},
    {"core.branch.tage.shortest", &BranchConfig::tage_shortest, "branches", 1, 1000, Provenance::Paper, kTagePaper},
    {"core.branch.tage.longest", &BranchConfig::tage_longest, "branches", 1, 1000, Provenance::Paper, kTagePaper},
    {"core.branch.tage.period", &BranchConfig::tage_period, "branches", 1, u64{1} << 40, Provenance::Paper,
     "after which entries count as half as useful; as the paper"},
    {"core.branch.btb.sets", &BranchConfig::btb_sets, "sets", 1, u64{1} << 20, Provenance::Placeholder, kBranchGuess},
    {"core.branch.btb.ways", &BranchConfig::btb_ways, "ways", 0, 64, Provenance::Placeholder, kBranchGuess},
    {"core.branch.return_stack", &BranchConfig::return_stack, "entries", 0, 1024, Provenance::Placeholder,
     kBranchGuess},
    {"core.branch.indirect.entries", &BranchConfig::indirect_entries, "entries", 0, u64{1} << 20,
     Provenance::Placeholder, "0: an indirect branch goes where it went last, by the branch target buffer"},
    {"core.branch.indirect.history", &BranchConfig::indirect_history, "indirect branches", 0, 12,
     Provenance::Placeholder, "targets that choose among the targets of a branch"},
    {"core.branch.tagging", &BranchConfig::tagging, "", 0, 0, Provenance::Choice,
     "what is a context of its own; vmid: EL2 and EL3 too; asid: EL0 and EL1 too (FEAT_CSV2)",
     "none|security|vmid|asid"},
    {"core.branch.isolation", &BranchConfig::isolation, "", 0, 0, Provenance::Choice,
     "of contexts; tagged: targets by tag, counters by hash; flushed: a change of context forgets all",
     "tagged|flushed"},
};

/// What rows cannot say: powers of two, history within its table. `where` of a complaint is the key.
std::vector<Complaint> validate(const BranchConfig& config);

}  // namespace tw::cpu
