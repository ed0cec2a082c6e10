#include "interconnect/arbiter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tw::interconnect {
namespace {

/// Who goes in `turns` turns when all of `waiting` ask again at once.
std::string order(Arbitration policy, const std::vector<Candidate>& waiting, unsigned turns) {
  Arbiter arbiter(policy);
  std::string order;
  for (unsigned n = 0; n < turns; ++n) order += static_cast<char>('0' + waiting[arbiter.pick(waiting)].initiator);
  return order;
}

TEST(Arbiter, RoundRobinGivesAllTheirTurnInWhateverOrderTheyStand) {
  EXPECT_EQ(order(Arbitration::RoundRobin, {{2}, {0}, {5}}, 7), "0250250");
}

TEST(Arbiter, RoundRobinGoesOnBehindTheLastOne) {
  Arbiter arbiter(Arbitration::RoundRobin);
  const std::vector<Candidate> first = {{1}}, then = {{0}, {1}, {2}};
  arbiter.pick(first);
  EXPECT_EQ(then[arbiter.pick(then)].initiator, 2u);
}

TEST(Arbiter, PriorityStarvesTheLesserAndTurnsAmongEquals) {
  EXPECT_EQ(order(Arbitration::Priority, {{0, 1}, {1, 7}, {2, 7}}, 5), "12121");
}

TEST(Arbiter, TheOldestGoesFirstAndTurnsAmongEquals) {
  EXPECT_EQ(order(Arbitration::Oldest, {{0, 9, 30}, {1, 0, 10}, {2, 0, 10}}, 4), "1212");
}

TEST(Arbiter, PoliciesAreNamed) {
  EXPECT_EQ(arbitration_of("round-robin"), Arbitration::RoundRobin);
  EXPECT_EQ(arbitration_of("priority"), Arbitration::Priority);
  EXPECT_EQ(arbitration_of("oldest"), Arbitration::Oldest);
}

}  // namespace
}  // namespace tw::interconnect
