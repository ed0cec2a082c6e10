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
      Exclusion{"", fp_arithmetic_encodings(), "V registers: fp_test.cpp"},
      Exclusion{"", fp_compare_encodings(), "V registers: fp_test.cpp"},
      Exclusion{"", fp_convert_encodings(), "V registers: fp_test.cpp"},
      Exclusion{"", fp_move_encodings(), "V registers: fp_test.cpp"},
      Exclusion{"", fp_simd_encodings(), "not implemented in this issue: traps only, then UNDEFINED"},
      Exclusion{"", simd_loads_stores_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_structures_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_three_same_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_two_register_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_long_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_shift_immediate_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_copy_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_permute_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"", simd_crypto_encodings(), "V registers: simd_test.cpp"},
      Exclusion{"UDF", branch_encodings(), "takes an exception"},
  };
  return kExclusions;
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

std::vector<const cpu::Encoding*> candidate_rows(bool (*model_has)(cpu::Feature)) {
  std::vector<const cpu::Encoding*> rows;
  for (const auto& group : cpu::a64_groups()) {
    for (const cpu::Encoding& row : group) {
      const bool excluded = std::ranges::any_of(exclusions(), [&](const Exclusion& exclusion) {
        return exclusion.group.data() == group.data() && (exclusion.row.empty() || exclusion.row == row.name);
      });
      if (!excluded && model_has(row.feature)) rows.push_back(&row);
    }
  }
  return rows;
}

}  // namespace tw::diff
