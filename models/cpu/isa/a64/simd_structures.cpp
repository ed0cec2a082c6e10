// LD1 to LD4, ST1 to ST4 (Arm ARM C4.1 "Advanced SIMD load/store multiple structures", "single structure", both with
// post-index). Every element is an access of its own; no register changes when one faults.
#include "cpu/isa/a64/fp_simd_access.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_access.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

// Op fields of both kinds: rd first register, rn base, rm offset register, imm bytes of the whole transfer (and of a
// post-index without register). extra: [0] elements a structure, [1] Q or lane, [2] registers.
constexpr unsigned kElements = 0, kQ = 1, kLane = 1, kRegisters = 2;
constexpr unsigned kMaximumBytes = 64;

enum class Index : u8 { None, Immediate, Register };

template <class T>
bool load_elements(Cpu& cpu, const Op* op, u64 va, u8* bytes) {
  for (u64 at = 0; at < op->imm; at += sizeof(T)) {
    T value;
    if (!load<T>(cpu, op, va + at, value)) return false;
    std::memcpy(bytes + at, &value, sizeof(T));
  }
  return true;
}

template <class T>
bool store_elements(Cpu& cpu, const Op* op, u64 va, const u8* bytes) {
  for (u64 at = 0; at < op->imm; at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes + at, sizeof(T));
    if (!store<T>(cpu, op, va + at, value)) return false;
  }
  return true;
}

u8* bytes_of(VectorRegister& reg) { return reinterpret_cast<u8*>(reg.d); }

VectorRegister& structure_register(Cpu& cpu, const Op* op, unsigned number) { return cpu.v[(op->rd + number) % 32]; }

/// Visits (register, byte offset in it, byte offset in memory) of every element of a multiple-structure transfer.
template <class T, class Visit>
void each_element(const Op* op, Visit visit) {
  constexpr unsigned kBytes = sizeof(T);
  const unsigned lanes = (op->extra[kQ] ? 16 : 8) / kBytes;
  const unsigned together = op->extra[kElements];
  unsigned at = 0;
  for (unsigned first = 0; first < op->extra[kRegisters]; first += together) {
    for (unsigned lane = 0; lane < lanes; ++lane) {
      for (unsigned i = 0; i < together; ++i, at += kBytes) visit(first + i, lane * kBytes, at);
    }
  }
}

template <class T>
struct LoadMultiple {
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    u8 bytes[kMaximumBytes];
    if (!load_elements<T>(cpu, op, va, bytes)) return false;
    VectorRegister values[4];
    each_element<T>(op, [&](unsigned reg, unsigned lane, unsigned at) {
      std::memcpy(bytes_of(values[reg]) + lane, bytes + at, sizeof(T));
    });
    for (unsigned i = 0; i < op->extra[kRegisters]; ++i) structure_register(cpu, op, i) = values[i];
    return true;
  }
};

template <class T>
struct StoreMultiple {
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    u8 bytes[kMaximumBytes] = {};
    each_element<T>(op, [&](unsigned reg, unsigned lane, unsigned at) {
      std::memcpy(bytes + at, bytes_of(structure_register(cpu, op, reg)) + lane, sizeof(T));
    });
    return store_elements<T>(cpu, op, va, bytes);
  }
};

template <class T>
struct LoadLane {
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    u8 bytes[kMaximumBytes];
    if (!load_elements<T>(cpu, op, va, bytes)) return false;
    for (unsigned i = 0; i < op->extra[kElements]; ++i) {
      std::memcpy(bytes_of(structure_register(cpu, op, i)) + op->extra[kLane] * sizeof(T), bytes + i * sizeof(T),
                  sizeof(T));
    }
    return true;
  }
};

template <class T>
struct StoreLane {
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    u8 bytes[kMaximumBytes] = {};
    for (unsigned i = 0; i < op->extra[kElements]; ++i) {
      std::memcpy(bytes + i * sizeof(T), bytes_of(structure_register(cpu, op, i)) + op->extra[kLane] * sizeof(T),
                  sizeof(T));
    }
    return store_elements<T>(cpu, op, va, bytes);
  }
};

template <class T>
struct LoadReplicate {
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    u8 bytes[kMaximumBytes];
    if (!load_elements<T>(cpu, op, va, bytes)) return false;
    for (unsigned i = 0; i < op->extra[kElements]; ++i) {
      VectorRegister value;
      const unsigned filled = op->extra[kQ] ? 16 : 8;
      for (unsigned at = 0; at < filled; at += sizeof(T)) {
        std::memcpy(bytes_of(value) + at, bytes + i * sizeof(T), sizeof(T));
      }
      structure_register(cpu, op, i) = value;
    }
    return true;
  }
};

template <class Access, Index index>
const Op* execute(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const u64 va = cpu.x[op->rn];
  if (!Access::perform(cpu, op, va)) return leave_before(cpu, op);
  if constexpr (index == Index::Immediate) cpu.x[op->rn] = va + op->imm;
  if constexpr (index == Index::Register) cpu.x[op->rn] = va + cpu.x[op->rm];
  return op + 1;
}

// ---- decoding

template <class Access>
Handler finish(Op& op) {
  op.rd = static_cast<u8>(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  op.rm = source(field_rm(op));
  if (!bit<23>(op.insn)) return with_fp_access<execute<Access, Index::None>>;
  return op.rm == kZero ? with_fp_access<execute<Access, Index::Immediate>>
                        : with_fp_access<execute<Access, Index::Register>>;
}

template <template <class> class Access>
Handler of_size(Op& op, u64 size) {
  switch (size) {
    case 0:
      return finish<Access<u8>>(op);
    case 1:
      return finish<Access<u16>>(op);
    case 2:
      return finish<Access<u32>>(op);
    default:
      return finish<Access<u64>>(op);
  }
}

template <template <class> class Access, unsigned Elements, unsigned Registers>
Handler multiple(Op& op) {
  const u64 size = bits<11, 10>(op.insn);
  const bool q = bit<30>(op.insn);
  if (Elements > 1 && size == 3 && !q) return nullptr;
  op.extra[kElements] = Elements;
  op.extra[kQ] = q;
  op.extra[kRegisters] = Registers;
  op.imm = Registers * (q ? 16 : 8);
  return of_size<Access>(op, size);
}

/// `Opcode` is opcode<2:1>: 8-bit, 16-bit, or 32- and 64-bit elements.
template <template <class> class Access, unsigned Elements, unsigned Opcode>
Handler single(Op& op) {
  u64 scale = Opcode;
  u64 lane = bits<30, 30>(op.insn) << 3 | bits<12, 10>(op.insn);
  if (Opcode == 1 && bit<10>(op.insn)) return nullptr;
  if (Opcode == 2) {
    if (bit<11>(op.insn)) return nullptr;
    if (bit<10>(op.insn)) {
      if (bit<12>(op.insn)) return nullptr;
      scale = 3;
    }
  }
  lane >>= scale;
  op.extra[kElements] = Elements;
  op.extra[kLane] = static_cast<u8>(lane);
  op.imm = u64{Elements} << scale;
  return of_size<Access>(op, scale);
}

template <unsigned Elements>
Handler replicate(Op& op) {
  const u64 size = bits<11, 10>(op.insn);
  op.extra[kElements] = Elements;
  op.extra[kQ] = bit<30>(op.insn);
  op.imm = u64{Elements} << size;
  return of_size<LoadReplicate>(op, size);
}

constexpr auto kFp = Feature::FpSimd;

// Each form without and with post-index: the offset register is absent (zero) in the first.
#define TW_BOTH(name, form, head, middle, tail, cause, select)                                            \
  {name " (" form ")", "0Q 0011 " head " 0 " middle " 00000 " tail, cause, select, kFp, true}, {          \
    name " (" form ", post-index)", "0Q 0011 " head " 1 " middle " mmmmm " tail, cause, select, kFp, true \
  }
#define TW_MULTIPLE(name, form, opcode, elements, registers)                      \
  TW_BOTH("ST" name, form, "00", "00", opcode " zz nnnnn ttttt", Cause::Store,    \
          (multiple<StoreMultiple, elements, registers>)),                        \
      TW_BOTH("LD" name, form, "00", "10", opcode " zz nnnnn ttttt", Cause::Load, \
              (multiple<LoadMultiple, elements, registers>))
#define TW_SINGLE_OF(name, form, r, opcode, which, elements)                                              \
  TW_BOTH("ST" name, "single structure, " form, "01", "0" r, opcode " S zz nnnnn ttttt", Cause::Store,    \
          (single<StoreLane, elements, which>)),                                                          \
      TW_BOTH("LD" name, "single structure, " form, "01", "1" r, opcode " S zz nnnnn ttttt", Cause::Load, \
              (single<LoadLane, elements, which>))
#define TW_SINGLE(name, r, o, elements)                                                                      \
  TW_SINGLE_OF(name, "8-bit", r, "00" o, 0, elements), TW_SINGLE_OF(name, "16-bit", r, "01" o, 1, elements), \
      TW_SINGLE_OF(name, "32-bit, 64-bit", r, "10" o, 2, elements),                                          \
      TW_BOTH("LD" name "R", "replicate", "01", "1" r, "11" o " 0 zz nnnnn ttttt", Cause::Load, replicate<elements>)

constexpr Encoding kRows[] = {
    TW_MULTIPLE("4", "multiple structures", "0000", 4, 4),
    TW_MULTIPLE("1", "multiple structures, four registers", "0010", 1, 4),
    TW_MULTIPLE("3", "multiple structures", "0100", 3, 3),
    TW_MULTIPLE("1", "multiple structures, three registers", "0110", 1, 3),
    TW_MULTIPLE("1", "multiple structures, one register", "0111", 1, 1),
    TW_MULTIPLE("2", "multiple structures", "1000", 2, 2),
    TW_MULTIPLE("1", "multiple structures, two registers", "1010", 1, 2),
    TW_SINGLE("1", "0", "0", 1),
    TW_SINGLE("2", "1", "0", 2),
    TW_SINGLE("3", "0", "1", 3),
    TW_SINGLE("4", "1", "1", 4),
};
#undef TW_SINGLE
#undef TW_SINGLE_OF
#undef TW_MULTIPLE
#undef TW_BOTH

}  // namespace

std::span<const Encoding> simd_structures_encodings() { return kRows; }

}  // namespace tw::cpu::a64
