// Floating-point comparison and selection: FCMP, FCMPE, FCCMP, FCCMPE, FCSEL.
#include <array>
#include <utility>

#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/fp_operands.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

enum class Against : u8 { Register, Zero };

template <class F>
void compare_setting_flags(Cpu& cpu, F a, F b, bool signal_all_nans) {
  const fp::Order order = with_fp_env(cpu, [&](fp::FpEnv& env) { return fp::compare(a, b, signal_all_nans, env); });
  cpu.flags.set_nzcv(u64{fp::nzcv_of(order)} << 28);
}

template <class F, Against against, bool signal_all_nans>
const Op* compare(Cpu& cpu, const Op* op) {
  const F b = against == Against::Zero ? F{0} : read_fp<F>(cpu, op->rm);
  compare_setting_flags<F>(cpu, read_fp<F>(cpu, op->rn), b, signal_all_nans);
  return op + 1;
}

template <class F, bool signal_all_nans, unsigned condition>
const Op* conditional_compare(Cpu& cpu, const Op* op) {
  if (holds<condition>(cpu.flags)) {
    compare_setting_flags<F>(cpu, read_fp<F>(cpu, op->rn), read_fp<F>(cpu, op->rm), signal_all_nans);
  } else {
    cpu.flags.set_nzcv(op->imm);
  }
  return op + 1;
}

template <class F, unsigned condition>
const Op* conditional_select(Cpu& cpu, const Op* op) {
  write_fp<F>(cpu, op->rd, read_fp<F>(cpu, holds<condition>(cpu.flags) ? op->rn : op->rm));
  return op + 1;
}

// ---- decoding

using ByCondition = std::array<Handler, 16>;
constexpr auto kSixteen = std::make_index_sequence<16>{};

template <class F, bool signal_all_nans, std::size_t... condition>
constexpr ByCondition compare_handlers(std::index_sequence<condition...>) {
  return {with_fp_access<conditional_compare<F, signal_all_nans, condition>>...};
}

template <class F, std::size_t... condition>
constexpr ByCondition select_handlers(std::index_sequence<condition...>) {
  return {with_fp_access<conditional_select<F, condition>>...};
}

template <Against against, bool signal_all_nans>
Handler select_compare(Op& op) {
  decode_fp_registers(op);
  return by_type(op, with_fp_access<compare<u16, against, signal_all_nans>>,
                 with_fp_access<compare<u32, against, signal_all_nans>>,
                 with_fp_access<compare<u64, against, signal_all_nans>>);
}

template <bool signal_all_nans>
Handler select_conditional_compare(Op& op) {
  static constexpr ByCondition kHalf = compare_handlers<u16, signal_all_nans>(kSixteen);
  static constexpr ByCondition kSingle = compare_handlers<u32, signal_all_nans>(kSixteen);
  static constexpr ByCondition kDouble = compare_handlers<u64, signal_all_nans>(kSixteen);
  decode_fp_registers(op);
  op.imm = u64{field<3, 0>(op)} << 28;
  const u32 condition = field<15, 12>(op);
  return by_type(op, kHalf[condition], kSingle[condition], kDouble[condition]);
}

Handler select_select(Op& op) {
  static constexpr ByCondition kHalf = select_handlers<u16>(kSixteen);
  static constexpr ByCondition kSingle = select_handlers<u32>(kSixteen);
  static constexpr ByCondition kDouble = select_handlers<u64>(kSixteen);
  decode_fp_registers(op);
  const u32 condition = field<15, 12>(op);
  return by_type(op, kHalf[condition], kSingle[condition], kDouble[condition]);
}

constexpr auto kCost = cost::Cause::FpSimd;
constexpr auto kFeature = Feature::FpSimd;

constexpr Encoding kRows[] = {
    {"FCMP", "00011110 tt 1 mmmmm 00 1000 nnnnn 00 000", kCost, select_compare<Against::Register, false>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FCMP (zero)", "00011110 tt 1 mmmmm 00 1000 nnnnn 01 000", kCost, select_compare<Against::Zero, false>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FCMPE", "00011110 tt 1 mmmmm 00 1000 nnnnn 10 000", kCost, select_compare<Against::Register, true>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FCMPE (zero)", "00011110 tt 1 mmmmm 00 1000 nnnnn 11 000", kCost, select_compare<Against::Zero, true>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FCCMP", "00011110 tt 1 mmmmm cccc 01 nnnnn 0 ffff", kCost, select_conditional_compare<false>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FCCMPE", "00011110 tt 1 mmmmm cccc 01 nnnnn 1 ffff", kCost, select_conditional_compare<true>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FCSEL", "00011110 tt 1 mmmmm cccc 11 nnnnn ddddd", kCost, select_select, kFeature, kOverrides, kHalfIsFp16},
};

}  // namespace

std::span<const Encoding> fp_compare_encodings() { return kRows; }

}  // namespace tw::cpu::a64
