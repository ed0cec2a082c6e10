// UDIV, SDIV, LSLV, LSRV, ASRV, RORV, CRC32 and CRC32C.
#include <array>
#include <limits>

#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

/// Division by zero gives zero; it does not trap (Arm ARM C6.2, UDIV and SDIV).
struct Udiv {
  template <class T>
  static T apply(T a, T b) {
    return b == 0 ? T{0} : static_cast<T>(a / b);
  }
};
struct Sdiv {
  template <class T>
  static T apply(T a, T b) {
    using Signed = std::make_signed_t<T>;
    if (b == 0) return 0;
    if (b == std::numeric_limits<T>::max()) return static_cast<T>(~a + 1);  // by -1: the minimum gives itself
    return static_cast<T>(static_cast<Signed>(a) / static_cast<Signed>(b));
  }
};
template <Shift kind>
struct ShiftBy {
  template <class T>
  static T apply(T a, T b) {
    return shifted<T, kind>(a, static_cast<unsigned>(b % kWidth<T>));
  }
};

template <class T, class Operation>
const Op* two_source(Cpu& cpu, const Op* op) {
  write<T>(cpu, op->rd, Operation::apply(read<T>(cpu, op->rn), read<T>(cpu, op->rm)));
  return op + 1;
}

void decode_registers(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source(field_rn(op));
  op.rm = source(field_rm(op));
}

template <class Operation>
Handler select(Op& op) {
  decode_registers(op);
  return is_64bit(op) ? two_source<u64, Operation> : two_source<u32, Operation>;
}

// CRC32 and CRC32C work on bit-reversed data and accumulator, so the reflected byte-wise algorithm is exact: the
// polynomials 0x04C11DB7 and 0x1EDC6F41, reversed. No inversion before or after.
constexpr u32 kCrc32 = 0xEDB88320;
constexpr u32 kCrc32c = 0x82F63B78;

template <u32 polynomial>
constexpr std::array<u32, 256> crc_table() {
  std::array<u32, 256> table{};
  for (u32 byte = 0; byte < 256; ++byte) {
    u32 crc = byte;
    for (unsigned i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) ? polynomial : 0);
    table[byte] = crc;
  }
  return table;
}

template <u32 polynomial, class Data>
const Op* crc(Cpu& cpu, const Op* op) {
  static constexpr std::array<u32, 256> kTable = crc_table<polynomial>();
  u32 accumulator = read<u32>(cpu, op->rn);
  u64 data = read<Data>(cpu, op->rm);
  for (unsigned i = 0; i < sizeof(Data); ++i, data >>= 8) {
    accumulator = (accumulator >> 8) ^ kTable[(accumulator ^ data) & 0xFF];
  }
  write<u32>(cpu, op->rd, accumulator);
  return op + 1;
}

template <u32 polynomial, class Data>
Handler select_crc(Op& op) {
  decode_registers(op);
  return crc<polynomial, Data>;
}

constexpr auto kInteger = cost::Cause::Integer;

constexpr Encoding kEncodings[] = {
    {"UDIV", "s00 11010110 mmmmm 000010 nnnnn ddddd", cost::Cause::Divide, select<Udiv>},
    {"SDIV", "s00 11010110 mmmmm 000011 nnnnn ddddd", cost::Cause::Divide, select<Sdiv>},
    {"LSLV", "s00 11010110 mmmmm 001000 nnnnn ddddd", kInteger, select<ShiftBy<Shift::Lsl>>},
    {"LSRV", "s00 11010110 mmmmm 001001 nnnnn ddddd", kInteger, select<ShiftBy<Shift::Lsr>>},
    {"ASRV", "s00 11010110 mmmmm 001010 nnnnn ddddd", kInteger, select<ShiftBy<Shift::Asr>>},
    {"RORV", "s00 11010110 mmmmm 001011 nnnnn ddddd", kInteger, select<ShiftBy<Shift::Ror>>},

    {"CRC32B", "000 11010110 mmmmm 010000 nnnnn ddddd", kInteger, select_crc<kCrc32, u8>, Feature::Crc32},
    {"CRC32H", "000 11010110 mmmmm 010001 nnnnn ddddd", kInteger, select_crc<kCrc32, u16>, Feature::Crc32},
    {"CRC32W", "000 11010110 mmmmm 010010 nnnnn ddddd", kInteger, select_crc<kCrc32, u32>, Feature::Crc32},
    {"CRC32X", "100 11010110 mmmmm 010011 nnnnn ddddd", kInteger, select_crc<kCrc32, u64>, Feature::Crc32},
    {"CRC32CB", "000 11010110 mmmmm 010100 nnnnn ddddd", kInteger, select_crc<kCrc32c, u8>, Feature::Crc32},
    {"CRC32CH", "000 11010110 mmmmm 010101 nnnnn ddddd", kInteger, select_crc<kCrc32c, u16>, Feature::Crc32},
    {"CRC32CW", "000 11010110 mmmmm 010110 nnnnn ddddd", kInteger, select_crc<kCrc32c, u32>, Feature::Crc32},
    {"CRC32CX", "100 11010110 mmmmm 010111 nnnnn ddddd", kInteger, select_crc<kCrc32c, u64>, Feature::Crc32},
};

}  // namespace

std::span<const Encoding> two_source_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
