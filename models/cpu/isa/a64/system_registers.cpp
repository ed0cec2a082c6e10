// MRS, MSR (register), SYS, SYSL. The table row is found when the instruction is decoded; `extra[0]` has a bit for each
// EL at which an access needs a closer look (UNDEFINED, or trapped by some rule), so that plain accesses test one bit.
#include "arm/trap_rules.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/operands.hpp"
#include "cpu/isa/a64/system.hpp"
#include "cpu/system/gic_registers.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/sys_instructions.hpp"
#include "cpu/system/sysreg_access.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu::a64 {
namespace {

using namespace arm;

constexpr u32 kConditional = kSecureTimer | kHighestOnly | kHighestWrites | kCortex | kPan | kUao | kNotCurrentSp |
                             kGic | kPauth | kLor | kRas | kSsbs | kVhe | kNonSecure;

u8 attention(const SysRegRow& row, bool write) {
  if ((row.flags & kConditional) != 0) return 0xF;
  const u8 lowest = write ? row.lowest_write : row.lowest_read;
  return static_cast<u8>(low_mask(lowest) | trapping_els(row.traps, write ? kOnWrite : kOnRead));
}

inline bool needs_a_look(const Cpu& cpu, const Op* op) { return (op->extra[0] >> tw::index(cpu.pstate.el)) & 1; }

inline const SysRegRow& row_at(const Op* op) { return row_of(static_cast<SysReg>(op->imm)); }

/// No such register in the modelled core; reported, since it may be one that is not modelled yet.
const Op* no_such_register(Cpu& cpu, const Op* op) {
  cpu.system.unimplemented_encoding(op->insn, Va{pc_of(cpu, op)});
  return undefined(cpu, op);
}

/// UNDEFINED or trapped: what the handler returns. nullptr: go on.
[[gnu::noinline]] const Op* refused(Cpu& cpu, const Op* op, bool write) {
  const SysRegRow& row = row_at(op);
  const bool is_gic = (row.flags & kGic) != 0;
  if (is_gic && !cpu.gic) return no_such_register(cpu, op);
  if (!sysreg_permitted(cpu, row, write)) return undefined(cpu, op);
  if (const TrapRule* rule = find_trap(cpu, row.traps, write ? kOnWrite : kOnRead)) {
    // SCR_EL3 traps the physical interface; its rules are the last of a list.
    if (is_gic && rule->to == El::El3 && is_virtual_gic_access(cpu, sysreg_of(row))) return nullptr;
    const bool fp = rule->exception_class == ExceptionClass::FpSimd;  // FPCR, FPSR
    return take_trap(cpu, op, *rule, fp ? fp_simd_iss() : system_register_iss(op->insn),
                     write ? row.write_name : row.read_name);
  }
  return nullptr;
}

// ---- MRS

const Op* read_stored(Cpu& cpu, const Op* op) {
  if (needs_a_look(cpu, op)) {
    if (const Op* out = refused(cpu, op, false)) return out;
  }
  cpu.x[op->rd] = cpu.sysreg[op->imm];
  return op + 1;
}

const Op* read_computed(Cpu& cpu, const Op* op) {
  if (needs_a_look(cpu, op)) {
    if (const Op* out = refused(cpu, op, false)) return out;
  }
  cpu.x[op->rd] = sysreg_value(cpu, static_cast<SysReg>(op->imm));
  return op + 1;
}

/// Registers that show time or count it.
const Op* read_time(Cpu& cpu, const Op* op) {
  if (needs_a_look(cpu, op)) {
    if (const Op* out = refused(cpu, op, false)) return out;
  }
  settle_before(cpu, op);
  cpu.x[op->rd] = sysreg_value(cpu, static_cast<SysReg>(op->imm));
  return op + 1;
}

/// Registers of the GIC's CPU interface: a read may acknowledge.
const Op* read_gic(Cpu& cpu, const Op* op) {
  if (const Op* out = refused(cpu, op, false)) return out;
  settle_before(cpu, op);
  cpu.x[op->rd] = gic_read(cpu, static_cast<SysReg>(op->imm), false);
  return op + 1;
}

// ---- MSR

const Op* write_stored(Cpu& cpu, const Op* op) {
  if (needs_a_look(cpu, op)) {
    if (const Op* out = refused(cpu, op, true)) return out;
  }
  cpu.sysreg[op->imm] = cpu.x[op->rn];
  return op + 1;
}

/// Storage with bits that cannot be written.
const Op* write_masked(Cpu& cpu, const Op* op) {
  if (needs_a_look(cpu, op)) {
    if (const Op* out = refused(cpu, op, true)) return out;
  }
  sysreg_write(cpu, static_cast<SysReg>(op->imm), cpu.x[op->rn]);
  return op + 1;
}

const Op* write_effect(Cpu& cpu, const Op* op) {
  if (needs_a_look(cpu, op)) {
    if (const Op* out = refused(cpu, op, true)) return out;
  }
  settle_before(cpu, op);
  if (sysreg_write(cpu, static_cast<SysReg>(op->imm), cpu.x[op->rn])) return leave_after(cpu, op, pc_of(cpu, op) + 4);
  return op + 1;
}

// ---- encodings without a row

/// IMPLEMENTATION DEFINED and not implemented: HCR_EL2.TIDCP comes before UNDEFINED. From EL0 it is UNDEFINED.
const Op* implementation_defined(Cpu& cpu, const Op* op) {
  const bool is_read = bit<21>(op->insn);
  if (const TrapRule* rule = find_trap(cpu, kTraps.tidcp, is_read ? kOnRead : kOnWrite)) {
    return take_trap(cpu, op, *rule, system_register_iss(op->insn), "IMPLEMENTATION DEFINED access");
  }
  return undefined(cpu, op);
}

Handler without_row(SysRegEncoding encoding) {
  return is_implementation_defined(encoding) ? implementation_defined : no_such_register;
}

const SysRegRow* find_row(Op& op, bool write) {
  const SysRegRow* row = find_sysreg(sysreg_encoding_of(op.insn));
  if (row == nullptr) return nullptr;
  op.imm = static_cast<u64>(sysreg_of(*row));
  op.extra[0] = attention(*row, write);
  if ((row->flags & kContext) != 0) op.cost = cost::Cause::ContextRegister;
  return row;
}

}  // namespace

Handler select_read_register(Op& op) {
  const SysRegRow* row = find_row(op, false);
  if (row == nullptr) return without_row(sysreg_encoding_of(op.insn));
  op.rd = target(field_rd(op));
  if ((row->flags & (kTimer | kMonitor)) != 0) return read_time;
  if ((row->flags & kGic) != 0) return read_gic;
  return (row->flags & kComputed) != 0 ? read_computed : read_stored;
}

Handler select_write_register(Op& op) {
  const SysRegRow* row = find_row(op, true);
  if (row == nullptr) return without_row(sysreg_encoding_of(op.insn));
  op.rn = source(field_rd(op));
  if ((row->flags & (kEffect | kTimer | kGic)) != 0) return write_effect;
  return row->writable == ~u64{0} ? write_stored : write_masked;
}

Handler select_sys(Op& op) {
  const SysRegEncoding encoding = sysreg_encoding_of(op.insn);
  if (const SysInstruction* row = find_sys_instruction(encoding)) {
    op.imm = reinterpret_cast<u64>(row);
    op.rn = source(field_rd(op));
    op.cost = row->cost;
    return sys_instruction;
  }
  return is_implementation_defined(encoding) ? implementation_defined : nullptr;
}

Handler select_sysl(Op& op) {
  return is_implementation_defined(sysreg_encoding_of(op.insn)) ? implementation_defined : nullptr;
}

}  // namespace tw::cpu::a64
