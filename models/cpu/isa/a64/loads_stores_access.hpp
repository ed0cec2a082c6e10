// What the load and store groups share: register fields, the address forms, and the accesses that memory.hpp does not
// have: pairs, and the read half of a read-modify-write.
#pragma once

#include <concepts>

#include "base/bits.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/operands.hpp"
#include "cpu/memory.hpp"

namespace tw::cpu::a64 {

/// Writes a register that the op names as a source, because the instruction both reads and writes it (CAS's Rs).
inline void write_source(Cpu& cpu, u8 source, u64 value) { cpu.x[source == kZero ? kSink : source] = value; }

// ---- address forms of one register

enum class Form : u8 {
  Offset,        ///< base + immediate
  PreIndex,      ///< the same, and the sum is written back
  PostIndex,     ///< base; base + immediate is written back
  Uxtw,          ///< base + (zero-extended Wm << shift)
  Lsl,           ///< base + (Xm << shift); also SXTX
  Sxtw,          ///< base + (sign-extended Wm << shift)
  Literal,       ///< PC + immediate
  Unprivileged,  ///< base + immediate, with EL0's permissions when executed at EL1
};
constexpr bool writes_back(Form form) { return form == Form::PreIndex || form == Form::PostIndex; }

/// The address that is accessed. The immediate is in op.imm, a shift in op.extra[0].
template <Form form>
inline u64 address_of(const Cpu& cpu, const Op* op) {
  switch (form) {
    case Form::Literal:
      return pc_of(cpu, op) + op->imm;
    case Form::PostIndex:
      return cpu.x[op->rn];
    case Form::Uxtw:
      return cpu.x[op->rn] + (u64{static_cast<u32>(cpu.x[op->rm])} << op->extra[0]);
    case Form::Lsl:
      return cpu.x[op->rn] + (cpu.x[op->rm] << op->extra[0]);
    case Form::Sxtw:
      return cpu.x[op->rn] + (static_cast<u64>(sign_extend(cpu.x[op->rm], 32)) << op->extra[0]);
    default:
      return cpu.x[op->rn] + op->imm;
  }
}

/// What a form that writes back leaves in the base register after the access at `va`.
template <Form form>
inline void write_back(Cpu& cpu, const Op* op, u64 va) {
  if constexpr (writes_back(form)) cpu.x[op->rn] = form == Form::PostIndex ? va + op->imm : va;
}

// ---- accesses

/// Two neighbouring elements. Either both are read, or an exception was taken.
template <std::unsigned_integral T>
[[nodiscard]] inline bool load_pair(Cpu& cpu, const Op* op, u64 va, T& first, T& second) {
  const HostEntry& entry = host_entry(cpu, va);
  if (entry.read_tag == ((va + 2 * sizeof(T) - 1) & ~u64{0xFFF})) [[likely]] {
    T both[2];
    std::memcpy(both, reinterpret_cast<const void*>(va + entry.addend), sizeof both);
    first = both[0];
    second = both[1];
    return true;
  }
  return load<T>(cpu, op, va, first) && load<T>(cpu, op, va + sizeof(T), second);
}

/// Two neighbouring elements. When the second faults, the first is already in memory, as the architecture allows
/// (Arm ARM B2.2.1: a pair is two single-copy atomic accesses); the instruction is executed again after the fault.
template <std::unsigned_integral T>
[[nodiscard]] inline bool store_pair(Cpu& cpu, const Op* op, u64 va, T first, T second) {
  const HostEntry& entry = host_entry(cpu, va);
  if (entry.write_tag == ((va + 2 * sizeof(T) - 1) & ~u64{0xFFF})) [[likely]] {
    const T both[2] = {first, second};
    std::memcpy(reinterpret_cast<void*>(va + entry.addend), both, sizeof both);
    return true;
  }
  return store<T>(cpu, op, va, first) && store<T>(cpu, op, va + sizeof(T), second);
}

/// The read half of a read-modify-write: needs write permission, and faults as a write without it. A page whose
/// shortcut may not be written (read-only, or it holds decoded code) takes the slow path, which looks at permissions.
template <std::unsigned_integral T>
[[nodiscard]] inline bool load_for_update(Cpu& cpu, const Op* op, u64 va, T& value, AccessFlags flags) {
  flags.aligned = true;
  flags.write_intent = true;
  return load<T>(cpu, op, va, value, flags);
}

/// Alignment of an access that is single-copy atomic as a whole but made in parts (LDXP, STXP, CASP of X registers).
/// False: the alignment fault was taken.
[[nodiscard]] inline bool check_alignment(Cpu& cpu, const Op* op, u64 va, unsigned bytes, bool write) {
  if (is_aligned(va, bytes)) [[likely]]
    return true;
  vmsa::Fault fault;
  fault.type = vmsa::FaultType::Alignment;
  fault.write = write;
  fault.va = Va{va};
  take_data_abort(cpu, op, fault, write);
  return false;
}

}  // namespace tw::cpu::a64
