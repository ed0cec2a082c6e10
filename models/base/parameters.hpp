// Parameters are rows: key, member, unit, range, provenance, source. The loader, the validation, `trapwalk parameters`
// and the configuration in a report are read off them.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/types.hpp"

namespace tw {

/// Where a value comes from. `Choice` is a modelling decision (a switch, a seed), `Placeholder` waits for a source.
enum class Provenance : u8 { Architecture, Measured, Trm, Paper, Choice, Placeholder };

/// One parameter of the typed struct `Config`. Its default is `Config{}`'s member.
/// `min`/`max` bound numbers, inclusive. `choices` ("a|b|c") bounds strings; empty means any.
template <class Config>
struct ParameterRow {
  std::string_view key;  ///< dotted, e.g. "tlb.l2.entries"
  /// The last: an element of a table, which no pointer to member can name.
  std::variant<u64 Config::*, bool Config::*, std::string Config::*, u64& (*)(Config&)> member;
  std::string_view unit;  ///< "cycles", "entries", "bytes", "MHz", "" for a switch
  u64 min = 0;
  u64 max = std::numeric_limits<u64>::max();
  Provenance provenance = Provenance::Placeholder;
  std::string_view source;
  std::string_view choices = {};
};

}  // namespace tw
