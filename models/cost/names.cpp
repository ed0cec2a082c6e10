#include "cost/spans.hpp"

namespace tw::cost {

std::string_view name(ServedBy served_by) {
  static constexpr std::string_view kNames[] = {"walk cache", "L1",     "L2",     "L3",  "system cache",
                                                "peer cache", "memory", "device", "gic", "unmapped"};
  static_assert(std::size(kNames) == kServedByCount);
  return kNames[static_cast<unsigned>(served_by)];
}

std::string_view name(Structure structure) {
  static constexpr std::string_view kNames[] = {"tlb", "cache"};
  static_assert(std::size(kNames) == kStructureCount);
  return kNames[static_cast<unsigned>(structure)];
}

std::string_view name(WalkRegime regime) {
  static constexpr std::string_view kNames[] = {"EL1&0", "EL2", "EL3", "stage 2 only", "SMMU"};
  return kNames[static_cast<unsigned>(regime)];
}

std::string_view name(WalkFor purpose) {
  static constexpr std::string_view kNames[] = {"fetch", "data", "AT", "DMA", "prefetch"};
  return kNames[static_cast<unsigned>(purpose)];
}

}  // namespace tw::cost
