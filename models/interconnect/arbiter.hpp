// Who of several that wait goes first.
#pragma once

#include <span>
#include <string_view>

#include "base/types.hpp"

namespace tw::interconnect {

enum class Arbitration : u8 { RoundRobin, Priority, Oldest };
/// By the value of `interconnect.arbitration`.
Arbitration arbitration_of(std::string_view name);

/// One of those that wait.
struct Candidate {
  unsigned initiator = 0;
  u64 qos = 0;
  u64 since = 0;  ///< when it began to wait
};

class Arbiter final {
 public:
  explicit Arbiter(Arbitration policy) : policy_(policy) {}
  /// Index of the one that goes; `waiting` is not empty. Those that are equal by the policy take turns, from the
  /// initiator behind the last one that went.
  std::size_t pick(std::span<const Candidate> waiting);

 private:
  bool before(const Candidate& a, const Candidate& b) const;
  Arbitration policy_;
  unsigned next_ = 0;  ///< the initiator whose turn it is
};

}  // namespace tw::interconnect
