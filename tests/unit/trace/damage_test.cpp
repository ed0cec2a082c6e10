// A damaged, truncated or foreign file is a UserError with file and offset, whatever byte it is.
#include <gmock/gmock.h>

#include "base/error.hpp"
#include "unit/trace/trace_files.hpp"

namespace tw::trace {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string small_trace() {
  const TemporaryFile file;
  write(file.path(), some_header(), lifelike(7, 90), 40);
  return file.bytes();
}

std::string complaint_about(const std::string& bytes) {
  try {
    read_bytes(bytes);
  } catch (const UserError& error) {
    return error.what();
  }
  return "none";
}

TEST(TraceDamage, EveryByteMatters) {
  const std::string trace = small_trace();
  ASSERT_EQ(complaint_about(trace), "none");
  for (std::size_t at = 0; at < trace.size(); ++at) {
    for (const unsigned wrong : {0x01u, 0x80u, 0xFFu}) {
      std::string damaged = trace;
      damaged[at] = static_cast<char>(static_cast<u8>(damaged[at]) ^ wrong);
      EXPECT_THAT(complaint_about(damaged), HasSubstr("bytes: offset ")) << "byte " << at << " xor " << wrong;
    }
  }
}

TEST(TraceDamage, TruncatedAtEveryByte) {
  const std::string trace = small_trace();
  for (std::size_t bytes = 0; bytes < trace.size(); ++bytes) {
    EXPECT_THAT(complaint_about(trace.substr(0, bytes)), HasSubstr("bytes: offset ")) << bytes << " bytes";
  }
}

TEST(TraceDamage, ByteTooManyOrMissing) {
  const std::string trace = small_trace();
  EXPECT_THAT(complaint_about(trace + '\0'), HasSubstr("no end mark"));
  for (std::size_t at = 0; at < trace.size(); ++at) {
    std::string shorter = trace, longer = trace;
    shorter.erase(at, 1);
    longer.insert(at, 1, '\x55');
    EXPECT_NE(complaint_about(shorter), "none") << at;
    EXPECT_NE(complaint_about(longer), "none") << at;
  }
}

TEST(TraceDamage, SaysWhat) {
  const std::string trace = small_trace();
  EXPECT_THAT(complaint_about("\x7F"
                              "ELF" +
                              trace),
              AllOf(HasSubstr("offset 0:"), HasSubstr("no trace")));
  EXPECT_THAT(complaint_about(""), AllOf(HasSubstr("offset 0:"), HasSubstr("truncated")));
  EXPECT_THAT(complaint_about(trace.substr(0, trace.size() / 2)), HasSubstr("did not finish"));
  std::string later = trace;
  later[8] = 4;
  EXPECT_THAT(complaint_about(later), AllOf(HasSubstr("offset 8:"), HasSubstr("version 4")));
}

TEST(TraceDamage, AWriterThatDidNotFinish) {
  const TemporaryFile file;
  Writer writer(file.path(), some_header(), 10);
  for (const Record& record : lifelike(8, 60'000)) writer.write(record);
  std::ifstream unfinished(file.unfinished(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(unfinished), {}};
  ASSERT_GT(bytes.size(), 1000u);
  EXPECT_THAT(complaint_about(bytes), HasSubstr("did not finish"));
}

/// With a checksum that is right, as of a writer that is wrong.
TEST(TraceDamage, CodedBytesThatNoEncoderWrites) {
  SplitMix64 random(9);
  std::vector<Record> out;
  unsigned taken = 0;
  for (unsigned round = 0; round < 20'000; ++round) {
    Bytes bytes(random.below(64));
    for (u8& byte : bytes) byte = static_cast<u8>(random.next() >> random.below(64));
    const std::size_t coded = bytes.size();
    bytes.resize(coded + kDecoderSlack, 0xFF);
    taken += decode({bytes.data(), coded}, static_cast<u32>(random.below(32)), {false, false}, out);
  }
  EXPECT_LT(taken, 20'000u);
  EXPECT_GT(taken, 0u);
}

}  // namespace
}  // namespace tw::trace
