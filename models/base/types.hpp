// Strong types shared by every block. Mixing a VA, an IPA and a PA is this field's bug; here it does not compile.
#pragma once

#include <compare>
#include <cstdint>

namespace tw {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

/// An address in one address space. Offsets are plain integers; two address spaces never mix.
template <class Space>
struct Address {
  u64 value = 0;
  constexpr Address() = default;
  constexpr explicit Address(u64 v) : value(v) {}
  constexpr auto operator<=>(const Address&) const = default;
  constexpr Address operator+(u64 offset) const { return Address{value + offset}; }
  constexpr u64 operator-(Address other) const { return value - other.value; }
  constexpr Address align_down(u64 power_of_two) const { return Address{value & ~(power_of_two - 1)}; }
  constexpr u64 offset_in(u64 power_of_two) const { return value & (power_of_two - 1); }
};

using Va = Address<struct VaSpace>;      ///< virtual address, before stage 1
using Ipa = Address<struct IpaSpace>;    ///< intermediate physical address, between stage 1 and stage 2
using Pa = Address<struct PaSpace>;      ///< physical address, on the interconnect
using Iova = Address<struct IovaSpace>;  ///< what a DMA master puts on its bus; a Pa where there is no SMMU

/// A number that is only comparable with its own kind.
template <class Tag, class Rep>
struct Identifier {
  Rep value = 0;
  constexpr Identifier() = default;
  constexpr explicit Identifier(Rep v) : value(v) {}
  constexpr auto operator<=>(const Identifier&) const = default;
};

using Vmid = Identifier<struct VmidTag, u16>;
using Asid = Identifier<struct AsidTag, u16>;
using StreamId = Identifier<struct StreamIdTag, u32>;

/// A duration or a point in a core's time, in that core's clock cycles.
struct Cycles {
  u64 value = 0;
  constexpr Cycles() = default;
  constexpr explicit Cycles(u64 v) : value(v) {}
  constexpr auto operator<=>(const Cycles&) const = default;
  constexpr Cycles operator+(Cycles o) const { return Cycles{value + o.value}; }
  constexpr Cycles operator-(Cycles o) const { return Cycles{value - o.value}; }
  constexpr Cycles& operator+=(Cycles o) {
    value += o.value;
    return *this;
  }
};

/// Exception level.
enum class El : u8 { El0 = 0, El1 = 1, El2 = 2, El3 = 3 };
constexpr unsigned index(El el) { return static_cast<unsigned>(el); }

/// Security state of an access or of a translation.
enum class Security : u8 { NonSecure = 0, Secure = 1 };

}  // namespace tw
