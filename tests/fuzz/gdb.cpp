// What a debugger sends: each packet has an answer, and none lets anything escape.
#include "fuzz/input.hpp"
#include "platforms/gdb/packets.hpp"
#include "support/control_target.hpp"

using namespace tw;

namespace {

constexpr std::string_view kBegins[] = {"",
                                        "?",
                                        "g",
                                        "G",
                                        "p",
                                        "P",
                                        "m",
                                        "M",
                                        "X",
                                        "Z",
                                        "z",
                                        "Hg",
                                        "Hc",
                                        "T",
                                        "c",
                                        "s",
                                        "C",
                                        "S",
                                        "vCont;",
                                        "vCont;r",
                                        "qRcmd,",
                                        "qXfer:features:read:target.xml:",
                                        "qXfer:threads:read::",
                                        "Qqemu.PhyMemMode:",
                                        "qThreadExtraInfo,"};

constexpr unsigned kLongestRest = 48;

/// An answer can be sent as it is.
void require_sendable(const gdb::Answer& answer) {
  gdb::PacketReader reader;
  reader.add(gdb::frame(answer.body));
  const auto item = reader.next();
  fuzz::require(item && item->kind == gdb::PacketReader::Kind::Packet && item->body == answer.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  static control::test::FakeTarget names;
  static const gdb::Description description(names);
  control::test::FakeTarget target;
  gdb::Attached attached{.target = target, .description = description};
  gdb::PacketReader reader;
  reader.add({reinterpret_cast<const char*>(data), size});
  while (const auto item = reader.next()) {
    fuzz::require(item->body.size() <= size);
  }
  for (fuzz::Input input(data, size); !input.empty();) {
    const std::string_view begin = kBegins[input.below(std::size(kBegins))];
    std::string rest;
    for (unsigned left = input.below(kLongestRest); left != 0 && !input.empty(); --left)
      rest += static_cast<char>(input.take<u8>());
    require_sendable(gdb::serve(attached, std::string(begin) + rest));
    if (begin == "qRcmd,") require_sendable(gdb::serve(attached, "qRcmd," + gdb::to_hex(rest)));
  }
  return 0;
}
