// Random programs with forward branches against Unicorn, through the run loop, in both fidelities, with and without the
// host-side shortcuts.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "base/bits.hpp"
#include "diff/fp_operands.hpp"
#include "diff/fp_state.hpp"

namespace tw::diff {
namespace {

/// A program under construction: units that branches may go to, so that no branch enters between an address and its
/// use.
class Program final {
 public:
  Program(Generator& random, const std::vector<const cpu::Encoding*>& rows, unsigned units, u64 at)
      : random_(random), at_(at) {
    while (units_.size() < units) {
      add(*rows[random.below(rows.size())]);
      if (random.chance(32)) set_fpcr();
    }
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

  void set_fpcr() {
    const auto high = static_cast<u32>(random_fpcr(random_) >> 16);
    units_.push_back({{0xd2a00000 | high << 5, 0xd51b4400}});  // mov x0, #high, lsl #16; msr fpcr, x0
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

/// Lanes of integers, or of one of the formats.
std::array<u64, 2> any_lanes(Generator& random) {
  return random.chance(3) ? integer_lanes(random) : fp_lanes(random, 2u << random.below(3));
}

FpState random_fp(Generator& random) {
  FpState fp;
  for (auto& v : fp.v) v = any_lanes(random);
  fp.fpcr = random_fpcr(random);
  return fp;
}

/// Runs programs of about `count` instructions over `rows` on both sides.
void run_programs(const std::vector<const cpu::Encoding*>& rows, u64 count, u64 program_seed) {
  constexpr u64 kSlot = cpu::kPageBytes;  // one program a page
  constexpr unsigned kUnits = 64;
  const u64 programs = count / kUnits + 1;
  std::cout << "TW_SEED=" << seed() << ", " << programs << " programs of " << rows.size() << " rows" << std::endl;
  Pair pair(programs * kSlot + 0x1000);
  Generator random(program_seed);
  pair.fill_data(random);
  allow_fp(pair);
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
    const FpState fp_before = random_fp(random);
    pair.set_ours(before);
    pair.oracle.set(before);
    set_fp(pair, fp_before);
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
    complaint += describe(0, fp_before, our_fp(pair), their_fp(pair));
    if (!pair.data_equal()) complaint += pair.data_difference();
    if (complaint.empty()) continue;
    ++reports;
    std::string listing;
    for (const u32 word : words) listing += hex(word) + ' ';
    ADD_FAILURE() << "program " << i << " (TW_SEED=" << seed() << ")\n" << complaint << "  " << listing;
  }
  std::cout << executed << " instructions, with the last loops" << std::endl;
}

TEST(Programs, AgreeWithUnicorn) { run_programs(candidate_rows(test_model_has), instructions(), seed() + 1); }

/// Floating point, Advanced SIMD and cryptography, with some integer instructions between them; FPCR changes.
TEST(VectorPrograms, AgreeWithUnicorn) {
  std::vector<const cpu::Encoding*> rows = vector_rows(test_model_has);
  const auto integer = candidate_rows(test_model_has);
  for (std::size_t i = 0; i < integer.size(); i += 2) rows.push_back(integer[i]);
  run_programs(rows, instructions() * 5 / 3, seed() + 3);
}

}  // namespace
}  // namespace tw::diff
