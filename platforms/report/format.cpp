#include "platforms/report/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tw::report {
namespace {

std::string cut(std::string_view text, std::size_t limit) {
  if (width(text) <= limit) return std::string(text);
  std::size_t bytes = 0;
  for (std::size_t columns = 0; bytes < text.size(); ++bytes) {
    const bool starts = (static_cast<u8>(text[bytes]) & 0xC0) != 0x80;
    if (starts && ++columns == limit) break;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

}  // namespace

std::string grouped(u64 number) {
  const std::string digits = fmt::format("{}", number);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string grouped(i64 number) {
  return number < 0 ? fmt::format("-{}", grouped(u64{0} - static_cast<u64>(number)))
                    : grouped(static_cast<u64>(number));
}

std::string decimal(double number) {
  const double magnitude = std::abs(number);
  const std::string_view sign = number < 0 ? "-" : "";
  if (magnitude >= 9999.95) {
    return fmt::format("{}{}", sign, grouped(static_cast<u64>(std::llround(magnitude))));
  }
  const u64 tenths = static_cast<u64>(std::llround(magnitude * 10));
  return tenths == 0 ? "0.0" : fmt::format("{}{}.{}", sign, grouped(tenths / 10), tenths % 10);
}

std::string percent(u64 part, u64 whole) {
  if (whole == 0 || part == 0) return "0.0 %";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return share < 0.05 ? "<0.1 %" : fmt::format("{:.1f} %", share);
}

std::string duration(u64 picoseconds) {
  struct Unit {
    double in_ps;
    std::string_view name;
  };
  static constexpr Unit kUnits[] = {{1e12, "s"}, {1e9, "ms"}, {1e6, "us"}, {1e3, "ns"}};
  const double ps = static_cast<double>(picoseconds);
  for (const Unit& unit : kUnits) {
    if (ps >= unit.in_ps) return fmt::format("{:.3f} {}", ps / unit.in_ps, unit.name);
  }
  return fmt::format("{} ps", picoseconds);
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<u8>(c) & 0xC0) != 0x80; }));
}

void TextTable::drop_empty_columns() {
  for (std::size_t c = columns_.size(); c-- > 0;) {
    if (std::any_of(rows_.begin(), rows_.end(), [c](const auto& row) { return !row[c].empty() && row[c] != kNothing; }))
      continue;
    const auto at = static_cast<std::ptrdiff_t>(c);
    columns_.erase(columns_.begin() + at);
    for (auto& row : rows_) row.erase(row.begin() + at);
  }
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t widest = width(columns_[c].title);
    for (const auto& row : rows_) widest = std::max(widest, width(cut(row[c], columns_[c].limit)));
    widths.push_back(widest);
  }
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string cell = cut(cell_of(c), columns_[c].limit);
      const std::size_t gap = widths[c] - width(cell);
      text.append(columns_[c].align == Align::Left ? 2 : 2 + gap, ' ');
      text += cell;
      if (columns_[c].align == Align::Left) text.append(gap, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line([&](std::size_t c) -> const std::string& { return columns_[c].title; });
  for (const auto& row : rows_) line([&](std::size_t c) -> const std::string& { return row[c]; });
  return out;
}

std::string heading(std::string_view title, std::string_view remark) {
  return remark.empty() ? fmt::format("\n{}\n", title) : fmt::format("\n{} ({})\n", title, remark);
}

}  // namespace tw::report
