#include "sc_main/events_option.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/statistics/smmu.hpp"
#include "sc_main/key_values.hpp"
#include "sc_main/quantities.hpp"
#include "tlm/clock.hpp"

namespace tw::command {

namespace {

/// A table of this many rows is some hundred MB of memory.
constexpr u64 kMostEvents = 1'000'000;

[[noreturn]] void refuse(const std::string& message) { throw UserError(Complaint{"--events", message}); }

std::array<bool, cost::kEventKindCount> parse_kinds(const std::string& text) {
  std::array<bool, cost::kEventKindCount> kinds{};
  std::vector<std::string> names;
  for (const cost::EventKindRow& row : cost::kEventKinds) names.emplace_back(row.name);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('+', begin), text.size());
    const std::string name = text.substr(begin, end - begin);
    begin = end + 1;
    const auto row = std::find(names.begin(), names.end(), name);
    if (row == names.end() && name != "all") {
      refuse(fmt::format("'{}' is no kind of event{}; there are {}, and all", name, config::did_you_mean(name, names),
                         fmt::join(names, ", ")));
    }
    if (name == "all") {
      kinds.fill(true);
    } else {
      kinds[static_cast<std::size_t>(row - names.begin())] = true;
    }
  }
  return kinds;
}

void set(cost::EventOptions& options, const std::string& key, const std::string& value) {
  if (key == "limit") {
    options.limit = parse_number(value, "--events limit");
    if (options.limit == 0 || options.limit > kMostEvents) refuse(fmt::format("limit: from 1 to {}", kMostEvents));
  } else if (key == "keep") {
    if (value != "first" && value != "last") refuse("keep: first or last");
    options.keep = value == "first" ? cost::Keep::First : cost::Keep::Last;
  } else if (key == "kinds") {
    options.kinds = parse_kinds(value);
  } else if (key == "sample") {
    options.sample_cycles = parse_number(value, "--events sample");
    if (options.sample_cycles == 0) refuse("sample: at least 1 cycle");
  } else {
    static const std::vector<std::string> kKeys = {"limit", "keep", "kinds", "sample"};
    refuse(fmt::format("'{}' is not known{}", key, config::did_you_mean(key, kKeys)));
  }
}

}  // namespace

cost::EventOptions parse_events(const std::string& text) {
  cost::EventOptions options;
  if (text.empty()) return options;
  for (const std::string& part : split_at_commas(text)) {
    const std::size_t sign = part.find('=');
    if (sign == std::string::npos) refuse("'" + part + "' is not limit=N, keep=first|last, kinds=A+B or sample=CYCLES");
    set(options, part.substr(0, sign), part.substr(sign + 1));
  }
  return options;
}

void join_events_value(std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] != "--events" || arguments[i + 1].starts_with("-")) continue;
    arguments[i] += "=" + arguments[i + 1];
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

void take_translations(const cost::EventRing<smmu::TranslationEvent>& events, const smmu::Smmu* smmu,
                       report::Events& into) {
  if (smmu == nullptr) return;
  const tlm::Clock clock = tlm::Clock::from_mhz(smmu->config().frequency_mhz);
  statistics::take_translations(events, clock.period_ps(), into);
}

std::vector<report::Events> take_events(const virt::Platform& platform) {
  const virt::EventLog* const log = platform.events();
  if (log == nullptr) return {};
  report::Events events = report::events_asked_for(log->options);
  for (std::size_t cpu = 0; cpu < log->cores.size(); ++cpu) {
    events.cores.push_back(report::take_core_events(log->cores[cpu], cpu, platform.clock().period_ps()));
  }
  report::take_interrupt_events(log->interrupts, events);
  take_translations(log->translations, platform.smmu(), events);
  return {std::move(events)};
}

void print_events(const std::vector<report::Events>& events) {
  for (const report::Events& all : events) {
    const auto [kept, dropped] = report::count(all);
    fmt::print(stderr, "trapwalk: {} events", kept);
    if (dropped != 0) {
      fmt::print(stderr, "; {} more were dropped, the {} {} of a kind and core are kept (--events limit=N)", dropped,
                 all.keep, all.limit);
    }
    fmt::print(stderr, "\n");
  }
}

}  // namespace tw::command
