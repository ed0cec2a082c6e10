// Random A64 instructions, read off the encoding rows: fixed bits from the pattern, the rest by chance, within what the
// architecture defines and the test's memory allows.
#pragma once

#include <array>
#include <random>
#include <vector>

#include "cpu/isa/encoding.hpp"
#include "diff/oracle.hpp"

namespace tw::diff {

/// Where things are. Data first, then room for PC-relative loads to reach into, then code, then room again.
struct Layout {
  static constexpr u64 kBase = 0x4000'0000;
  static constexpr u64 kDataBytes = 0x4'0000;
  static constexpr u64 kRoom = 0x4'0000;
  static constexpr u64 kDataMiddle = kBase + kDataBytes / 2;
  static constexpr u64 kCode = kBase + kDataBytes + kRoom;
  static constexpr u64 bytes_for(u64 code_bytes) {
    return (kCode - kBase + code_bytes + kRoom + 0xFFFF) & ~u64{0xFFFF};
  }
};

/// What must hold of the registers for an instruction to be harmless. By encoding class (Arm ARM C4.1), not by row.
struct Needs {
  bool memory = false;           ///< Rn is a base address: must point into the data
  bool aligned = false;          ///< … aligned to 16
  bool offset_register = false;  ///< Rm is an offset: must be small
  bool indirect_branch = false;  ///< Rn is a target
  bool relative_branch = false;
  bool store_exclusive = false;
};
Needs needs_of(u32 insn);

/// CONSTRAINED UNPREDICTABLE: write-back into the data register, equal destinations … (Arm ARM K1.2).
bool is_unpredictable(u32 insn);
/// Brings PC-relative offsets within the layout.
u32 tame(u32 insn);

constexpr unsigned field_of(u32 insn, unsigned lo) { return (insn >> lo) & 31; }

class Generator final {
 public:
  explicit Generator(u64 seed) : random_(seed) {}

  u64 bits() { return random_(); }
  u64 below(u64 limit) { return random_() % limit; }
  bool chance(unsigned one_in) { return below(one_in) == 0; }
  /// A register value: the corners of arithmetic as often as noise.
  u64 value();
  State state(u64 pc);
  /// A random member of `row` that is allocated and predictable; 0 when there seems to be none.
  u32 instruction(const cpu::Encoding& row);
  /// Sets the registers that `insn` needs set.
  void prepare(u32 insn, State& state);

 private:
  std::mt19937_64 random_;
};

/// Rows that take part: all of a64_groups() that `model_has` and that are not excluded, see exclusions.cpp. Those that
/// have V registers are apart, since these make a State larger.
std::vector<const cpu::Encoding*> candidate_rows(bool (*model_has)(cpu::Feature));
std::vector<const cpu::Encoding*> vector_rows(bool (*model_has)(cpu::Feature));

/// A group or a row that is not generated, and why.
struct Exclusion {
  std::string_view row;  ///< empty: the whole group
  std::span<const cpu::Encoding> group;
  std::string_view reason;
};
std::span<const Exclusion> exclusions();

/// Where the oracle is wrong. Not generated; each entry carries a proof, and the test fails when the oracle has learned
/// it.
struct Divergence {
  cpu::Pattern pattern;
  std::string_view reason;
  u32 example;  ///< X1 is a pointer into the data
  u64 operand;  ///< X2 before
  u64 memory;   ///< at X1 before
  u64 manual;   ///< at X1 after, as the manual says
};
std::span<const Divergence> divergences();

/// The same for instructions of vector_rows(): Vd from V1, V2 and V0 (Rn = 1, Rm = 2, Rd = 0).
struct VectorDivergence {
  cpu::Pattern pattern;
  std::string_view reason;
  u32 example;
  u64 fpcr;
  std::array<u64, 2> n, m, d;
  std::array<u64, 2> manual;  ///< V0 after, as the manual says
  u64 fpsr;                   ///< … and FPSR
};
std::span<const VectorDivergence> vector_divergences();
/// Whether either list has `insn`.
bool is_divergent(u32 insn);

}  // namespace tw::diff
