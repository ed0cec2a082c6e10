// Floating-point data processing: one source (without moves and conversions), two sources, three sources.
#include "cpu/isa/a64/fp_operands.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

// ---- shapes

template <class F, F (*operation)(F)>
const Op* sign_operation(Cpu& cpu, const Op* op) {
  write_fp<F>(cpu, op->rd, operation(read_fp<F>(cpu, op->rn)));
  return op + 1;
}

template <class F, F (*operation)(F, fp::FpEnv&)>
const Op* one_source(Cpu& cpu, const Op* op) {
  const F a = read_fp<F>(cpu, op->rn);
  write_fp<F>(cpu, op->rd, with_fp_env(cpu, [&](fp::FpEnv& env) { return operation(a, env); }));
  return op + 1;
}

template <class F, F (*operation)(F, F, fp::FpEnv&)>
const Op* two_sources(Cpu& cpu, const Op* op) {
  const F a = read_fp<F>(cpu, op->rn), b = read_fp<F>(cpu, op->rm);
  write_fp<F>(cpu, op->rd, with_fp_env(cpu, [&](fp::FpEnv& env) { return operation(a, b, env); }));
  return op + 1;
}

/// FMADD and its relatives: which operands are negated first, NaNs too.
template <class F, bool negate_addend, bool negate_product>
const Op* three_sources(Cpu& cpu, const Op* op) {
  F addend = read_fp<F>(cpu, op->ra), a = read_fp<F>(cpu, op->rn);
  const F b = read_fp<F>(cpu, op->rm);
  if (negate_addend) addend = fp::neg(addend);
  if (negate_product) a = fp::neg(a);
  write_fp<F>(cpu, op->rd, with_fp_env(cpu, [&](fp::FpEnv& env) { return fp::mul_add(addend, a, b, env); }));
  return op + 1;
}

/// FRINTN, P, M, Z, A.
template <class F, fp::Rounding rounding>
const Op* round_integral(Cpu& cpu, const Op* op) {
  const F a = read_fp<F>(cpu, op->rn);
  write_fp<F>(cpu, op->rd,
              with_fp_env(cpu, [&](fp::FpEnv& env) { return fp::round_to_integral(a, rounding, false, env); }));
  return op + 1;
}

/// FRINTI and FRINTX: FPCR's rounding.
template <class F, bool exact>
const Op* round_integral_by_fpcr(Cpu& cpu, const Op* op) {
  const F a = read_fp<F>(cpu, op->rn);
  write_fp<F>(cpu, op->rd, with_fp_env(cpu, [&](fp::FpEnv& env) {
                return fp::round_to_integral(a, env.control.rounding, exact, env);
              }));
  return op + 1;
}

/// FRINT32Z to FRINT64X: an integral number that fits into `width` bits.
template <class F, int width, bool by_fpcr>
const Op* round_to_width(Cpu& cpu, const Op* op) {
  const F a = read_fp<F>(cpu, op->rn);
  write_fp<F>(cpu, op->rd, with_fp_env(cpu, [&](fp::FpEnv& env) {
                return fp::round_to_width(a, width, by_fpcr ? env.control.rounding : fp::Rounding::Zero, env);
              }));
  return op + 1;
}

// ---- decoding

template <int width, bool by_fpcr>
Handler select_width(Op& op) {
  decode_fp_registers(op);
  return by_type(op, nullptr, with_fp_access<round_to_width<u32, width, by_fpcr>>,
                 with_fp_access<round_to_width<u64, width, by_fpcr>>);
}

template <Handler half_precision, Handler single_precision, Handler double_precision>
Handler select(Op& op) {
  decode_fp_registers(op);
  return by_type(op, with_fp_access<half_precision>, with_fp_access<single_precision>,
                 with_fp_access<double_precision>);
}

template <u16 (*half)(u16), u32 (*single)(u32), u64 (*double_)(u64)>
constexpr auto select_sign =
    select<sign_operation<u16, half>, sign_operation<u32, single>, sign_operation<u64, double_>>;

template <u16 (*half)(u16, u16, fp::FpEnv&), u32 (*single)(u32, u32, fp::FpEnv&), u64 (*double_)(u64, u64, fp::FpEnv&)>
constexpr auto select_two = select<two_sources<u16, half>, two_sources<u32, single>, two_sources<u64, double_>>;

template <bool negate_addend, bool negate_product>
constexpr auto select_three =
    select<three_sources<u16, negate_addend, negate_product>, three_sources<u32, negate_addend, negate_product>,
           three_sources<u64, negate_addend, negate_product>>;

template <fp::Rounding rounding>
constexpr auto select_round =
    select<round_integral<u16, rounding>, round_integral<u32, rounding>, round_integral<u64, rounding>>;

template <bool exact>
constexpr auto select_round_by_fpcr =
    select<round_integral_by_fpcr<u16, exact>, round_integral_by_fpcr<u32, exact>, round_integral_by_fpcr<u64, exact>>;

constexpr auto kCost = cost::Cause::FpSimd;
constexpr auto kFeature = Feature::FpSimd;

constexpr Encoding kRows[] = {
    {"FABS (scalar)", "00011110 tt 1 000001 10000 nnnnn ddddd", kCost,
     select_sign<fp::abs<u16>, fp::abs<u32>, fp::abs<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FNEG (scalar)", "00011110 tt 1 000010 10000 nnnnn ddddd", kCost,
     select_sign<fp::neg<u16>, fp::neg<u32>, fp::neg<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FSQRT (scalar)", "00011110 tt 1 000011 10000 nnnnn ddddd", kCost,
     select<one_source<u16, fp::sqrt<u16>>, one_source<u32, fp::sqrt<u32>>, one_source<u64, fp::sqrt<u64>>>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FRINTN (scalar)", "00011110 tt 1 001000 10000 nnnnn ddddd", kCost, select_round<fp::Rounding::TieEven>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FRINTP (scalar)", "00011110 tt 1 001001 10000 nnnnn ddddd", kCost, select_round<fp::Rounding::Plus>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FRINTM (scalar)", "00011110 tt 1 001010 10000 nnnnn ddddd", kCost, select_round<fp::Rounding::Minus>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FRINTZ (scalar)", "00011110 tt 1 001011 10000 nnnnn ddddd", kCost, select_round<fp::Rounding::Zero>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FRINTA (scalar)", "00011110 tt 1 001100 10000 nnnnn ddddd", kCost, select_round<fp::Rounding::TieAway>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FRINTX (scalar)", "00011110 tt 1 001110 10000 nnnnn ddddd", kCost, select_round_by_fpcr<true>, kFeature,
     kOverrides, kHalfIsFp16},
    {"FRINTI (scalar)", "00011110 tt 1 001111 10000 nnnnn ddddd", kCost, select_round_by_fpcr<false>, kFeature,
     kOverrides, kHalfIsFp16},

    {"FRINT32Z (scalar)", "00011110 tt 1 010000 10000 nnnnn ddddd", kCost, select_width<32, false>, Feature::Frintts,
     kOverrides},
    {"FRINT32X (scalar)", "00011110 tt 1 010001 10000 nnnnn ddddd", kCost, select_width<32, true>, Feature::Frintts,
     kOverrides},
    {"FRINT64Z (scalar)", "00011110 tt 1 010010 10000 nnnnn ddddd", kCost, select_width<64, false>, Feature::Frintts,
     kOverrides},
    {"FRINT64X (scalar)", "00011110 tt 1 010011 10000 nnnnn ddddd", kCost, select_width<64, true>, Feature::Frintts,
     kOverrides},

    {"FMUL (scalar)", "00011110 tt 1 mmmmm 0000 10 nnnnn ddddd", kCost,
     select_two<fp::mul<u16>, fp::mul<u32>, fp::mul<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FDIV (scalar)", "00011110 tt 1 mmmmm 0001 10 nnnnn ddddd", kCost,
     select_two<fp::div<u16>, fp::div<u32>, fp::div<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FADD (scalar)", "00011110 tt 1 mmmmm 0010 10 nnnnn ddddd", kCost,
     select_two<fp::add<u16>, fp::add<u32>, fp::add<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FSUB (scalar)", "00011110 tt 1 mmmmm 0011 10 nnnnn ddddd", kCost,
     select_two<fp::sub<u16>, fp::sub<u32>, fp::sub<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FMAX (scalar)", "00011110 tt 1 mmmmm 0100 10 nnnnn ddddd", kCost,
     select_two<fp::max<u16>, fp::max<u32>, fp::max<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FMIN (scalar)", "00011110 tt 1 mmmmm 0101 10 nnnnn ddddd", kCost,
     select_two<fp::min<u16>, fp::min<u32>, fp::min<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FMAXNM (scalar)", "00011110 tt 1 mmmmm 0110 10 nnnnn ddddd", kCost,
     select_two<fp::max_num<u16>, fp::max_num<u32>, fp::max_num<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FMINNM (scalar)", "00011110 tt 1 mmmmm 0111 10 nnnnn ddddd", kCost,
     select_two<fp::min_num<u16>, fp::min_num<u32>, fp::min_num<u64>>, kFeature, kOverrides, kHalfIsFp16},
    {"FNMUL (scalar)", "00011110 tt 1 mmmmm 1000 10 nnnnn ddddd", kCost,
     select_two<fp::nmul<u16>, fp::nmul<u32>, fp::nmul<u64>>, kFeature, kOverrides, kHalfIsFp16},

    {"FMADD", "00011111 tt 0 mmmmm 0 aaaaa nnnnn ddddd", kCost, select_three<false, false>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FMSUB", "00011111 tt 0 mmmmm 1 aaaaa nnnnn ddddd", kCost, select_three<false, true>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FNMADD", "00011111 tt 1 mmmmm 0 aaaaa nnnnn ddddd", kCost, select_three<true, true>, kFeature, kOverrides,
     kHalfIsFp16},
    {"FNMSUB", "00011111 tt 1 mmmmm 1 aaaaa nnnnn ddddd", kCost, select_three<true, false>, kFeature, kOverrides,
     kHalfIsFp16},
};

}  // namespace

std::span<const Encoding> fp_arithmetic_encodings() { return kRows; }

}  // namespace tw::cpu::a64
