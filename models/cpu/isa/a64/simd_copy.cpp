// Advanced SIMD copy and modified immediate (Arm ARM C4.1): DUP, INS, SMOV, UMOV, MOVI, MVNI, ORR, BIC, FMOV.
#include "cpu/fp/fp.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

// ---- copy. extra: the element's lane and, for INS, the source lane; log2 of the element's bytes.
constexpr unsigned kLane = 1, kFromLane = 3, kSize = 4;

/// imm5: the lowest one gives the size, the bits above it the lane. False: reserved.
bool decode_lane(Op& op, unsigned largest) {
  decode_registers(op);
  const u64 imm5 = bits<20, 16>(op.insn);
  op.rm = 0;
  const auto size = static_cast<unsigned>(std::countr_zero(imm5 | 0x20));
  if (size > largest) return false;
  op.extra[kSize] = static_cast<u8>(size);
  op.extra[kLane] = static_cast<u8>(imm5 >> (size + 1));
  op.extra[kActive] = q_field(op) ? 16 : 8;
  return true;
}

u64 lane_of(const VectorRegister& reg, unsigned lane, unsigned size) {
  const unsigned at = lane << size;
  return bit_field(reg.d[at / 8], at % 8 * 8, 8u << size);
}

/// `value` in all lanes of 64 bits.
u64 replicate(u64 value, unsigned size) {
  const unsigned width = 8u << size;
  u64 result = 0;
  for (unsigned at = 0; at < 64; at += width) result |= (value & low_mask(width)) << at;
  return result;
}

const Op* dup_element(Cpu& cpu, const Op* op) {
  const u64 value = replicate(lane_of(cpu.v[op->rn], op->extra[kLane], op->extra[kSize]), op->extra[kSize]);
  write_active(cpu, op, {{value, value}});
  return op + 1;
}
const Op* dup_general(Cpu& cpu, const Op* op) {
  const u64 value = replicate(cpu.x[op->rn], op->extra[kSize]);
  write_active(cpu, op, {{value, value}});
  return op + 1;
}

void insert(Cpu& cpu, const Op* op, u64 value) {
  const unsigned at = static_cast<unsigned>(op->extra[kLane]) << op->extra[kSize];
  u64& target = cpu.v[op->rd].d[at / 8];
  target = insert_bits(target, at % 8 * 8, 8u << op->extra[kSize], value);
}
const Op* ins_element(Cpu& cpu, const Op* op) {
  insert(cpu, op, lane_of(cpu.v[op->rn], op->extra[kFromLane], op->extra[kSize]));
  return op + 1;
}
const Op* ins_general(Cpu& cpu, const Op* op) {
  insert(cpu, op, cpu.x[op->rn]);
  return op + 1;
}

const Op* umov(Cpu& cpu, const Op* op) {
  cpu.x[op->rd] = lane_of(cpu.v[op->rn], op->extra[kLane], op->extra[kSize]);
  return op + 1;
}
template <bool wide>
const Op* smov(Cpu& cpu, const Op* op) {
  const u64 lane = lane_of(cpu.v[op->rn], op->extra[kLane], op->extra[kSize]);
  const u64 value = static_cast<u64>(sign_extend(lane, 8u << op->extra[kSize]));
  cpu.x[op->rd] = wide ? value : static_cast<u32>(value);
  return op + 1;
}

Handler select_dup_element(Op& op) {
  if (!decode_lane(op, 3) || (op.extra[kSize] == 3 && !q_field(op))) return nullptr;
  return with_fp_access<dup_element>;
}
Handler select_dup_scalar(Op& op) {
  if (!decode_lane(op, 3)) return nullptr;
  op.extra[kActive] = static_cast<u8>(1u << op.extra[kSize]);
  return with_fp_access<dup_element>;
}
Handler select_dup_general(Op& op) {
  if (!decode_lane(op, 3) || (op.extra[kSize] == 3 && !q_field(op))) return nullptr;
  op.rn = source(field_rn(op));
  return with_fp_access<dup_general>;
}
Handler select_ins_element(Op& op) {
  if (!decode_lane(op, 3)) return nullptr;
  op.extra[kFromLane] = static_cast<u8>(bits<14, 11>(op.insn) >> op.extra[kSize]);
  return with_fp_access<ins_element>;
}
Handler select_ins_general(Op& op) {
  if (!decode_lane(op, 3)) return nullptr;
  op.rn = source(field_rn(op));
  return with_fp_access<ins_general>;
}
/// A W register takes lanes of up to 32 bits, an X register lanes of 64.
Handler select_umov(Op& op) {
  if (!decode_lane(op, 3) || (op.extra[kSize] == 3) != q_field(op)) return nullptr;
  op.rd = target(field_rd(op));
  return with_fp_access<umov>;
}
/// Sign extension needs a register wider than the lane.
Handler select_smov(Op& op) {
  if (!decode_lane(op, q_field(op) ? 2 : 1)) return nullptr;
  op.rd = target(field_rd(op));
  return q_field(op) ? with_fp_access<smov<true>> : with_fp_access<smov<false>>;
}

// ---- modified immediate: imm is the 64 bits of each half

const Op* movi(Cpu& cpu, const Op* op) {
  write_active(cpu, op, {{op->imm, op->imm}});
  return op + 1;
}
const Op* orr_immediate(Cpu& cpu, const Op* op) {
  const VectorRegister& d = cpu.v[op->rd];
  write_active(cpu, op, {{d.d[0] | op->imm, d.d[1] | op->imm}});
  return op + 1;
}
const Op* bic_immediate(Cpu& cpu, const Op* op) {
  const VectorRegister& d = cpu.v[op->rd];
  write_active(cpu, op, {{d.d[0] & ~op->imm, d.d[1] & ~op->imm}});
  return op + 1;
}

/// AdvSIMDExpandImm (Arm ARM J1), before an inversion.
u64 expand(u64 imm8, unsigned cmode, bool inverted) {
  if (cmode < 8) return replicate(imm8 << (cmode / 2 * 8), 2);
  if (cmode < 12) return replicate(imm8 << (cmode / 2 % 2 * 8), 1);
  if (cmode == 12) return replicate(imm8 << 8 | 0xFF, 2);
  if (cmode == 13) return replicate(imm8 << 16 | 0xFFFF, 2);
  if (cmode == 14) {
    if (!inverted) return replicate(imm8, 0);
    u64 result = 0;
    for (unsigned i = 0; i < 8; ++i) result |= bit_at(imm8, i) ? u64{0xFF} << (i * 8) : 0;
    return result;
  }
  const u64 sign = imm8 >> 7, high = bit<6>(imm8), low = imm8 & 63;
  if (!inverted) return replicate(sign << 31 | (high ? 0x1Fu : 0x20u) << 25 | low << 19, 2);
  return sign << 63 | u64{high ? 0xFFu : 0x100u} << 54 | low << 48;
}

Handler select_immediate(Op& op) {
  decode_registers(op);
  op.rn = op.rm = 0;
  op.extra[kActive] = q_field(op) ? 16 : 8;
  const bool inverted = bit<29>(op.insn);
  const auto cmode = static_cast<unsigned>(bits<15, 12>(op.insn));
  op.imm = expand(bits<18, 16>(op.insn) << 5 | bits<9, 5>(op.insn), cmode, inverted);
  if (cmode == 15) return inverted && !q_field(op) ? nullptr : with_fp_access<movi>;
  if (cmode < 12 && cmode % 2 == 1) return inverted ? with_fp_access<bic_immediate> : with_fp_access<orr_immediate>;
  if (inverted && cmode != 14) op.imm = ~op.imm;
  return with_fp_access<movi>;
}

Handler select_half_immediate(Op& op) {
  decode_registers(op);
  op.rn = op.rm = 0;
  op.extra[kActive] = q_field(op) ? 16 : 8;
  op.imm = replicate(fp::expand_immediate<u16>(static_cast<u32>(bits<18, 16>(op.insn) << 5 | bits<9, 5>(op.insn))), 1);
  return with_fp_access<movi>;
}

#define TW_COPY(name, head, code, select) \
  { name, head " 01110000 iiiii " code " nnnnn ddddd", Cause::FpSimd, select, kSimd, true }
#define TW_IMMEDIATE(name, u, cmode) \
  { name, "0Q " u " 0111100000 iii " cmode " 01 iiiii ddddd", Cause::FpSimd, select_immediate, kSimd, true }

constexpr Encoding kRows[] = {
    TW_COPY("DUP (element)", "0Q 0", "000001", select_dup_element),
    TW_COPY("DUP (general)", "0Q 0", "000011", select_dup_general),
    TW_COPY("SMOV", "0Q 0", "001011", select_smov),
    TW_COPY("UMOV", "0Q 0", "001111", select_umov),
    TW_COPY("INS (general)", "01 0", "000111", select_ins_general),
    TW_COPY("INS (element)", "01 1", "0jjjj1", select_ins_element),
    {"DUP (element, scalar)", "01 0 11110000 iiiii 000001 nnnnn ddddd", Cause::FpSimd, select_dup_scalar, kSimd, true},
    // ---- modified immediate
    TW_IMMEDIATE("MOVI (32-bit)", "0", "0cc0"),
    TW_IMMEDIATE("MVNI (32-bit)", "1", "0cc0"),
    TW_IMMEDIATE("ORR (vector, immediate, 32-bit)", "0", "0cc1"),
    TW_IMMEDIATE("BIC (vector, immediate, 32-bit)", "1", "0cc1"),
    TW_IMMEDIATE("MOVI (16-bit)", "0", "10c0"),
    TW_IMMEDIATE("MVNI (16-bit)", "1", "10c0"),
    TW_IMMEDIATE("ORR (vector, immediate, 16-bit)", "0", "10c1"),
    TW_IMMEDIATE("BIC (vector, immediate, 16-bit)", "1", "10c1"),
    TW_IMMEDIATE("MOVI (32-bit shifting ones)", "0", "110c"),
    TW_IMMEDIATE("MVNI (32-bit shifting ones)", "1", "110c"),
    TW_IMMEDIATE("MOVI (8-bit)", "0", "1110"),
    TW_IMMEDIATE("MOVI (64-bit)", "1", "1110"),
    TW_IMMEDIATE("FMOV (vector, immediate, single)", "0", "1111"),
    TW_IMMEDIATE("FMOV (vector, immediate, double)", "1", "1111"),
    {"FMOV (vector, immediate, half)", "0Q 0 0111100000 iii 1111 11 iiiii ddddd", Cause::FpSimd, select_half_immediate,
     Feature::Fp16, true},
};
#undef TW_IMMEDIATE
#undef TW_COPY

}  // namespace

std::span<const Encoding> simd_copy_encodings() { return kRows; }

}  // namespace tw::cpu::a64
