// Marks as they are written: a UserError, or a mark. Phases of regions between any of them: each comes to its end, none
// lies behind the instruction where it begins.
#include <algorithm>

#include "base/error.hpp"
#include "fuzz/input.hpp"
#include "fuzz/sample.hpp"
#include "platforms/region/mark.hpp"
#include "platforms/region/plan.hpp"

using namespace tw;

namespace {

constexpr unsigned kMostSteps = 64, kMostAdvances = 8;

u64 count_of(fuzz::Input& input) {
  const u8 kind = input.take<u8>();
  return kind < 192 ? kind / 16 : kind < 240 ? ~u64{0} - kind % 16 : input.take<u64>();
}

std::optional<region::Mark> mark_of(fuzz::Input& input) {
  if (input.flag()) return std::nullopt;
  if (input.flag()) return region::Mark{.kind = region::MarkKind::Text, .text = "x", .number = 0, .written = "x"};
  const u64 number = std::max<u64>(1, count_of(input));
  return region::Mark{.kind = region::MarkKind::Instructions, .text = {}, .number = number, .written = "x"};
}

region::Options options_of(fuzz::Input& input) {
  region::Options options;
  options.from = mark_of(input);
  options.until = mark_of(input);
  options.repeat = options.from && options.until && input.flag();
  options.timed = !options.from && input.flag();
  if (input.flag()) {
    region::Sampling sampling;
    sampling.measure = std::max<u64>(1, count_of(input));
    sampling.warm = std::min(count_of(input), ~u64{0} - sampling.measure);
    sampling.period = std::max(count_of(input), sampling.warm + sampling.measure);
    options.sampling = sampling;
  } else {
    options.warm_up = count_of(input);
  }
  return options;
}

void go_through(fuzz::Input& input) {
  region::Plan plan(options_of(input));
  region::Position now{};
  for (unsigned step = 0; step < kMostSteps && !input.empty(); ++step) {
    const u64 left = plan.left(now.instructions);
    const u64 wanted = input.flag() ? left : std::min<u64>(left, input.take<u8>());
    now.instructions += std::min(wanted, ~u64{0} - now.instructions);
    for (unsigned n = 0; plan.left(now.instructions) == 0; ++n) fuzz::require(n < kMostAdvances && plan.advance(now));
    if (plan.awaited() != nullptr && input.flag()) plan.reached(now);
  }
  plan.finish(now);
  for (const region::Span& span : plan.spans()) fuzz::require(span.begin.instructions <= span.end.instructions);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  try {
    region::parse_mark({reinterpret_cast<const char*>(data), size}, "--timed-from");
  } catch (const UserError&) {
  }
  fuzz::Input input(data, size);
  go_through(input);
  return 0;
}
