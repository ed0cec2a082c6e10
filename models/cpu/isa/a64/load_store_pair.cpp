// Loads and stores of two general-purpose registers (Arm ARM C4.1 "Load/store register pair", "no-allocate pair"; V =
// 0).
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/loads_stores_access.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

enum class Index : u8 { None, Pre, Post };

/// Reads both elements before it writes a register, so a fault on either leaves both registers as they were.
/// With Rt == Rt2 (CONSTRAINED UNPREDICTABLE) the first element wins.
template <class Memory, class Result = u64>
struct LoadPair {
  static constexpr unsigned kBytes = sizeof(Memory);
  static constexpr bool kStore = false;
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    Memory first, second;
    if (!load_pair<Memory>(cpu, op, va, first, second)) return false;
    if constexpr (std::is_signed_v<Result>) {
      cpu.x[op->ra] = static_cast<u64>(sign_extend(second, 8 * kBytes));
      cpu.x[op->rd] = static_cast<u64>(sign_extend(first, 8 * kBytes));
    } else {
      cpu.x[op->ra] = second;
      cpu.x[op->rd] = first;
    }
    return true;
  }
};

template <class Memory>
struct StorePair {
  static constexpr unsigned kBytes = sizeof(Memory);
  static constexpr bool kStore = true;
  static bool perform(Cpu& cpu, const Op* op, u64 va) {
    return store_pair<Memory>(cpu, op, va, static_cast<Memory>(cpu.x[op->rd]), static_cast<Memory>(cpu.x[op->ra]));
  }
};

template <class Access, Index index, bool SpBase>
const Op* execute(Cpu& cpu, const Op* op) {
  if constexpr (SpBase) {
    if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  }
  const u64 base = cpu.x[op->rn];
  const u64 va = index == Index::Post ? base : base + op->imm;
  if (!Access::perform(cpu, op, va)) return leave_before(cpu, op);
  if constexpr (index != Index::None) cpu.x[op->rn] = base + op->imm;
  return op + 1;
}

template <class Access, Index index>
Handler pair(Op& op) {
  op.rn = source_or_sp(field_rn(op));
  op.rd = Access::kStore ? source(field_rd(op)) : target(field_rd(op));
  op.ra = Access::kStore ? source(field_ra(op)) : target(field_ra(op));
  op.imm = static_cast<u64>(sign_extend(bits<21, 15>(op.insn), 7)) * Access::kBytes;
  return op.rn == kSp ? execute<Access, index, true> : execute<Access, index, false>;
}

template <Index index>
Handler store_registers(Op& op) {
  return bit<31>(op.insn) ? pair<StorePair<u64>, index>(op) : pair<StorePair<u32>, index>(op);
}
template <Index index>
Handler load_registers(Op& op) {
  return bit<31>(op.insn) ? pair<LoadPair<u64>, index>(op) : pair<LoadPair<u32>, index>(op);
}

constexpr Encoding kRows[] = {
    {"STNP", "s0 101 0 000 0 iiiiiii uuuuu nnnnn ttttt", Cause::Store, store_registers<Index::None>},
    {"LDNP", "s0 101 0 000 1 iiiiiii uuuuu nnnnn ttttt", Cause::Load, load_registers<Index::None>},
    {"STP (post-index)", "s0 101 0 001 0 iiiiiii uuuuu nnnnn ttttt", Cause::Store, store_registers<Index::Post>},
    {"LDP (post-index)", "s0 101 0 001 1 iiiiiii uuuuu nnnnn ttttt", Cause::Load, load_registers<Index::Post>},
    {"LDPSW (post-index)", "01 101 0 001 1 iiiiiii uuuuu nnnnn ttttt", Cause::Load,
     pair<LoadPair<u32, i64>, Index::Post>},
    {"STP (offset)", "s0 101 0 010 0 iiiiiii uuuuu nnnnn ttttt", Cause::Store, store_registers<Index::None>},
    {"LDP (offset)", "s0 101 0 010 1 iiiiiii uuuuu nnnnn ttttt", Cause::Load, load_registers<Index::None>},
    {"LDPSW (offset)", "01 101 0 010 1 iiiiiii uuuuu nnnnn ttttt", Cause::Load, pair<LoadPair<u32, i64>, Index::None>},
    {"STP (pre-index)", "s0 101 0 011 0 iiiiiii uuuuu nnnnn ttttt", Cause::Store, store_registers<Index::Pre>},
    {"LDP (pre-index)", "s0 101 0 011 1 iiiiiii uuuuu nnnnn ttttt", Cause::Load, load_registers<Index::Pre>},
    {"LDPSW (pre-index)", "01 101 0 011 1 iiiiiii uuuuu nnnnn ttttt", Cause::Load,
     pair<LoadPair<u32, i64>, Index::Pre>},
};

}  // namespace

std::span<const Encoding> load_store_pair_encodings() { return kRows; }

}  // namespace tw::cpu::a64
