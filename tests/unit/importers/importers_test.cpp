// From file to file; lackey's text.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "trace/reader.hpp"
#include "unit/importers/files.hpp"

using namespace tw;
using namespace tw::importers;

namespace {

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string name = ::testing::TempDir() + "importersXXXXXX";
    folder_ = ::mkdtemp(name.data());
    request_.from = folder_ / "in";
    request_.to = folder_ / "out";
  }
  ~Files() override { std::filesystem::remove_all(folder_); }
  Outcome import(const std::string& importer, const std::string& file) {
    std::ofstream(request_.from, std::ios::binary) << file;
    request_.importer = importer;
    return import_file(request_);
  }
  std::filesystem::path folder_;
  Request request_;
};

constexpr const char* kLackey = "==12== Lackey\nI  0401ab70,3\n L 1ffe,4\n M 2000,8\n S 3000,16\n";

TEST_F(Files, ATraceWithItsProvenance) {
  request_.command = "ls";
  request_.build = "1.2.3";
  request_.options.context.asid = Asid{5};
  for (const std::string& file : {std::string(kLackey), test::gzip(kLackey), test::zstd(kLackey), test::xz(kLackey)}) {
    const Outcome outcome = import("lackey", file);
    EXPECT_EQ(outcome.records, 5u);
    EXPECT_EQ(outcome.bytes, std::filesystem::file_size(request_.to));
    trace::Reader reader(request_.to);
    const trace::Provenance provenance = {
        {"command", "ls"}, {"build", "1.2.3"}, {"source", "lackey: in"}, {"addresses", "virtual"}};
    EXPECT_EQ(reader.header().provenance, provenance);
    EXPECT_EQ(reader.header().contents, (trace::Contents{.ipa = false, .pa = false}));
    const auto records = reader.next();
    EXPECT_EQ(test::text_of({records.begin(), records.end()}), "F401ab70+3 R1ffe+4 R2000+8 W2000+8 W3000+16");
    EXPECT_EQ(records[0].asid, Asid{5});
  }
}

TEST_F(Files, NoTraceIsLeftOfWhatCannotBeImported) {
  for (const auto& [importer, file] :
       {std::pair{"lackey", "==1== only valgrind\n"}, std::pair{"lackey", "I  10,3\nhello\n"},
        std::pair{"lackey", " L 10,0\n"}, std::pair{"champsim", "no"}, std::pair{"gem5", "gem"},
        std::pair{"gem5", "gem5\x05\x0A\x01x\x18\x01"}}) {
    EXPECT_THROW(import(importer, file), UserError) << file;
    EXPECT_FALSE(std::filesystem::exists(request_.to)) << file;
  }
  EXPECT_THROW(import("pin", kLackey), UserError);
  request_.to = request_.from;
  EXPECT_THROW(import("lackey", kLackey), UserError);
  EXPECT_EQ(std::filesystem::file_size(request_.from), std::string(kLackey).size());
  request_.to = folder_ / "none" / "out";
  EXPECT_THROW(import("lackey", kLackey), UserError);
}

TEST(Lackey, EveryCutIsALineThatIsWholeOrNone) {
  const std::string file = kLackey;
  for (std::size_t bytes = 1; bytes < file.size(); ++bytes) {
    const test::Result result = test::import("lackey", file.substr(0, bytes));
    if (!result.complaint.empty()) {
      EXPECT_EQ(result.complaint.find("f:"), 0u) << result.complaint;
    }
  }
  EXPECT_EQ(test::import("lackey", "I  10,3\nI  1x,3\n").complaint.find("f:2: no line of lackey's"), 0u);
}

}  // namespace
