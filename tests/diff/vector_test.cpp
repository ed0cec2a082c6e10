// Random floating-point, Advanced SIMD and cryptographic instructions against Unicorn, one at a time, under all
// settings of FPCR: V registers, FPSR, X registers, NZCV and memory. TW_SEED and TW_DIFF_INSTRUCTIONS as in
// a64_test.cpp.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "diff/fp_operands.hpp"
#include "diff/fp_state.hpp"

namespace tw::diff {
namespace {

/// Bytes of the lanes that `insn` is likely to work on: half precision by name or by ptype, else by bit 22.
unsigned lane_bytes(const cpu::Encoding& row, u32 insn) {
  const bool half = row.name.find("half") != row.name.npos || (row.half_is_fp16 && ((insn >> 22) & 3) == 3);
  return half ? 2 : (insn >> 22) & 1 ? 8 : 4;
}

std::array<u64, 2> operand_for(const cpu::Encoding& row, u32 insn, Generator& random) {
  switch (random.below(8)) {
    case 0:
      return fp_lanes(random, 2u << random.below(3));
    case 1:
    case 2:
      return integer_lanes(random);
    default:
      return fp_lanes(random, lane_bytes(row, insn));
  }
}

class VectorStep : public testing::Test {
 protected:
  VectorStep() : pair_(4 * kInstructions + 0x1000), random_(seed() + 7) {
    pair_.fill_data(random_);
    allow_fp(pair_);
  }

  /// What the instruction at `pc` makes of both states; empty when the two sides agree.
  std::string step(u64 pc, u32 insn, State state, const FpState& fp) {
    state.pc = pc;
    pair_.write_code(pc, insn);
    pair_.set_ours(state);
    pair_.oracle.set(state);
    set_fp(pair_, fp);
    pair_.rig.step();
    std::string complaint;
    if (!pair_.oracle.run(pc, 0, 1)) complaint = "  the oracle could not execute it\n";
    pair_.oracle.forget_code(pc + 4);
    const State ours = pair_.ours(), theirs = pair_.oracle.get();
    if (ours != theirs) complaint += describe(state, ours, theirs);
    complaint += describe(insn, fp, our_fp(pair_), their_fp(pair_));
    if (needs_of(insn).memory && !pair_.data_equal()) complaint += pair_.data_difference();
    return complaint;
  }

  static inline const u64 kInstructions = instructions() * 5 / 3;
  Pair pair_;
  Generator random_;
};

TEST_F(VectorStep, AgreesWithUnicorn) {
  std::cout << "TW_SEED=" << seed() << ", " << kInstructions << " instructions" << std::endl;
  const auto rows = vector_rows(test_model_has);
  std::map<const cpu::Encoding*, u64> tried;
  unsigned reports = 0;
  for (u64 i = 0; i < kInstructions && reports < kMaximumReports; ++i) {
    const cpu::Encoding& row = *rows[i % rows.size()];
    const u32 insn = random_.instruction(row);
    ASSERT_NE(insn, 0u) << row.name << " has no allocated, predictable encoding";
    State state = random_.state(Layout::kCode);
    random_.prepare(insn, state);
    FpState fp;
    for (auto& v : fp.v) v = {random_.bits(), random_.bits()};
    for (const unsigned lo : {0u, 5u, 10u, 16u}) fp.v[field_of(insn, lo)] = operand_for(row, insn, random_);
    if (random_.chance(8)) fp.v[field_of(insn, 16)] = fp.v[field_of(insn, 5)];
    fp.fpcr = random_.chance(4) ? 0 : random_fpcr(random_);
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
    for (const cpu::Encoding* row : rows) EXPECT_GT(tried[row], 100u) << row->name << " was hardly tried";
  }
  std::cout << rows.size() << " rows" << std::endl;
}

TEST_F(VectorStep, DivergencesAreStillThere) {
  u64 pc = Layout::kCode;
  for (const VectorDivergence& divergence : vector_divergences()) {
    ASSERT_TRUE(divergence.pattern.matches(divergence.example));
    FpState fp, manual;
    fp.v[0] = divergence.d;
    fp.v[1] = divergence.n;
    fp.v[2] = divergence.m;
    fp.fpcr = divergence.fpcr;
    manual = fp;
    manual.v[0] = divergence.manual;
    manual.fpsr = divergence.fpsr;
    step(pc, divergence.example, {}, fp);
    EXPECT_EQ(our_fp(pair_), manual) << divergence.reason << '\n'
                                     << describe(divergence.example, fp, our_fp(pair_), manual);
    EXPECT_NE(their_fp(pair_), manual) << "stale: the oracle now agrees: " << divergence.reason;
    pc += 16;
  }
}

/// FJCVTZS: a denormal that FPCR.FZ flushes is not exact (FPToFixedJS), but the oracle sets PSTATE.Z. So the row is not
/// generated.
TEST_F(VectorStep, TheOracleTakesAFlushedDenormalAsExact) {
  FpState fp;
  fp.v[1][0] = 1;
  fp.fpcr = u64{1} << 24;
  State state;
  state.nzcv = 0;
  step(Layout::kCode, 0x1e7e0020, state, fp);  // fjcvtzs w0, d1
  EXPECT_EQ(pair_.ours().nzcv, 0u);
  EXPECT_NE(pair_.oracle.get().nzcv, 0u) << "stale: the oracle now agrees";
}

// ---- whether an instruction exists

constexpr cpu::Pattern kSpaces[] = {
    "x0x 1111x xx xxxxxx xxxxxx xxxxxxxxxx",   // scalar floating point
    "x00 11110 xx 1 xxxxx xxxxxx xxxxxxxxxx",  // … without fixed point and three sources, which are nearly all
                                               // allocated
    "0xx 01110 xx xxxxxx xxxxxx xxxxxxxxxx",   // Advanced SIMD, vector
    "0xx 01111 xx xxxxxx xxxxxx xxxxxxxxxx",   // … by element, immediates
    "01x 11110 xx xxxxxx xxxxxx xxxxxxxxxx",   // … scalar
    "01x 11111 xx xxxxxx xxxxxx xxxxxxxxxx",   // …
    "01x x1110 xx 10000 xxxxx 10 xxxxxxxxxx",  // … two registers, SHA
    "0xx x1110 xx 11000 xxxxx 10 xxxxxxxxxx",  // … across lanes, pairwise
    "010 01110 xx 10100 xxxxx 10 xxxxxxxxxx",  // AES
    "xxx x110 xxxxxxxxxxxxxxxxxxxxxxxxx",      // loads and stores
    "0x0 0110 xx x xxxxxx xxxxxx xxxxxxxxxx",  // structures
};

/// Not with Oracle::Model::Max: Unicorn 2.0.1 aborts on half-precision words that are not allocated.
TEST(VectorExistence, AgreesWithUnicorn) {
  const u64 count = instructions();
  Pair pair(4 * count + 0x1000, Oracle::Model::CortexA57);
  allow_fp(pair);
  const arm::CpuModel model = test::test_model("cortex-a57");
  Generator random(seed() + 8);
  unsigned reports = 0;
  u64 allocated = 0;
  u64 pc = Layout::kCode;
  for (u64 i = 0; i < count && reports < kMaximumReports; ++i, pc += 4) {
    const cpu::Pattern& space = kSpaces[i % std::size(kSpaces)];
    const u32 insn = tame(space.value | (static_cast<u32>(random.bits()) & ~space.mask));
    if (is_unpredictable(insn)) continue;
    if (needs_of(insn).offset_register && field_of(insn, 16) == field_of(insn, 5)) continue;
    const cpu::Encoding* row = cpu::find_a64(insn);
    cpu::Op op{};
    op.insn = insn;
    cpu::decode_a64(op, model);
    const bool exists = row != nullptr && row->overrides && op.run != cpu::undefined;
    allocated += exists;
    State state = random.state(pc);
    random.prepare(insn, state);
    pair.write_code(pc, insn);
    pair.oracle.forget_code(pc);
    pair.oracle.set(state);
    if (pair.oracle.run(pc, 0, 1) == exists) continue;
    ++reports;
    ADD_FAILURE() << hex(insn) << (row ? " " + std::string(row->name) : "") << (exists ? ": exists" : ": UNDEFINED")
                  << ", not so for the oracle (TW_SEED=" << seed() << ")";
  }
  EXPECT_GT(allocated, count / 100);
  std::cout << allocated << " of " << count << " words are instructions" << std::endl;
}

}  // namespace
}  // namespace tw::diff
