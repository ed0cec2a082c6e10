// The cryptographic instructions of Armv8.2 (Arm ARM C4.1 "Cryptographic three-register, imm2", "three-register SHA
// 512", "four-register", "two-register SHA 512", XAR), by the fields SHA2, SHA3, SM3 and SM4 of ID_AA64ISAR0_EL1. The
// algorithms are those of FIPS 180-4 and 202, GB/T 32905 and 32907.
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;
using Words = Lanes<u32>;

// ---- SHA-512

constexpr u64 choose(u64 x, u64 y, u64 z) { return (x & y) ^ (~x & z); }
constexpr u64 majority(u64 x, u64 y, u64 z) { return (x & y) ^ (x & z) ^ (y & z); }

const Op* sha512_h(Cpu& cpu, const Op* op) {
  const VectorRegister x = cpu.v[op->rn], y = cpu.v[op->rm];
  VectorRegister w = cpu.v[op->rd];
  const auto sigma1 = [](u64 v) { return std::rotr(v, 14) ^ std::rotr(v, 18) ^ std::rotr(v, 41); };
  w.d[1] += choose(y.d[1], x.d[0], x.d[1]) + sigma1(y.d[1]);
  const u64 t = w.d[1] + y.d[0];
  w.d[0] += choose(t, y.d[1], x.d[0]) + sigma1(t);
  cpu.v[op->rd] = w;
  return op + 1;
}

const Op* sha512_h2(Cpu& cpu, const Op* op) {
  const VectorRegister x = cpu.v[op->rn], y = cpu.v[op->rm];
  VectorRegister w = cpu.v[op->rd];
  const auto sigma0 = [](u64 v) { return std::rotr(v, 28) ^ std::rotr(v, 34) ^ std::rotr(v, 39); };
  w.d[1] += majority(x.d[0], y.d[1], y.d[0]) + sigma0(y.d[0]);
  w.d[0] += majority(w.d[1], y.d[0], y.d[1]) + sigma0(w.d[1]);
  cpu.v[op->rd] = w;
  return op + 1;
}

const Op* sha512_su0(Cpu& cpu, const Op* op) {
  const VectorRegister x = cpu.v[op->rn], w = cpu.v[op->rd];
  const auto sigma0 = [](u64 v) { return std::rotr(v, 1) ^ std::rotr(v, 8) ^ v >> 7; };
  cpu.v[op->rd] = {{w.d[0] + sigma0(w.d[1]), w.d[1] + sigma0(x.d[0])}};
  return op + 1;
}

const Op* sha512_su1(Cpu& cpu, const Op* op) {
  const VectorRegister x = cpu.v[op->rn], y = cpu.v[op->rm], w = cpu.v[op->rd];
  const auto sigma1 = [](u64 v) { return std::rotr(v, 19) ^ std::rotr(v, 61) ^ v >> 6; };
  cpu.v[op->rd] = {{w.d[0] + sigma1(x.d[0]) + y.d[0], w.d[1] + sigma1(x.d[1]) + y.d[1]}};
  return op + 1;
}

// ---- SHA-3: on both halves

/// Vd = fn(Vn, Vm, Va or the immediate) of each 64-bit lane.
template <auto fn>
const Op* halves(Cpu& cpu, const Op* op) {
  const VectorRegister n = cpu.v[op->rn], m = cpu.v[op->rm], a = cpu.v[op->ra];
  VectorRegister d;
  for (unsigned i = 0; i < 2; ++i) d.d[i] = fn(n.d[i], m.d[i], a.d[i], static_cast<int>(op->imm));
  cpu.v[op->rd] = d;
  return op + 1;
}
constexpr auto kEor3 = [](u64 n, u64 m, u64 a, int) { return n ^ m ^ a; };
constexpr auto kBcax = [](u64 n, u64 m, u64 a, int) { return n ^ (m & ~a); };
constexpr auto kRax1 = [](u64 n, u64 m, u64, int) { return n ^ std::rotl(m, 1); };
constexpr auto kXar = [](u64 n, u64 m, u64, int by) { return std::rotr(n ^ m, by); };

// ---- SM3

constexpr u32 parity(u32 x, u32 y, u32 z) { return x ^ y ^ z; }
constexpr u32 majority32(u32 x, u32 y, u32 z) { return (x & y) | (x & z) | (y & z); }
constexpr u32 choose32(u32 x, u32 y, u32 z) { return (x & y) | (~x & z); }

const Op* sm3_ss1(Cpu& cpu, const Op* op) {
  const u32 sum =
      std::rotl(lanes<u32>(cpu.v[op->rn])[3], 12) + lanes<u32>(cpu.v[op->rm])[3] + lanes<u32>(cpu.v[op->ra])[3];
  cpu.v[op->rd] = vector<u32>({0, 0, 0, std::rotl(sum, 7)});
  return op + 1;
}

/// SM3TT1A, SM3TT1B; imm: the lane of Vm.
template <u32 (*mix)(u32, u32, u32)>
const Op* sm3_tt1(Cpu& cpu, const Op* op) {
  const Words d = lanes<u32>(cpu.v[op->rd]);
  const u32 ss2 = lanes<u32>(cpu.v[op->rn])[3] ^ std::rotl(d[3], 12);
  const u32 tt1 = mix(d[1], d[2], d[3]) + d[0] + ss2 + lanes<u32>(cpu.v[op->rm])[op->imm];
  cpu.v[op->rd] = vector<u32>({d[1], std::rotl(d[2], 9), d[3], tt1});
  return op + 1;
}
template <u32 (*mix)(u32, u32, u32)>
const Op* sm3_tt2(Cpu& cpu, const Op* op) {
  const Words d = lanes<u32>(cpu.v[op->rd]);
  const u32 tt2 = mix(d[3], d[2], d[1]) + d[0] + lanes<u32>(cpu.v[op->rn])[3] + lanes<u32>(cpu.v[op->rm])[op->imm];
  cpu.v[op->rd] = vector<u32>({d[1], std::rotl(d[2], 19), d[3], tt2 ^ std::rotl(tt2, 9) ^ std::rotl(tt2, 17)});
  return op + 1;
}

const Op* sm3_partw1(Cpu& cpu, const Op* op) {
  const Words d = lanes<u32>(cpu.v[op->rd]), n = lanes<u32>(cpu.v[op->rn]), m = lanes<u32>(cpu.v[op->rm]);
  const auto p1 = [](u32 x) { return x ^ std::rotl(x, 15) ^ std::rotl(x, 23); };
  Words result;
  for (unsigned i = 0; i < 3; ++i) result[i] = p1(d[i] ^ n[i] ^ std::rotl(m[i + 1], 15));
  result[3] = p1(d[3] ^ n[3] ^ std::rotl(result[0], 15));
  cpu.v[op->rd] = vector<u32>(result);
  return op + 1;
}

const Op* sm3_partw2(Cpu& cpu, const Op* op) {
  const Words d = lanes<u32>(cpu.v[op->rd]), n = lanes<u32>(cpu.v[op->rn]), m = lanes<u32>(cpu.v[op->rm]);
  Words t, result;
  for (unsigned i = 0; i < 4; ++i) result[i] = d[i] ^ (t[i] = n[i] ^ std::rotl(m[i], 7));
  const u32 x = std::rotl(t[0], 15);
  result[3] ^= x ^ std::rotl(x, 15) ^ std::rotl(x, 23);
  cpu.v[op->rd] = vector<u32>(result);
  return op + 1;
}

// ---- SM4

constexpr std::array<u8, 256> kSm4Box = {
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05, 0x2b, 0x67, 0x9a,
    0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99, 0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef,
    0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62, 0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80,
    0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6, 0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19,
    0xe6, 0x85, 0x4f, 0xa8, 0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d,
    0x35, 0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87, 0xd4, 0x00,
    0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e, 0xea, 0xbf, 0x8a, 0xd2, 0x40,
    0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1, 0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55,
    0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3, 0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23,
    0xab, 0x0d, 0x53, 0x4e, 0x6f, 0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c,
    0x5b, 0x51, 0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8, 0x0a,
    0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0, 0x89, 0x69, 0x97, 0x4a,
    0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84, 0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d,
    0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48};

constexpr u32 sm4_substitute(u32 x) {
  u32 result = 0;
  for (unsigned at = 0; at < 32; at += 8) result |= u32{kSm4Box[(x >> at) & 0xFF]} << at;
  return result;
}

/// Four rounds on `state` with the round keys `keys`, and the linear map of encryption or of the key schedule.
template <class Linear>
Words sm4_rounds(Words state, const Words& keys, Linear linear) {
  for (const u32 key : keys) {
    const u32 t = linear(sm4_substitute(state[1] ^ state[2] ^ state[3] ^ key));
    state = {state[1], state[2], state[3], state[0] ^ t};
  }
  return state;
}

const Op* sm4_e(Cpu& cpu, const Op* op) {
  cpu.v[op->rd] = vector<u32>(sm4_rounds(lanes<u32>(cpu.v[op->rd]), lanes<u32>(cpu.v[op->rn]), [](u32 x) {
    return x ^ std::rotl(x, 2) ^ std::rotl(x, 10) ^ std::rotl(x, 18) ^ std::rotl(x, 24);
  }));
  return op + 1;
}
const Op* sm4_ekey(Cpu& cpu, const Op* op) {
  cpu.v[op->rd] = vector<u32>(sm4_rounds(lanes<u32>(cpu.v[op->rn]), lanes<u32>(cpu.v[op->rm]),
                                         [](u32 x) { return x ^ std::rotl(x, 13) ^ std::rotl(x, 23); }));
  return op + 1;
}

/// Registers, Ra, and an immediate where the encoding has one.
template <Handler body, unsigned Hi = 0, unsigned Lo = 1>
Handler registers(Op& op) {
  decode_registers(op);
  op.ra = static_cast<u8>(field_ra(op));
  if constexpr (Hi >= Lo) op.imm = bits<Hi, Lo>(op.insn);
  return with_fp_access<body>;
}

#define TW_ROW(name, pattern, feature, ...) \
  { name, pattern " nnnnn ddddd", Cause::FpSimd, registers<__VA_ARGS__>, Feature::feature, true }

constexpr Encoding kRows[] = {
    TW_ROW("SHA512H", "11001110 011 mmmmm 100000", Sha512, sha512_h),
    TW_ROW("SHA512H2", "11001110 011 mmmmm 100001", Sha512, sha512_h2),
    TW_ROW("SHA512SU1", "11001110 011 mmmmm 100010", Sha512, sha512_su1),
    TW_ROW("SHA512SU0", "11001110 110 00000 100000", Sha512, sha512_su0),
    TW_ROW("RAX1", "11001110 011 mmmmm 100011", Sha3, halves<kRax1>),
    TW_ROW("EOR3", "11001110 000 mmmmm 0 aaaaa", Sha3, halves<kEor3>),
    TW_ROW("BCAX", "11001110 001 mmmmm 0 aaaaa", Sha3, halves<kBcax>),
    TW_ROW("XAR", "11001110 100 mmmmm iiiiii", Sha3, halves<kXar>, 15, 10),
    TW_ROW("SM3SS1", "11001110 010 mmmmm 0 aaaaa", Sm3, sm3_ss1),
    TW_ROW("SM3TT1A", "11001110 010 mmmmm 10 ii 00", Sm3, sm3_tt1<parity>, 13, 12),
    TW_ROW("SM3TT1B", "11001110 010 mmmmm 10 ii 01", Sm3, sm3_tt1<majority32>, 13, 12),
    TW_ROW("SM3TT2A", "11001110 010 mmmmm 10 ii 10", Sm3, sm3_tt2<parity>, 13, 12),
    TW_ROW("SM3TT2B", "11001110 010 mmmmm 10 ii 11", Sm3, sm3_tt2<choose32>, 13, 12),
    TW_ROW("SM3PARTW1", "11001110 011 mmmmm 110000", Sm3, sm3_partw1),
    TW_ROW("SM3PARTW2", "11001110 011 mmmmm 110001", Sm3, sm3_partw2),
    TW_ROW("SM4E", "11001110 110 00000 100001", Sm4, sm4_e),
    TW_ROW("SM4EKEY", "11001110 011 mmmmm 110010", Sm4, sm4_ekey),
};
#undef TW_ROW

}  // namespace

std::span<const Encoding> simd_crypto_later_encodings() { return kRows; }

}  // namespace tw::cpu::a64
