// A comparison as text and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "platforms/report/compare.hpp"
#include "platforms/report/format.hpp"

namespace tw::report {
namespace {

using enum Align;
using Json = nlohmann::ordered_json;

/// Longer names do not head columns: A and B do.
constexpr std::size_t kLongestHead = 12;

std::string with_sign(i64 difference) {
  if (difference == 0) return {};
  return (difference > 0 ? "+" : "") + grouped(difference);
}

/// What would read 0.0 % of a difference is "<0.1 %".
std::string change(double a, double b) {
  if (a == b) return {};
  if (a == 0) return "new";
  const double percents = 100.0 * (b - a) / a;
  return std::abs(percents) < 0.05 ? "<0.1 %" : fmt::format("{:+.1f} %", percents);
}

std::string the_same(std::size_t rows) {
  if (rows == 0) return {};
  return rows == 1 ? "  1 row is the same\n" : fmt::format("  {} rows are the same\n", rows);
}

std::string configuration(const Comparison& c) {
  if (c.configuration.empty()) return heading("Configuration") + "  the same\n";
  TextTable table({{"parameter", Left}, {c.name_a}, {c.name_b}, {"unit", Left}});
  for (const SettingPair& s : c.configuration) table.row({s.key, s.a, s.b, s.unit});
  table.drop_empty_columns();
  return heading("Configuration, what differs") + table.text();
}

std::string pairs(const Comparison& c, const PairTable& pairs, bool all) {
  if (pairs.rows.empty()) return {};
  TextTable table({{pairs.what, Left, 72}, {c.name_a}, {c.name_b}, {"difference"}, {"change"}});
  std::size_t same = 0;
  for (const Pair& p : pairs.rows) {
    if (p.difference() == 0 && !all) {
      ++same;
      continue;
    }
    table.row({p.name, grouped(p.a), grouped(p.b), with_sign(p.difference()),
               change(static_cast<double>(p.a), static_cast<double>(p.b))});
  }
  return heading(pairs.title) + (table.empty() ? std::string() : table.text()) + the_same(same);
}

std::string traps(const Comparison& c, bool all) {
  if (c.traps.empty()) return heading("Traps") + "  none\n";
  TextTable table({{"from", Left},
                   {"to", Left},
                   {"reason", Left, 48},
                   {"count " + c.name_a},
                   {c.name_b},
                   {"mean " + c.name_a},
                   {c.name_b},
                   {"change"},
                   {"all cycles"},
                   {"change"}});
  std::size_t same = 0;
  for (const TrapPair& t : c.traps) {
    if (t.same() && !all) {
      ++same;
      continue;
    }
    const auto mean = [](double m) { return m == 0 ? std::string("-") : decimal(m); };
    table.row({t.from, t.to, t.reason, grouped(t.count_a), grouped(t.count_b), mean(t.mean_a), mean(t.mean_b),
               t.mean_a == 0 || t.mean_b == 0 ? "" : change(t.mean_a, t.mean_b), with_sign(t.difference()),
               change(static_cast<double>(t.cycles_a), static_cast<double>(t.cycles_b))});
  }
  return heading("Traps", "largest difference of all their cycles first") +
         (table.empty() ? std::string() : table.text()) + the_same(same);
}

Json percent_of(double a, double b) { return a == 0 ? Json(nullptr) : Json(100.0 * (b - a) / a); }

Json json_of(const Pair& p) {
  return {{"name", p.name},
          {"a", p.a},
          {"b", p.b},
          {"difference", p.difference()},
          {"percent", percent_of(static_cast<double>(p.a), static_cast<double>(p.b))}};
}

Json json_of(const TrapPair& t) {
  return {{"from", t.from},
          {"to", t.to},
          {"reason", t.reason},
          {"count", {{"a", t.count_a}, {"b", t.count_b}}},
          {"mean", {{"a", t.mean_a}, {"b", t.mean_b}}},
          {"cycles", {{"a", t.cycles_a}, {"b", t.cycles_b}}},
          {"difference", t.difference()},
          {"percent", percent_of(static_cast<double>(t.cycles_a), static_cast<double>(t.cycles_b))}};
}

}  // namespace

std::string to_text(const Comparison& comparison, const CompareOptions& options) {
  Comparison c = comparison;
  std::string out = fmt::format("trapwalk compare: {} and {}\n", c.name_a, c.name_b);
  if (std::max(width(c.name_a), width(c.name_b)) > kLongestHead) {
    out = fmt::format("trapwalk compare: A = {}, B = {}\n", c.name_a, c.name_b);
    c.name_a = "A";
    c.name_b = "B";
  }
  out += configuration(c);
  for (const PairTable& table : c.tables) {
    if (table.key == "walks") out += traps(c, options.all);  // after the totals
    out += pairs(c, table, options.all);
  }
  return out;
}

std::string to_json(const Comparison& c) {
  Json json = {{"schema", "trapwalk-comparison/1"}, {"a", c.name_a}, {"b", c.name_b}};
  json["configuration"] = Json::array();
  for (const SettingPair& s : c.configuration) {
    json["configuration"].push_back({{"key", s.key}, {"a", s.a}, {"b", s.b}, {"unit", s.unit}});
  }
  for (const PairTable& table : c.tables) {
    Json& rows = json[table.key] = Json::array();
    for (const Pair& p : table.rows) rows.push_back(json_of(p));
  }
  json["traps"] = Json::array();
  for (const TrapPair& t : c.traps) json["traps"].push_back(json_of(t));
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tw::report
