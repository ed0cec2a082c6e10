#include <gtest/gtest.h>

#include "unit/importers/files.hpp"

using namespace tw;
using namespace tw::importers;

namespace {

struct Instruction {
  u64 ip;
  std::vector<u64> writes, reads;
  u8 is_branch = 0, taken = 0;
};

/// As a compiler for x86-64 lays `struct input_instr` (two destinations) and `cloudsuite_instr` (four) out.
std::string record_of(const Instruction& instruction, unsigned destinations = 2) {
  std::string bytes;
  test::little_endian(bytes, instruction.ip, 8);
  bytes += static_cast<char>(instruction.is_branch);
  bytes += static_cast<char>(instruction.taken);
  bytes += std::string(destinations + 4, '\x05');  // registers: whatever
  bytes.resize((bytes.size() + 7) / 8 * 8, '\xEE');
  for (unsigned n = 0; n < destinations; ++n) {
    test::little_endian(bytes, n < instruction.writes.size() ? instruction.writes[n] : 0, 8);
  }
  for (unsigned n = 0; n < 4; ++n) {
    test::little_endian(bytes, n < instruction.reads.size() ? instruction.reads[n] : 0, 8);
  }
  if (destinations == 4) bytes += std::string("\x01\x02\0\0\0\0\0\0", 8);
  return bytes;
}

const std::vector<Instruction> kProgram = {
    {0x400000, {}, {0x7FFF'0000'1000}},
    {0x400004, {0x601000, 0x601008}, {1, 2, 3, 0xFFFF'8000'0000'0000}},
    {0x400008, {}, {}, 1, 1},
};
constexpr const char* kAccesses =
    "F400000+1 R7fff00001000+1 F400004+1 R1+1 R2+1 R3+1 Rffff800000000000+1 W601000+1 W601008+1 F400008+1";

std::string file_of(const std::vector<Instruction>& program, unsigned destinations = 2) {
  std::string file;
  for (const Instruction& instruction : program) file += record_of(instruction, destinations);
  return file;
}

TEST(ChampSim, FetchReadsAndWritesOfEachInstruction) {
  const std::string file = file_of(kProgram);
  EXPECT_EQ(file.size(), 3u * 64);
  Options options;
  options.context.vmid = Vmid{7};
  options.context.asid = Asid{9};
  const test::Result result = test::import("champsim", file, options);
  EXPECT_EQ(result.complaint, "");
  EXPECT_EQ(test::text_of(result.records), kAccesses);
  EXPECT_TRUE(result.left_out.empty());
  for (const trace::Record& record : result.records) {
    EXPECT_EQ(record.vmid, Vmid{7});
    EXPECT_EQ(record.asid, Asid{9});
    EXPECT_EQ(record.stream, trace::kNoStream);
    EXPECT_EQ(record.pa, Pa{0});
  }
  EXPECT_EQ(test::text_of(test::import("champsim", test::xz(file)).records), kAccesses);
}

TEST(ChampSim, CloudSuite) {
  const std::string file = file_of(kProgram, 4);
  EXPECT_EQ(file.size(), 3u * 96);
  EXPECT_EQ(test::text_of(test::import("cloudsuite", test::gzip(file)).records), kAccesses);
  EXPECT_NE(test::import("champsim", file).complaint, "");
}

TEST(ChampSim, EveryCut) {
  for (const auto& [name, destinations, size] : {std::tuple{"champsim", 2u, 64u}, std::tuple{"cloudsuite", 4u, 96u}}) {
    const std::string file = file_of(kProgram, destinations);
    for (std::size_t bytes = 1; bytes <= file.size(); ++bytes) {
      const test::Result result = test::import(name, file.substr(0, bytes));
      const std::size_t whole = bytes / size, rest = bytes % size;
      if (rest == 0) {
        EXPECT_EQ(result.complaint, "");
        continue;
      }
      EXPECT_EQ(result.complaint, "f: offset " + std::to_string(whole * size) + ": truncated: " + std::to_string(rest) +
                                      " bytes of an instruction's " + std::to_string(size));
    }
  }
}

TEST(ChampSim, Foreign) {
  EXPECT_EQ(test::import("champsim", "").complaint, "f: is empty");
  EXPECT_NE(test::import("champsim", std::string(640, '\0')).complaint, "");
  EXPECT_NE(test::import("champsim", std::string(640, 'a')).complaint, "");
  std::string file = file_of(kProgram);
  file[64 + 9] = 2;
  EXPECT_EQ(test::import("champsim", file).complaint.find("f: offset 72: no instruction"), 0u);
  const test::Result packed = test::import("champsim", test::xz(file));
  EXPECT_EQ(packed.complaint.find("f: offset 72 of what it unpacks to: "), 0u) << packed.complaint;
}

}  // namespace
