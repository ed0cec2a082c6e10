// What is written is what is read, from the start and from anywhere.
#include <limits>

#include "base/error.hpp"
#include "unit/trace/trace_files.hpp"

namespace tw::trace {
namespace {

TEST(TraceRoundTrip, RecordsAndProvenance) {
  for (const std::size_t count : {0u, 1u, 2u, 99u, 100u, 101u, 5000u}) {
    const TemporaryFile file;
    const std::vector<Record> records = lifelike(count + 1, count);
    write(file.path(), some_header(), records, 100);
    Reader reader(file.path());
    EXPECT_EQ(reader.header(), some_header());
    EXPECT_EQ(reader.records(), count);
    EXPECT_EQ(reader.blocks(), (count + 99) / 100);
    EXPECT_EQ(rest_of(reader), records);
    EXPECT_TRUE(reader.next().empty());
  }
}

TEST(TraceRoundTrip, ExtremesOfEveryField) {
  const TemporaryFile file;
  constexpr u64 kMost = std::numeric_limits<u64>::max();
  std::vector<Record> records;
  for (const u64 address : {u64{0}, kMost, u64{1} << 63, u64{0x7FF}, kMost - 4095, u64{0}}) {
    for (unsigned kind = 0; kind < kKinds; ++kind) {
      for (unsigned el = 0; el < 4; ++el) {
        for (const u32 most : {0u, ~0u, 1u}) {
          records.push_back({Va{address}, Ipa{address ^ most}, Pa{~address}, most, StreamId{most},
                             Vmid{static_cast<u16>(most)}, Asid{static_cast<u16>(~most)}, static_cast<Kind>(kind),
                             static_cast<El>(el)});
        }
      }
    }
  }
  write(file.path(), {}, records);
  Reader reader(file.path());
  EXPECT_EQ(rest_of(reader), records);
}

TEST(TraceRoundTrip, AddressesThatTheTraceDoesNotKnowAreZero) {
  std::vector<Record> records = lifelike(3, 1000);
  for (const Contents contents : {Contents{false, false}, Contents{false, true}, Contents{true, false}}) {
    const TemporaryFile file;
    Header header = some_header();
    header.contents = contents;
    write(file.path(), header, records);
    std::vector<Record> expected = records;
    for (Record& record : expected) {
      if (!contents.ipa) record.ipa = Ipa{};
      if (!contents.pa) record.pa = Pa{};
    }
    Reader reader(file.path());
    EXPECT_EQ(reader.header().contents, contents);
    EXPECT_EQ(rest_of(reader), expected);
  }
}

TEST(TraceRoundTrip, SeekToAnyRecord) {
  const TemporaryFile file;
  const std::vector<Record> records = lifelike(4, 1003);
  write(file.path(), {}, records, 64);
  Reader reader(file.path());
  for (const u64 from : {u64{1002}, u64{0}, u64{63}, u64{64}, u64{65}, u64{500}, u64{959}, u64{960}}) {
    reader.seek(from);
    EXPECT_EQ(rest_of(reader), std::vector<Record>(records.begin() + static_cast<i64>(from), records.end())) << from;
  }
  for (const u64 behind : {u64{1003}, std::numeric_limits<u64>::max()}) {
    reader.seek(behind);
    EXPECT_TRUE(reader.next().empty());
  }
}

TEST(TraceRoundTrip, EqualRecordsGiveEqualBytes) {
  const TemporaryFile file;
  const std::vector<Record> records = lifelike(5, 3000);
  write(file.path(), some_header(), records, 1000);
  const std::string first = file.bytes();
  write(file.path(), some_header(), records, 1000);
  EXPECT_EQ(first, file.bytes());
}

/// 40 bytes in memory.
TEST(TraceRoundTrip, ARunOfFetchesTakesLessThanAByteARecord) {
  const TemporaryFile file;
  Writer writer(file.path(), {});
  for (u64 n = 0; n < 100'000; ++n) {
    Record record{.va = Va{0x40'0000 + n % 5000 * 4}, .size = 4, .kind = Kind::Fetch};
    record.ipa = Ipa{record.va.value};
    record.pa = Pa{record.va.value};
    writer.write(record);
  }
  writer.finish();
  EXPECT_LT(std::filesystem::file_size(file.path()), 100'000u);
}

TEST(TraceRoundTrip, AFileThatCannotBeWritten) {
  EXPECT_THROW(Writer("/nonexistent/trace", {}), UserError);
  EXPECT_THROW(Reader("/nonexistent/trace"), UserError);
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const auto fill = [] { write("/dev/full", some_header(), lifelike(6, 100'000), 1000); };
  EXPECT_THROW(fill(), UserError);
}

}  // namespace
}  // namespace tw::trace
