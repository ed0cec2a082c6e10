// Conservation under random events. TW_SEED sets the seed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "cost/events.hpp"
#include "cost/ledger.hpp"

namespace tw::cost {
namespace {

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 0x7EA9;
}

Context any_context(std::mt19937_64& random) {
  const El el = static_cast<El>(random() % 4);
  if (el >= El::El2) return {el, false, Vmid{0}};
  const u16 vmid = static_cast<u16>(random() % 4);
  return {el, vmid != 0, Vmid{vmid}};
}

/// One by one, the traps are what they are together.
void expect_same(const CoreEvents& log, const std::map<TrapKey, TrapSummary>& traps) {
  std::map<TrapKey, TrapSummary> sums;
  for (const TrapEvent& event : log.traps().events()) {
    TrapSummary& sum = sums[event.key];
    ++sum.count;
    (event.returned ? sum.returned : sum.unfinished) += 1;
    for (unsigned cause = 0; cause < kCauseCount; ++cause) sum.inside[cause] += event.inside[cause];
    sum.away += event.away;
    EXPECT_LE(total(event.inside) + event.away, event.end - event.begin);
    if (event.returned) sum.cycles.add(total(event.inside));
    if (event.returned) sum.inclusive.add(event.end - event.begin - event.away);
  }
  ASSERT_EQ(sums.size(), traps.size());
  for (const auto& [key, expected] : traps) {
    const TrapSummary& sum = sums[key];
    EXPECT_EQ(sum.count, expected.count);
    EXPECT_EQ(sum.returned, expected.returned);
    EXPECT_EQ(sum.unfinished, expected.unfinished);
    EXPECT_EQ(sum.inside, expected.inside);
    EXPECT_EQ(sum.away, expected.away);
    EXPECT_EQ(sum.cycles.sum(), expected.cycles.sum());
    EXPECT_EQ(sum.inclusive.sum(), expected.inclusive.sum());
  }
}

TEST(LedgerProperty, EveryCycleHasOneOwner) {
  const u64 base = seed();
  std::printf("seed %#llx\n", static_cast<unsigned long long>(base));
  static constexpr std::string_view kWhy[] = {"HVC", "IRQ", "HCR_EL2.TVM"};
  for (u64 round = 0; round < 200; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << base << " round " << round);
    std::mt19937_64 random(base + round);
    CoreLedger ledger(0, {.open_spans = 1 + random() % 8, .parked_spans = random() % 6, .recent_walks = random() % 3});
    CoreEvents log({.limit = 10'000});
    ledger.record(&log);
    // The reference: who ran when, and nothing about spans.
    std::map<Context, u64> cycles, instructions;
    u64 all = 0, taken = 0;
    Context now{};
    const u64 events = 50 + random() % 400;
    for (u64 event = 0; event < events; ++event) {
      switch (random() % 8) {
        case 0:
        case 1:
        case 2: {
          const u64 amount = random() % 1000;
          ledger.charge(static_cast<Cause>(random() % kCauseCount), amount);
          ledger.retire(amount / 2);
          cycles[now] += amount;
          instructions[now] += amount / 2;
          all += amount;
          break;
        }
        case 3:
        case 4: {
          const Context to = any_context(random);
          ledger.exception_taken({now, to.el, static_cast<u8>(random() % 2), {kWhy[random() % 3], ""}}, to);
          ++taken;
          now = to;
          break;
        }
        case 5:
        case 6: {
          const Context to = any_context(random);
          ledger.exception_returned(now, to);
          now = to;
          break;
        }
        default:
          switch (random() % 20) {
            case 0:
              ledger.record(nullptr);
              ledger.restart();
              log = CoreEvents({.limit = 10'000});
              ledger.record(&log);
              cycles.clear();
              instructions.clear();
              all = taken = 0;
              break;
            case 1:
              now = any_context(random);
              ledger.reset(now);
              break;
            case 2:
              ledger.walk({});
              break;
            default:
              now = any_context(random);
              ledger.set_context(now);
          }
      }
      ASSERT_EQ(ledger.context(), now);
    }
    ledger.settle();
    EXPECT_EQ(ledger.accounted(), all);
    EXPECT_EQ(ledger.accounted(), ledger.elapsed() - ledger.origin());
    u64 all_instructions = 0;
    for (const auto& [context, expected] : cycles) {
      const auto found = ledger.accounts().find(context);
      EXPECT_EQ(found == ledger.accounts().end() ? 0 : total(found->second.cycles), expected);
      all_instructions += instructions[context];
    }
    EXPECT_EQ(ledger.instructions(), all_instructions);
    u64 inside = 0, count = 0;
    for (const auto& [trap, summary] : ledger.traps_so_far()) {
      inside += total(summary.inside);
      count += summary.count;
      EXPECT_EQ(summary.count, summary.returned + summary.unfinished);
      EXPECT_EQ(summary.cycles.count(), summary.returned);
      EXPECT_EQ(summary.inclusive.count(), summary.returned);
      EXPECT_GE(summary.inclusive.sum(), summary.cycles.sum());
      EXPECT_GE(total(summary.inside), summary.cycles.sum());
    }
    EXPECT_EQ(count, taken);
    EXPECT_LE(inside, all);  // no cycle is inside two spans
    const auto traps = ledger.traps_so_far();
    ledger.record(nullptr);
    expect_same(log, traps);
    u64 measured = 0;
    for (const PhaseEvent& phase : log.phases().events()) measured += phase.end - phase.begin;
    EXPECT_EQ(measured, all);
  }
}

}  // namespace
}  // namespace tw::cost
