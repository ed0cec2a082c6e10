#include "interconnect/arbiter.hpp"

namespace tw::interconnect {

Arbitration arbitration_of(std::string_view name) {
  if (name == "priority") return Arbitration::Priority;
  if (name == "oldest") return Arbitration::Oldest;
  return Arbitration::RoundRobin;
}

bool Arbiter::before(const Candidate& a, const Candidate& b) const {
  if (policy_ == Arbitration::Priority && a.qos != b.qos) return a.qos > b.qos;
  if (policy_ == Arbitration::Oldest && a.since != b.since) return a.since < b.since;
  const bool a_this_turn = a.initiator >= next_;
  const bool b_this_turn = b.initiator >= next_;
  return a_this_turn != b_this_turn ? a_this_turn : a.initiator < b.initiator;
}

std::size_t Arbiter::pick(std::span<const Candidate> waiting) {
  std::size_t best = 0;
  for (std::size_t n = 1; n < waiting.size(); ++n) {
    if (before(waiting[n], waiting[best])) best = n;
  }
  next_ = waiting[best].initiator + 1;
  return best;
}

}  // namespace tw::interconnect
