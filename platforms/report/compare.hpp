// Two reports side by side: what differs in the configuration first, then what it did, largest differences first.
#pragma once

#include <string>
#include <vector>

#include "platforms/report/report.hpp"

namespace tw::report {

/// One number of both.
struct Pair {
  std::string name;
  u64 a = 0, b = 0;
  i64 difference() const { return static_cast<i64>(b - a); }
};

struct PairTable {
  std::string key;    ///< in JSON: "causes"
  std::string title;  ///< "Time by cause"
  std::string what;   ///< heads the first column
  std::vector<Pair> rows;
};

struct SettingPair {
  std::string key, a, b, unit;
};

struct TrapPair {
  std::string from, to, reason;
  u64 count_a = 0, count_b = 0;
  double mean_a = 0, mean_b = 0;  ///< of the traps that returned; 0: none
  u64 cycles_a = 0, cycles_b = 0;
  i64 difference() const { return static_cast<i64>(cycles_b - cycles_a); }
  bool same() const { return count_a == count_b && cycles_a == cycles_b && mean_a == mean_b; }
};

/// What two reports have in common and what not, as data.
struct Comparison {
  std::string name_a, name_b;
  std::vector<SettingPair> configuration;  ///< what differs
  std::vector<PairTable> tables;           ///< rows by the size of their difference
  std::vector<TrapPair> traps;             ///< the same
};

struct CompareOptions {
  bool fold = true;  ///< see folded()
  bool all = false;  ///< rows without a difference, too
};

/// `name_a` and `name_b` head the columns.
Comparison compare(const Report& a, const Report& b, const std::string& name_a, const std::string& name_b,
                   const CompareOptions& options = {});
std::string to_text(const Comparison& comparison, const CompareOptions& options = {});
/// Schema trapwalk-comparison/1 (docs/report-schema.md).
std::string to_json(const Comparison& comparison);

}  // namespace tw::report
