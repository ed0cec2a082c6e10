// Advanced SIMD permutations (Arm ARM C4.1 "permute", "extract", "table lookup", and REV of "two-register
// miscellaneous").
#include <cstring>

#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

template <class T>
unsigned lane_count(const Op* op) {
  return op->extra[kActive] / static_cast<unsigned>(sizeof(T));
}

// Of ZIP, UZP and TRN: lane i of the result, from the lanes of Vn (0 to count - 1) and Vm (count and on).
constexpr auto kZip = [](unsigned i, unsigned count, unsigned part) {
  return i / 2 + part * count / 2 + i % 2 * count;
};
constexpr auto kUzp = [](unsigned i, unsigned, unsigned part) { return 2 * i + part; };
constexpr auto kTrn = [](unsigned i, unsigned count, unsigned part) { return i / 2 * 2 + part + i % 2 * count; };

/// `fn` with part 0 or 1, in extra[kHigh].
template <auto fn, class T>
struct Permute {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<T>(cpu.v[op->rn]), m = lanes<T>(cpu.v[op->rm]);
    const unsigned count = lane_count<T>(op);
    Lanes<T> d{};
    for (unsigned i = 0; i < count; ++i) {
      const unsigned from = fn(i, count, op->extra[kHigh]);
      d[i] = from < count ? n[from] : m[from - count];
    }
    cpu.v[op->rd] = vector<T>(d);
    return op + 1;
  }
};

template <auto fn, unsigned part>
Handler permute(Op& op) {
  op.extra[kHigh] = part;
  return by_size<Permute, fn, U8To64>(op);
}

/// Lanes of T in reverse order within containers of `container` bytes.
template <auto container, class T>
struct Reverse {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<T>(cpu.v[op->rn]);
    constexpr unsigned last = container / sizeof(T) - 1;
    Lanes<T> d{};
    for (unsigned i = 0; i < kLanes<T>; ++i) d[i] = n[i ^ last];
    write_active(cpu, op, vector<T>(d));
    return op + 1;
  }
};
using U8To16 = Types<u8, u16, void, void>;

const Op* extract(Cpu& cpu, const Op* op) {
  const unsigned size = op->extra[kActive];
  u8 bytes[32];
  std::memcpy(bytes, cpu.v[op->rn].d, size);
  std::memcpy(bytes + size, cpu.v[op->rm].d, size);
  VectorRegister d;
  std::memcpy(d.d, bytes + op->imm, size);
  cpu.v[op->rd] = d;
  return op + 1;
}

Handler select_extract(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  op.imm = bits<14, 11>(op.insn);
  return op.imm >= op.extra[kActive] ? nullptr : with_fp_access<extract>;
}

/// TBL and TBX: imm registers from Vn on; an index beyond them gives zero, or keeps the byte.
template <bool keeps>
const Op* look_up(Cpu& cpu, const Op* op) {
  const auto indices = lanes<u8>(cpu.v[op->rm]);
  auto d = lanes<u8>(cpu.v[op->rd]);
  for (u8& byte : d) {
    const u8 index = indices[static_cast<std::size_t>(&byte - d.data())];
    if (index < op->imm * 16) {
      byte = lanes<u8>(cpu.v[(op->rn + index / 16u) % 32])[index % 16u];
      continue;
    }
    if constexpr (!keeps) byte = 0;
  }
  write_active(cpu, op, vector<u8>(d));
  return op + 1;
}

template <bool keeps>
Handler select_look_up(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  op.imm = bits<14, 13>(op.insn) + 1;
  return with_fp_access<look_up<keeps>>;
}

#define TW_PERMUTE(name, opcode, fn, part) \
  { name, "0Q 001110 zz 0 mmmmm 0 " opcode " 10 nnnnn ddddd", Cause::FpSimd, permute<fn, part>, kSimd, true }
#define TW_REVERSE(name, u, opcode, container, list)                                      \
  {                                                                                       \
    name " (vector)", "0Q " u " 01110 zz 10000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, \
        by_size<Reverse, container, list>, kSimd, true                                    \
  }

constexpr Encoding kRows[] = {
    TW_PERMUTE("UZP1", "001", kUzp, 0),
    TW_PERMUTE("TRN1", "010", kTrn, 0),
    TW_PERMUTE("ZIP1", "011", kZip, 0),
    TW_PERMUTE("UZP2", "101", kUzp, 1),
    TW_PERMUTE("TRN2", "110", kTrn, 1),
    TW_PERMUTE("ZIP2", "111", kZip, 1),
    {"EXT", "0Q 101110 00 0 mmmmm 0 iiii 0 nnnnn ddddd", Cause::FpSimd, select_extract, kSimd, true},
    {"TBL", "0Q 001110 00 0 mmmmm 0 ll 0 00 nnnnn ddddd", Cause::FpSimd, select_look_up<false>, kSimd, true},
    {"TBX", "0Q 001110 00 0 mmmmm 0 ll 1 00 nnnnn ddddd", Cause::FpSimd, select_look_up<true>, kSimd, true},
    TW_REVERSE("REV64", "0", "00000", 8u, U8To32),
    TW_REVERSE("REV32", "1", "00000", 4u, U8To16),
    TW_REVERSE("REV16", "0", "00001", 2u, U8Only),
};
#undef TW_REVERSE
#undef TW_PERMUTE

}  // namespace

std::span<const Encoding> simd_permute_encodings() { return kRows; }

}  // namespace tw::cpu::a64
