// Branches: conditional, unconditional, compare-and-branch, test-and-branch, indirect. And UDF.
#include <array>
#include <utility>

#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/alu.hpp"
#include "cpu/isa/a64/branch_address.hpp"
#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

/// branch_to() for a target given relative to `op`, whose distance in ops is known: no address is computed within the
/// page. `imm` is the offset in bytes.
const Op* branch_by_immediate(Cpu& cpu, const Op* op) {
  const Op* first = cpu.page->ops.data();
  const u64 target = static_cast<u64>(op - first) + static_cast<u64>(static_cast<i64>(op->imm) >> 2);
  cpu.retired += static_cast<u64>(op - cpu.run_start) + 1;
  if (target < kOpsPerPage && cpu.retired < cpu.slice_end) [[likely]]
    return cpu.run_start = first + target;
  return branch_out(cpu, cpu.page_va + target * 4);
}

const Op* b(Cpu& cpu, const Op* op) { return branch_by_immediate(cpu, op); }

const Op* bl(Cpu& cpu, const Op* op) {
  cpu.x[30] = pc_of(cpu, op) + 4;
  return branch_by_immediate(cpu, op);
}

template <unsigned condition>
const Op* b_cond(Cpu& cpu, const Op* op) {
  if (!holds<condition>(cpu.flags)) return op + 1;
  return branch_by_immediate(cpu, op);
}

template <class T, bool if_zero>
const Op* compare_and_branch(Cpu& cpu, const Op* op) {
  if ((read<T>(cpu, op->rn) == 0) != if_zero) return op + 1;
  return branch_by_immediate(cpu, op);
}

/// `extra[0]` is the bit's number.
template <bool if_set>
const Op* test_and_branch(Cpu& cpu, const Op* op) {
  if (bit_at(cpu.x[op->rn], op->extra[0]) != if_set) return op + 1;
  return branch_by_immediate(cpu, op);
}

/// BR and RET
const Op* branch_register(Cpu& cpu, const Op* op) {
  return branch_to(cpu, op, branch_address(cpu, cpu.x[op->rn], cpu.pstate.el));
}

const Op* blr(Cpu& cpu, const Op* op) {
  const u64 target = cpu.x[op->rn];
  cpu.x[30] = pc_of(cpu, op) + 4;
  return branch_to(cpu, op, branch_address(cpu, target, cpu.pstate.el));
}

// ---- decoding

template <unsigned Hi, unsigned Lo>
u64 byte_offset(const Op& op) {
  return static_cast<u64>(sign_extend(field<Hi, Lo>(op), Hi - Lo + 1)) << 2;
}

template <Handler handler>
Handler select_immediate(Op& op) {
  op.imm = byte_offset<25, 0>(op);
  return handler;
}

template <std::size_t... condition>
constexpr std::array<Handler, 16> condition_handlers(std::index_sequence<condition...>) {
  return {b_cond<condition>...};
}

Handler select_b_cond(Op& op) {
  static constexpr std::array<Handler, 16> kHandlers = condition_handlers(std::make_index_sequence<16>{});
  op.imm = byte_offset<23, 5>(op);
  return kHandlers[field<3, 0>(op)];
}

template <bool if_zero>
Handler select_compare(Op& op) {
  op.imm = byte_offset<23, 5>(op);
  op.rn = source(field<4, 0>(op));
  return is_64bit(op) ? compare_and_branch<u64, if_zero> : compare_and_branch<u32, if_zero>;
}

template <bool if_set>
Handler select_test(Op& op) {
  op.imm = byte_offset<18, 5>(op);
  op.rn = source(field<4, 0>(op));
  op.extra[0] = static_cast<u8>(field<31, 31>(op) << 5 | field<23, 19>(op));
  return test_and_branch<if_set>;
}

template <Handler handler>
Handler select_register(Op& op) {
  op.rn = source(field_rn(op));
  return handler;
}

Handler select_udf(Op&) { return undefined; }

constexpr auto kBranch = cost::Cause::Branch;

constexpr Encoding kEncodings[] = {
    {"UDF", "0000000000000000 iiiiiiiiiiiiiiii", kBranch, select_udf},

    {"B.cond", "01010100 iiiiiiiiiiiiiiiiiii 0 cccc", kBranch, select_b_cond},
    {"BR", "1101011 0000 11111 000000 nnnnn 00000", kBranch, select_register<branch_register>},
    {"BLR", "1101011 0001 11111 000000 nnnnn 00000", kBranch, select_register<blr>},
    {"RET", "1101011 0010 11111 000000 nnnnn 00000", kBranch, select_register<branch_register>},
    {"B", "000101 iiiiiiiiiiiiiiiiiiiiiiiiii", kBranch, select_immediate<b>},
    {"BL", "100101 iiiiiiiiiiiiiiiiiiiiiiiiii", kBranch, select_immediate<bl>},
    {"CBZ", "s 0110100 iiiiiiiiiiiiiiiiiii ttttt", kBranch, select_compare<true>},
    {"CBNZ", "s 0110101 iiiiiiiiiiiiiiiiiii ttttt", kBranch, select_compare<false>},
    {"TBZ", "b 0110110 bbbbb iiiiiiiiiiiiii ttttt", kBranch, select_test<false>},
    {"TBNZ", "b 0110111 bbbbb iiiiiiiiiiiiii ttttt", kBranch, select_test<true>},
};

}  // namespace

std::span<const Encoding> branch_encodings() { return kEncodings; }

}  // namespace tw::cpu::a64
