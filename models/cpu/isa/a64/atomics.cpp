// Atomic memory operations and compare-and-swap of Armv8.1 LSE (Arm ARM C4.1 "Atomic memory operations",
// "Compare and swap"). One host thread executes all cores: a plain read-modify-write is atomic.
#include <algorithm>

#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/loads_stores_access.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

// Op fields: rd = Rt, rm = Rs. LD<op>: Rs is the operand, Rt receives the old value. CAS: Rs is compared and receives
// the old value, Rt is the new value.

struct Add {
  template <class T>
  static T apply(T memory, T operand) {
    return static_cast<T>(memory + operand);
  }
};
struct Clear {
  template <class T>
  static T apply(T memory, T operand) {
    return static_cast<T>(memory & static_cast<T>(~operand));
  }
};
struct ExclusiveOr {
  template <class T>
  static T apply(T memory, T operand) {
    return static_cast<T>(memory ^ operand);
  }
};
struct Set {
  template <class T>
  static T apply(T memory, T operand) {
    return static_cast<T>(memory | operand);
  }
};
struct SignedMaximum {
  template <class T>
  static T apply(T memory, T operand) {
    using S = std::make_signed_t<T>;
    return static_cast<T>(std::max(static_cast<S>(memory), static_cast<S>(operand)));
  }
};
struct SignedMinimum {
  template <class T>
  static T apply(T memory, T operand) {
    using S = std::make_signed_t<T>;
    return static_cast<T>(std::min(static_cast<S>(memory), static_cast<S>(operand)));
  }
};
struct UnsignedMaximum {
  template <class T>
  static T apply(T memory, T operand) {
    return std::max(memory, operand);
  }
};
struct UnsignedMinimum {
  template <class T>
  static T apply(T memory, T operand) {
    return std::min(memory, operand);
  }
};
struct Swap {
  template <class T>
  static T apply(T, T operand) {
    return operand;
  }
};

template <class Memory, class Operation>
const Op* read_modify_write(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const u64 va = cpu.x[op->rn];
  Memory old;
  if (!load_for_update<Memory>(cpu, op, va, old, {})) return leave_before(cpu, op);
  const Memory result = Operation::apply(old, static_cast<Memory>(cpu.x[op->rm]));
  if (!store<Memory>(cpu, op, va, result, {.aligned = true})) return leave_before(cpu, op);
  cpu.x[op->rd] = old;
  return op + 1;
}

/// When the comparison fails nothing is written, but the page must be writable all the same.
template <class Memory>
const Op* compare_and_swap(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const u64 va = cpu.x[op->rn];
  Memory old;
  if (!load_for_update<Memory>(cpu, op, va, old, {})) return leave_before(cpu, op);
  if (old == static_cast<Memory>(cpu.x[op->rm])) {
    if (!store<Memory>(cpu, op, va, static_cast<Memory>(cpu.x[op->rd]), {.aligned = true})) {
      return leave_before(cpu, op);
    }
  }
  write_source(cpu, op->rm, old);
  return op + 1;
}

/// CASP of W registers: one 64-bit access. The pairs are Rs, Rs+1 and Rt, Rt+1, with even Rs and Rt.
const Op* compare_and_swap_words(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const auto pair_at = [&](unsigned reg) { return (cpu.x[reg] & 0xFFFF'FFFF) | cpu.x[reg + 1] << 32; };
  const u64 va = cpu.x[op->rn];
  u64 old;
  if (!load_for_update<u64>(cpu, op, va, old, {})) return leave_before(cpu, op);
  if (old == pair_at(op->rm)) {
    if (!store<u64>(cpu, op, va, pair_at(op->rd), {.aligned = true})) return leave_before(cpu, op);
  }
  write_source(cpu, op->rm, static_cast<u32>(old));
  write_source(cpu, static_cast<u8>(op->rm + 1), old >> 32);
  return op + 1;
}

const Op* compare_and_swap_doublewords(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const u64 va = cpu.x[op->rn];
  u64 low, high;
  if (!check_alignment(cpu, op, va, 16, true) || !load_for_update<u64>(cpu, op, va, low, {}) ||
      !load_for_update<u64>(cpu, op, va + 8, high, {})) {
    return leave_before(cpu, op);
  }
  if (low == cpu.x[op->rm] && high == cpu.x[op->rm + 1]) {
    if (!store<u64>(cpu, op, va, cpu.x[op->rd], {.aligned = true}) ||
        !store<u64>(cpu, op, va + 8, cpu.x[op->rd + 1], {.aligned = true})) {
      return leave_before(cpu, op);
    }
  }
  write_source(cpu, op->rm, low);
  write_source(cpu, static_cast<u8>(op->rm + 1), high);
  return op + 1;
}

// ---- decoding

template <class Operation>
Handler atomic(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  op.rm = source(field_rm(op));
  switch (bits<31, 30>(op.insn)) {
    case 0:
      return read_modify_write<u8, Operation>;
    case 1:
      return read_modify_write<u16, Operation>;
    case 2:
      return read_modify_write<u32, Operation>;
    default:
      return read_modify_write<u64, Operation>;
  }
}

void compare_fields(Op& op) {
  op.rd = source(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  op.rm = source(field_rm(op));
}

Handler compare(Op& op) {
  compare_fields(op);
  switch (bits<31, 30>(op.insn)) {
    case 0:
      return compare_and_swap<u8>;
    case 1:
      return compare_and_swap<u16>;
    case 2:
      return compare_and_swap<u32>;
    default:
      return compare_and_swap<u64>;
  }
}

/// Odd Rs or Rt is unallocated.
Handler compare_pair(Op& op) {
  if (bit<16>(op.insn) || bit<0>(op.insn)) return nullptr;
  compare_fields(op);
  return bit<30>(op.insn) ? compare_and_swap_doublewords : compare_and_swap_words;
}

// One row an operation: all sizes, and the A and L variants (LDADD, LDADDA, LDADDL, LDADDAL, and B and H of each).
constexpr Encoding kRows[] = {
    {"CASP", "0s 001000 0 L 1 sssss o 11111 nnnnn ttttt", Cause::Atomic, compare_pair, Feature::Lse},
    {"CAS", "zz 001000 1 L 1 sssss o 11111 nnnnn ttttt", Cause::Atomic, compare, Feature::Lse},
    {"LDADD", "zz 111 0 00 A R 1 sssss 0 000 00 nnnnn ttttt", Cause::Atomic, atomic<Add>, Feature::Lse},
    {"LDCLR", "zz 111 0 00 A R 1 sssss 0 001 00 nnnnn ttttt", Cause::Atomic, atomic<Clear>, Feature::Lse},
    {"LDEOR", "zz 111 0 00 A R 1 sssss 0 010 00 nnnnn ttttt", Cause::Atomic, atomic<ExclusiveOr>, Feature::Lse},
    {"LDSET", "zz 111 0 00 A R 1 sssss 0 011 00 nnnnn ttttt", Cause::Atomic, atomic<Set>, Feature::Lse},
    {"LDSMAX", "zz 111 0 00 A R 1 sssss 0 100 00 nnnnn ttttt", Cause::Atomic, atomic<SignedMaximum>, Feature::Lse},
    {"LDSMIN", "zz 111 0 00 A R 1 sssss 0 101 00 nnnnn ttttt", Cause::Atomic, atomic<SignedMinimum>, Feature::Lse},
    {"LDUMAX", "zz 111 0 00 A R 1 sssss 0 110 00 nnnnn ttttt", Cause::Atomic, atomic<UnsignedMaximum>, Feature::Lse},
    {"LDUMIN", "zz 111 0 00 A R 1 sssss 0 111 00 nnnnn ttttt", Cause::Atomic, atomic<UnsignedMinimum>, Feature::Lse},
    {"SWP", "zz 111 0 00 A R 1 sssss 1 000 00 nnnnn ttttt", Cause::Atomic, atomic<Swap>, Feature::Lse},
};

}  // namespace

std::span<const Encoding> atomics_encodings() { return kRows; }

}  // namespace tw::cpu::a64
