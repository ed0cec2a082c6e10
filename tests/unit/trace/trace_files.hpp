// Traces to write and to read again.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "trace/reader.hpp"
#include "trace/writer.hpp"

namespace tw::trace {

/// Of one test, gone with it.
class TemporaryFile final {
 public:
  TemporaryFile() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            (std::string("trapwalk-") + test->test_suite_name() + "-" + test->name() + "-" + std::to_string(getpid()));
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::filesystem::path unfinished() const { return path_.string() + ".part"; }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

inline void write(const std::filesystem::path& path, const Header& header, const std::vector<Record>& records,
                  u32 block_records = kBlockRecords) {
  Writer writer(path, header, block_records);
  for (const Record& record : records) writer.write(record);
  writer.finish();
}

inline std::vector<Record> rest_of(Reader& reader) {
  std::vector<Record> all;
  for (std::span<const Record> some; !(some = reader.next()).empty();) all.insert(all.end(), some.begin(), some.end());
  return all;
}

inline std::vector<Record> read_bytes(const std::string& bytes) {
  Reader reader("bytes", std::make_unique<std::istringstream>(bytes));
  return rest_of(reader);
}

inline constexpr Regime kRegimes[] = {Regime::El10, Regime::El2, Regime::El3, Regime::El20};
inline constexpr Reach kEveryReach[] = {Reach::Local, Reach::Broadcast, Reach::Received, Reach::Command};

/// Of any scope, with an address where the scope names one.
inline Record any_invalidation(SplitMix64& random) {
  Record record;
  record.kind = Kind::Invalidate;
  const Reach reach = kEveryReach[random.below(std::size(kEveryReach))];
  record.scope = static_cast<Scope>(1 + random.below((reach == Reach::Command ? kScopes : kScopesOfCores) - 1));
  record.target = {kRegimes[random.below(std::size(kRegimes))], reach};
  record.el = static_cast<El>(random.below(4));
  record.vmid = Vmid{static_cast<u16>(random.next())};
  if (names_asid(record.scope)) record.asid = Asid{static_cast<u16>(random.next())};
  if (names_va(record.scope)) record.va = Va{random.next() >> 12 << 12};
  if (names_ipa(record.scope)) record.ipa = Ipa{random.next() >> 28 << 12};
  if (names_va(record.scope) || names_ipa(record.scope)) record.size = random.below(2) == 0 ? 0 : 4096;
  if (names_streams(record.scope)) {
    record.stream = StreamId{static_cast<u32>(random.next())};
    record.size = 1u << random.below(32);
  }
  return record;
}

/// As programs do: runs of fetches, some loads and stores on pages that are mapped somewhere, now and then another
/// context, and now and then anything.
inline std::vector<Record> lifelike(u64 seed, std::size_t count) {
  SplitMix64 random(seed);
  std::vector<Record> records;
  u64 pc = 0xFFFF'8000'0801'0000, pages[64];
  for (u64& page : pages) page = random.next() >> 20 << 12;
  Record context;
  for (std::size_t n = 0; n < count; ++n) {
    if (random.below(200) == 0) {
      context.el = static_cast<El>(random.below(4));
      context.vmid = Vmid{static_cast<u16>(random.next())};
      context.asid = Asid{static_cast<u16>(random.next())};
      context.stream = random.below(4) == 0 ? StreamId{static_cast<u32>(random.next())} : kNoStream;
    }
    Record record = context;
    if (random.below(3) != 0) {
      record.kind = Kind::Fetch;
      record.size = 4;
      record.va = Va{pc += random.below(8) == 0 ? random.below(4096) * 4 - 8192 : 4};
    } else {
      record.kind = random.below(2) == 0 ? Kind::Read : random.below(9) == 0 ? Kind::TableWrite : Kind::Write;
      record.size = 1u << random.below(7);
      record.va = Va{pages[random.below(64)] + random.below(4096)};
    }
    record.ipa = Ipa{(record.va.value & 0xFFFF'FFFF) + 0x4000'0000};
    record.pa = Pa{record.ipa.value ^ 0x1'2345'6000};
    if (random.below(100) == 0) {
      record.va = Va{random.next()};
      record.ipa = Ipa{random.next()};
      record.pa = Pa{random.next()};
      record.size = static_cast<u32>(random.next());
      record.stream = StreamId{static_cast<u32>(random.next())};
      record.vmid = Vmid{static_cast<u16>(random.next())};
      record.asid = Asid{static_cast<u16>(random.next())};
      record.kind = static_cast<Kind>(random.below(static_cast<unsigned>(Kind::Invalidate)));
      record.el = static_cast<El>(random.below(4));
    }
    if (random.below(60) == 0) record = any_invalidation(random);
    records.push_back(record);
  }
  return records;
}

inline Header some_header() {
  return {{}, {{"command", "trapwalk record --software linux"}, {"build", "0.1.0"}, {"configuration", "5f3a"}}};
}

}  // namespace tw::trace
