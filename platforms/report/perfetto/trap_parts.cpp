#include "platforms/report/perfetto/trap_parts.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "platforms/report/report.hpp"

namespace tw::report::perfetto {
namespace {

u64 length_of(const std::vector<Stretch>& stretches) {
  return std::accumulate(stretches.begin(), stretches.end(), u64{0},
                         [](u64 sum, const Stretch& s) { return sum + s.cycles(); });
}

/// What of `whole` is in none of `holes`, which are in order of their begins.
std::vector<Stretch> without(const Stretch& whole, const std::vector<Stretch>& holes) {
  std::vector<Stretch> left;
  u64 at = whole.begin;
  for (const Stretch& hole : holes) {
    if (hole.begin > at) left.push_back({at, std::min(hole.begin, whole.end)});
    at = std::max(at, hole.end);
    if (at >= whole.end) return left;
  }
  if (at < whole.end) left.push_back({at, whole.end});
  return left;
}

struct Amount {
  std::string_view name;
  u64 cycles = 0;
};

/// The return comes last, whatever the table's order.
std::vector<Amount> amounts_of(const NamedColumns& inside, std::size_t trap) {
  std::vector<Amount> amounts;
  Amount last;
  for (const auto& [name, column] : inside.columns) {
    const Amount amount{name, column[trap]};
    (name == report::name(Group::Return) ? last : amounts.emplace_back()) = amount;
  }
  amounts.push_back(last);
  return amounts;
}

std::vector<Part> laid_out(const std::vector<Stretch>& own, const std::vector<Amount>& amounts) {
  std::vector<Part> parts;
  auto stretch = own.begin();
  u64 at = own.empty() ? 0 : own.front().begin;
  for (const Amount& amount : amounts) {
    for (u64 left = amount.cycles; left != 0;) {
      while (at == stretch->end) at = (++stretch)->begin;
      const u64 piece = std::min(left, stretch->end - at);
      parts.push_back({amount.name, {at, at + piece}});
      at += piece;
      left -= piece;
    }
  }
  return parts;
}

struct Traps {
  const CoreEvents& core;
  Stretch when(std::size_t trap) const {
    return {core.traps.begin[trap], core.traps.begin[trap] + core.traps.cycles[trap]};
  }
  const cost::Context& from(std::size_t trap) const { return core.trap_keys[core.traps.key[trap]].from; }
};

/// While `trap` was open and another guest's code ran.
std::vector<Stretch> away(const Traps& traps, std::size_t trap) {
  std::vector<Stretch> times;
  const Stretch when = traps.when(trap);
  const cost::Context& from = traps.from(trap);
  const WorldColumns& worlds = traps.core.worlds;
  if (traps.core.traps.away[trap] == 0 || !cost::has_world(from)) return times;
  auto first = std::upper_bound(worlds.begin.begin(), worlds.begin.end(), when.begin);
  if (first != worlds.begin.begin()) --first;
  for (auto i = static_cast<std::size_t>(first - worlds.begin.begin()); i < worlds.begin.size(); ++i) {
    if (worlds.begin[i] >= when.end) break;
    const bool same = (worlds.guest[i] != 0) == from.guest && worlds.vmid[i] == from.vmid.value;
    const Stretch other{std::max(worlds.begin[i], when.begin), std::min(worlds.begin[i] + worlds.cycles[i], when.end)};
    if (!same && other.begin < other.end) times.push_back(other);
  }
  // A switched-out guest stays so until its return, whoever works in between.
  std::vector<Stretch> joined;
  for (const Stretch& stretch : times) {
    if (!joined.empty() && joined.back().end == stretch.begin) {
      joined.back().end = stretch.end;
    } else {
      joined.push_back(stretch);
    }
  }
  return joined;
}

}  // namespace

std::vector<TrapLayout> layouts_of(const CoreEvents& core) {
  const Traps traps{core};
  const std::size_t count = core.traps.key.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Of two that begin at once the outer one ends later; of equal ones the outer one was closed, and logged, later.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Stretch one = traps.when(a), other = traps.when(b);
    if (one.begin != other.begin) return one.begin < other.begin;
    return one.end != other.end ? one.end > other.end : a > b;
  });
  std::vector<TrapLayout> layouts(count);
  for (std::size_t trap = 0; trap < count; ++trap) layouts[trap].away = away(traps, trap);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t trap = order[i];
    const Stretch when = traps.when(trap);
    TrapLayout& layout = layouts[trap];
    std::vector<Stretch> holes = layout.away;
    for (std::size_t j = i + 1; j < count && traps.when(order[j]).begin < when.end; ++j) {
      const std::vector<Stretch> others = without(traps.when(order[j]), layouts[order[j]].away);
      holes.insert(holes.end(), others.begin(), others.end());
    }
    std::stable_sort(holes.begin(), holes.end(), [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
    const std::vector<Stretch> own = without(when, holes);
    const std::vector<Amount> amounts = amounts_of(core.traps.inside, trap);
    const u64 inside = std::accumulate(amounts.begin(), amounts.end(), u64{0},
                                       [](u64 sum, const Amount& amount) { return sum + amount.cycles; });
    if (length_of(own) == inside) layout.parts = laid_out(own, amounts);
  }
  return layouts;
}

}  // namespace tw::report::perfetto
