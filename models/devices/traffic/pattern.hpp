// The order of addresses in a window.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "devices/traffic/config.hpp"

namespace tw::devices::traffic {

/// A piece of a window.
struct Place {
  u64 offset = 0;
  u64 bytes = 0;
  bool operator==(const Place&) const = default;
};

class Pattern {
 public:
  virtual ~Pattern() = default;
  /// Where the next request goes, of at most `bytes`, which is at most the window.
  virtual Place next(u64 bytes, SplitMix64& random) = 0;
};

struct PatternRow {
  std::string_view name;  ///< of traffic.pattern
  std::unique_ptr<Pattern> (*make)(const Config& config, SplitMix64& random);
};
std::span<const PatternRow> patterns();

/// `config.pattern` is one of the names.
std::unique_ptr<Pattern> make_pattern(const Config& config, SplitMix64& random);

/// Through a list of segments, each cut into requests of the size asked for and a rest.
std::unique_ptr<Pattern> scatter_gather(std::vector<Place> segments);

}  // namespace tw::devices::traffic
