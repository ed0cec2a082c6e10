#include "cpu/marks.hpp"

#include "cpu/cpu.hpp"
#include "cpu/engine.hpp"
#include "cpu/halting.hpp"
#include "cpu/isa/encoding.hpp"

namespace tw::cpu {

namespace {

void reach(Cpu& cpu) {
  cpu.marks.reached = true;
  cpu.request_exit();
}

/// What the op does when it is not marked. Of a mark it is kept; at a breakpoint's slot it is decoded again: few pages
/// have one, and speed is not what somebody at a breakpoint is there for.
Handler handler_behind(const Cpu& cpu, const Op* op) {
  if (op == cpu.page->ops.data() + cpu.page->marked_slot) return cpu.page->behind_mark;
  Op fresh{};
  fresh.insn = op->insn;
  decode_a64(fresh, cpu.model);
  return fresh.run;
}

}  // namespace

void look_out_for(Cpu& cpu, const Marks& marks) {
  const bool reached = cpu.marks.reached;
  const u64 announced = cpu.marks.announced;
  const bool moved = marks.pc != cpu.marks.pc;
  cpu.marks = marks;
  cpu.marks.reached = reached;
  cpu.marks.announced = announced;
  // Pages are marked when their translation is looked up.
  if (moved && marks.pc) cpu.flush_translations();
}

void mark_page(Cpu& cpu, CodePage& page, u64 page_va) {
  if (!cpu.marks.pc && page.marked_slot < kOpsPerPage) {
    page.ops[page.marked_slot].run = undecoded;
    page.marked_slot = kOpsPerPage;
  }
  if (!cpu.marks.pc || (*cpu.marks.pc & ~(kPageBytes - 1)) != page_va) return;
  const auto slot = static_cast<unsigned>(*cpu.marks.pc % kPageBytes / 4);
  if (page.marked_slot == slot) return;
  if (page.marked_slot < kOpsPerPage) page.ops[page.marked_slot].run = undecoded;
  page.marked_slot = slot;
  page.ops[slot].run = undecoded;
}

bool stops_at_mark(Cpu& cpu, const Op* op) {
  if (cpu.marks.pc != pc_of(cpu, op)) return false;
  settle_before(cpu, op);
  return cpu.marks.announced != cpu.retired;
}

const Op* marked(Cpu& cpu, const Op* op) {
  if (stops_at_mark(cpu, op)) {
    cpu.pc = pc_of(cpu, op);
    cpu.marks.announced = cpu.retired;
    reach(cpu);
    return &cpu.exit_op;
  }
  switch (halt_at_breakpoint(cpu, op)) {
    case Onward::Leave:
      return leave_before(cpu, op);
    case Onward::Watch:
      run_halting(cpu, op);
      return &cpu.exit_op;
    case Onward::Execute:
      break;
  }
  return handler_behind(cpu, op)(cpu, op);
}

const Op* mark_hint(Cpu& cpu, const Op* op) {
  if (cpu.marks.hint != op->imm) return op + 1;
  settle_after(cpu, op);
  reach(cpu);
  return leave_after(cpu, op, pc_of(cpu, op) + 4);
}

void entered_guest(Cpu& cpu, Vmid vmid) {
  using enum Marks::World;
  if (cpu.marks.world == Any || (cpu.marks.world == One && cpu.marks.vmid == vmid)) reach(cpu);
}

}  // namespace tw::cpu
