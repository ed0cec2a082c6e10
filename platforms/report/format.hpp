// Numbers and tables for people: thousand separators, aligned columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"

namespace tw::report {

/// 12345678 -> "12,345,678".
std::string grouped(u64 number);
std::string grouped(i64 number);
/// One decimal, grouped; no decimal from 10,000 on: 1234.56 -> "1,234.6".
std::string decimal(double number);
/// "12.3 %"; "0.0 %" only for what is nothing at all, "<0.1 %" below that.
std::string percent(u64 part, u64 whole);
/// The mean; 0 of nothing.
constexpr double per(u64 sum, u64 count) {
  return count == 0 ? 0.0 : static_cast<double>(sum) / static_cast<double>(count);
}
/// Picoseconds in the unit that fits: "6.173 ms".
std::string duration(u64 picoseconds);
/// Columns on a screen that UTF-8 text takes.
std::size_t width(std::string_view text);

/// Stands for zero where zeros would drown the rest.
inline constexpr std::string_view kNothing = "·";

enum class Align : u8 { Left, Right };

/// Rows of cells, aligned by column, two spaces between columns, two before the first. Text wider than `limit` of its
/// column is cut with "…".
class TextTable final {
 public:
  struct Column {
    std::string title;
    Align align = Align::Right;
    std::size_t limit = 60;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  /// Removes columns whose cells are all empty or kNothing.
  void drop_empty_columns();
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// A line of its own, with an empty line before it.
std::string heading(std::string_view title, std::string_view remark = {});

}  // namespace tw::report
