// Tables of the SMMU: registers, commands, events.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "smmu/events.hpp"
#include "smmu/registers.hpp"
#include "smmu/statistics.hpp"

namespace tw::smmu {
namespace {

TEST(SmmuTables, RegistersAreSortedAndApart) {
  u64 end = 0;
  for (const auto& row : RegisterFile::registers()) {
    SCOPED_TRACE(row.name);
    EXPECT_GE(row.offset, end);
    EXPECT_EQ(row.offset % row.bytes % 8, row.bytes == 8 ? 0u : row.offset % row.bytes % 8);
    EXPECT_NE(row.read, nullptr);
    EXPECT_EQ(row.sizes, row.bytes == 8 ? 4 | 8 : 4);
    end = u64{row.offset} + row.bytes;
  }
  EXPECT_LE(end, 0x20000u);
}

TEST(SmmuTables, RegistersHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const auto& row : RegisterFile::registers()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

/// IHI 0070, 6.2.1: a Secure register lies 0x8000 above its Non-secure twin.
TEST(SmmuTables, SecureRegistersMirrorNonSecureOnes) {
  for (const auto& row : RegisterFile::registers()) {
    const std::string name = row.name;
    if (name.find("_S_") == std::string::npos || name == "SMMU_S_INIT") continue;
    const auto* twin = find_row(RegisterFile::registers(), row.offset - 0x8000);
    ASSERT_NE(twin, nullptr) << name;
    const std::string twin_name = twin->name;
    EXPECT_EQ("SMMU_" + name.substr(7), twin_name.substr(0, name.size() - 2)) << name;
    EXPECT_EQ(row.bytes, twin->bytes);
  }
}

TEST(SmmuTables, CommandsAreSortedByOpcode) {
  int last = -1;
  for (const CommandRow& row : commands()) {
    EXPECT_GT(int{row.opcode}, last) << row.name;
    last = row.opcode;
    EXPECT_EQ(find_command(row.opcode), &row);
    EXPECT_EQ(command_name(row.opcode), row.name);
    EXPECT_EQ(row.name.substr(0, 4), "CMD_");
  }
  EXPECT_EQ(command_name(0x00), "illegal");
  EXPECT_EQ(command_name(0xFF), "illegal");
}

/// IHI 0070, 4.1.1.
TEST(SmmuTables, CommandsHaveTheirOpcodes) {
  const std::pair<u8, std::string_view> kOpcodes[] = {{0x01, "CMD_PREFETCH_CONFIG"},
                                                      {0x02, "CMD_PREFETCH_ADDR"},
                                                      {0x03, "CMD_CFGI_STE"},
                                                      {0x04, "CMD_CFGI_STE_RANGE"},
                                                      {0x05, "CMD_CFGI_CD"},
                                                      {0x06, "CMD_CFGI_CD_ALL"},
                                                      {0x07, "CMD_CFGI_VMS_PIDM"},
                                                      {0x10, "CMD_TLBI_NH_ALL"},
                                                      {0x11, "CMD_TLBI_NH_ASID"},
                                                      {0x12, "CMD_TLBI_NH_VA"},
                                                      {0x13, "CMD_TLBI_NH_VAA"},
                                                      {0x18, "CMD_TLBI_EL3_ALL"},
                                                      {0x1A, "CMD_TLBI_EL3_VA"},
                                                      {0x20, "CMD_TLBI_EL2_ALL"},
                                                      {0x21, "CMD_TLBI_EL2_ASID"},
                                                      {0x22, "CMD_TLBI_EL2_VA"},
                                                      {0x23, "CMD_TLBI_EL2_VAA"},
                                                      {0x28, "CMD_TLBI_S12_VMALL"},
                                                      {0x2A, "CMD_TLBI_S2_IPA"},
                                                      {0x30, "CMD_TLBI_NSNH_ALL"},
                                                      {0x40, "CMD_ATC_INV"},
                                                      {0x41, "CMD_PRI_RESP"},
                                                      {0x44, "CMD_RESUME"},
                                                      {0x45, "CMD_STALL_TERM"},
                                                      {0x46, "CMD_SYNC"},
                                                      {0x50, "CMD_TLBI_S_EL2_ALL"},
                                                      {0x51, "CMD_TLBI_S_EL2_ASID"},
                                                      {0x52, "CMD_TLBI_S_EL2_VA"},
                                                      {0x53, "CMD_TLBI_S_EL2_VAA"},
                                                      {0x58, "CMD_TLBI_S_S12_VMALL"},
                                                      {0x5A, "CMD_TLBI_S_S2_IPA"},
                                                      {0x60, "CMD_TLBI_SNH_ALL"}};
  for (const auto& [opcode, name] : kOpcodes) EXPECT_EQ(command_name(opcode), name);
  EXPECT_EQ(commands().size(), std::size(kOpcodes));
}

TEST(SmmuTables, CommandsThatExistDoSomething) {
  for (const CommandRow& row : commands()) {
    const bool never = row.needs == Needs::Mpam || row.needs == Needs::SecureStage2;
    EXPECT_EQ(row.run == nullptr, never || row.name == "CMD_SYNC") << row.name;
  }
}

TEST(SmmuTables, EventsAreSortedAndEncodeTheirNumber) {
  int last = 0;
  for (const EventRow& row : kEvents) {
    EXPECT_GT(static_cast<int>(row.kind), last) << row.name;
    last = static_cast<int>(row.kind);
    Event event;
    event.kind = row.kind;
    EXPECT_EQ(encode(event)[0] & 0xFF, static_cast<u64>(row.kind)) << row.name;
  }
}

}  // namespace
}  // namespace tw::smmu
