// Random scalar floating-point instructions against Unicorn, one at a time, under all settings of FPCR: V registers,
// FPSR, X registers and NZCV. TW_SEED and TW_DIFF_INSTRUCTIONS as in a64_test.cpp.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "cpu/isa/a64/groups.hpp"
#include "diff/fp_state.hpp"

namespace tw::diff {
namespace {

std::vector<const cpu::Encoding*> fp_rows() {
  using namespace cpu::a64;
  std::vector<const cpu::Encoding*> rows;
  for (const auto& group :
       {fp_arithmetic_encodings(), fp_compare_encodings(), fp_convert_encodings(), fp_move_encodings()}) {
    for (const cpu::Encoding& row : group) rows.push_back(&row);
  }
  return rows;
}

std::array<u64, 2> operand_for(u32 insn, Generator& random) {
  switch ((insn >> 22) & 3) {
    case 0:
      return fp_register<u32>(random);
    case 1:
      return fp_register<u64>(random);
    case 3:
      return fp_register<u16>(random);
    default:
      return {random.bits(), random.bits()};
  }
}

class FpSingleStep : public testing::Test {
 protected:
  FpSingleStep() : pair_(4 * instructions() + 0x1000), random_(seed() + 11) {
    enable_fp(pair_.oracle);
    pair_.rig.core.reg(arm::SysReg::CPACR_EL1) = u64{3} << 20;
  }

  /// What the instruction at `pc` makes of both states; empty when the two sides agree.
  std::string step(u64 pc, u32 insn, State state, const FpState& fp) {
    state.pc = pc;
    pair_.write_code(pc, insn);
    pair_.set_ours(state);
    set_fp(pair_.rig.core, fp);
    pair_.oracle.set(state);
    set_fp(pair_.oracle, fp);
    pair_.rig.step();
    std::string complaint;
    if (!pair_.oracle.run(pc, 0, 1)) complaint = "  the oracle could not execute it\n";
    pair_.oracle.forget_code(pc + 4);
    const State ours = pair_.ours(), theirs = pair_.oracle.get();
    if (ours != theirs) complaint += describe(state, ours, theirs);
    return complaint + describe(insn, fp, get_fp(pair_.rig.core), get_fp(pair_.oracle));
  }

  Pair pair_;
  Generator random_;
};

TEST_F(FpSingleStep, AgreesWithUnicorn) {
  std::cout << "TW_SEED=" << seed() << " TW_DIFF_INSTRUCTIONS=" << instructions() << std::endl;
  const auto rows = fp_rows();
  std::map<const cpu::Encoding*, u64> tried;
  unsigned reports = 0;
  for (u64 i = 0; i < instructions() && reports < kMaximumReports; ++i) {
    const cpu::Encoding& row = *rows[i % rows.size()];
    const u32 insn = random_.instruction(row);
    ASSERT_NE(insn, 0u) << row.name << " has no allocated encoding";
    State state = random_.state(Layout::kCode);
    FpState fp;
    for (auto& v : fp.v) v = {random_.bits(), random_.bits()};
    for (const unsigned lo : {5u, 10u, 16u}) fp.v[field_of(insn, lo)] = operand_for(insn, random_);
    if (random_.chance(8)) fp.v[field_of(insn, 16)] = fp.v[field_of(insn, 5)];
    fp.fpcr = random_fpcr(random_);
    fp.fpsr = random_.chance(2) ? 0 : random_.bits() & 0x0800'009F;
    ++tried[&row];
    const std::string complaint = step(Layout::kCode + 4 * i, insn, state, fp);
    if (complaint.empty()) continue;
    ADD_FAILURE() << row.name << ' ' << hex(insn) << " (TW_SEED=" << seed() << ", instruction " << i << ")\n"
                  << complaint;
    ++reports;
  }
  EXPECT_TRUE(pair_.rig.system.unimplemented.empty());
  if (instructions() >= kDefaultInstructions && reports == 0) {
    for (const cpu::Encoding* row : rows) EXPECT_GT(tried[row], 1000u) << row->name << " was hardly tried";
  }
  std::cout << instructions() << " instructions of " << rows.size() << " rows" << std::endl;
}

/// The scalar floating-point classes: M x S 1111 x, with bit 30 clear.
constexpr cpu::Pattern kScalarSpace = "x0x 1111x xxxxxxxxxxxxxxxxxxxxxxxx";
/// … without fixed point and three sources, which are nearly all allocated.
constexpr cpu::Pattern kDenseSpace = "x00 11110 xx1 xx xxx xxxxxx xxxxxxxxxx";

TEST(FpExistence, AgreesWithUnicorn) {
  const u64 count = instructions() / 2;
  Pair pair(4 * count + 0x1000, Oracle::Model::CortexA57);
  enable_fp(pair.oracle);
  const arm::CpuModel model = test::test_model("cortex-a57");
  Generator random(seed() + 13);
  unsigned reports = 0;
  u64 allocated = 0;
  for (u64 i = 0; i < count && reports < kMaximumReports; ++i) {
    const cpu::Pattern& space = i % 2 != 0 ? kDenseSpace : kScalarSpace;
    const u32 insn = space.value | (static_cast<u32>(random.bits()) & ~space.mask);
    const cpu::Encoding* row = cpu::find_a64(insn);
    cpu::Op op{};
    op.insn = insn;
    cpu::decode_a64(op, model);
    const bool exists = row != nullptr && row->overrides && op.run != cpu::undefined;
    allocated += exists;
    const u64 pc = Layout::kCode + 4 * i;
    State state = random.state(pc);
    pair.write_code(pc, insn);
    pair.oracle.set(state);
    const bool ran = pair.oracle.run(pc, 0, 1);
    pair.oracle.forget_code(pc + 4);
    if (exists == ran) continue;
    ++reports;
    ADD_FAILURE() << hex(insn) << (row ? " " + std::string(row->name) : "") << (exists ? ": exists" : ": UNDEFINED")
                  << ", not so for the oracle (TW_SEED=" << seed() << ")";
  }
  EXPECT_GT(allocated, count / 100);
  std::cout << allocated << " of " << count << " words are instructions" << std::endl;
}

}  // namespace
}  // namespace tw::diff
