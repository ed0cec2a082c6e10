// Parameters that functional fidelity does not show: no instruction, no time and no statistic of a functional run
// depends on them, so that a machine that was booted functionally may still get others.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tw::virt {

inline constexpr std::array<std::string_view, 7> kTimingOnly = {
    "core.cost.", "core.pipeline.", "core.branch.", "core.latency.", "core.interval.", "core.pipes.", "mmu."};
/// Cores and MMUs are joined for it when the machine is built.
inline constexpr std::string_view kNotTimingOnly = "mmu.check_contract";

inline bool is_timing_only(std::string_view key) {
  return key != kNotTimingOnly &&
         std::ranges::any_of(kTimingOnly, [&](auto prefix) { return key.starts_with(prefix); });
}

}  // namespace tw::virt
