// What a trace's numbers are called, in files and on the command line.
#pragma once

#include <array>
#include <string_view>

#include "trace/record.hpp"

namespace tw::trace {

inline constexpr std::array<std::string_view, kKinds> kKindNames = {"fetch", "read", "write", "table-write",
                                                                    "invalidate"};
inline constexpr std::array<std::string_view, kScopes> kScopeNames = {"none",
                                                                      "all",
                                                                      "vmid-stage1",
                                                                      "vmid",
                                                                      "asid",
                                                                      "va",
                                                                      "va-last",
                                                                      "va-all-asids",
                                                                      "va-all-asids-last",
                                                                      "ipa",
                                                                      "ipa-last",
                                                                      "streams",
                                                                      "stream-range",
                                                                      "stream-contexts",
                                                                      "stream-context"};
inline constexpr std::array<std::string_view, 4> kRegimeNames = {"EL1&0", "EL2", "EL3", "EL2&0"};
inline constexpr std::array<std::string_view, kReaches> kReachNames = {"local", "broadcast", "received", "command"};

constexpr std::string_view name_of(Kind kind) { return kKindNames[static_cast<unsigned>(kind)]; }
constexpr std::string_view name_of(Scope scope) { return kScopeNames[static_cast<unsigned>(scope)]; }
constexpr std::string_view name_of(Regime regime) { return kRegimeNames[static_cast<unsigned>(regime)]; }
constexpr std::string_view name_of(Reach reach) { return kReachNames[static_cast<unsigned>(reach)]; }

}  // namespace tw::trace
