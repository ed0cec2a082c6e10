// Random A64 instructions against Unicorn: one at a time with everything compared, then as programs through the run
// loop; and for random words, whether the instruction exists at all.
// TW_SEED and TW_DIFF_INSTRUCTIONS set the seed and the number of instructions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>

#include "base/bits.hpp"
#include "cpu/isa/features.hpp"
#include "diff/generator.hpp"
#include "diff/oracle.hpp"
#include "support/cpu_rig.hpp"

namespace tw::diff {
namespace {

constexpr u64 kDefaultInstructions = 120'000;
constexpr unsigned kMaximumReports = 10;
constexpr u32 kClrex = 0xd503305f;

u64 from_environment(const char* name, u64 otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 0) : otherwise;
}

u64 seed() {
  static const u64 kSeed = from_environment("TW_SEED", 20261122);
  return kSeed;
}

u64 instructions() {
  static const u64 kInstructions = from_environment("TW_DIFF_INSTRUCTIONS", kDefaultInstructions);
  return kInstructions;
}

bool test_model_has(cpu::Feature feature) { return cpu::has_feature(test::test_model("cortex-a57", true), feature); }

/// Our core and the oracle on equal memory.
class Pair final {
 public:
  explicit Pair(u64 code_bytes, Oracle::Model model = Oracle::Model::Max)
      : rig(El::El1, {}, test::test_model("cortex-a57", true), Layout::bytes_for(code_bytes)),
        theirs_(rig.bus.size_bytes() + cpu::kPageBytes),
        oracle(model, Layout::kBase, theirs(Layout::kBase), rig.bus.size_bytes()) {}

  u8* theirs(u64 pa) {
    const auto start = reinterpret_cast<std::uintptr_t>(theirs_.data());
    const auto aligned = (start + cpu::kPageBytes - 1) & ~(cpu::kPageBytes - 1);
    return theirs_.data() + (aligned - start) + (pa - Layout::kBase);
  }

  void write_code(u64 at, u32 insn) {
    rig.poke<u32>(at, insn);
    std::memcpy(theirs(at), &insn, sizeof insn);
  }

  void fill_data(Generator& random) {
    for (u64 offset = 0; offset < Layout::kDataBytes; offset += 8) {
      const u64 value = random.bits();
      rig.poke<u64>(Layout::kBase + offset, value);
      std::memcpy(theirs(Layout::kBase + offset), &value, sizeof value);
    }
  }

  bool data_equal() { return std::memcmp(rig.bus.host(Layout::kBase), theirs(Layout::kBase), Layout::kDataBytes) == 0; }
  /// Where the data differs first; then makes it equal again.
  std::string data_difference() {
    std::ostringstream text;
    for (u64 pa = Layout::kBase; pa < Layout::kBase + Layout::kDataBytes; ++pa) {
      if (*rig.bus.host(pa) == *theirs(pa)) continue;
      text << "  memory at 0x" << std::hex << pa << ": " << unsigned{*rig.bus.host(pa)} << ", oracle "
           << unsigned{*theirs(pa)} << '\n';
      break;
    }
    std::memcpy(rig.bus.host(Layout::kBase), theirs(Layout::kBase), Layout::kDataBytes);
    return text.str();
  }

  void set_ours(const State& state) {
    cpu::Cpu& core = rig.core;
    for (unsigned i = 0; i < 31; ++i) core.x[i] = state.x[i];
    core.x[cpu::kSp] = state.sp;
    core.flags.set_nzcv(state.nzcv);
    core.pc = state.pc;
  }
  State ours() const {
    State state;
    for (unsigned i = 0; i < 31; ++i) state.x[i] = rig.core.x[i];
    state.sp = rig.core.x[cpu::kSp];
    state.nzcv = rig.core.flags.nzcv();
    state.pc = rig.core.pc;
    return state;
  }

  test::CpuRig rig;

 private:
  std::vector<u8> theirs_;

 public:
  Oracle oracle;
};

std::string describe(const State& before, const State& ours, const State& theirs) {
  std::ostringstream text;
  text << std::hex;
  const auto line = [&](const std::string& name, u64 was, u64 a, u64 b) {
    if (a != b) text << "  " << name << ": " << a << ", oracle " << b << ", before " << was << '\n';
  };
  for (unsigned i = 0; i < 31; ++i) line("x" + std::to_string(i), before.x[i], ours.x[i], theirs.x[i]);
  line("sp", before.sp, ours.sp, theirs.sp);
  line("pc", before.pc, ours.pc, theirs.pc);
  line("nzcv", before.nzcv, ours.nzcv, theirs.nzcv);
  return text.str();
}

std::string hex(u32 insn) {
  std::ostringstream text;
  text << "0x" << std::hex << insn;
  return text.str();
}

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
// --------------------------------------------------------------------------------------------------------

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
// -----------------------------------------------------------------------------------

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

TEST(Existence, AgreesWithUnicorn) {
  const u64 count = instructions() / 2;
  Pair pair(4 * count + 0x1000, Oracle::Model::CortexA57);
  const arm::CpuModel model = test::test_model("cortex-a57");
  Generator random(seed() + 2);
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
    if (row != nullptr && row->cost == cost::Cause::FpSimd) continue;
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

// ---- programs with forward branches, through the run loop ----------------------------------------------------------

/// A program under construction: units that branches may go to, so that no branch enters between an address and its
/// use.
class Program final {
 public:
  Program(Generator& random, const std::vector<const cpu::Encoding*>& rows, unsigned units, u64 at)
      : random_(random), at_(at) {
    while (units_.size() < units) add(*rows[random.below(rows.size())]);
  }

  /// The words, with branches resolved; the last one branches to itself.
  std::vector<u32> words() const {
    std::vector<u64> starts;
    u64 position = 0;
    for (const Unit& unit : units_) {
      starts.push_back(position);
      position += unit.words.size();
    }
    starts.push_back(position);
    std::vector<u32> words;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      std::vector<u32> unit = units_[i].words;
      const u64 target = starts[std::min(i + 1 + units_[i].skip, units_.size())];
      if (units_[i].skip > 0) resolve(unit, target - starts[i]);
      words.insert(words.end(), unit.begin(), unit.end());
    }
    words.push_back(0x14000000);  // b .
    return words;
  }

 private:
  struct Unit {
    std::vector<u32> words;
    u64 skip = 0;  ///< > 0: a branch over so many units
  };

  static u32 adrp(unsigned rd, u64 from_page, u64 to_page) {
    const u64 pages = (to_page >> 12) - (from_page >> 12);
    return static_cast<u32>(0x90000000 | (pages & 3) << 29 | ((pages >> 2) & 0x7FFFF) << 5 | rd);
  }

  void add(const cpu::Encoding& row) {
    const u32 insn = random_.instruction(row);
    const Needs needs = needs_of(insn);
    const unsigned rn = field_of(insn, 5), rm = field_of(insn, 16);
    Unit unit;
    if (needs.relative_branch) unit.skip = 1 + random_.below(5);
    if (needs.indirect_branch) {
      unit.skip = 1 + random_.below(5);
      unit.words.push_back(0x10000000 | rn);  // adr, resolved later
    }
    if (needs.memory) {
      // The page that the ADRP is in is not known before the layout is; but the code of one program stays in one page.
      const unsigned base = rn == 31 ? 0 : rn;
      unit.words.push_back(adrp(base, at_, Layout::kDataMiddle + random_.below(8) * 0x1000));
      if (rn == 31) unit.words.push_back(0x9100001f);  // mov sp, x0
      if (needs.store_exclusive) unit.words.push_back(kClrex);
      if (needs.offset_register && rm != 31) {
        if (rm == base) return;                                                                // SP's helper
        unit.words.push_back(static_cast<u32>(0xd2800000 | random_.below(0x1000) << 5 | rm));  // movz xm
      }
    }
    unit.words.push_back(insn);
    units_.push_back(unit);
  }

  static void resolve(std::vector<u32>& unit, u64 distance) {
    u32& branch = unit.back();
    const auto put = [](u32 insn, unsigned lo, unsigned width, u64 words) {
      return static_cast<u32>(insert_bits(insn, lo, width, words));
    };
    if (needs_of(branch).indirect_branch) {
      unit.front() = static_cast<u32>(insert_bits(unit.front(), 5, 19, distance));  // words: immlo stays 0
    } else if ((branch >> 26 & 31) == 0b00101) {
      branch = put(branch, 0, 26, distance);
    } else if ((branch >> 25 & 63) == 0b011011) {
      branch = put(branch, 5, 14, distance);
    } else {
      branch = put(branch, 5, 19, distance);
    }
  }

  Generator& random_;
  u64 at_;
  std::vector<Unit> units_;
};

TEST(Programs, AgreeWithUnicorn) {
  constexpr u64 kSlot = cpu::kPageBytes;  // one program a page
  constexpr unsigned kUnits = 64;
  const u64 programs = instructions() / kUnits + 1;
  std::cout << "TW_SEED=" << seed() << ", " << programs << " programs" << std::endl;
  Pair pair(programs * kSlot + 0x1000);
  Generator random(seed() + 1);
  pair.fill_data(random);
  auto rows = candidate_rows(test_model_has);
  unsigned reports = 0;
  u64 executed = 0;
  for (u64 i = 0; i < programs && reports < kMaximumReports; ++i) {
    const u64 start = Layout::kCode + i * kSlot;
    // Programs begin anywhere in their page, so that the ends of pages take part.
    const std::vector<u32> words = Program(random, rows, kUnits, start).words();
    u64 at = start + random.below(kSlot / 4 - words.size()) * 4;
    if (random.chance(4)) at = start + kSlot - words.size() * 4;
    for (u64 w = 0; w < words.size(); ++w) pair.write_code(at + 4 * w, words[w]);
    const u64 end = at + 4 * (words.size() - 1);
    const State before = random.state(at);
    pair.set_ours(before);
    pair.oracle.set(before);
    // Fidelity and host-side shortcuts change no architectural result.
    pair.rig.core.set_fidelity(i & 1 ? cpu::Fidelity::Timed : cpu::Fidelity::Functional);
    pair.rig.core.set_host_shortcuts((i & 2) == 0);
    pair.rig.bus.accesses.clear();
    const u64 retired = pair.rig.core.retired;
    for (unsigned slice = 0; slice < 1000 && pair.rig.core.pc != end; ++slice) pair.rig.core.run(64);
    executed += pair.rig.core.retired - retired;
    const bool ran = pair.oracle.run(at, end, 0);
    const State ours = pair.ours(), theirs = pair.oracle.get();
    std::string complaint;
    if (!ran) complaint = "  the oracle could not execute it\n";
    if (ours != theirs) complaint += describe(before, ours, theirs);
    if (!pair.data_equal()) complaint += pair.data_difference();
    if (complaint.empty()) continue;
    ++reports;
    std::string listing;
    for (const u32 word : words) listing += hex(word) + ' ';
    ADD_FAILURE() << "program " << i << " (TW_SEED=" << seed() << ")\n" << complaint << "  " << listing;
  }
  std::cout << executed << " instructions, with the last loops" << std::endl;
}

}  // namespace
}  // namespace tw::diff
