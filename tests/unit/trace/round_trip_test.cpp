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
    for (unsigned kind = 0; kind < static_cast<unsigned>(Kind::Invalidate); ++kind) {
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

TEST(TraceRoundTrip, EveryInvalidation) {
  const TemporaryFile file;
  std::vector<Record> records;
  for (unsigned scope = 1; scope < kScopes; ++scope) {
    for (const Regime regime : kRegimes) {
      for (const Reach reach : kEveryReach) {
        if (!go_together(static_cast<Scope>(scope), reach)) continue;
        Record record{.size = 0x20'0000, .vmid = Vmid{7}, .asid = Asid{9}, .kind = Kind::Invalidate, .el = El::El2};
        record.scope = static_cast<Scope>(scope);
        (names_ipa(record.scope) ? record.ipa.value : record.va.value) = 0xFFFF'8000'0000'1000 + scope;
        record.target = {regime, reach};
        records.push_back(record);
        records.push_back({.va = Va{0x1000}, .ipa = Ipa{0x2000}, .pa = Pa{0x3000}, .size = 8});
      }
    }
  }
  for (const Contents contents : {Contents{}, Contents{false, false}}) {
    write(file.path(), {contents, {}}, records);
    Reader reader(file.path());
    const std::vector<Record> read = rest_of(reader);
    ASSERT_EQ(read.size(), records.size());
    for (std::size_t n = 0; n < read.size(); n += 2) EXPECT_EQ(read[n], records[n]) << n;
  }
}

void make_version(u8 version, std::string& bytes) {
  bytes[8] = static_cast<char>(version);
  const u32 check = check_of({reinterpret_cast<const u8*>(bytes.data()), kPreambleBytes});
  for (unsigned n = 0; n < kCheckBytes; ++n) bytes[kPreambleBytes + n] = static_cast<char>(check >> 8 * n);
}

/// Nobody writes version 2 any more.
TEST(TraceRoundTrip, Version2IsReadAndHasNoCommandsOfAnSmmu) {
  Record of_core{.kind = Kind::Invalidate, .scope = Scope::IpaLast, .target = {Regime::El20, Reach::Received}};
  Record reaches_smmu = of_core, of_streams = of_core;
  reaches_smmu.target = of_streams.target = {Regime::El10, Reach::Command};
  of_streams.scope = Scope::Streams;
  for (const Record& record : {of_core, reaches_smmu, of_streams}) {
    const TemporaryFile file;
    write(file.path(), {}, {record});
    std::string bytes = file.bytes();
    EXPECT_EQ(read_bytes(bytes), std::vector{record});
    make_version(2, bytes);
    if (record == of_core) {
      EXPECT_EQ(read_bytes(bytes), std::vector{record});
    } else {
      EXPECT_THROW(read_bytes(bytes), UserError);
    }
  }
}

TEST(TraceRoundTrip, StreamsAreAnSmmusAlone) {
  const TemporaryFile file;
  write(file.path(), {}, {{.kind = Kind::Invalidate, .scope = Scope::Streams}});
  EXPECT_THROW(read_bytes(file.bytes()), UserError);
}

/// Nor version 1.
TEST(TraceRoundTrip, Version1IsReadAndHasNoKindsOfLaterOnes) {
  std::vector<Record> records = lifelike(10, 2000);
  for (const bool late : {false, true}) {
    if (!late) std::erase_if(records, [](const Record& record) { return record.kind > Kind::Write; });
    const TemporaryFile file;
    write(file.path(), {}, late ? lifelike(10, 2000) : records);
    std::string bytes = file.bytes();
    make_version(1, bytes);
    if (late) {
      EXPECT_THROW(read_bytes(bytes), UserError);
    } else {
      EXPECT_EQ(read_bytes(bytes), records);
    }
  }
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
      if (!contents.ipa && record.kind != Kind::Invalidate) record.ipa = Ipa{};
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
  EXPECT_THROW(Writer("/dev/null/trace", {}), UserError);
  EXPECT_THROW(Reader("/dev/null/trace"), UserError);
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  // Not in its place: it is a device, and stays one.
  const auto fill = [] { write("/dev/full", some_header(), lifelike(6, 100'000), 1000); };
  EXPECT_THROW(fill(), UserError);
  EXPECT_FALSE(std::filesystem::is_regular_file("/dev/full"));
}

TEST(TraceRoundTrip, AFileHasItsNameWhenItIsWhole) {
  const TemporaryFile file;
  write(file.path(), some_header(), lifelike(1, 10));
  const std::string before = file.bytes();
  {
    Writer writer(file.path(), some_header(), 10);
    for (const Record& record : lifelike(2, 25)) writer.write(record);
    EXPECT_TRUE(std::filesystem::exists(file.unfinished()));
  }
  EXPECT_FALSE(std::filesystem::exists(file.unfinished()));
  EXPECT_EQ(file.bytes(), before);
}

}  // namespace
}  // namespace tw::trace
