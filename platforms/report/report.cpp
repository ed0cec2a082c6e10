#include "platforms/report/report.hpp"

#include <fmt/format.h>

#include <map>

#include "platforms/report/rows.hpp"

namespace tw::report {
namespace {

using cost::ByCause;
using cost::Cause;

struct GroupRow {
  Cause cause;
  Group group;
};
/// Causes that are not instructions of the code that runs.
constexpr GroupRow kGroups[] = {
    {Cause::ExceptionEntry, Group::Entry},
    {Cause::ExceptionReturn, Group::Return},
    {Cause::ContextRegister, Group::WorldSwitch},
    {Cause::TlbLookup, Group::Walks},
    {Cause::WalkStage1, Group::Walks},
    {Cause::WalkStage2, Group::Walks},
    {Cause::Fetch, Group::Memory},
    {Cause::StoreBuffer, Group::Memory},
    {Cause::L2Cache, Group::Memory},
    {Cause::L3Cache, Group::Memory},
    {Cause::PeerCache, Group::Memory},
    {Cause::Memory, Group::Memory},
    {Cause::Gic, Group::Gic},
    {Cause::Device, Group::Device},
    {Cause::Firmware, Group::Other},
    {Cause::Idle, Group::Other},
};

}  // namespace

std::string_view name(Group group) {
  static constexpr std::string_view kNames[] = {"entry", "instr",  "switch", "walks", "memory",
                                                "gic",   "device", "return", "other"};
  static_assert(std::size(kNames) == kGroupCount);
  return kNames[static_cast<unsigned>(group)];
}

Group group_of(Cause cause) {
  for (const GroupRow& row : kGroups) {
    if (row.cause == cause) return row.group;
  }
  return Group::Instructions;
}

std::array<u64, kGroupCount> by_group(const ByCause& cycles) {
  std::array<u64, kGroupCount> groups{};
  for (unsigned i = 0; i < cost::kCauseCount; ++i) {
    groups[static_cast<unsigned>(group_of(static_cast<Cause>(i)))] += cycles[i];
  }
  return groups;
}

std::string text(const cost::Context& context) {
  const std::string el = fmt::format("EL{}", index(context.el));
  return context.guest ? fmt::format("{} VMID {}", el, context.vmid.value) : el;
}

std::string reason(const Trap& trap) {
  if (trap.subject.empty()) return trap.control;
  if (trap.control.empty()) return trap.subject;
  return trap.control + ": " + trap.subject;
}

std::string text(const cost::WalkKey& key) {
  const std::string_view stages = key.stage1 && key.stage2 ? "stages 1+2" : key.stage2 ? "stage 2" : "stage 1";
  return fmt::format("{}, {}, {}", cost::name(key.regime), stages, cost::name(key.purpose));
}

std::string text(const LevelFetches& place) {
  const std::string own = fmt::format("stage {}, level {}", place.stage, place.level);
  if (place.stage == 1) return own;
  if (place.for_stage1_level < 0) return own + ", for the final IPA";
  return fmt::format("{}, for stage 1, level {}", own, place.for_stage1_level);
}

std::string_view kind_of(u64 intid) { return intid < 16 ? "SGI" : intid < 32 ? "PPI" : "SPI"; }

std::string text(const Interrupt& interrupt) {
  // Arm BSA, "PPI assignments".
  static const std::map<u64, std::string_view> kWellKnown = {{25, "GIC maintenance"}, {26, "hypervisor timer"},
                                                             {27, "virtual timer"},   {29, "secure timer"},
                                                             {30, "physical timer"},  {23, "PMU"}};
  std::string line = interrupt.is_virtual ? "virtual " : "";
  line += fmt::format("{} {}", kind_of(interrupt.intid), interrupt.intid);
  if (interrupt.others != 0) {
    line += fmt::format(" and {} others", interrupt.others);
  } else if (const auto known = kWellKnown.find(interrupt.intid); known != kWellKnown.end()) {
    line += fmt::format(" ({})", known->second);
  }
  if (interrupt.is_virtual) line += fmt::format(", VMID {}", interrupt.vmid.value);
  return line;
}

}  // namespace tw::report
