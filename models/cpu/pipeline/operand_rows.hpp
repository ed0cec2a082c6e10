// Rows from which the operands of an instruction are read off: by encoding class of the Arm ARM (C4.1), finer where
// timing or operands differ.
#pragma once

#include <array>
#include <span>

#include "cpu/isa/encoding.hpp"
#include "cpu/pipeline/operands.hpp"

namespace tw::cpu {

/// Where a register number stands in the encoding, and how 31 is meant.
enum class Role : u8 {
  None,
  Rd,      ///< bits 4:0, 31 is the zero register (Rt of loads, stores and system instructions)
  RdSp,    ///< … 31 is SP
  RdNext,  ///< … the register behind it (CASP)
  Rn,      ///< bits 9:5
  RnSp,
  Rm,  ///< bits 20:16 (Rs of exclusives and atomics)
  RmSp,
  RmNext,
  Ra,  ///< bits 14:10 (Rt2 of pairs)
  Vd,
  Vn,
  Vm,
  Vm4,  ///< bits 19:16: elements of 16 bits
  Va,
  X16,
  X17,
  X30,
  Sp,
  Nzcv,
};

struct OperandRow {
  Pattern pattern;
  TimingClass timing;
  std::array<Role, kSourceSlots> sources{};
  std::array<Role, kDestinationSlots> destinations{};
  u16 flags = 0;
  u8 list = 0;  ///< registers of the list, which begins at Rt (structures) or Rn (table look-ups)
};

/// Shorter names for the rows' files.
namespace rows {
using enum Role;
using Class = TimingClass;
}  // namespace rows

// Within a span, and from span to span, the first row that matches counts.
std::span<const OperandRow> integer_operands();
std::span<const OperandRow> branch_operands();  ///< branches, exceptions, system instructions
std::span<const OperandRow> memory_operands();
std::span<const OperandRow> structure_operands();
std::span<const OperandRow> fp_operands();
std::span<const OperandRow> simd_operands();
std::span<const OperandRow>
simd_immediate_operands();  ///< by element, by immediate, copies, permutations, cryptography

/// The row that `insn` matches, or nullptr.
const OperandRow* operand_row_of(u32 insn);

}  // namespace tw::cpu
