// Random Advanced SIMD instructions against Unicorn, one at a time: V registers, FPSR, X registers and memory.
// TW_SEED and TW_DIFF_INSTRUCTIONS as in a64_test.cpp.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <span>

#include "cpu/isa/a64/groups.hpp"
#include "diff/vectors.hpp"

namespace tw::diff {
namespace {

std::vector<const cpu::Encoding*> simd_rows() {
  using namespace cpu::a64;
  std::vector<const cpu::Encoding*> rows;
  for (const auto& group : {
           simd_loads_stores_encodings(),
           simd_structures_encodings(),
           simd_three_same_encodings(),
           simd_two_register_encodings(),
           simd_long_encodings(),
           simd_shift_immediate_encodings(),
           simd_copy_encodings(),
           simd_permute_encodings(),
           simd_crypto_encodings(),
       }) {
    for (const cpu::Encoding& row : group) rows.push_back(&row);
  }
  return rows;
}

TEST(SimdSingleStep, AgreesWithUnicorn) {
  std::cout << "TW_SEED=" << seed() << " TW_DIFF_INSTRUCTIONS=" << instructions() << std::endl;
  Pair pair(4 * instructions() + 0x1000);
  Generator random(seed() + 7);
  pair.fill_data(random);
  allow_fp(pair);
  const auto rows = simd_rows();
  std::map<const cpu::Encoding*, u64> tried;
  State state;
  Vectors vectors;
  u64 pc = Layout::kCode;
  unsigned reports = 0;
  for (u64 i = 0; i < instructions() && reports < kMaximumReports; ++i, pc += 4) {
    if (i % 16 == 0) {
      state = random.state(pc);
      vectors = random_vectors(random);
    }
    const cpu::Encoding& row = *rows[i % rows.size()];
    const u32 insn = random.instruction(row);
    ASSERT_NE(insn, 0u) << row.name << " has no allocated, predictable encoding";
    random.prepare(insn, state);
    vectors.v[field_of(insn, 5)] = random_vector(random);
    vectors.v[field_of(insn, 16)] = random_vector(random);
    vectors.fpsr = random.chance(4) ? u64{1} << 27 : 0;
    state.pc = pc;
    ++tried[&row];
    pair.write_code(pc, insn);
    const State before = state;
    const Vectors vectors_before = vectors;
    pair.set_ours(state);
    pair.oracle.set(state);
    set_vectors(pair, vectors);
    pair.rig.step();
    const bool ran = pair.oracle.run(pc, 0, 1);
    state = pair.oracle.get();
    vectors = their_vectors(pair);
    pair.oracle.forget_code(state.pc);
    const State ours = pair.ours();
    std::string complaint;
    if (!ran) complaint = "  the oracle could not execute it\n";
    if (ours != state) complaint += describe(before, ours, state);
    complaint += describe(insn, vectors_before, our_vectors(pair), vectors);
    if (needs_of(insn).memory && !pair.data_equal()) complaint += pair.data_difference();
    if (complaint.empty()) continue;
    ADD_FAILURE() << row.name << ' ' << hex(insn) << " (TW_SEED=" << seed() << ", instruction " << i << ")\n"
                  << complaint;
    ++reports;
  }
  EXPECT_TRUE(pair.rig.system.unimplemented.empty());
  if (instructions() >= kDefaultInstructions && reports == 0) {
    for (const cpu::Encoding* row : rows) EXPECT_GT(tried[row], 100u) << row->name << " was hardly tried";
  }
}

/// Members of the rows that `select` refuses are UNDEFINED on a Cortex-A57, and the others are not.
TEST(SimdExistence, AgreesWithUnicorn) {
  const auto rows = simd_rows();
  const u64 count = 100 * rows.size();
  Pair pair(4 * count + 0x1000, Oracle::Model::CortexA57);
  allow_fp(pair);
  Generator random(seed() + 8);
  unsigned reports = 0;
  u64 refused = 0;
  u64 pc = Layout::kCode;
  for (u64 i = 0; i < count && reports < kMaximumReports; ++i, pc += 4) {
    const cpu::Encoding& row = *rows[i % rows.size()];
    const u32 insn = tame(row.pattern.value | (static_cast<u32>(random.bits()) & ~row.pattern.mask));
    if (cpu::find_a64(insn) != &row || is_unpredictable(insn)) continue;
    if (needs_of(insn).offset_register && field_of(insn, 16) == field_of(insn, 5)) continue;
    cpu::Op op{};
    op.insn = insn;
    const bool exists = row.select(op) != nullptr;
    refused += !exists;
    State state = random.state(pc);
    random.prepare(insn, state);
    pair.write_code(pc, insn);
    pair.oracle.forget_code(pc);
    pair.oracle.set(state);
    if (pair.oracle.run(pc, 0, 1) == exists) continue;
    ++reports;
    ADD_FAILURE() << row.name << ' ' << hex(insn) << (exists ? " exists" : " is UNDEFINED")
                  << ", not so for the oracle (TW_SEED=" << seed() << ")";
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace tw::diff
