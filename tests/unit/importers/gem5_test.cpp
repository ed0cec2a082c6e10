// The bytes are written here by hand, by the rules of protobuf's encoding; tests/study/importers.py has Google's
// library write them.
#include <gtest/gtest.h>

#include <optional>

#include "unit/importers/files.hpp"

using namespace tw;
using namespace tw::importers;

namespace {

std::string varint(u64 value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string number(unsigned field, u64 value) { return varint(field << 3) + varint(value); }
std::string text(unsigned field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}
std::string message(const std::string& fields) { return varint(fields.size()) + fields; }

const std::string kHeader =
    message(text(1, "system.monitor") + number(3, 1'000'000'000'000) + text(4, number(1, 0) + text(2, "cpu.inst")));

std::string packet(u64 tick, u32 command, u64 address, u32 size, std::optional<u32> flags = std::nullopt) {
  return message(number(1, tick) + number(2, command) + number(3, address) + number(4, size) +
                 (flags ? number(5, *flags) : "") + number(6, 12) + number(7, 0x8000'1234));
}

const std::vector<std::string> kPackets = {
    packet(500, 1, 0x8000'1234, 4, 0x100),
    packet(1000, 1, 0x9000'0000, 64, 0),
    packet(1500, 4, 0x9000'0040, 8),
    packet(2000, 2, 0x9000'0000, 64),
    packet(2500, 1, 0x8800'0000, 8, 0x2000'0000),
    packet(3000, 25, 0xF'FFFF'FFC0, 64),
};

std::string file_of(const std::vector<std::string>& packets) {
  std::string file = "gem5" + kHeader;
  for (const std::string& bytes : packets) file += bytes;
  return file;
}

TEST(Gem5, ReadsFetchesAndWrites) {
  const test::Result result = test::import("gem5", file_of(kPackets));
  EXPECT_EQ(result.complaint, "");
  EXPECT_EQ(test::text_of(result.records), "F80001234+4 R90000000+64 W90000040+8");
  const LeftOut expected = {
      {"packets of command 2", 1}, {"packets of command 25", 1}, {"packets of page-table walkers", 1}};
  EXPECT_EQ(result.left_out, expected);
  for (const trace::Record& record : result.records) {
    EXPECT_EQ(record.pa.value, record.va.value);
    EXPECT_EQ(record.ipa, Ipa{0});
  }
  EXPECT_EQ(test::text_of(test::import("gem5", test::gzip(file_of(kPackets))).records), test::text_of(result.records));
}

TEST(Gem5, OtherCommandsAsTheUserSays) {
  Options options;
  options.reads = {25};
  options.writes = {2};
  const test::Result result = test::import("gem5", file_of(kPackets), options);
  EXPECT_EQ(test::text_of(result.records), "F80001234+4 R90000000+64 W90000040+8 W90000000+64 Rfffffffc0+64");
}

TEST(Gem5, FieldsInAnyOrderAndUnknownOnes) {
  const std::string other = varint(9 << 3 | 1) + std::string(8, 'x') + varint(10 << 3 | 5) + std::string(4, 'x') +
                            text(11, "new") + varint(2 << 3 | 2) + varint(1) + "\x01";
  const std::string fields = other + number(4, 8) + number(3, 0x1000) + number(2, 2) + number(2, 4) + number(1, 1);
  EXPECT_EQ(test::text_of(test::import("gem5", file_of({message(fields)})).records), "W1000+8");
}

TEST(Gem5, EveryCut) {
  const std::string file = file_of(kPackets);
  std::vector<std::size_t> ends;
  for (std::size_t n = 0; n <= kPackets.size(); ++n) {
    ends.push_back(file_of({kPackets.begin(), kPackets.begin() + static_cast<std::ptrdiff_t>(n)}).size());
  }
  for (std::size_t bytes = 1; bytes <= file.size(); ++bytes) {
    const test::Result result = test::import("gem5", file.substr(0, bytes));
    const bool whole = std::find(ends.begin(), ends.end(), bytes) != ends.end();
    EXPECT_EQ(result.complaint.empty(), whole) << bytes << result.complaint;
    if (!whole) {
      EXPECT_EQ(result.complaint.find("f: offset "), 0u) << result.complaint;
    }
  }
}

TEST(Gem5, ForeignAndDamaged) {
  EXPECT_EQ(test::import("gem5", "5meg").complaint.find("f: offset 0: no packet trace of gem5's"), 0u);
  const std::string no_frequency = "gem5" + message(text(1, "x"));
  EXPECT_EQ(test::import("gem5", no_frequency).complaint.find("f: offset 5: no PacketHeader"), 0u);
  const std::string start = file_of({});
  const std::string there = "f: offset " + std::to_string(start.size() + 1) + ": ";
  const std::pair<std::string, std::string> wrong[] = {
      {message(number(1, 1) + number(2, 1) + number(3, 1)), "no Packet"},  // no size
      {message(number(1, 1) + number(2, 1) + number(3, 1) + number(4, 0)), "an access of no bytes"},
      {message(std::string(1, '\0')), "no Packet"},                       // field 0
      {message(varint(1 << 3 | 3)), "no Packet"},                         // a group
      {message(varint(1 << 3) + std::string(11, '\xFF')), "no Packet"},   // a number without end
      {message(varint(9 << 3 | 2) + varint(u64{1} << 63)), "no Packet"},  // longer than the message
      {message(varint(9 << 3 | 1) + "short"), "no Packet"},
  };
  for (const auto& [bytes, complaint] : wrong) {
    const test::Result result = test::import("gem5", start + bytes);
    EXPECT_EQ(result.complaint.find(there + complaint), 0u) << result.complaint;
  }
  const std::string at = "f: offset " + std::to_string(start.size()) + ": ";
  EXPECT_EQ(test::import("gem5", start + varint(0xFFFF'FFFF)).complaint.find(at + "a message of"), 0u);
  EXPECT_EQ(test::import("gem5", start + std::string(6, '\xFF')).complaint, at + "no length of a message");
}

}  // namespace
