#include "platforms/report/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "platforms/report/format.hpp"

namespace tw::report {
namespace {

using enum Align;

/// A number of A and of B with the difference, as four cells.
void add_numbers(std::vector<std::string>& cells, u64 a, u64 b) {
  const i64 difference = static_cast<i64>(b - a);
  cells.push_back(grouped(a));
  cells.push_back(grouped(b));
  cells.push_back(difference == 0 ? "" : (difference > 0 ? "+" : "") + grouped(difference));
  if (difference == 0) {
    cells.emplace_back();
  } else if (a == 0) {
    cells.emplace_back("new");
  } else {
    cells.push_back(fmt::format("{:+.1f} %", 100.0 * static_cast<double>(difference) / static_cast<double>(a)));
  }
}

/// Of a mean; what would read 0.0 % is no change.
std::string change(const cost::Histogram& a, const cost::Histogram& b) {
  if (a.mean() == 0.0 || b.count() == 0) return {};
  const double percents = 100.0 * (b.mean() - a.mean()) / a.mean();
  return std::abs(percents) < 0.05 ? std::string() : fmt::format("{:+.1f} %", percents);
}

class Side final {
 public:
  Side(std::string title, const std::string& name_a, const std::string& name_b)
      : table_({{std::move(title), Left, 72}, {name_a}, {name_b}, {"difference"}, {"change"}}) {}
  void row(std::string name, u64 a, u64 b) {
    std::vector<std::string> cells = {std::move(name)};
    add_numbers(cells, a, b);
    table_.row(std::move(cells));
  }
  bool empty() const { return table_.empty(); }
  std::string text() const { return table_.text(); }

 private:
  TextTable table_;
};

/// The rows of A and of B by key; one that the other lacks is null.
template <class Row, class Key>
auto joined(const std::vector<Row>& a, const std::vector<Row>& b, Key key) {
  std::map<decltype(key(a.front())), std::pair<const Row*, const Row*>> rows;
  for (const Row& row : a) rows[key(row)].first = &row;
  for (const Row& row : b) rows[key(row)].second = &row;
  return rows;
}

std::string configuration(const Report& a, const Report& b, const std::string& name_a, const std::string& name_b) {
  TextTable table({{"parameter", Left}, {name_a}, {name_b}, {"unit", Left}});
  const auto run = [&](const char* what, const std::string& x, const std::string& y) {
    if (x != y) table.row({what, x, y, ""});
  };
  run("platform", a.run.platform, b.run.platform);
  run("fidelity", a.run.fidelity, b.run.fidelity);
  run("images", fmt::format("{}", fmt::join(a.run.images, ", ")), fmt::format("{}", fmt::join(b.run.images, ", ")));
  run("cores", grouped(u64{a.cores.size()}), grouped(u64{b.cores.size()}));
  for (const auto& [key, pair] :
       joined(a.configuration, b.configuration, [](const config::Parameter& p) { return p.key; })) {
    const auto& [x, y] = pair;
    if (x && y && x->value == y->value) continue;
    table.row({key, x ? config::text(x->value) : "-", y ? config::text(y->value) : "-", x ? x->unit : y->unit});
  }
  if (table.empty()) return heading("Configuration") + "  the same\n";
  return heading("Configuration, what differs") + table.text();
}

std::string totals(const Core& a, const Core& b, const Report& ra, const Report& rb, const std::string& name_a,
                   const std::string& name_b) {
  Side side("total", name_a, name_b);
  side.row("cycles", a.cycles(), b.cycles());
  side.row("instructions", a.instructions, b.instructions);
  side.row("simulated time, ns", ra.run.simulated_ps / 1000, rb.run.simulated_ps / 1000);
  Side who("cycles by context", name_a, name_b);
  std::array<u64, cost::kCauseCount> causes_a{}, causes_b{};
  for (const auto& [context, pair] : joined(a.contexts, b.contexts, [](const ContextTotals& c) { return c.context; })) {
    const auto cycles = [](const ContextTotals* c, auto& causes) {
      if (!c) return u64{0};
      for (unsigned i = 0; i < cost::kCauseCount; ++i) causes[i] += c->cycles[i];
      return cost::total(c->cycles);
    };
    const u64 x = cycles(pair.first, causes_a);
    const u64 y = cycles(pair.second, causes_b);
    who.row(text(context), x, y);
  }
  Side why("cycles by cause", name_a, name_b);
  for (unsigned i = 0; i < cost::kCauseCount; ++i) {
    if (causes_a[i] != 0 || causes_b[i] != 0) why.row(std::string(cost::kCauses[i].name), causes_a[i], causes_b[i]);
  }
  return heading("Totals") + side.text() + heading("Time by exception level and VMID") + who.text() +
         heading("Time by cause") + why.text();
}

std::string traps(const Core& a, const Core& b, const std::string& name_a, const std::string& name_b) {
  auto rows = joined(a.traps, b.traps,
                     [](const Trap& t) { return std::tuple(t.from, t.to, t.exception_class, t.control, t.subject); });
  std::vector<std::pair<const Trap*, const Trap*>> order;
  for (const auto& [key, pair] : rows) order.push_back(pair);
  const auto weight = [](const auto& pair) {
    const u64 x = pair.first ? cost::total(pair.first->inside) : 0;
    const u64 y = pair.second ? cost::total(pair.second->inside) : 0;
    return x > y ? x - y : y - x;
  };
  std::stable_sort(order.begin(), order.end(), [&](const auto& x, const auto& y) { return weight(x) > weight(y); });
  if (order.empty()) return heading("Traps") + "  none\n";
  TextTable table({{"from", Left},
                   {"to", Left},
                   {"reason", Left, 48},
                   {"count " + name_a},
                   {"count " + name_b},
                   {"mean " + name_a},
                   {"mean " + name_b},
                   {"change"},
                   {"cycles " + name_a},
                   {"cycles " + name_b},
                   {"difference"}});
  for (const auto& [x, y] : order) {
    const Trap& any = x ? *x : *y;
    const u64 cycles_a = x ? cost::total(x->inside) : 0;
    const u64 cycles_b = y ? cost::total(y->inside) : 0;
    const auto mean = [](const Trap* t) { return t && t->cycles.count() != 0 ? decimal(t->cycles.mean()) : "-"; };
    const i64 difference = static_cast<i64>(cycles_b - cycles_a);
    table.row({text(any.from), fmt::format("EL{}", index(any.to)), reason(any), grouped(x ? x->count : 0),
               grouped(y ? y->count : 0), mean(x), mean(y), x && y ? change(x->cycles, y->cycles) : "",
               grouped(cycles_a), grouped(cycles_b),
               difference == 0 ? "" : (difference > 0 ? "+" : "") + grouped(difference)});
  }
  return heading("Traps", "largest difference first") + table.text();
}

std::string walks(const Core& a, const Core& b, const std::string& name_a, const std::string& name_b) {
  Side side("walks", name_a, name_b);
  for (const auto& [key, pair] : joined(a.walks, b.walks, [](const Walk& w) { return w.key; })) {
    const auto& [x, y] = pair;
    const std::string who = text(key) + ", " + text(key.context);
    const auto number = [&](u64 Walk::*member) { return std::pair(x ? x->*member : 0, y ? y->*member : 0); };
    const auto add = [&](std::string_view what, std::pair<u64, u64> numbers) {
      side.row(fmt::format("{}: {}", who, what), numbers.first, numbers.second);
    };
    add("walks", number(&Walk::count));
    add("stage-1 fetches", number(&Walk::fetches_stage1));
    if (key.stage2) add("stage-2 fetches", number(&Walk::fetches_stage2));
    add("cycles", {x ? x->cycles.sum() : 0, y ? y->cycles.sum() : 0});
  }
  return side.empty() ? std::string() : heading("Translation table walks") + side.text();
}

std::string interrupts(const Report& a, const Report& b, const std::string& name_a, const std::string& name_b) {
  Side side("interrupt", name_a, name_b);
  for (const auto& [key, pair] : joined(a.interrupts, b.interrupts, [](const Interrupt& i) {
         return std::tuple(i.is_virtual, i.intid, i.cpu, i.vmid);
       })) {
    const auto& [x, y] = pair;
    const std::string name = fmt::format("{}, cpu {}", text(x ? *x : *y), x ? x->cpu : y->cpu);
    side.row(name + ": taken", x ? x->count : 0, y ? y->count : 0);
    const auto mean_ns = [](const Interrupt* i) {
      return i ? static_cast<u64>(std::llround(i->asserted_to_ack_ps.mean() / 1000)) : 0;
    };
    side.row(name + ": wire to handler, mean ns", mean_ns(x), mean_ns(y));
  }
  return side.empty() ? std::string() : heading("Interrupts") + side.text();
}

std::string tlbs(const Core& a, const Core& b, const std::string& name_a, const std::string& name_b) {
  Side side("structure", name_a, name_b);
  for (const auto& [key, pair] : joined(a.tlbs, b.tlbs, [](const TlbStatistics& t) { return t.name; })) {
    const auto& [x, y] = pair;
    const auto add = [&, xx = x, yy = y, name = key](std::string_view what, u64 TlbStatistics::*member) {
      const u64 va = xx ? xx->*member : 0, vb = yy ? yy->*member : 0;
      if (va != 0 || vb != 0) side.row(fmt::format("{}: {}", name, what), va, vb);
    };
    add("lookups", &TlbStatistics::lookups);
    add("misses", &TlbStatistics::misses);
    add("evictions", &TlbStatistics::evictions);
    add("entries removed by TLBI", &TlbStatistics::entries_invalidated);
  }
  return side.empty() ? std::string() : heading("TLBs and walk caches") + side.text();
}

}  // namespace

std::string compare(const Report& a, const Report& b, const std::string& name_a, const std::string& name_b) {
  const Core all_a = all_cores(a), all_b = all_cores(b);
  std::string out = fmt::format("trapwalk compare: {} and {}\n", name_a, name_b);
  return out + configuration(a, b, name_a, name_b) + totals(all_a, all_b, a, b, name_a, name_b) +
         traps(all_a, all_b, name_a, name_b) + walks(all_a, all_b, name_a, name_b) + interrupts(a, b, name_a, name_b) +
         tlbs(all_a, all_b, name_a, name_b);
}

}  // namespace tw::report
