// The system register table as a table: encodings and names are unique, rows make sense, trap rules name their control,
// and a model's features agree with its ID registers.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "arm/cpu_model.hpp"
#include "arm/sysreg.hpp"
#include "arm/trap_rules.hpp"
#include "base/bits.hpp"
#include "cpu/cpu.hpp"
#include "cpu/system/sys_instructions.hpp"

namespace tw {
namespace {

using namespace arm;

TEST(SysRegs, FitTheCoresSlots) { EXPECT_LE(kSysRegCount, cpu::kSysRegSlots); }

TEST(SysRegs, EncodingsAndNamesAreUnique) {
  std::map<u16, std::string> encodings;
  std::set<std::string> names;
  for (const SysRegRow& row : sysreg_rows()) {
    const auto [at, fresh] = encodings.emplace(row.encoding.packed, row.name);
    EXPECT_TRUE(fresh) << row.name << " and " << at->second << " share an encoding";
    EXPECT_TRUE(names.emplace(row.name).second) << row.name << " twice";
  }
}

TEST(SysRegs, EveryRowIsFoundByItsEncoding) {
  for (const SysRegRow& row : sysreg_rows()) EXPECT_EQ(find_sysreg(row.encoding), &row) << row.name;
  EXPECT_EQ(find_sysreg(SysRegEncoding{3, 0, 12, 8, 5}), nullptr) << "ICC_AP0R1_EL1: 5 priority bits";
}

TEST(SysRegs, RegisterMovesUseOp0TwoAndThree) {
  for (const SysRegRow& row : sysreg_rows()) EXPECT_GE(row.encoding.op0(), 2u) << row.name;
}

// The suffix _ELn of a name is the lowest EL that writes it, but for what EL0 may not write and for CNTFRQ_EL0.
TEST(SysRegs, SuffixIsTheLowestEl) {
  const std::set<std::string_view> written_above_el0 = {"TPIDRRO_EL0", "PMUSERENR_EL0", "CNTFRQ_EL0"};
  for (const SysRegRow& row : sysreg_rows()) {
    const auto at = row.name.rfind("_EL");
    if (at == std::string_view::npos || (row.flags & kInternal) != 0 || row.name.starts_with("SP_")) continue;
    if (row.name.ends_with("_EL12") || row.name.ends_with("_EL02")) continue;  // a host's names for others' registers
    const unsigned el = static_cast<unsigned>(row.name[at + 3] - '0');
    if (row.lowest_read != kNever) {
      EXPECT_EQ(row.lowest_read, el) << row.name;
    }
    if (row.lowest_write != kNever && !written_above_el0.contains(row.name)) {
      EXPECT_EQ(row.lowest_write, el) << row.name;
    }
  }
}

TEST(SysRegs, ReadOnlyRowsHaveNoWritableBits) {
  for (const SysRegRow& row : sysreg_rows()) {
    if (row.lowest_write == kNever) {
      EXPECT_EQ(row.writable, 0u) << row.name;
    }
    EXPECT_EQ(row.read_name, "read " + std::string(row.name));
    EXPECT_EQ(row.write_name, "write " + std::string(row.name));
  }
}

TEST(TrapRules, AreNamedAfterTheirControl) {
  for (const SysRegRow& row : sysreg_rows()) {
    for (const TrapRule& rule : row.traps) {
      const std::string control(row_of(rule.control).name);
      EXPECT_TRUE(rule.name.starts_with(control + ".")) << row.name << ": " << rule.name;
      EXPECT_NE(rule.mask, 0u) << rule.name;
      EXPECT_EQ(rule.mask & ~(row_of(rule.control).writable | row_of(rule.control).reset), 0u)
          << rule.name << " looks at bits that cannot be written";
    }
  }
}

// No rule is behind an access that is UNDEFINED anyway.
TEST(TrapRules, CanBeReached) {
  for (const SysRegRow& row : sysreg_rows()) {
    const unsigned lowest = std::min(row.lowest_read, row.lowest_write);
    for (const TrapRule& rule : row.traps) {
      EXPECT_NE(rule.from >> lowest, 0) << row.name << ": " << rule.name;
    }
  }
}

TEST(SysInstructions, AreUniqueAndOp0One) {
  std::set<u16> encodings;
  std::set<std::string_view> names;
  for (const auto rows :
       {cpu::tlb_maintenance_rows(), cpu::cache_maintenance_rows(), cpu::address_translation_rows()}) {
    for (const cpu::SysInstruction& row : rows) {
      EXPECT_EQ(row.encoding.op0(), 1u) << row.name;
      EXPECT_TRUE(encodings.insert(row.encoding.packed).second) << row.name;
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_EQ(cpu::find_sys_instruction(row.encoding), &row);
    }
  }
  EXPECT_EQ(encodings.size(), 32u + 12u + 14u);
}

}  // namespace
}  // namespace tw
