#include "platforms/config/parameter_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "platforms/config/nearest.hpp"

namespace tw::config {
namespace {

std::string_view kind(const Value& value) {
  static constexpr std::string_view kKinds[] = {"a whole number", "true or false", "a string"};
  return kKinds[value.index()];
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Decimal or 0x hexadecimal, '_' between digits as in TOML; a suffix K, M or G (powers of 1024) when `sizes`.
/// In decimal digits, of whatever sign and size.
bool is_whole(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string out_of_range(const Parameter& parameter, std::string_view value) {
  return fmt::format("{}: {} is out of range, allowed is {}{}{}", parameter.key, value, range(parameter),
                     parameter.unit.empty() ? "" : " ", parameter.unit);
}

std::optional<u64> parse_number(std::string_view text, bool sizes) {
  unsigned shift = 0;
  if (sizes && !text.empty()) {
    static constexpr std::string_view kSuffixes = "KMG";
    const std::size_t suffix = kSuffixes.find(text.back() & ~0x20);
    if (suffix != std::string_view::npos) {
      shift = 10 * static_cast<unsigned>(suffix + 1);
      text.remove_suffix(1);
    }
  }
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::string digits(text);
  std::erase(digits, '_');
  u64 number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  if (shift != 0 && number >> (64 - shift) != 0) return {};
  return number << shift;
}

std::optional<bool> parse_switch(std::string_view text) {
  if (text == "true" || text == "on" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "off" || text == "no" || text == "0") return false;
  return {};
}

bool is_choice(std::string_view choices, std::string_view value) {
  if (choices.empty()) return true;
  while (true) {
    const std::size_t bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) return false;
    choices.remove_prefix(bar + 1);
  }
}

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> list;
  while (true) {
    const std::size_t bar = choices.find('|');
    list.emplace_back(choices.substr(0, bar));
    if (bar == std::string_view::npos) return list;
    choices.remove_prefix(bar + 1);
  }
}

}  // namespace

void ParameterTable::insert(Entry entry) {
  const auto [place, is_new] = index_.emplace(entry.parameter.key, entries_.size());
  if (!is_new) throw std::logic_error("two parameters are named " + place->first);
  entries_.push_back(std::move(entry));
}

ParameterTable::Entry* ParameterTable::entry(std::string_view key) {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

const Parameter* ParameterTable::find(std::string_view key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &entries_[found->second].parameter;
}

std::vector<Parameter> ParameterTable::parameters() const {
  std::vector<Parameter> all;
  all.reserve(entries_.size());
  for (const Entry& entry : entries_) all.push_back(entry.parameter);
  return all;
}

std::vector<std::string> ParameterTable::keys() const {
  std::vector<std::string> keys;
  keys.reserve(entries_.size());
  for (const Entry& entry : entries_) keys.push_back(entry.parameter.key);
  return keys;
}

void ParameterTable::complain(std::string where, std::string message) {
  complaints_.push_back({std::move(where), std::move(message)});
}

void ParameterTable::complain_unknown(const std::string& where, std::string_view key) {
  complain(where, fmt::format("unknown parameter \"{}\"{}", key, did_you_mean(key, keys())));
}

void ParameterTable::require_valid() const {
  if (!complaints_.empty()) throw UserError(complaints_);
}

void ParameterTable::assign(Entry& entry, const Setting& setting) {
  Parameter& parameter = entry.parameter;
  if (setting.value.index() != parameter.value.index()) {
    return complain(setting.where,
                    fmt::format("{}: {} is needed, not {}", parameter.key, kind(parameter.value), kind(setting.value)));
  }
  if (const u64* number = std::get_if<u64>(&setting.value)) {
    if (*number < parameter.min || *number > parameter.max) {
      return complain(setting.where, out_of_range(parameter, fmt::format("{}", *number)));
    }
  }
  if (const std::string* string = std::get_if<std::string>(&setting.value)) {
    if (!is_choice(parameter.choices, *string)) {
      return complain(setting.where,
                      fmt::format("{}: \"{}\" is not one of {}{}", parameter.key, *string, range(parameter),
                                  did_you_mean(*string, split_choices(parameter.choices))));
    }
  }
  parameter.value = setting.value;
  parameter.provenance = setting.provenance;
  parameter.source = setting.source;
  parameter.set_by = setting.set_by;
  entry.store(parameter.value);
}

void ParameterTable::set(std::string_view assignment) {
  const std::string where = "--set " + std::string(assignment);
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) return complain(where, "key=value is needed");
  const std::string_view key = trimmed(assignment.substr(0, equals));
  const std::string_view text = trimmed(assignment.substr(equals + 1));
  Entry* const found = entry(key);
  if (!found) return complain_unknown(where, key);

  Setting setting;
  setting.where = where;
  setting.set_by = "--set";
  const Value& present = found->parameter.value;
  if (std::holds_alternative<u64>(present)) {
    const auto number = parse_number(text, found->parameter.unit == "bytes");
    if (!number && is_whole(text)) return complain(where, out_of_range(found->parameter, text));
    if (!number) return complain(where, fmt::format("{}: a whole number is needed, not \"{}\"", key, text));
    setting.value = *number;
  } else if (std::holds_alternative<bool>(present)) {
    const auto flag = parse_switch(text);
    if (!flag) return complain(where, fmt::format("{}: true or false is needed, not \"{}\"", key, text));
    setting.value = *flag;
  } else {
    setting.value = std::string(text);
  }
  assign(*found, setting);
}

void ParameterTable::load_builtin(std::string_view wanted) { load_one_of(builtins(), wanted); }

void ParameterTable::load_smmu_builtin(std::string_view wanted) { load_one_of(smmu_builtins(), wanted); }

void ParameterTable::load_one_of(std::span<const Builtin> sets, std::string_view wanted) {
  std::vector<std::string> names;
  for (const Builtin& builtin : sets) {
    if (builtin.name == wanted) return load_text(builtin.text, std::string(builtin.file));
    names.emplace_back(builtin.name);
  }
  complain("", fmt::format("no parameter set is named \"{}\"{} There are: {}", wanted,
                           nearest(wanted, names).empty() ? "." : did_you_mean(wanted, names), fmt::join(names, ", ")));
}

}  // namespace tw::config
