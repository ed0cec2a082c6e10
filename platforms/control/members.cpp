#include "platforms/control/members.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"

namespace tw::control {

namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(std::string_view name, const std::string& message) {
  throw UserError(Complaint{std::string(name), message});
}

std::optional<u64> parse(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  u64 number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

u64 as_number(std::string_view name, const Json& value) {
  if (value.is_number_unsigned()) return value.get<u64>();
  if (value.is_number_integer() && value.get<i64>() >= 0) return static_cast<u64>(value.get<i64>());
  if (value.is_string()) {
    if (const std::optional<u64> number = parse(value.get_ref<const std::string&>())) return *number;
  }
  refuse(name, "is not a number of 64 bits, or text like \"0x40080000\"");
}

}  // namespace

void Members::allow(const std::vector<std::string>& names) const {
  for (const auto& [name, value] : request_.items()) {
    if (name == "id" || name == "command") continue;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    refuse(name.substr(0, 40), "this command has no such member" + config::did_you_mean(name, names));
  }
}

bool Members::has(std::string_view name) const {
  const auto found = request_.find(name);
  return found != request_.end() && !found->is_null();
}

const Json& Members::at(std::string_view name) const {
  if (!has(name)) refuse(name, "is missing");
  return *request_.find(name);
}

u64 Members::number(std::string_view name) const { return as_number(name, at(name)); }

std::optional<u64> Members::number_if(std::string_view name) const {
  return has(name) ? std::optional(number(name)) : std::nullopt;
}

u64 Members::number_within(std::string_view name, u64 last) const {
  const u64 value = number(name);
  if (value > last) refuse(name, fmt::format("is {}, and may be up to {}", value, last));
  return value;
}

bool Members::truth(std::string_view name, bool otherwise) const {
  if (!has(name)) return otherwise;
  if (!at(name).is_boolean()) refuse(name, "is neither true nor false");
  return at(name).get<bool>();
}

std::string Members::text(std::string_view name) const {
  if (!at(name).is_string()) refuse(name, "is not text");
  return at(name).get<std::string>();
}

std::optional<std::string> Members::text_if(std::string_view name) const {
  return has(name) ? std::optional(text(name)) : std::nullopt;
}

unsigned Members::one_of(std::string_view name, std::initializer_list<std::string_view> words,
                         std::string_view otherwise) const {
  const std::string given = has(name) ? text(name) : std::string(otherwise);
  const auto found = std::find(words.begin(), words.end(), given);
  if (found != words.end()) return static_cast<unsigned>(found - words.begin());
  const std::vector<std::string> names(words.begin(), words.end());
  refuse(name, fmt::format("'{}' is none of {}{}", given.substr(0, 40), fmt::join(names, ", "),
                           config::did_you_mean(given, names)));
}

std::vector<u8> Members::bytes(std::string_view name) const {
  const std::string digits = text(name);
  std::vector<u8> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    u8 byte = 0;
    const auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    if (error != std::errc{} || end != digits.data() + i + 2) break;
    bytes.push_back(byte);
  }
  if (bytes.size() * 2 != digits.size()) refuse(name, "is not pairs of hexadecimal digits");
  return bytes;
}

u8 Members::set(std::string_view name, u64 last) const {
  if (!has(name)) return 0;
  const Json& list = at(name);
  if (!list.is_array()) refuse(name, "is not a list of numbers");
  u8 bits = 0;
  for (const Json& item : list) {
    const u64 value = as_number(name, item);
    if (value > last) refuse(name, fmt::format("has {}; numbers go up to {}", value, last));
    bits = static_cast<u8>(bits | 1U << value);
  }
  return bits;
}

}  // namespace tw::control
