#include "platforms/importers/lackey.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace tw::importers {
namespace {

constexpr std::string_view kFetch = "I  ", kLoad = " L ", kStore = " S ", kModify = " M ";

struct Place {
  u64 address = 0;
  u32 size = 0;
};

/// "04016b80,3", and nothing behind it.
std::optional<Place> place_of(std::string_view text) {
  Place place;
  const char* const end = text.data() + text.size();
  const auto address = std::from_chars(text.data(), end, place.address, 16);
  if (address.ec != std::errc{} || address.ptr == end || *address.ptr != ',') return std::nullopt;
  const auto size = std::from_chars(address.ptr + 1, end, place.size, 10);
  if (size.ec != std::errc{} || size.ptr != end || place.size == 0) return std::nullopt;
  return place;
}

}  // namespace

LeftOut import_lackey(Input& input, const Options& options, const Sink& sink) {
  u64 number = 0;
  for (std::string line; input.line(line);) {
    ++number;
    const std::string_view all = line;
    if (all.empty() || all.starts_with("==")) continue;
    const std::string_view kind = all.substr(0, kFetch.size());
    const bool known = kind == kFetch || kind == kLoad || kind == kStore || kind == kModify;
    const std::optional<Place> place = known ? place_of(all.substr(kFetch.size())) : std::nullopt;
    if (!place) {
      throw UserError(
          {fmt::format("{}:{}", input.name(), number),
           "no line of lackey's; record with valgrind --tool=lackey --trace-mem=yes --log-file=FILE, so that "
           "what the program prints stays out of it"});
    }
    trace::Record record = options.context;
    record.va = Va{place->address};
    record.size = place->size;
    record.kind = kind == kFetch ? trace::Kind::Fetch : kind == kStore ? trace::Kind::Write : trace::Kind::Read;
    sink(record);
    if (kind != kModify) continue;
    record.kind = trace::Kind::Write;
    sink(record);
  }
  return {};
}

}  // namespace tw::importers
