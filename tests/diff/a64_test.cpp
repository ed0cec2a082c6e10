// Random A64 instructions against Unicorn: one at a time with everything compared, and for random words, whether the
// instruction exists at all. TW_SEED and TW_DIFF_INSTRUCTIONS set the seed and the number of instructions.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <string>

#include "diff/pair.hpp"

namespace tw::diff {
namespace {

// ---- one instruction at a time -------------------------------------------------------------------------------------

class SingleStep : public testing::Test {
 protected:
  SingleStep() : pair_(4 * instructions() + 0x1000), random_(seed()) { pair_.fill_data(random_); }

  /// Executes `insn` at the next address on both sides and compares. Returns false after a disagreement.
  bool step(u32 insn, std::string_view name) {
    state_.pc = pc_;
    pair_.write_code(pc_, insn);
    pc_ += 4;
    const State before = state_;
    pair_.set_ours(state_);
    pair_.oracle.set(state_);
    pair_.rig.step();
    const bool ran = pair_.oracle.run(before.pc, 0, 1);
    ++executed_;
    state_ = pair_.oracle.get();
    pair_.oracle.forget_code(state_.pc);
    const State ours = pair_.ours();
    std::string complaint;
    if (!ran) complaint = "  the oracle could not execute it\n";
    if (pair_.rig.core.x[cpu::kZero] != 0) complaint += "  the zero register was written\n";
    if (ours != state_) complaint += describe(before, ours, state_);
    if (needs_of(insn).memory && !pair_.data_equal()) complaint += pair_.data_difference();
    if (complaint.empty()) return true;
    ADD_FAILURE() << name << ' ' << hex(insn) << " (TW_SEED=" << seed() << ", instruction " << executed_ << ")\n"
                  << complaint;
    ++reports_;
    return false;
  }

  /// A store exclusive: half of the time behind its load exclusive, half of the time with no chance to succeed.
  void step_exclusive(u32 store, std::string_view name) {
    if (random_.chance(2)) {
      if (step(kClrex, "CLREX")) step(store, name);
      return;
    }
    const unsigned rn = field_of(store, 5);
    const unsigned rt = (rn + 1 + static_cast<unsigned>(random_.below(29))) % 31;
    const unsigned rt2 = (store >> 21) & 1 ? (rt + 1) % 31 == rn ? (rt + 2) % 31 : (rt + 1) % 31 : 31;
    const u32 load = (store & ~u32{0x1F'7C1F}) | u32{1} << 22 | u32{31} << 16 | rt2 << 10 | rt;
    if (step(load, "the load before")) step(store, name);
  }

  Pair pair_;
  Generator random_;
  State state_;
  u64 pc_ = Layout::kCode;
  u64 executed_ = 0;
  unsigned reports_ = 0;
};

TEST_F(SingleStep, AgreesWithUnicorn) {
  std::cout << "TW_SEED=" << seed() << " TW_DIFF_INSTRUCTIONS=" << instructions() << std::endl;
  const auto rows = candidate_rows(test_model_has);
  std::map<const cpu::Encoding*, u64> tried;
  while (executed_ < instructions() && reports_ < kMaximumReports) {
    if (executed_ % 64 == 0) state_ = random_.state(pc_);
    const cpu::Encoding& row = *rows[random_.below(rows.size())];
    const u32 insn = random_.instruction(row);
    ASSERT_NE(insn, 0u) << row.name << " has no allocated, predictable encoding";
    random_.prepare(insn, state_);
    ++tried[&row];
    if (needs_of(insn).store_exclusive) {
      step_exclusive(insn, row.name);
    } else {
      step(insn, row.name);
    }
  }
  EXPECT_TRUE(pair_.rig.system.unimplemented.empty());
  if (instructions() >= kDefaultInstructions && reports_ == 0) {
    for (const cpu::Encoding* row : rows) EXPECT_GT(tried[row], 100u) << row->name << " was hardly tried";
  }
  std::cout << executed_ << " instructions of " << rows.size() << " rows" << std::endl;
}

// ---- the lists

TEST(Exclusions, NameRowsThatExist) {
  for (const Exclusion& exclusion : exclusions()) {
    const bool found = exclusion.row.empty() || std::ranges::any_of(exclusion.group, [&](const cpu::Encoding& row) {
                         return row.name == exclusion.row;
                       });
    EXPECT_TRUE(found) << exclusion.row;
  }
}

TEST(Divergences, AreStillThere) {
  Pair pair(0x1000);
  u64 pc = Layout::kCode;
  for (const Divergence& divergence : divergences()) {
    ASSERT_TRUE(divergence.pattern.matches(divergence.example));
    State state;
    state.x[1] = Layout::kDataMiddle;
    state.x[2] = divergence.operand;
    state.pc = pc;
    pair.rig.poke<u64>(Layout::kDataMiddle, divergence.memory);
    std::memcpy(pair.theirs(Layout::kDataMiddle), &divergence.memory, 8);
    pair.write_code(pc, divergence.example);
    pair.set_ours(state);
    pair.oracle.set(state);
    pair.rig.step();
    EXPECT_TRUE(pair.oracle.run(pc, 0, 1));
    EXPECT_EQ(pair.rig.peek<u64>(Layout::kDataMiddle), divergence.manual) << divergence.reason;
    u64 theirs;
    std::memcpy(&theirs, pair.theirs(Layout::kDataMiddle), 8);
    EXPECT_NE(theirs, divergence.manual) << "stale: the oracle now agrees: " << divergence.reason;
    pc += 16;
  }
}

// ---- whether an instruction exists

/// Integer encodings by class; system, exception generation, floating point and Advanced SIMD are not compared here.
constexpr cpu::Pattern kSpaces[] = {
    "xxx 100 xx xxxxxxxxxxxxxxxxxxxxxxxx",    // data processing, immediate
    "xxx x101 x xxxxxxxxxxxxxxxxxxxxxxxx",    // data processing, register
    "xx0 11010110 xxxxx xxxxxxxxxxxxxxxx",    // … two sources
    "x10 11010110 0000x 000xxxxxxxxxxxxx",    // … one source
    "xxx 11011 xxx xxxxxxxxxxxxxxxxxxxxx",    // … three sources
    "xxx 1101000x xxxxx xxxxxxxxxxxxxxxx",    // … with carry, conditional compare
    "0101010x xxxxxxxxxxxxxxxxxxxxxxxx",      // B.cond
    "1101011 xxxx 11111 xxxxxxxxxxxxxxxx",    // branch to register
    "1101011 xxxx 11111 000000 xxxxx 00000",  // …
    "xx 001000 xxxxxxxxxxxxxxxxxxxxxxxx",     // exclusives
    "xx 011 0 xx xxxxxxxxxxxxxxxxxxxxxxxx",   // literal
    "xx 101 0 xx xxxxxxxxxxxxxxxxxxxxxxxx",   // pairs
    "xx 111 0 xx xxxxxxxxxxxxxxxxxxxxxxxx",   // single registers
};
/// Not compared: exception returns take the oracle elsewhere whether they exist or not.
constexpr cpu::Pattern kExceptionReturns = "1101011 01xx xxxxxxxxxxxxxxxxxxxxx";

void compare_existence(Oracle::Model oracle, const arm::CpuModel& model, u64 of_seed) {
  const u64 count = instructions() / 2;
  Pair pair(4 * count + 0x1000, oracle);
  Generator random(of_seed);
  unsigned reports = 0;
  u64 allocated = 0;
  u64 pc = Layout::kCode;
  for (u64 i = 0; i < count && reports < kMaximumReports; ++i) {
    const cpu::Pattern& space = kSpaces[i % std::size(kSpaces)];
    const u32 insn = tame(space.value | (static_cast<u32>(random.bits()) & ~space.mask));
    const Needs needs = needs_of(insn);
    if (is_unpredictable(insn) || kExceptionReturns.matches(insn)) continue;
    if (needs.indirect_branch && field_of(insn, 5) == 31) continue;
    if (needs.offset_register && field_of(insn, 16) == field_of(insn, 5)) continue;
    const cpu::Encoding* row = cpu::find_a64(insn);
    if (row != nullptr && (row->cost == cost::Cause::FpSimd || row->name == "PACGA")) continue;  // EL2's trap of PACGA
    cpu::Op op{};
    op.insn = insn;
    cpu::decode_a64(op, model);
    const bool exists = row != nullptr && op.run != cpu::undefined;
    allocated += exists;
    State state = random.state(pc);
    random.prepare(insn, state);
    pair.write_code(pc, insn);
    pair.oracle.forget_code(pc);
    pair.oracle.set(state);
    const bool ran = pair.oracle.run(pc, 0, 1);
    pc += 4;
    if (exists == ran) continue;
    ++reports;
    ADD_FAILURE() << hex(insn) << (row ? " " + std::string(row->name) : "") << (exists ? ": exists" : ": UNDEFINED")
                  << ", not so for the oracle (TW_SEED=" << seed() << ")";
  }
  std::cout << allocated << " of " << count << " words are instructions" << std::endl;
}

TEST(Existence, AgreesWithUnicorn) {
  compare_existence(Oracle::Model::CortexA57, test::test_model("cortex-a57"), seed() + 2);
}
TEST(Existence, WithEveryExtensionAgreesWithUnicorn) {
  compare_existence(Oracle::Model::Max, test::test_model("cortex-a57", true), seed() + 4);
}

}  // namespace
}  // namespace tw::diff
