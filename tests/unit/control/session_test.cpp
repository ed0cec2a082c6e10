// The control protocol over a socket, with a machine that only notes what it is asked.
#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "platforms/control/session.hpp"
#include "support/control_target.hpp"

namespace tw::control {
namespace {

using nlohmann::json;
using test::FakeTarget;

class ControlSession : public testing::Test {
 protected:
  ControlSession() {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0);
    channel_.emplace(ends_[1], "--control-fd");
    session_.emplace(*channel_, target_);
  }
  ~ControlSession() override {
    hang_up();
    close(ends_[1]);
  }
  void hang_up() {
    if (ends_[0] >= 0) close(std::exchange(ends_[0], -1));
  }
  void say(const std::string& text) { ASSERT_EQ(write(ends_[0], text.data(), text.size()), ssize_t(text.size())); }
  void say_line(const json& request) { say(request.dump() + "\n"); }
  /// The next line from the session; null when none is there.
  json heard() {
    while (received_.find('\n') == std::string::npos) {
      pollfd readable{.fd = ends_[0], .events = POLLIN, .revents = 0};
      if (poll(&readable, 1, 0) <= 0) return nullptr;
      char bytes[4096];
      const ssize_t count = read(ends_[0], bytes, sizeof bytes);
      if (count <= 0) return nullptr;
      received_.append(bytes, std::size_t(count));
    }
    const std::size_t end = received_.find('\n');
    const json line = json::parse(received_.substr(0, end));
    received_.erase(0, end + 1);
    return line;
  }
  /// Stands, is asked this, and goes on. The answer.
  json ask(json request) {
    request["id"] = 7;
    say_line(request);
    say_line({{"command", "continue"}});
    session_->stand({.reason = StopReason::Pause});
    heard();  // why it stands
    return heard();
  }
  std::string error_of(json request) { return ask(std::move(request)).value("error", "no error"); }

  int ends_[2] = {-1, -1};
  FakeTarget target_;
  std::optional<Channel> channel_;
  std::optional<Session> session_;
  std::string received_;
};

TEST_F(ControlSession, SaysWhereItStandsAndAnswersAStepWhenItStandsAgain) {
  say_line({{"id", "a"}, {"command", "step"}, {"count", 3}, {"core", 1}});
  session_->stand({.reason = StopReason::Start});
  const json ready = heard();
  EXPECT_EQ(ready["event"], "ready");
  EXPECT_EQ(ready["cores"], 2);
  EXPECT_EQ(target_.goal.steps, 3u);
  EXPECT_EQ(target_.goal.core, 1u);
  EXPECT_EQ(heard(), nullptr);
  say_line({{"command", "continue"}});
  session_->stand({.reason = StopReason::Steps, .core = 1});
  EXPECT_EQ(heard(), json::parse(R"({"id":"a","result":{"reason":"steps","core":1,"pc":4097,"el":1,"vmid":3,
                                     "instructions":42,"simulated_ps":21000}})"));
}

TEST_F(ControlSession, Registers) {
  EXPECT_EQ(ask({{"command", "registers"}, {"name", "x0"}, {"core", 1}})["result"]["x0"], ~u64{0} - 1);
  EXPECT_EQ(ask({{"command", "registers"}})["result"].size(), 34u);
  ask({{"command", "set-register"}, {"name", "x1"}, {"value", "0xffff000000000000"}});
  EXPECT_EQ(target_.written["x1"], 0xffff000000000000u);
}

TEST_F(ControlSession, Memory) {
  EXPECT_EQ(
      ask({{"command", "read-memory"}, {"space", "ipa"}, {"core", 1}, {"address", 16}, {"bytes", 3}})["result"]["data"],
      "a5a5a5");
  EXPECT_EQ(target_.seen.space, Space::Ipa);
  EXPECT_EQ(target_.seen.core, 1u);
  EXPECT_EQ(target_.seen_address, 16u);
  ask({{"command", "write-memory"}, {"symbol", "main"}, {"el", 2}, {"data", "00ffA5"}});
  EXPECT_EQ(target_.memory, (std::vector<u8>{0, 0xFF, 0xA5}));
  EXPECT_EQ(target_.seen.el, 2u);
}

TEST_F(ControlSession, Translate) {
  const json found = ask({{"command", "translate"}, {"address", 1}})["result"];
  EXPECT_EQ(found["pa"], 0x8000);
  EXPECT_EQ(found["walk"][0]["address"], 0x10);
  EXPECT_EQ(ask({{"command", "translate"}, {"address", 1}, {"access", "write"}})["result"]["fault"]["type"],
            "Permission");
}

TEST_F(ControlSession, BreakpointsInterruptsConsole) {
  ask({{"command", "add-breakpoint"}, {"symbol", "main"}, {"core", 1}});
  const json list = ask({{"command", "breakpoints"}})["result"]["breakpoints"];
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["address"], 0x4000);
  EXPECT_EQ(list[0]["core"], 1);
  ask({{"command", "add-watchpoint"}, {"address", 0x5000}, {"bytes", 2}, {"access", "any"}});
  const json watched = ask({{"command", "breakpoints"}})["result"]["breakpoints"][1];
  EXPECT_EQ(watched["bytes"], 2);
  EXPECT_EQ(watched["access"], "any");
  EXPECT_TRUE(target_.points[1].reads && target_.points[1].writes);
  ask({{"command", "interrupt"}, {"intid", 40}, {"level", false}});
  ask({{"command", "interrupt"}, {"kind", "serror"}});
  ASSERT_EQ(target_.raised.size(), 2u);
  EXPECT_EQ(target_.raised[0].intid, 40u);
  EXPECT_FALSE(target_.raised[0].level);
  EXPECT_EQ(target_.raised[1].kind, InterruptKind::SError);
  EXPECT_TRUE(ask({{"command", "console"}})["result"]["text"].get<std::string>().starts_with("hello "));
  ask({{"command", "type"}, {"text", "ls\n"}});
  EXPECT_EQ(target_.typed, "ls\n");
}

TEST_F(ControlSession, GoalsOfContinue) {
  say_line({{"command", "continue"},
            {"instructions", 5},
            {"simulated_ps", 6},
            {"symbol", "main"},
            {"text", "ok"},
            {"exceptions", {1, 3}},
            {"core", 1}});
  session_->stand({});
  EXPECT_EQ(target_.goal.instructions, 5u);
  EXPECT_EQ(target_.goal.simulated_ps, 6u);
  EXPECT_EQ(target_.goal.address, 0x4000u);
  EXPECT_EQ(target_.goal.text, "ok");
  EXPECT_EQ(target_.goal.exceptions, 0b1010);
  EXPECT_EQ(target_.goal.core, 1u);
}

/// Each is an answer, and the session goes on.
TEST_F(ControlSession, WhatIsWrongIsSaid) {
  const std::pair<json, std::string> wrong[] = {
      {{{"command", "stpe"}}, "did you mean \"step\"?"},
      {{{"command", "step"}, {"cuont", 1}}, "cuont: this command has no such member, did you mean \"count\"?"},
      {{{"command", "step"}, {"count", 0}}, "count: is 0"},
      {{{"command", "step"}, {"count", -1}}, "count: is not a number"},
      {{{"command", "step"}, {"count", 1.5}}, "count: is not a number"},
      {{{"command", "step"}, {"core", 2}}, "core: is 2, and may be up to 1"},
      {{{"command", 5}}, "command: is not text"},
      {{{"nothing", 5}}, "command: is missing"},
      {{{"command", "registers"}, {"name", "nix"}}, "name: no register is called 'nix'"},
      {{{"command", "registers"}, {"name", "bug"}}, "internal error: a bug"},
      {{{"command", "read-memory"}, {"address", 0}, {"bytes", 2000000}}, "bytes: is 2000000, and may be up to 1048576"},
      {{{"command", "read-memory"}, {"address", "0xg"}, {"bytes", 1}}, "address: is not a number"},
      {{{"command", "read-memory"}, {"space", "virtuel"}, {"address", 0}, {"bytes", 1}}, "did you mean \"virtual\"?"},
      {{{"command", "read-memory"}, {"space", "ipa"}, {"el", 1}, {"address", 0}, {"bytes", 1}}, "el: only virtual"},
      {{{"command", "write-memory"}, {"address", 0}, {"data", "abc"}}, "data: is not pairs"},
      {{{"command", "write-memory"}, {"address", 0}, {"data", "zz"}}, "data: is not pairs"},
      {{{"command", "translate"}, {"space", "physical"}, {"address", 0}}, "space: a physical address"},
      {{{"command", "add-breakpoint"}, {"address", 2}}, "address: 0x2 is not at an instruction"},
      {{{"command", "add-breakpoint"}, {"address", 0}, {"symbol", "main"}}, "one of the two"},
      {{{"command", "add-breakpoint"}, {"symbol", "mian"}}, "symbol: no symbol"},
      {{{"command", "add-watchpoint"}, {"address", 0}, {"bytes", 0}}, "bytes: is 0"},
      {{{"command", "add-watchpoint"}, {"address", "0xfffffffffffffff8"}, {"bytes", 9}}, "bytes: 9 from 0xffff"},
      {{{"command", "add-watchpoint"}, {"address", 0}, {"access", "wirte"}}, "did you mean \"write\"?"},
      {{{"command", "continue"}, {"exceptions", 1}}, "exceptions: is not a list"},
      {{{"command", "continue"}, {"exceptions", {4}}}, "exceptions: has 4"},
      {{{"command", "continue"}, {"core", 1}}, "core: goes with"},
      {{{"command", "interrupt"}, {"intid", 5000}}, "intid: is 5000"},
      {{{"command", "interrupt"}, {"intid", 50}, {"level", 1}}, "level: is neither"},
  };
  for (const auto& [request, message] : wrong) EXPECT_NE(error_of(request).find(message), std::string::npos) << request;
  for (const char* line : {"not json\n", "[1]\n", "\n", "{\"id\":\"\xff\"}\n"}) {
    say(line);
    say_line({{"command", "continue"}});
    session_->stand({.reason = StopReason::Pause});
    heard();
    EXPECT_TRUE(heard().contains("error")) << line;
  }
}

/// Written out again as they came, lists in lists took the stack of whoever did it (a crash of the run).
TEST_F(ControlSession, AnIdIsANumberOrText) {
  constexpr std::size_t kDepth = 50'000;
  const std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  for (const std::string& id : {std::string("[1]"), std::string("{}"), deep}) {
    say(R"({"id":)" + id + R"(,"command":"state"})" + "\n");
    say_line({{"command", "continue"}});
    session_->stand({.reason = StopReason::Pause});
    heard();
    EXPECT_EQ(heard(), json::parse(R"({"id":null,"error":"id: is a list or an object; give a number or text"})"));
  }
  say_line({{"id", "text"}, {"command", "breakpoints"}});
  say_line({{"command", "continue"}});
  session_->stand({.reason = StopReason::Pause});
  heard();
  EXPECT_EQ(heard(), json::parse(R"({"id":"text","result":{"breakpoints":[]}})"));
}

TEST_F(ControlSession, PauseWhileItGoesOn) {
  say_line({{"id", 1}, {"command", "continue"}});
  session_->stand({});
  heard();
  session_->glance();
  EXPECT_EQ(target_.pauses, 0);
  say_line({{"id", 2}, {"command", "registers"}});
  session_->glance();
  EXPECT_EQ(heard()["error"], "registers: the run goes on; pause it first");
  say_line({{"id", 3}, {"command", "pause"}});
  session_->glance();
  EXPECT_EQ(target_.pauses, 1);
  EXPECT_EQ(heard()["id"], 3);
  say_line({{"id", 4}, {"command", "quit"}});
  session_->stand({.reason = StopReason::Pause});
  EXPECT_EQ(heard()["id"], 1);
  EXPECT_EQ(heard()["id"], 4);
  EXPECT_EQ(target_.quits, 1);
  EXPECT_TRUE(session_->over());
  session_->stand({.reason = StopReason::Ended});  // nobody is waited for
}

TEST_F(ControlSession, AClientThatIsGoneEndsTheRun) {
  say_line({{"command", "continue"}});
  session_->stand({});
  session_->glance();
  EXPECT_EQ(target_.lost, 0);
  hang_up();
  session_->glance();
  EXPECT_EQ(target_.lost, 1);
  session_->stand({.reason = StopReason::Ended});
  EXPECT_EQ(target_.lost, 1);
}

TEST_F(ControlSession, AClientThatIsGoneWhileItStands) {
  hang_up();
  session_->stand({});
  EXPECT_EQ(target_.lost, 1);
}

TEST_F(ControlSession, AfterTheEndOnlyLooking) {
  say_line({{"id", 1}, {"command", "step"}});
  say_line({{"id", 2}, {"command", "state"}});
  say_line({{"id", 3}, {"command", "quit"}});
  session_->stand({.reason = StopReason::Ended, .cause = "power-off", .message = "m", .status = 0});
  EXPECT_EQ(heard()["cause"], "power-off");
  EXPECT_EQ(heard()["error"], "step: the run has ended");
  EXPECT_EQ(heard()["result"]["el"], 1);
}

TEST_F(ControlSession, ASignalEndsTheWait) {
  target_.signal = true;
  session_->stand({});
  EXPECT_FALSE(session_->over());
}

TEST_F(ControlSession, ALineWithoutEndIsNoClient) {
  say_line({{"command", "continue"}});
  session_->stand({});
  const std::string text(65536, 'x');
  for (int i = 0; i < 100 && !session_->over(); ++i) {
    if (send(ends_[0], text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) session_->glance();
    session_->glance();
  }
  EXPECT_TRUE(session_->over());
}

TEST(ControlChannel, RefusesWhatIsNoSocket) {
  EXPECT_THROW(Channel(1023, "--control-fd"), UserError);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_THROW(Channel(ends[0], "--control-fd"), UserError);
  EXPECT_THROW(Channel(ends[1], "--control-fd"), UserError);
  for (const int end : ends) close(end);
}

}  // namespace
}  // namespace tw::control
