// Hints and barriers. Memory is sequentially consistent in the model, so that DMB and DSB order nothing: they take
// time.
#include "arm/cpu_model.hpp"
#include "arm/syndrome.hpp"
#include "arm/trap_rules.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/operands.hpp"
#include "cpu/isa/a64/pointer_authentication.hpp"
#include "cpu/isa/a64/system.hpp"
#include "cpu/system/errors.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu::a64 {
namespace {

using namespace arm;
using enum AddressKey;

const Op* no_operation(Cpu&, const Op* op) { return op + 1; }

const Op* wait(Cpu& cpu, const Op* op, bool& waiting) {
  settle_after(cpu, op);
  waiting = true;
  cpu.request_exit();
  return leave_after(cpu, op, pc_of(cpu, op) + 4);
}

/// WFI is trapped only when it would wait.
const Op* wait_for_interrupt(Cpu& cpu, const Op* op) {
  if (wakes_from_wfi(cpu)) return leave_after(cpu, op, pc_of(cpu, op) + 4);
  if (const TrapRule* rule = find_trap(cpu, kTraps.wfi, kOnAny)) {
    return take_trap(cpu, op, *rule, wfx_iss(false), "WFI");
  }
  return wait(cpu, op, cpu.waiting_for_interrupt);
}

const Op* wait_for_event(Cpu& cpu, const Op* op) {
  if (cpu.event_register) {
    cpu.event_register = false;
    return op + 1;
  }
  if (const TrapRule* rule = find_trap(cpu, kTraps.wfe, kOnAny)) {
    return take_trap(cpu, op, *rule, wfx_iss(true), "WFE");
  }
  return wait(cpu, op, cpu.waiting_for_event);
}

const Op* send_event(Cpu& cpu, const Op* op) {
  settle_before(cpu, op);
  cpu.system.send_event();
  return op + 1;
}

const Op* send_event_local(Cpu& cpu, const Op* op) {
  cpu.event_register = true;
  return op + 1;
}

/// ESB: NOP without FEAT_RAS. An SError that it leaves pending and unmasked is taken next.
const Op* error_barrier(Cpu& cpu, const Op* op) {
  if (!cpu.model.features.ras) return op + 1;
  settle_before(cpu, op);
  error_synchronization_barrier(cpu);
  return cpu.lines != 0 ? leave_after(cpu, op, pc_of(cpu, op) + 4) : op + 1;
}

// ---- FEAT_PAuth's hints; NOP without it

enum class Modifier : u8 { Zero, Sp, X16 };

/// On X30, or on X17 with X16 as the modifier.
template <u64 (*operation)(Cpu&, u64, u64, AddressKey), AddressKey key, Modifier by>
const Op* pointer_code(Cpu& cpu, const Op* op) {
  if (!cpu.model.features.pauth || !key_enabled(cpu, key)) return op + 1;
  if (const Op* trapped = trap_pointer_authentication(cpu, op)) return trapped;
  u64& pointer = cpu.x[by == Modifier::X16 ? 17 : 30];
  const u64 modifier = by == Modifier::Zero ? 0 : cpu.x[by == Modifier::Sp ? kSp : 16];
  pointer = operation(cpu, pointer, modifier, key);
  return op + 1;
}

const Op* strip_link(Cpu& cpu, const Op* op) {
  if (cpu.model.features.pauth) cpu.x[30] = strip_code(cpu, cpu.x[30], false);
  return op + 1;
}

const Op* clear_exclusive(Cpu& cpu, const Op* op) {
  cpu.monitor.valid = false;
  return op + 1;
}

/// DSB: earlier accesses and TLB maintenance are complete. They are from the start, but for their time.
const Op* completion_barrier(Cpu& cpu, const Op* op) {
  if (cpu.fidelity == Fidelity::Timed) {
    if (cpu.tables != nullptr) cpu.tables->data_synchronised();
    cpu.pipeline.complete_accesses();
    cpu.pipeline.await_maintenance(cpu.mmu.invalidations_done(cpu.ledger.elapsed()));
  }
  return op + 1;
}

/// ISB: interrupts, changed controls and the budget are looked at before the next instruction.
const Op* instruction_barrier(Cpu& cpu, const Op* op) {
  if (cpu.tables != nullptr) cpu.tables->context_synchronised();
  return leave_after(cpu, op, pc_of(cpu, op) + 4);
}

}  // namespace

Handler select_hint(Op& op) {
  switch (field<11, 5>(op)) {
    case 2:
      return wait_for_event;
    case 3:
      return wait_for_interrupt;
    case 4:
      return send_event;
    case 5:
      return send_event_local;
    case 16:
      return error_barrier;
    case 7:
      return strip_link;
    case 8:
      return pointer_code<add_code, IA, Modifier::X16>;
    case 10:
      return pointer_code<add_code, IB, Modifier::X16>;
    case 12:
      return pointer_code<authenticate, IA, Modifier::X16>;
    case 14:
      return pointer_code<authenticate, IB, Modifier::X16>;
    case 24:
      return pointer_code<add_code, IA, Modifier::Zero>;
    case 25:
      return pointer_code<add_code, IA, Modifier::Sp>;
    case 26:
      return pointer_code<add_code, IB, Modifier::Zero>;
    case 27:
      return pointer_code<add_code, IB, Modifier::Sp>;
    case 28:
      return pointer_code<authenticate, IA, Modifier::Zero>;
    case 29:
      return pointer_code<authenticate, IA, Modifier::Sp>;
    case 30:
      return pointer_code<authenticate, IB, Modifier::Zero>;
    case 31:
      return pointer_code<authenticate, IB, Modifier::Sp>;
    default:
      op.imm = field<11, 5>(op) - kFirstMarkHint;
      // NOP, YIELD, and the hints of later versions
      return field<11, 5>(op) < kFirstMarkHint ? no_operation : mark_hint;
  }
}

Handler select_barrier(Op& op) {
  switch (field<7, 5>(op)) {
    case 2:
      return clear_exclusive;
    case 4:
      return completion_barrier;
    case 5:
      return no_operation;  // DMB
    case 6:
      return instruction_barrier;
    default:
      return nullptr;
  }
}

}  // namespace tw::cpu::a64
