// What the differential test does not generate. Every other row is generated.
#include <algorithm>
#include <array>

#include "cpu/isa/a64/groups.hpp"
#include "diff/generator.hpp"

namespace tw::diff {

std::span<const Exclusion> exclusions() {
  using namespace cpu::a64;
  static const std::array kExclusions = {
      Exclusion{"", exception_generation_encodings(), "takes an exception: tests/guest compares those against QEMU"},
      Exclusion{"", system_encodings(), "system state differs by design (ID registers, EL2): tests/guest, trap matrix"},
      Exclusion{"", fp_simd_encodings(), "whole spaces: access traps only, then UNDEFINED"},
      Exclusion{"UDF", branch_encodings(), "takes an exception"},
      Exclusion{"RETAA", pauth_encodings(), "to X30, which the generator does not set: tests/unit/cpu/pauth_test.cpp"},
      Exclusion{"RETAB", pauth_encodings(), "as RETAA"},
      Exclusion{"PACGA", pauth_encodings(), "EL2 of the oracle traps it until it is told not to: pauth_test.cpp"},
      Exclusion{"XPACI", pauth_encodings(), "the oracle strips nothing while no key is enabled: pauth_test.cpp"},
      Exclusion{"XPACD", pauth_encodings(), "as XPACI"},
  };
  return kExclusions;
}

std::span<const std::span<const cpu::Encoding>> vector_groups() {
  using namespace cpu::a64;
  static const std::array kGroups = {
      fp_arithmetic_encodings(),      fp_compare_encodings(),
      fp_convert_encodings(),         fp_move_encodings(),
      simd_loads_stores_encodings(),  simd_structures_encodings(),
      simd_three_same_encodings(),    simd_two_register_encodings(),
      simd_long_encodings(),          simd_shift_immediate_encodings(),
      simd_copy_encodings(),          simd_permute_encodings(),
      simd_crypto_encodings(),        simd_three_extra_encodings(),
      simd_complex_encodings(),       simd_crypto_later_encodings(),
      simd_fp_three_same_encodings(), simd_fp_two_register_encodings(),
      simd_fp_convert_encodings(),
  };
  return kGroups;
}

std::span<const Divergence> divergences() {
  // Unicorn 2.0.1's translator does not extend the operand of a single-threaded atomic minimum or maximum of less than
  // 64 bits: it compares the whole register (signed: with the memory's value zero-extended).
  static constexpr std::string_view kExtension = "minimum and maximum of 8, 16 and 32 bits compare unextended operands";
  static constexpr Divergence kDivergences[] = {
      {"0z 111000 xx 1 sssss 0 1xx 00 nnnnn ttttt", kExtension, 0x38224020 /* ldsmaxb w2, w0, [x1] */, 0x7F, 0x80,
       0x7F},
      {"10 111000 xx 1 sssss 0 1xx 00 nnnnn ttttt", kExtension, 0xb8227020 /* ldumin w2, w0, [x1] */, 0x1'0000'0000,
       0x5, 0x0},
  };
  return kDivergences;
}

std::span<const VectorDivergence> vector_divergences() {
  static constexpr VectorDivergence kDivergences[] = {
      {"01 0 111110 001h bbb 111111 nnnnn ddddd",
       "FCVTZS of half precision to fixed point sign-extends the lane",
       0x5f1ffc20 /* fcvtzs h0, h1, #1 */,
       0,
       {0xBC00, 0},
       {},
       {},
       {0xFFFE, 0},
       0},
      {"00 1 01111 01 L mmmmm 0rr1 H 0 nnnnn ddddd",
       "FCMLA by a half-precision element in 64 bits raises exceptions of lanes not in use",
       0x2f421020 /* fcmla v0.4h, v1.4h, v2.h[0], #0 */,
       0,
       {0, 0x7C00'7C00'7C00'7C00},
       {},
       {},
       {},
       0},
  };
  return kDivergences;
}

bool is_divergent(u32 insn) {
  const auto matches = [&](const auto& divergence) { return divergence.pattern.matches(insn); };
  return std::ranges::any_of(divergences(), matches) || std::ranges::any_of(vector_divergences(), matches);
}

std::vector<const cpu::Encoding*> candidate_rows(bool (*model_has)(cpu::Feature)) {
  std::vector<const cpu::Encoding*> rows;
  for (const auto& group : cpu::a64_groups()) {
    if (std::ranges::find(vector_groups(), group.data(), &std::span<const cpu::Encoding>::data) !=
        vector_groups().end()) {
      continue;
    }
    for (const cpu::Encoding& row : group) {
      const bool excluded = std::ranges::any_of(exclusions(), [&](const Exclusion& exclusion) {
        return exclusion.group.data() == group.data() && (exclusion.row.empty() || exclusion.row == row.name);
      });
      if (!excluded && model_has(row.feature)) rows.push_back(&row);
    }
  }
  return rows;
}

std::vector<const cpu::Encoding*> vector_rows(bool (*model_has)(cpu::Feature)) {
  std::vector<const cpu::Encoding*> rows;
  for (const auto& group : vector_groups()) {
    for (const cpu::Encoding& row : group) {
      if (row.name == "FJCVTZS") continue;  // a fault of the oracle: vector_test.cpp, fp_core_test.cpp
      const bool divergent = std::ranges::any_of(vector_divergences(), [&](const VectorDivergence& divergence) {
        return divergence.pattern.mask == row.pattern.mask && divergence.pattern.value == row.pattern.value;
      });
      if (!divergent && model_has(row.feature)) rows.push_back(&row);
    }
  }
  return rows;
}

}  // namespace tw::diff
