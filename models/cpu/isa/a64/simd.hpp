// What the Advanced SIMD groups share: registers as lanes, the active part of a register, element types by the size
// field, and the shapes of instructions: a row is an operation in a shape, over a list of types.
#pragma once

#include <array>
#include <bit>
#include <type_traits>

#include "base/bits.hpp"
#include "cpu/isa/a64/fp_simd_access.hpp"
#include "cpu/isa/a64/operands.hpp"
#include "cpu/isa/encoding.hpp"

namespace tw::cpu::a64 {

inline constexpr auto kSimd = Feature::FpSimd;

template <class T>
inline constexpr unsigned kLanes = 16 / sizeof(T);
template <class T>
using Lanes = std::array<T, kLanes<T>>;

template <class T>
Lanes<T> lanes(const VectorRegister& reg) {
  return std::bit_cast<Lanes<T>>(reg);
}
template <class T>
VectorRegister vector(const Lanes<T>& values) {
  return std::bit_cast<VectorRegister>(values);
}

/// Twice and half as wide, same signedness.
template <class T>
struct WiderOf;
template <class T>
struct NarrowerOf;
#define TW_WIDER(narrow, wide) \
  template <>                  \
  struct WiderOf<narrow> {     \
    using Type = wide;         \
  };                           \
  template <>                  \
  struct NarrowerOf<wide> {    \
    using Type = narrow;       \
  };
TW_WIDER(u8, u16)
TW_WIDER(u16, u32)
TW_WIDER(u32, u64)
TW_WIDER(i8, i16)
TW_WIDER(i16, i32)
TW_WIDER(i32, i64)
#undef TW_WIDER
template <class T>
using Wider = typename WiderOf<T>::Type;
template <class T>
using Narrower = typename NarrowerOf<T>::Type;

/// FPSR.QC, gathered over the lanes.
struct Saturation {
  bool happened = false;
};
void set_qc(Cpu& cpu);
inline void record(Cpu& cpu, const Saturation& saturation) {
  if (saturation.happened) set_qc(cpu);
}

// ---- op fields of all shapes: rd, rn, rm are V registers. extra:
inline constexpr unsigned kActive = 0;  ///< bytes of the operands in use: 16, 8, or one lane of a scalar form
inline constexpr unsigned kIndex = 1;   ///< lane of a by-element operand
inline constexpr unsigned kHigh = 2;    ///< widening and narrowing: the upper half of the narrow registers ("2" forms)

/// `reg` with the inactive bytes zero. Operations on lanes of zeros neither saturate nor show in the result, so that
/// the shapes compute all lanes.
inline VectorRegister active(const VectorRegister& reg, const Op* op) {
  const unsigned bytes = op->extra[kActive];
  return {{reg.d[0] & low_mask(bytes * 8), bytes == 16 ? reg.d[1] : 0}};
}
inline void write_active(Cpu& cpu, const Op* op, const VectorRegister& value) { cpu.v[op->rd] = active(value, op); }

/// Lane `index` of `reg` in all lanes.
template <class T>
Lanes<T> broadcast(const VectorRegister& reg, unsigned index) {
  Lanes<T> result;
  result.fill(lanes<T>(reg)[index]);
  return result;
}

/// The 64 bits of a narrow operand, in the lanes of the lower half.
inline VectorRegister half(const VectorRegister& reg, const Op* op) { return {{reg.d[op->extra[kHigh]], 0}}; }

// ---- shapes. An operation is a lambda of (n, m, d, saturation), as many of them as it needs, and `auto&&...`.

/// Vd.T = fn(Vn.T, Vm.T, Vd.T).
template <auto fn, class T>
struct Same {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<T>(active(cpu.v[op->rn], op)), m = lanes<T>(active(cpu.v[op->rm], op));
    auto d = lanes<T>(active(cpu.v[op->rd], op));
    Saturation saturation;
    for (unsigned i = 0; i < kLanes<T>; ++i) d[i] = static_cast<T>(fn(n[i], m[i], d[i], saturation));
    write_active(cpu, op, vector<T>(d));
    record(cpu, saturation);
    return op + 1;
  }
};

/// Vd.T = fn(Vn.T, Vm.T[index], Vd.T).
template <auto fn, class T>
struct Element {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<T>(active(cpu.v[op->rn], op));
    const T m = lanes<T>(cpu.v[op->rm])[op->extra[kIndex]];
    auto d = lanes<T>(active(cpu.v[op->rd], op));
    Saturation saturation;
    for (unsigned i = 0; i < kLanes<T>; ++i) d[i] = static_cast<T>(fn(n[i], m, d[i], saturation));
    write_active(cpu, op, vector<T>(d));
    record(cpu, saturation);
    return op + 1;
  }
};

/// Vd.T = fn(Vn.T, -, Vd.T).
template <auto fn, class T>
struct Unary {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<T>(active(cpu.v[op->rn], op));
    auto d = lanes<T>(active(cpu.v[op->rd], op));
    Saturation saturation;
    for (unsigned i = 0; i < kLanes<T>; ++i) d[i] = static_cast<T>(fn(n[i], T{0}, d[i], saturation));
    write_active(cpu, op, vector<T>(d));
    record(cpu, saturation);
    return op + 1;
  }
};

/// Vd.T = fn(Vn.T, immediate, Vd.T): shifts by immediate.
template <auto fn, class T>
struct Immediate {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<T>(active(cpu.v[op->rn], op));
    auto d = lanes<T>(active(cpu.v[op->rd], op));
    const int amount = static_cast<int>(op->imm);
    Saturation saturation;
    for (unsigned i = 0; i < kLanes<T>; ++i) d[i] = static_cast<T>(fn(n[i], amount, d[i], saturation));
    write_active(cpu, op, vector<T>(d));
    record(cpu, saturation);
    return op + 1;
  }
};

/// Where a widening shape's second operand comes from.
enum class Second : u8 { Vector, Element, Wide, Amount, None };

/// Vd.2T = fn(Vn.T, Vm.T, Vd.2T), the narrow operands widened first. With Second::Wide, Vn is as wide as Vd.
template <auto fn, class T, Second second>
const Op* widen(Cpu& cpu, const Op* op) {
  using W = Wider<T>;
  // A scalar form has one narrow lane and one wide one.
  const bool scalar = op->extra[kActive] < 8;
  const auto part = [&](u8 reg) {
    VectorRegister value = half(cpu.v[reg], op);
    if (scalar) value.d[0] &= low_mask(sizeof(T) * 8);
    return lanes<T>(value);
  };
  Lanes<W> d = lanes<W>(cpu.v[op->rd]), wide_n{};
  Lanes<T> n{}, m{};
  if constexpr (second == Second::Wide) {
    wide_n = lanes<W>(cpu.v[op->rn]);
    m = part(op->rm);
  } else {
    n = part(op->rn);
    if constexpr (second == Second::Vector) m = part(op->rm);
    if constexpr (second == Second::Element) m = broadcast<T>(cpu.v[op->rm], op->extra[kIndex]);
  }
  Saturation saturation;
  const unsigned count = scalar ? 1 : kLanes<W>;
  for (unsigned i = 0; i < count; ++i) {
    const W a = second == Second::Wide ? wide_n[i] : W{n[i]};
    const W b = second == Second::Amount ? static_cast<W>(op->imm) : W{m[i]};
    d[i] = static_cast<W>(fn(a, b, d[i], saturation));
  }
  for (unsigned i = count; i < kLanes<W>; ++i) d[i] = 0;
  cpu.v[op->rd] = vector<W>(d);
  record(cpu, saturation);
  return op + 1;
}
template <auto fn, class T>
struct Widen {
  static const Op* run(Cpu& cpu, const Op* op) { return widen<fn, T, Second::Vector>(cpu, op); }
};
template <auto fn, class T>
struct WidenElement {
  static const Op* run(Cpu& cpu, const Op* op) { return widen<fn, T, Second::Element>(cpu, op); }
};
template <auto fn, class T>
struct WidenSecond {
  static const Op* run(Cpu& cpu, const Op* op) { return widen<fn, T, Second::Wide>(cpu, op); }
};
template <auto fn, class T>
struct WidenShift {
  static const Op* run(Cpu& cpu, const Op* op) { return widen<fn, T, Second::Amount>(cpu, op); }
};

/// Vd.T = fn(Vn.2T, Vm.2T or the immediate) into the lower half (upper half zero), or into the upper half (lower half
/// kept). `fn` gets wide operands and returns T by its third argument's type.
template <auto fn, class T, bool immediate>
const Op* narrow(Cpu& cpu, const Op* op) {
  using W = Wider<T>;
  VectorRegister source = cpu.v[op->rn];
  const bool scalar = op->extra[kActive] < 8;
  if (scalar) source = {{source.d[0] & low_mask(sizeof(W) * 8), 0}};
  const auto n = lanes<W>(source), m = lanes<W>(cpu.v[op->rm]);
  Lanes<T> d{};
  Saturation saturation;
  const unsigned count = scalar ? 1 : kLanes<W>;
  for (unsigned i = 0; i < count; ++i) {
    d[i] = static_cast<T>(fn(n[i], immediate ? static_cast<W>(op->imm) : m[i], T{0}, saturation));
  }
  const u64 result = vector<T>(d).d[0];
  VectorRegister& target = cpu.v[op->rd];
  if (op->extra[kHigh]) {
    target.d[1] = result;
  } else {
    target = {{result, 0}};
  }
  record(cpu, saturation);
  return op + 1;
}
template <auto fn, class T>
struct Narrow {
  static const Op* run(Cpu& cpu, const Op* op) { return narrow<fn, T, false>(cpu, op); }
};
template <auto fn, class T>
struct NarrowShift {
  static const Op* run(Cpu& cpu, const Op* op) { return narrow<fn, T, true>(cpu, op); }
};

// ---- types by the size field: one for each of 8, 16, 32, 64 bits; void: unallocated

template <class B, class H, class S, class D>
struct Types {};
using U8To64 = Types<u8, u16, u32, u64>;
using I8To64 = Types<i8, i16, i32, i64>;
using U8To32 = Types<u8, u16, u32, void>;
using I8To32 = Types<i8, i16, i32, void>;
using U16To32 = Types<void, u16, u32, void>;
using I16To32 = Types<void, i16, i32, void>;
using U8Only = Types<u8, void, void, void>;
using U32Only = Types<void, void, u32, void>;
using U64Only = Types<void, void, void, u64>;
using I64Only = Types<void, void, void, i64>;

template <template <auto, class> class Shape, auto fn, class T>
Handler handler_of() {
  if constexpr (std::is_void_v<T>) {
    return nullptr;
  } else {
    return with_fp_access<Shape<fn, T>::run>;
  }
}

template <template <auto, class> class Shape, auto fn, class B, class H, class S, class D>
Handler handler_of_size(u64 size, Types<B, H, S, D>) {
  switch (size) {
    case 0:
      return handler_of<Shape, fn, B>();
    case 1:
      return handler_of<Shape, fn, H>();
    case 2:
      return handler_of<Shape, fn, S>();
    default:
      return handler_of<Shape, fn, D>();
  }
}

inline void decode_registers(Op& op) {
  op.rd = static_cast<u8>(field_rd(op));
  op.rn = static_cast<u8>(field_rn(op));
  op.rm = static_cast<u8>(field_rm(op));
}
inline u64 size_field(const Op& op) { return bits<23, 22>(op.insn); }
inline bool q_field(const Op& op) { return bit<30>(op.insn); }

/// The index and the register of a by-element operand of 2^size bytes: H:L:M of V0 to V15, H:L, or H with L = 0.
inline bool decode_element(Op& op, u64 size) {
  const u64 h = bits<11, 11>(op.insn), l = bits<21, 21>(op.insn), m = bits<20, 20>(op.insn);
  switch (size) {
    case 1:
      op.rm &= 15;
      op.extra[kIndex] = static_cast<u8>(h << 2 | l << 1 | m);
      return true;
    case 2:
      op.extra[kIndex] = static_cast<u8>(h << 1 | l);
      return true;
    case 3:
      op.extra[kIndex] = static_cast<u8>(h);
      return l == 0;
    default:
      return false;
  }
}

/// Lanes of the size field in 64 or 128 bits; one 64-bit lane in 64 bits is unallocated.
template <template <auto, class> class Shape, auto fn, class List>
Handler by_size(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  if (size_field(op) == 3 && !q_field(op)) return nullptr;
  return handler_of_size<Shape, fn>(size_field(op), List{});
}

/// One lane of the size field.
template <template <auto, class> class Shape, auto fn, class List>
Handler scalar_by_size(Op& op) {
  decode_registers(op);
  op.extra[kActive] = static_cast<u8>(1u << size_field(op));
  return handler_of_size<Shape, fn>(size_field(op), List{});
}

/// One element type whatever the size field, which is part of the pattern.
template <template <auto, class> class Shape, auto fn, class T>
Handler of_type(Op& op) {
  decode_registers(op);
  op.extra[kActive] = q_field(op) ? 16 : 8;
  return with_fp_access<Shape<fn, T>::run>;
}

/// Widening and narrowing: Q chooses the half, the size field the narrow type.
template <template <auto, class> class Shape, auto fn, class List>
Handler by_half(Op& op) {
  decode_registers(op);
  op.extra[kActive] = 16;
  op.extra[kHigh] = q_field(op);
  return handler_of_size<Shape, fn>(size_field(op), List{});
}

}  // namespace tw::cpu::a64
