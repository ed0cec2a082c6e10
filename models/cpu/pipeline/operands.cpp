#include "cpu/pipeline/operands.hpp"

#include "arm/sysreg.hpp"
#include "cpu/isa/encoding.hpp"
#include "cpu/isa/pattern_index.hpp"
#include "cpu/pipeline/operand_rows.hpp"
#include "cpu/system/sys_instructions.hpp"

namespace tw::cpu {

namespace {

/// Where a role's number is, what it is added to, and what 31 means.
struct RoleRow {
  u8 lo, mask, add, base, at_31;
};

constexpr RoleRow kRoles[] = {
    {0, 0, 0, reg::kNone, reg::kNone},     // None
    {0, 31, 0, 0, reg::kNone},             // Rd
    {0, 31, 0, 0, reg::kSp},               // RdSp
    {0, 31, 1, 0, reg::kNone},             // RdNext
    {5, 31, 0, 0, reg::kNone},             // Rn
    {5, 31, 0, 0, reg::kSp},               // RnSp
    {16, 31, 0, 0, reg::kNone},            // Rm
    {16, 31, 0, 0, reg::kSp},              // RmSp
    {16, 31, 1, 0, reg::kNone},            // RmNext
    {10, 31, 0, 0, reg::kNone},            // Ra
    {0, 31, 0, reg::kV0, reg::kV0 + 31},   // Vd
    {5, 31, 0, reg::kV0, reg::kV0 + 31},   // Vn
    {16, 31, 0, reg::kV0, reg::kV0 + 31},  // Vm
    {16, 15, 0, reg::kV0, reg::kV0 + 31},  // Vm4
    {10, 31, 0, reg::kV0, reg::kV0 + 31},  // Va
    {0, 0, 0, 16, 16},                     // X16
    {0, 0, 0, 17, 17},                     // X17
    {0, 0, 0, 30, 30},                     // X30
    {0, 0, 0, reg::kSp, reg::kSp},         // Sp
    {0, 0, 0, reg::kNzcv, reg::kNzcv},     // Nzcv
};
static_assert(std::size(kRoles) == static_cast<unsigned>(Role::Nzcv) + 1);

u8 register_of(Role role, u32 insn) {
  const RoleRow& row = kRoles[static_cast<unsigned>(role)];
  const u32 number = ((insn >> row.lo) & row.mask) + row.add;
  return number == 31 ? row.at_31 : static_cast<u8>(row.base + number);
}

u8 destination_of(Role role, u32 insn) {
  const u8 which = register_of(role, insn);
  return which == reg::kNone ? reg::kSink : which;
}

/// What the core keeps at hand, so that reading it waits for nothing.
bool is_at_hand(arm::SysReg which) {
  using enum arm::SysReg;
  constexpr arm::SysReg kAtHand[] = {NZCV, DAIF, CurrentEL, SP_EL0, TPIDR_EL0, TPIDRRO_EL0, TPIDR_EL1, TPIDR_EL2, FPCR};
  for (const arm::SysReg one : kAtHand) {
    if (one == which) return true;
  }
  return false;
}

/// MRS, MSR, SYS: by the register or the operation that they name.
TimingClass system_class(TimingClass timing, u32 insn) {
  using enum TimingClass;
  const arm::SysRegEncoding encoding = arm::sysreg_encoding_of(insn);
  if (((insn >> 19) & 3) == 1) {  // SYS, SYSL
    const SysInstruction* row = find_sys_instruction(encoding);
    if (row == nullptr) return timing;
    if (row->cost == cost::Cause::CacheMaintenance) return CacheMaintenance;
    if (row->cost == cost::Cause::TlbMaintenance) return TlbMaintenance;
    return AddressTranslation;
  }
  const arm::SysRegRow* row = arm::find_sysreg(encoding);
  if (row == nullptr) return timing;
  const bool read = timing == Mrs;
  if (read && is_at_hand(sysreg_of(*row))) return MrsFast;
  if ((row->flags & arm::kContext) != 0) return read ? MrsContext : MsrContext;
  if ((row->flags & arm::kGic) != 0) return read ? MrsGic : MsrGic;
  return timing;
}

constexpr Pattern kHintSpace = "11010101000000110010 xxxx xxx 11111";

}  // namespace

const OperandRow* operand_row_of(u32 insn) {
  static const PatternIndex<OperandRow> kIndex([](auto visit) {
    for (const auto& span : {integer_operands(), branch_operands(), memory_operands(), structure_operands(),
                             fp_operands(), simd_operands(), simd_immediate_operands()}) {
      for (const OperandRow& row : span) visit(row);
    }
  });
  return kIndex.find(insn);
}

OpTiming time_of(u32 insn, const Encoding* encoding, bool pointer_authentication) {
  OpTiming result;
  if (encoding == nullptr) return result;
  const bool whole_space = encoding->cost == cost::Cause::FpSimd && !encoding->overrides;
  if (whole_space) result.timing = TimingClass::FpSimdUnknown;
  const OperandRow* row = whole_space ? nullptr : operand_row_of(insn);
  if (row == nullptr) return result;
  result.timing = row->timing;
  result.flags = row->flags;
  if (row->timing == TimingClass::PointerCode && !pointer_authentication && kHintSpace.matches(insn)) {
    result.timing = TimingClass::Hint;
    return result;
  }
  for (unsigned i = 0; i < kSourceSlots; ++i) result.source[i] = register_of(row->sources[i], insn);
  for (unsigned i = 0; i < kDestinationSlots; ++i) result.destination[i] = destination_of(row->destinations[i], insn);
  if (row->list != 0) {
    result.list_first = register_of(row->timing == TimingClass::SimdTable ? Role::Vn : Role::Vd, insn);
    result.list_count = row->list;
  }
  if (result.is(kOpAccumulates) && result.source[kAccumulator] == reg::kNone) {
    result.flags &= static_cast<u16>(~kOpAccumulates);
  }
  if (row->timing == TimingClass::Mrs || row->timing == TimingClass::Msr) {
    result.timing = system_class(row->timing, insn);
  }
  return result;
}

}  // namespace tw::cpu
