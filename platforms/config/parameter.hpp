// One parameter as the user sees it: its row, its value, and where the value comes from.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/parameters.hpp"

namespace tw::config {

using Value = std::variant<u64, bool, std::string>;

/// As a person writes it: 4, true, cortex-a57.
std::string text(const Value& value);

std::string_view name(Provenance provenance);
/// False: no such name; `provenance` is left alone.
bool parse(std::string_view text, Provenance& provenance);

struct Parameter {
  std::string key;
  Value value;
  Value default_value;
  std::string unit;
  u64 min = 0;
  u64 max = 0;
  std::string choices;  ///< of a string: "a|b|c"
  Provenance provenance = Provenance::Placeholder;
  std::string source;
  std::string set_by;  ///< "cortex-a57.toml:12", "--set", or empty: the default

  bool is_default() const { return set_by.empty(); }
  bool operator==(const Parameter&) const = default;
};

/// "1..1000", "a | b | c", "true | false", "any".
std::string range(const Parameter& parameter);

}  // namespace tw::config
