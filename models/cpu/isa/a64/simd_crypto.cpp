// The cryptographic instructions (Arm ARM C4.1 "Cryptographic AES", "three-register SHA", "two-register SHA", and PMULL
// of 64 bits), by the fields AES, SHA1 and SHA2 of ID_AA64ISAR0_EL1. The ciphers are those of FIPS 197 and 180-4.
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;
using Bytes = Lanes<u8>;
using Words = Lanes<u32>;

// ---- AES. Byte i of the register is row i % 4 of column i / 4.

/// In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1.
constexpr u8 multiply(unsigned a, unsigned b) {
  unsigned result = 0;
  for (; b != 0; b >>= 1) {
    if (b & 1) result ^= a;
    a = (a << 1) ^ (a & 0x80 ? 0x11B : 0);
  }
  return static_cast<u8>(result);
}

struct Boxes {
  std::array<u8, 256> forward{}, inverse{};
};
constexpr Boxes make_boxes() {
  Boxes boxes;
  for (unsigned x = 0; x < 256; ++x) {
    u8 reciprocal = 1;  // x^254, which is zero for zero
    for (unsigned i = 0; i < 254; ++i) reciprocal = multiply(reciprocal, x);
    u8 value = 0x63;
    for (int i = 0; i < 5; ++i) value ^= std::rotl(reciprocal, i);
    boxes.forward[x] = value;
    boxes.inverse[value] = static_cast<u8>(x);
  }
  return boxes;
}

const Boxes& boxes() {
  static const Boxes kBoxes = make_boxes();
  return kBoxes;
}

/// AddRoundKey, ShiftRows and SubBytes, or their inverses.
template <bool inverse>
const Op* aes_round(Cpu& cpu, const Op* op) {
  const VectorRegister &key = cpu.v[op->rn], &state = cpu.v[op->rd];
  const Bytes in = lanes<u8>({{state.d[0] ^ key.d[0], state.d[1] ^ key.d[1]}});
  const auto& box = inverse ? boxes().inverse : boxes().forward;
  Bytes out;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned row = i % 4, column = i / 4;
    out[i] = box[in[row + 4 * ((inverse ? column - row : column + row) % 4)]];
  }
  cpu.v[op->rd] = vector<u8>(out);
  return op + 1;
}

template <bool inverse>
const Op* aes_mix_columns(Cpu& cpu, const Op* op) {
  constexpr std::array<u8, 4> kFactors = inverse ? std::array<u8, 4>{14, 11, 13, 9} : std::array<u8, 4>{2, 3, 1, 1};
  const Bytes in = lanes<u8>(cpu.v[op->rn]);
  Bytes out{};
  for (unsigned i = 0; i < 16; ++i) {
    for (unsigned j = 0; j < 4; ++j) out[i] ^= multiply(in[i / 4 * 4 + (i + j) % 4], kFactors[j]);
  }
  cpu.v[op->rd] = vector<u8>(out);
  return op + 1;
}

// ---- SHA

constexpr u32 choose(u32 x, u32 y, u32 z) { return (x & y) | (~x & z); }
constexpr u32 parity(u32 x, u32 y, u32 z) { return x ^ y ^ z; }
constexpr u32 majority(u32 x, u32 y, u32 z) { return (x & y) | (x & z) | (y & z); }

template <u32 (*mix)(u32, u32, u32)>
const Op* sha1_rounds(Cpu& cpu, const Op* op) {
  Words x = lanes<u32>(cpu.v[op->rd]);
  u32 e = lanes<u32>(cpu.v[op->rn])[0];
  const Words w = lanes<u32>(cpu.v[op->rm]);
  for (const u32 word : w) {
    const u32 a = e + std::rotl(x[0], 5) + mix(x[1], x[2], x[3]) + word;
    e = x[3];
    x = {a, x[0], std::rotl(x[1], 30), x[2]};
  }
  cpu.v[op->rd] = vector<u32>(x);
  return op + 1;
}

const Op* sha1_h(Cpu& cpu, const Op* op) {
  cpu.v[op->rd] = vector<u32>({std::rotl(lanes<u32>(cpu.v[op->rn])[0], 30), 0, 0, 0});
  return op + 1;
}

const Op* sha1_su0(Cpu& cpu, const Op* op) {
  const VectorRegister d = cpu.v[op->rd], n = cpu.v[op->rn], m = cpu.v[op->rm];
  cpu.v[op->rd] = {{d.d[1] ^ d.d[0] ^ m.d[0], n.d[0] ^ d.d[1] ^ m.d[1]}};
  return op + 1;
}

const Op* sha1_su1(Cpu& cpu, const Op* op) {
  const Words d = lanes<u32>(cpu.v[op->rd]), n = lanes<u32>(cpu.v[op->rn]);
  const Words t = {d[0] ^ n[1], d[1] ^ n[2], d[2] ^ n[3], d[3]};
  cpu.v[op->rd] = vector<u32>(
      {std::rotl(t[0], 1), std::rotl(t[1], 1), std::rotl(t[2], 1), std::rotl(t[3], 1) ^ std::rotl(t[0], 2)});
  return op + 1;
}

/// Four rounds on abcd and efgh. The first part of the hash is abcd, the second efgh.
template <bool first_part>
const Op* sha256_rounds(Cpu& cpu, const Op* op) {
  Words x = lanes<u32>(cpu.v[first_part ? op->rd : op->rn]);
  Words y = lanes<u32>(cpu.v[first_part ? op->rn : op->rd]);
  const Words w = lanes<u32>(cpu.v[op->rm]);
  for (const u32 word : w) {
    const u32 sigma1 = std::rotr(y[0], 6) ^ std::rotr(y[0], 11) ^ std::rotr(y[0], 25);
    const u32 sigma0 = std::rotr(x[0], 2) ^ std::rotr(x[0], 13) ^ std::rotr(x[0], 22);
    const u32 t = y[3] + sigma1 + choose(y[0], y[1], y[2]) + word;
    const u32 e = x[3] + t, a = t + sigma0 + majority(x[0], x[1], x[2]);
    x = {a, x[0], x[1], x[2]};
    y = {e, y[0], y[1], y[2]};
  }
  cpu.v[op->rd] = vector<u32>(first_part ? x : y);
  return op + 1;
}

const Op* sha256_su0(Cpu& cpu, const Op* op) {
  Words d = lanes<u32>(cpu.v[op->rd]);
  const Words t = {d[1], d[2], d[3], lanes<u32>(cpu.v[op->rn])[0]};
  for (unsigned i = 0; i < 4; ++i) d[i] += std::rotr(t[i], 7) ^ std::rotr(t[i], 18) ^ t[i] >> 3;
  cpu.v[op->rd] = vector<u32>(d);
  return op + 1;
}

const Op* sha256_su1(Cpu& cpu, const Op* op) {
  Words d = lanes<u32>(cpu.v[op->rd]);
  const Words n = lanes<u32>(cpu.v[op->rn]), m = lanes<u32>(cpu.v[op->rm]);
  const Words t = {n[1], n[2], n[3], m[0]};
  for (unsigned i = 0; i < 4; ++i) {
    const u32 word = i < 2 ? m[i + 2] : d[i - 2];
    d[i] += t[i] + (std::rotr(word, 17) ^ std::rotr(word, 19) ^ word >> 10);
  }
  cpu.v[op->rd] = vector<u32>(d);
  return op + 1;
}

// ---- PMULL, PMULL2 of 64 bits

const Op* polynomial_long(Cpu& cpu, const Op* op) {
  const u64 n = cpu.v[op->rn].d[op->extra[kHigh]], m = cpu.v[op->rm].d[op->extra[kHigh]];
  VectorRegister d;
  for (unsigned i = 0; i < 64; ++i) {
    if (!bit_at(m, i)) continue;
    d.d[0] ^= n << i;
    if (i != 0) d.d[1] ^= n >> (64 - i);
  }
  cpu.v[op->rd] = d;
  return op + 1;
}

template <Handler body>
Handler registers(Op& op) {
  decode_registers(op);
  op.extra[kHigh] = q_field(op);
  return with_fp_access<body>;
}

#define TW_AES(name, opcode, body) \
  { name, "01001110 00 10100 " opcode " 10 nnnnn ddddd", Cause::FpSimd, registers<body>, Feature::Aes, true }
#define TW_SHA3(name, opcode, body, feature) \
  { name, "01011110 00 0 mmmmm 0 " opcode " 00 nnnnn ddddd", Cause::FpSimd, registers<body>, feature, true }
#define TW_SHA2(name, opcode, body, feature) \
  { name, "01011110 00 10100 " opcode " 10 nnnnn ddddd", Cause::FpSimd, registers<body>, feature, true }

constexpr Encoding kRows[] = {
    TW_AES("AESE", "00100", aes_round<false>),
    TW_AES("AESD", "00101", aes_round<true>),
    TW_AES("AESMC", "00110", aes_mix_columns<false>),
    TW_AES("AESIMC", "00111", aes_mix_columns<true>),
    TW_SHA3("SHA1C", "000", sha1_rounds<choose>, Feature::Sha1),
    TW_SHA3("SHA1P", "001", sha1_rounds<parity>, Feature::Sha1),
    TW_SHA3("SHA1M", "010", sha1_rounds<majority>, Feature::Sha1),
    TW_SHA3("SHA1SU0", "011", sha1_su0, Feature::Sha1),
    TW_SHA3("SHA256H", "100", sha256_rounds<true>, Feature::Sha256),
    TW_SHA3("SHA256H2", "101", sha256_rounds<false>, Feature::Sha256),
    TW_SHA3("SHA256SU1", "110", sha256_su1, Feature::Sha256),
    TW_SHA2("SHA1H", "00000", sha1_h, Feature::Sha1),
    TW_SHA2("SHA1SU1", "00001", sha1_su1, Feature::Sha1),
    TW_SHA2("SHA256SU0", "00010", sha256_su0, Feature::Sha256),
    {"PMULL, PMULL2 (64-bit)", "0Q 0 01110 11 1 mmmmm 1110 00 nnnnn ddddd", Cause::FpSimd, registers<polynomial_long>,
     Feature::Pmull, true},
};
#undef TW_SHA2
#undef TW_SHA3
#undef TW_AES

}  // namespace

std::span<const Encoding> simd_crypto_encodings() { return kRows; }

}  // namespace tw::cpu::a64
