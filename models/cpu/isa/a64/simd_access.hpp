// Memory accesses of 1 to 16 bytes between memory and V registers.
#pragma once

#include "cpu/isa/a64/loads_stores_access.hpp"

namespace tw::cpu::a64 {

/// The unsigned type of `Bytes` bytes, up to 8.
template <unsigned Bytes>
struct UnsignedOf;
template <>
struct UnsignedOf<1> {
  using Type = u8;
};
template <>
struct UnsignedOf<2> {
  using Type = u16;
};
template <>
struct UnsignedOf<4> {
  using Type = u32;
};
template <>
struct UnsignedOf<8> {
  using Type = u64;
};

/// Loads a register of 1, 2, 4, 8 or 16 bytes, zero-extended. 16 bytes are two accesses of 8 that are aligned or not as
/// a whole (Arm ARM B2.2.1: no single-copy atomicity beyond 8 bytes in Armv8.0).
template <unsigned Bytes>
[[nodiscard]] inline bool load_vector(Cpu& cpu, const Op* op, u64 va, VectorRegister& value) {
  if constexpr (Bytes == 16) {
    const HostEntry& entry = host_entry(cpu, va);
    if (entry.read_tag == ((va + 15) & ~u64{0xFFF})) [[likely]] {
      std::memcpy(value.d, reinterpret_cast<const void*>(va + entry.addend), 16);
      return true;
    }
    const AccessFlags flags{.misaligned = !is_aligned(va, 16)};
    return load<u64>(cpu, op, va, value.d[0], flags) && load<u64>(cpu, op, va + 8, value.d[1], flags);
  } else {
    typename UnsignedOf<Bytes>::Type low;
    if (!load(cpu, op, va, low)) return false;
    value = {{low, 0}};
    return true;
  }
}

/// When the second half of 16 bytes faults, the first is already in memory (as with store_pair).
template <unsigned Bytes>
[[nodiscard]] inline bool store_vector(Cpu& cpu, const Op* op, u64 va, const VectorRegister& value) {
  if constexpr (Bytes == 16) {
    const HostEntry& entry = host_entry(cpu, va);
    if (entry.write_tag == ((va + 15) & ~u64{0xFFF})) [[likely]] {
      std::memcpy(reinterpret_cast<void*>(va + entry.addend), value.d, 16);
      return true;
    }
    const AccessFlags flags{.misaligned = !is_aligned(va, 16)};
    return store<u64>(cpu, op, va, value.d[0], flags) && store<u64>(cpu, op, va + 8, value.d[1], flags);
  } else {
    return store(cpu, op, va, static_cast<typename UnsignedOf<Bytes>::Type>(value.d[0]));
  }
}

}  // namespace tw::cpu::a64
