// Packets that let the run go on: c, C, s, S, vCont; and that end it: D, k, vKill.
#include "base/error.hpp"
#include "platforms/gdb/handlers.hpp"

namespace tw::gdb {

namespace {

/// What the actions of a packet come to. Cores without an action run along: a machine is one.
struct Resume {
  std::optional<unsigned> stepped = {};
  bool alone = false;  ///< no other core has an action
  std::optional<Range> range = {};
};

Answer go(Attached& attached, const Resume& how) {
  attached.range.reset();
  const bool was_done =
      how.stepped == attached.stop.core && !how.range && attached.passed && !attached.points.has(*attached.passed);
  if (was_done) {
    attached.passed.reset();
    attached.stop = {.reason = control::StopReason::Steps, .core = attached.stop.core};
    return {.after = After::Stand};
  }
  control::Goal goal;
  if (how.stepped) {
    goal.steps = 1;
    goal.core = how.stepped;
  } else {
    goal.exceptions = attached.exceptions;
  }
  attached.target.set_goal(goal);
  attached.points.arm(attached.target, how.alone ? how.stepped : std::nullopt);
  attached.passed.reset();
  attached.range = how.range;
  return {.after = After::Go};
}

/// "c", "s": from an address on, if there is one.
Answer go_from(Attached& attached, Scanner rest, bool steps) {
  if (!rest.at_end()) {
    const u64 address = rest.number();
    rest.expect_end();
    attached.target.write_register(attached.resumed, "pc", address);
  }
  return go(attached, {.stepped = steps ? std::optional(attached.resumed) : std::nullopt});
}

/// A signal for the program, of which a machine knows nothing; and what comes behind it.
Scanner behind_signal(Scanner rest) {
  rest.number();
  if (!rest.take(";")) rest.expect_end();
  return rest;
}

Answer go_on(Attached& attached, Scanner rest) { return go_from(attached, rest, false); }
Answer step(Attached& attached, Scanner rest) { return go_from(attached, rest, true); }
Answer go_on_with_signal(Attached& attached, Scanner rest) { return go_from(attached, behind_signal(rest), false); }
Answer step_with_signal(Attached& attached, Scanner rest) { return go_from(attached, behind_signal(rest), true); }

Answer say_actions(Attached&, Scanner) { return {"vCont;c;C;s;S;r"}; }

Answer go_by_actions(Attached& attached, Scanner rest) {
  Resume how;
  unsigned actions = 0;
  std::optional<unsigned> last;  // the only core with an action, if there is one alone
  while (!rest.at_end()) {
    Scanner action(rest.until(';'));
    const bool is_range = action.take("r");
    const bool steps = is_range || action.take("s") || action.take("S");
    if (!steps && !action.take("c") && !action.take("C")) throw Malformed{};
    Range range;
    if (is_range) {
      range.first = action.number();
      action.expect(",");
      range.end = action.number();
    } else if (!action.at_end() && !action.rest().starts_with(':')) {
      action.number();  // the signal
    }
    last = action.take(":") ? take_thread(attached, action) : std::nullopt;
    action.expect_end();
    ++actions;
    if (!steps || how.stepped) continue;
    how.stepped = range.core = last.value_or(attached.resumed);
    if (is_range) how.range = range;
  }
  if (actions == 0) throw Malformed{};
  how.alone = actions == 1 && last;
  return go(attached, how);
}

Answer detach(Attached&, Scanner) { return {.body = "OK", .after = After::Detach}; }
Answer kill(Attached&, Scanner) { return {.after = After::Kill}; }
Answer kill_process(Attached&, Scanner) { return {.body = "OK", .after = After::Kill}; }

constexpr Packet kPackets[] = {
    {"c", go_on, Errors::Text},
    {"C", go_on_with_signal, Errors::Text},
    {"s", step, Errors::Text},
    {"S", step_with_signal, Errors::Text},
    {"vCont?", say_actions},
    {"vCont;", go_by_actions, Errors::Text},
    {"D", detach},
    {"k", kill},
    {"vKill", kill_process},
};

}  // namespace

std::span<const Packet> resuming_packets() { return kPackets; }

}  // namespace tw::gdb
