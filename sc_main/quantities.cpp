#include "sc_main/quantities.hpp"

#include <charconv>
#include <limits>
#include <span>
#include <string_view>

#include "base/error.hpp"

namespace tw::command {

namespace {

struct Unit {
  std::string_view name;
  u64 factor;
};
constexpr Unit kSizes[] = {{"", 1}, {"K", u64{1} << 10}, {"M", u64{1} << 20}, {"G", u64{1} << 30}};
constexpr Unit kTimes[] = {
    {"s", 1'000'000'000'000}, {"ms", 1'000'000'000}, {"us", 1'000'000}, {"ns", 1'000}, {"ps", 1}};

u64 parse_quantity(const std::string& text, const std::string& option, std::span<const Unit> units, const char* shape) {
  std::string_view rest = text;
  const bool hex = rest.starts_with("0x");
  if (hex) rest.remove_prefix(2);
  u64 number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, hex ? 16 : 10);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (error == std::errc{}) {
    for (const Unit& unit : units) {
      if (unit.name == rest && number <= std::numeric_limits<u64>::max() / unit.factor) return number * unit.factor;
    }
  }
  throw UserError(Complaint{option, "'" + text + "' is not " + shape});
}

}  // namespace

u64 parse_number(const std::string& text, const std::string& option) {
  return parse_quantity(text, option, std::span(kSizes).first(1), "a number");
}

u64 parse_size(const std::string& text, const std::string& option) {
  return parse_quantity(text, option, kSizes, "a size like 512M or 1G");
}

u64 parse_time_ps(const std::string& text, const std::string& option) {
  return parse_quantity(text, option, kTimes, "a time like 2s, 10ms or 500us");
}

int parse_descriptor(const std::string& text, const std::string& option) {
  const u64 number = parse_quantity(text, option, std::span(kSizes).first(1), "the number of a file descriptor");
  if (number > static_cast<u64>(std::numeric_limits<int>::max()))
    throw UserError(Complaint{option, "'" + text + "' is not the number of a file descriptor"});
  return static_cast<int>(number);
}

}  // namespace tw::command
