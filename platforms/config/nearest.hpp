// The valid name that a misspelt one most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tw::config {

/// Insertions, deletions, substitutions and swaps of neighbours.
unsigned edit_distance(std::string_view a, std::string_view b);

/// The nearest of `names`, or empty when none is near. A name that ends in the wrong word's last part counts as near:
/// "load" finds "core.cost.load".
std::string nearest(std::string_view wrong, std::span<const std::string> names);

/// `, did you mean "x"?` or nothing.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> names);

}  // namespace tw::config
