// The rows of instructions' operands and timing classes: each is reached, every encoding has one, and what it says fits
// what the encoding's own row says.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "arm/sysreg.hpp"
#include "cpu/isa/encoding.hpp"
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {
namespace {

struct Member {
  const Encoding* row;
  u32 insn;
  cost::Cause cost;  ///< as decoded: SYS, MRS and MSR know it by the register only
};

/// Allocated members of every row.
std::vector<Member> members(unsigned of_each) {
  std::mt19937 random(4);
  std::vector<Member> result;
  for (const auto& group : a64_groups()) {
    for (const Encoding& row : group) {
      for (unsigned sample = 0, found = 0; sample < 50 * of_each && found < of_each; ++sample) {
        Op op{};
        op.insn = row.pattern.value | (static_cast<u32>(random()) & ~row.pattern.mask);
        op.cost = row.cost;
        if (find_a64(op.insn) != &row || row.select(op) == nullptr) continue;
        ++found;
        result.push_back({&row, op.insn, op.cost});
      }
    }
  }
  // MRS and MSR of every register.
  for (const arm::SysRegRow& reg : arm::sysreg_rows()) {
    if ((reg.flags & arm::kInternal) != 0) continue;
    for (const u32 read : {u32{0}, u32{1} << 21}) {
      Op op{};
      op.insn = 0xd5000000 | read | u32{reg.encoding.packed} << 5 | 1;
      const Encoding* row = find_a64(op.insn);
      op.cost = row->cost;
      if (row->select(op) != nullptr) result.push_back({row, op.insn, op.cost});
    }
  }
  return result;
}

/// Encodings that another cause than their row's pays for in a pipeline, and why.
struct Exception {
  std::string_view row;
  TimingClass timing;
  std::string_view reason;
};
constexpr Exception kExceptions[] = {
    {"HINT", TimingClass::PointerCode, "FEAT_PAuth's hints are no hints on cores that have it"},
    {"MRS", TimingClass::MrsFast, "TPIDR_ELx, FPCR, SP_EL0 are a lower EL's context, and at hand"},
    {"UDF", TimingClass::Undefined, "its row stands among the branches"},
};

TEST(Operands, ClassesFitTheCausesOfTheEncodings) {
  std::set<std::string_view> needed;
  std::set<TimingClass> met;
  for (const Member& member : members(400)) {
    const OpTiming timing = time_of(member.insn, member.row);
    met.insert(timing.timing);
    if (row_of(timing.timing).cause == member.cost) continue;
    const bool listed = std::ranges::any_of(kExceptions, [&](const Exception& exception) {
      return exception.row == member.row->name && exception.timing == timing.timing;
    });
    if (listed) {
      needed.insert(member.row->name);
      continue;
    }
    ADD_FAILURE() << member.row->name << " 0x" << std::hex << member.insn << " is " << name(timing.timing)
                  << " but costs " << cost::name(member.cost);
    return;
  }
  for (const Exception& exception : kExceptions) EXPECT_TRUE(needed.contains(exception.row)) << exception.row;
  for (unsigned i = 0; i < kTimingClassCount; ++i) {
    const auto timing = static_cast<TimingClass>(i);
    EXPECT_TRUE(met.contains(timing)) << name(timing) << " is no instruction's class";
  }
}

TEST(Operands, OnlyWholeSpacesAndDebugStateAreUnknown) {
  for (const Member& member : members(400)) {
    const OpTiming timing = time_of(member.insn, member.row);
    const bool space = member.row->cost == cost::Cause::FpSimd && !member.row->overrides;
    EXPECT_TRUE(!(timing.timing == TimingClass::FpSimdUnknown) || (space)) << member.row->name;
    EXPECT_TRUE(!(timing.timing == TimingClass::Undefined) || member.row->name == "UDF");
  }
}

/// What the flags say, by what the cause and the pattern of the encoding say.
TEST(Operands, FlagsFitTheCausesOfTheEncodings) {
  for (const Member& member : members(200)) {
    const OpTiming timing = time_of(member.insn, member.row);
    SCOPED_TRACE(member.row->name);
    EXPECT_TRUE(!(member.cost == cost::Cause::Load) || (timing.is(kOpLoad) && !timing.is(kOpStore)));
    EXPECT_TRUE(!(member.cost == cost::Cause::Store) || (timing.is(kOpStore) && !timing.is(kOpLoad)));
    EXPECT_TRUE(!(member.cost == cost::Cause::Exclusive) || timing.is(kOpLoad) != timing.is(kOpStore));
    EXPECT_TRUE(!(member.cost == cost::Cause::Atomic) || (timing.is(kOpLoad) && timing.is(kOpStore)));
    EXPECT_EQ(timing.is(kOpBranch), member.cost == cost::Cause::Branch && member.row->name != "UDF");
    EXPECT_EQ(timing.is(kOpEarlyBase), timing.destination[kBaseSlot] != reg::kSink);
    const bool call = member.row->name.starts_with("BL");
    EXPECT_EQ(timing.is(kOpCall), call);
    EXPECT_EQ(timing.is(kOpReturn), member.row->name.starts_with("RET"));
    EXPECT_EQ(timing.list_count != 0, timing.is(kOpReadsList | kOpWritesList));
    const bool release = member.row->name.starts_with("STL");
    const bool acquire = member.row->name.starts_with("LDA") && member.cost == cost::Cause::Exclusive;
    EXPECT_TRUE(!(release) || (timing.is(kOpRelease)));
    EXPECT_TRUE(!(acquire) || (timing.is(kOpAcquire)));
  }
}

TEST(Operands, WithoutARowOrWithoutPointerAuthenticationThereIsNothingToWaitFor) {
  EXPECT_EQ(time_of(0x00000000, nullptr), OpTiming{});
  constexpr u32 kPaciasp = 0xd503233f;
  const OpTiming with = time_of(kPaciasp, find_a64(kPaciasp), true);
  EXPECT_EQ(with.timing, TimingClass::PointerCode);
  EXPECT_EQ(with.source[0], 30);
  EXPECT_EQ(with.source[1], reg::kSp);
  EXPECT_EQ(with.destination[0], 30);
  const OpTiming without = time_of(kPaciasp, find_a64(kPaciasp), false);
  EXPECT_EQ(without.timing, TimingClass::Hint);
  EXPECT_EQ(without.source, OpTiming{}.source);
  EXPECT_EQ(without.destination, OpTiming{}.destination);
}

TEST(Operands, OfImpliedRegisters) {
  const auto at = [](u32 insn) { return time_of(insn, find_a64(insn)); };
  constexpr u32 kRetaa = 0xd65f0bff, kBl = 0x94000001, kMrsNzcv = 0xd53b4202, kMsrNzcv = 0xd51b4202;
  EXPECT_EQ(at(kRetaa).source[0], 30);
  EXPECT_EQ(at(kRetaa).source[1], reg::kSp);
  EXPECT_TRUE(at(kRetaa).is(kOpReturn) && at(kRetaa).is(kOpAuthenticates));
  EXPECT_EQ(at(kBl).destination[0], 30);
  EXPECT_EQ(at(kMrsNzcv).source[0], reg::kNzcv);
  EXPECT_EQ(at(kMrsNzcv).destination[0], 2);
  EXPECT_EQ(at(kMsrNzcv).source[0], 2);
  EXPECT_EQ(at(kMsrNzcv).destination[0], reg::kNzcv);
}

TEST(Operands, EveryRowIsReached) {
  std::set<const OperandRow*> reached;
  for (const Member& member : members(3000)) reached.insert(operand_row_of(member.insn));
  for (const auto& span : {integer_operands(), branch_operands(), memory_operands(), structure_operands(),
                           fp_operands(), simd_operands(), simd_immediate_operands()}) {
    for (const OperandRow& row : span) {
      EXPECT_TRUE(reached.contains(&row))
          << name(row.timing) << ", mask 0x" << std::hex << row.pattern.mask << ", value 0x" << row.pattern.value;
    }
  }
}

TEST(TimingClasses, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const TimingClassRow& row : kTimingClasses) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

}  // namespace
}  // namespace tw::cpu
