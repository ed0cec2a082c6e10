#include "sc_main/record_option.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "sc_main/key_values.hpp"
#include "sc_main/quantities.hpp"
#include "trace/names.hpp"

namespace tw::command {
namespace {

const std::vector<std::string> kKindNames{trace::kKindNames.begin(), trace::kKindNames.end()};
const std::vector<std::string> kKeys = {"records", "el", "kinds"};
const std::vector<std::string> kElNames = {"0", "1", "2", "3"};

[[noreturn]] void refuse(const std::string& message) { throw UserError(Complaint{"--record", message}); }

/// Of a list with + between its names.
template <std::size_t N>
std::array<bool, N> parse_set(const std::string& key, const std::string& list, const std::vector<std::string>& names) {
  std::array<bool, N> set{};
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find('+', at), list.size());
    const std::string name = list.substr(at, end - at);
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      refuse(fmt::format("{}: '{}' is none of {}{}", key, name, fmt::join(names, ", "),
                         config::did_you_mean(name, names)));
    }
    set[static_cast<std::size_t>(found - names.begin())] = true;
    at = end + 1;
  }
  return set;
}

}  // namespace

RecordOption parse_record(const std::string& text) {
  RecordOption option;
  const std::vector<std::string> parts = split_at_commas(text);
  option.file = parts.empty() ? "" : parts.front();
  if (option.file.empty()) refuse("to which file?");
  for (std::size_t n = 1; n < parts.size(); ++n) {
    const std::size_t sign = parts[n].find('=');
    const std::string key = parts[n].substr(0, sign);
    const std::string value = sign == std::string::npos ? "" : parts[n].substr(sign + 1);
    if (key == "records") {
      option.selection.records = parse_number(value, "--record records");
      if (option.selection.records == 0) refuse("records: at least one");
    } else if (key == "el") {
      option.selection.els = parse_set<4>(key, value, kElNames);
    } else if (key == "kinds") {
      option.selection.kinds = parse_set<trace::kKinds>(key, value, kKindNames);
    } else {
      refuse(
          fmt::format("'{}' is neither records=N nor el=… nor kinds=…{}", parts[n], config::did_you_mean(key, kKeys)));
    }
  }
  return option;
}

}  // namespace tw::command
