#include "platforms/config/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tw::config {

unsigned edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<unsigned>> d(a.size() + 1, std::vector<unsigned>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<unsigned>(i + j);
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string nearest(std::string_view wrong, std::span<const std::string> names) {
  constexpr std::size_t kLongestCompared = 200;  // a file may hold anything
  wrong = wrong.substr(0, kLongestCompared);
  const std::string* best = nullptr;
  unsigned best_distance = 0;
  for (const std::string& name : names) {
    const unsigned distance = edit_distance(wrong, name);
    if (!best || distance < best_distance) {
      best = &name;
      best_distance = distance;
    }
  }
  if (best && best_distance <= std::max<std::size_t>(2, wrong.size() / 3)) return *best;
  const std::string_view last = wrong.substr(wrong.rfind('.') + 1);
  for (const std::string& name : names) {
    if (!last.empty() && std::string_view(name).substr(name.rfind('.') + 1) == last) return name;
  }
  return {};
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> names) {
  const std::string near = nearest(wrong, names);
  return near.empty() ? std::string() : fmt::format(", did you mean \"{}\"?", near);
}

}  // namespace tw::config
