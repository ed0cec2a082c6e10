// Packets on the line (GDB manual, "Remote Protocol", Overview), with its examples.
#include <gtest/gtest.h>

#include "platforms/gdb/packet.hpp"

namespace tw::gdb {
namespace {

using Kind = PacketReader::Kind;

TEST(GdbPacket, HasTheSumOfItsBytesBehindIt) {
  EXPECT_EQ(frame("OK"), "$OK#9a");
  EXPECT_EQ(frame(""), "$#00");
}

TEST(GdbPacket, EscapesWhatWouldMeanSomething) {
  EXPECT_EQ(escape("a#$*}b"), "a}\x03}\x04}\x0a}]b");
  EXPECT_EQ(unescape("a}\x03}\x04}\x0a}]b"), "a#$*}b");
  EXPECT_EQ(unescape("a}"), std::nullopt);
}

TEST(GdbPacket, HasNumbersTheLowestByteFirst) {
  EXPECT_EQ(to_hex(0x1234, 4), "34120000");
  EXPECT_EQ(to_hex(~u64{0}, 10), "ffffffffffffffff0000");
  EXPECT_EQ(from_hex("34120000"), (std::vector<u8>{0x34, 0x12, 0, 0}));
  EXPECT_EQ(from_hex("341"), std::nullopt);
  EXPECT_EQ(from_hex("3g"), std::nullopt);
  EXPECT_EQ(from_hex("+1"), std::nullopt);
}

TEST(GdbPacket, IsReadWhereverItIsCut) {
  const std::string line = "+$g#67-\x03$#00$Ok#ff";
  for (std::size_t cut = 0; cut <= line.size(); ++cut) {
    PacketReader reader;
    std::vector<PacketReader::Item> items;
    for (const std::string_view part : {std::string_view(line).substr(0, cut), std::string_view(line).substr(cut)}) {
      reader.add(part);
      while (const auto item = reader.next()) items.push_back(*item);
    }
    ASSERT_EQ(items.size(), 6U) << cut;
    const Kind kinds[] = {Kind::Acknowledged, Kind::Packet, Kind::AskedAgain,
                          Kind::Interrupt,    Kind::Packet, Kind::Damaged};
    for (std::size_t n = 0; n < items.size(); ++n) EXPECT_EQ(items[n].kind, kinds[n]) << cut << " " << n;
    EXPECT_EQ(items[1].body, "g");
    EXPECT_EQ(items[4].body, "");
  }
}

TEST(GdbPacket, BegunAnewIsTheLastOne) {
  PacketReader reader;
  reader.add("nothing$m40$?#3f");
  const auto item = reader.next();
  ASSERT_TRUE(item);
  EXPECT_EQ(item->body, "?");
  EXPECT_FALSE(reader.next());
}

TEST(GdbPacket, WithoutAnEndIsTooLong) {
  PacketReader reader;
  reader.add("$" + std::string(PacketReader::kLongest, 'm'));
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.is_overlong());
}

}  // namespace
}  // namespace tw::gdb
