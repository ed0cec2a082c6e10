// From an instruction word to a decoded op: the rows of all groups behind a first-level index.
#include <array>

#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/features.hpp"
#include "cpu/isa/pattern_index.hpp"

namespace tw::cpu {

std::span<const std::span<const Encoding>> a64_groups() {
  using namespace a64;
  static const std::array kGroups = {
      pc_relative_encodings(),
      add_sub_immediate_encodings(),
      logical_immediate_encodings(),
      move_wide_encodings(),
      bitfield_encodings(),
      branch_encodings(),
      exception_generation_encodings(),
      system_encodings(),
      loads_stores_encodings(),
      load_store_pair_encodings(),
      exclusives_encodings(),
      atomics_encodings(),
      pauth_encodings(),
      logical_register_encodings(),
      add_sub_register_encodings(),
      conditional_encodings(),
      one_source_encodings(),
      two_source_encodings(),
      multiply_encodings(),
      flag_manipulation_encodings(),
      fp_arithmetic_encodings(),
      fp_compare_encodings(),
      fp_convert_encodings(),
      fp_move_encodings(),
      fp_simd_encodings(),
      simd_loads_stores_encodings(),
      simd_structures_encodings(),
      simd_three_same_encodings(),
      simd_two_register_encodings(),
      simd_long_encodings(),
      simd_shift_immediate_encodings(),
      simd_copy_encodings(),
      simd_permute_encodings(),
      simd_crypto_encodings(),
      simd_three_extra_encodings(),
      simd_complex_encodings(),
      simd_crypto_later_encodings(),
      simd_fp_three_same_encodings(),
      simd_fp_two_register_encodings(),
      simd_fp_convert_encodings(),
  };
  return kGroups;
}

namespace {

/// No row at all: UNDEFINED as far as the guest sees, and listed for the user, since it may be an instruction that is
/// not modelled yet.
const Op* unimplemented(Cpu& cpu, const Op* op) {
  cpu.system.unimplemented_encoding(op->insn, Va{pc_of(cpu, op)});
  return undefined(cpu, op);
}

}  // namespace

const Encoding* find_a64(u32 insn) {
  static const PatternIndex<Encoding> kIndex([](auto visit) {
    for (const bool overrides : {true, false}) {  // those are tried first
      for (const auto& group : a64_groups()) {
        for (const Encoding& row : group) {
          if (row.overrides == overrides) visit(row);
        }
      }
    }
  });
  return kIndex.find(insn);
}

void decode_a64(Op& op, const arm::CpuModel& model) {
  const u32 insn = op.insn;
  op = Op{};
  op.insn = insn;
  op.cost = cost::Cause::Integer;
  const Encoding* row = find_a64(insn);
  if (row == nullptr) {
    op.run = unimplemented;
    return;
  }
  op.cost = row->cost;
  if (has_feature(model, feature_of(*row, insn))) op.run = row->select(op);
  if (op.run == nullptr) op.run = undefined;
}

}  // namespace tw::cpu
