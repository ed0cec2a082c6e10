#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "vmsa/fault_status.hpp"
#include "vmsa/par.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::Fault;
using vmsa::FaultType;

TEST(FaultStatus, CodesOfTheManual) {
  struct Row {
    FaultType type;
    i8 level;
    u8 code;
  };
  const Row rows[] = {
      {FaultType::AddressSize, 0, 0x00}, {FaultType::AddressSize, 3, 0x03},    {FaultType::Translation, 0, 0x04},
      {FaultType::Translation, 1, 0x05}, {FaultType::Translation, 3, 0x07},    {FaultType::AccessFlag, 1, 0x09},
      {FaultType::AccessFlag, 3, 0x0B},  {FaultType::Permission, 1, 0x0D},     {FaultType::Permission, 3, 0x0F},
      {FaultType::External, 2, 0x10},    {FaultType::ExternalOnWalk, 0, 0x14}, {FaultType::ExternalOnWalk, 3, 0x17},
      {FaultType::Alignment, 3, 0x21},   {FaultType::TlbConflict, 1, 0x30},    {FaultType::UnsupportedAtomic, 0, 0x35},
  };
  for (const Row& row : rows) {
    Fault fault;
    fault.type = row.type;
    fault.level = row.level;
    EXPECT_EQ(vmsa::fault_status_code(fault), row.code);
  }
}

vmsa::Access at(u64 va, bool stage1_only) {
  vmsa::Access access = load(va);
  access.kind = vmsa::AccessKind::AddressTranslation;
  access.stage1_only = stage1_only;
  return access;
}

TEST(Par, OfSuccessAndFaults) {
  TranslationMachine m;
  m.with_stage1();
  m.lower->map(0x1000, 0x5000, 3, s1::kInnerShareable | s1::index(kWb));
  m.lower->map(0x2000, 0x6000, 3, s1::index(kDeviceNGnRE));
  m.lower->map(0x3000, 0x7000, 3, 0);
  m.with_stage2();
  m.map_tables_in_stage2();
  m.stage2->map(0x5000, 0x8000'5000, 3, s2::kPlain | u64{3} << 8);
  m.stage2->map(0x6000, 0x8000'6000, 3, s2::kPlain);
  const vmsa::Walker walker(m.memory);
  const auto par = [&](u64 va, bool stage1_only) {
    return vmsa::par_el1(walker.translate(at(va, stage1_only), m.controls).translation);
  };
  constexpr u64 kFixed = 0xA00;  // RES1 bit 11, NS
  EXPECT_EQ(par(0x1234, true), 0xFF00'0000'0000'5000u | 3 << 7 | kFixed);
  EXPECT_EQ(par(0x1234, false), 0xFF00'0000'8000'5000u | 3 << 7 | kFixed);
  EXPECT_EQ(par(0x2000, true), 0x0400'0000'0000'6000u | 2 << 7 | kFixed);
  EXPECT_EQ(par(0x9000, true), 1u | 0x07 << 1 | 0x800);            // stage-1 translation fault, level 3
  EXPECT_EQ(par(0x3000, false), 1u | 0x07 << 1 | 0x800 | 1 << 9);  // stage 2
  EXPECT_EQ(par(0x3000, true), 0xFF00'0000'0000'7000u | kFixed);   // SH 0
  m.memory.write(m.stage2->slot(m.lower->tables[1], 3), 0);
  EXPECT_EQ(par(0x1000, true), 1u | 0x07 << 1 | 1 << 8 | 1 << 9 | 0x800);  // on the walk
}

}  // namespace
}  // namespace tw
