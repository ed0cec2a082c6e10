// The control protocol: whatever a client says, in whatever pieces, before it hangs up, every line that comes back is
// JSON with an answer's or an event's members, and the session ends.
#include <sstream>
#include <thread>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "fuzz/input.hpp"
#include "fuzz/sample.hpp"
#include "platforms/control/session.hpp"
#include "support/control_target.hpp"

using namespace tw;

namespace {

/// One of every kind.
constexpr std::string_view kRequests = R"({"id":1,"command":"state","core":1}
{"id":"a","command":"registers","name":"x0"}
{"command":"set-register","name":"x0","value":"0xFFFFFFFFFFFFFFFF"}
{"command":"read-memory","address":4096,"bytes":16,"space":"virtual","el":1}
{"command":"write-memory","address":0,"data":"00ff","space":"ipa"}
{"command":"translate","address":64,"access":"write"}
{"command":"add-breakpoint","symbol":"main"}
{"command":"add-watchpoint","address":8,"bytes":8,"access":"any"}
{"command":"breakpoints"}
{"command":"delete-breakpoint","number":1}
{"command":"interrupt","kind":"spi","intid":40,"level":true}
{"command":"type","text":"\u00ff"}
{"command":"continue","exceptions":[1,2],"simulated_ps":9}
{"command":"pause"}
{"command":"step","count":3}
{"command":"quit"}
)";

/// What the session says until it hangs up.
std::string read_all(int end) {
  std::string received;
  char bytes[1 << 16];
  while (true) {
    const ssize_t count = read(end, bytes, sizeof bytes);
    if (count <= 0) return received;
    received.append(bytes, static_cast<std::size_t>(count));
  }
}

void check_answers(const std::string& said) {
  fuzz::require(said.empty() || said.back() == '\n');
  std::istringstream lines(said);
  for (std::string text; std::getline(lines, text);) {
    const nlohmann::json line = nlohmann::json::parse(text);
    const bool answer = line.contains("id") && line.contains("result") != line.contains("error");
    fuzz::require(line.contains("event") || answer);
  }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  return fuzz::mutate_from(fuzz::bytes_of(kRequests), data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  int ends[2];
  fuzz::require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  std::string said;
  std::thread client([&] {
    fuzz::require(write(ends[0], data, size) == static_cast<ssize_t>(size));
    shutdown(ends[0], SHUT_WR);
    said = read_all(ends[0]);
  });
  control::test::FakeTarget target;
  control::Channel channel(ends[1], "--control-fd");
  control::Session session(channel, target);
  bool first = true;
  while (!session.over()) {
    session.stand({.reason = std::exchange(first, false) ? control::StopReason::Start : control::StopReason::Pause});
    session.glance();
  }
  close(ends[1]);
  client.join();
  close(ends[0]);
  fuzz::require(target.quits + target.lost == 1);
  check_answers(said);
  return 0;
}
