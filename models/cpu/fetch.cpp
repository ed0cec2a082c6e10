#include "cpu/fetch.hpp"

#include <cstring>

#include "cpu/code_cache.hpp"
#include "cpu/cpu.hpp"
#include "cpu/engine.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/halting.hpp"
#include "cpu/isa/encoding.hpp"
#include "cpu/memory.hpp"
#include "cpu/system/debug.hpp"

namespace tw::cpu {

namespace {

/// A decoded op takes its place.
void put(const CodeCache& code, CodePage& page, std::size_t slot, const Op& fresh) {
  page.ops[slot] = fresh;
  if (page.timing) (*page.timing)[slot].known = false;
  if (slot != page.marked_slot && !code.halts(slot)) [[likely]]
    return;
  if (slot == page.marked_slot) page.behind_mark = fresh.run;
  page.ops[slot].run = marked;
}

}  // namespace

bool decode(Cpu& cpu, const Op* op) {
  CodePage& page = *cpu.page;
  if (page.host == nullptr) return false;
  const auto slot = static_cast<std::size_t>(op - page.ops.data());
  Op fresh{};
  std::memcpy(&fresh.insn, page.host + slot * 4, 4);
  decode_a64(fresh, cpu.model);
  cpu.code.watch(page);
  put(cpu.code, page, slot, fresh);
  return true;
}

bool executes(Cpu& cpu, const Op* op) {
  if (op->run == undecoded && !decode(cpu, op)) return false;
  if (op->run != marked) return true;
  if (stops_at_mark(cpu, op)) return false;
  const Onward onward = halt_at_breakpoint(cpu, op);
  if (onward == Onward::Execute) return true;
  cpu.halting->onward = onward;
  cpu.page->ops[static_cast<std::size_t>(op - cpu.page->ops.data())].run = marked;  // the breakpoint may be gone
  return false;
}

namespace {

const Op* start_at(Cpu& cpu, CodePage& page, u64 pc) {
  cpu.page = &page;
  cpu.page_va = pc & ~(kPageBytes - 1);
  return cpu.run_start = page.ops.data() + (pc % kPageBytes) / 4;
}

/// Fetches one instruction from something that is not plain memory.
const Op* enter_uncached(Cpu& cpu, const vmsa::Translation& translation) {
  const Pa word = translation.pa;
  const BusResult fetched =
      cpu.bus.access({.pa = word, .size = 4, .fetch = true, .security = translation.security(), .el = cpu.pstate.el});
  if (cpu.fidelity == Fidelity::Timed) cpu.ledger.charge(cost::Cause::Memory, fetched.cycles);
  if (!fetched.ok) {
    take_instruction_abort(cpu, cpu.pc, {.type = vmsa::FaultType::External, .va = Va{cpu.pc}});
    return nullptr;
  }
  if (!cpu.uncached_page) {
    cpu.uncached_page = std::make_unique<CodePage>();
    CodeCache::mark_undecoded(*cpu.uncached_page);
    cpu.uncached_page->cacheable = false;
  }
  CodePage& page = *cpu.uncached_page;
  page.ops[cpu.uncached_slot].run = undecoded;
  cpu.uncached_slot = static_cast<unsigned>((cpu.pc % kPageBytes) / 4);
  Op fresh{};
  fresh.insn = static_cast<u32>(fetched.value);
  decode_a64(fresh, cpu.model);
  mark_page(cpu, page, cpu.pc & ~(kPageBytes - 1));
  put(cpu.code, page, cpu.uncached_slot, fresh);
  return start_at(cpu, page, cpu.pc);
}

/// Timed: the page's entry of the instruction TLB is what it was; it is hit once more.
bool hits_tlb(HostView& view, u64 pc) {
  if (!view.residences || !view.fetch_residence(pc).valid()) return false;
  view.fetch_residence(pc).touch();
  const FetchEntry& entry = view.fetch_entry(pc);
  entry.page->cacheable = entry.cacheable;
  return true;
}

/// The op at `pc` when its page need not be translated; else nullptr.
const Op* start_at_known(Cpu& cpu, u64 pc) {
  HostView& view = *cpu.known_view;
  const FetchEntry& entry = view.fetch_entry(pc);
  if (entry.tag != (pc & ~(kPageBytes - 1))) return nullptr;
  if (cpu.fidelity == Fidelity::Timed && !hits_tlb(view, pc)) return nullptr;
  cpu.fetch_page = entry.page;
  cpu.fetch_page_tag = entry.tag | static_cast<u64>(cpu.pstate.el);
  if (cpu.observer != nullptr) {
    const ViewAddresses::Page& page = view.fetch_addresses(pc);
    cpu.fetch_ipa = page.ipa;
    cpu.fetch_pa = page.pa;
  }
  return start_at(cpu, *entry.page, pc);
}

/// The op at cpu.pc, or nullptr when the fetch took an exception (cpu.pc is then the vector).
const Op* fetch(Cpu& cpu) {
  const u64 pc = cpu.pc;
  if (pc % 4 != 0) {
    take_pc_alignment_fault(cpu, pc);
    return nullptr;
  }
  const El el = cpu.pstate.el;
  const u64 page_va = pc & ~(kPageBytes - 1);
  const u64 tag = page_va | static_cast<u64>(el);
  if (cpu.fetch_page != nullptr && cpu.fetch_page_tag == tag) return start_at(cpu, *cpu.fetch_page, pc);

  if (const Op* const op = start_at_known(cpu, pc)) return op;

  cost::Latency latency;
  const vmsa::Translation translation = cpu.mmu.translate(access_of(cpu, vmsa::AccessKind::Fetch, pc, false),
                                                          cpu.controls, cpu.ledger.elapsed(), latency);
  if (latency.total() != 0) cpu.pipeline.fetched(latency);
  if (!translation.ok()) {
    take_instruction_abort(cpu, pc, translation.fault);
    return nullptr;
  }
  const Pa page_pa = translation.pa.align_down(kPageBytes);
  const Ipa page_ipa = translation.ipa.align_down(kPageBytes);
  cpu.fetch_ipa = page_ipa;
  cpu.fetch_pa = page_pa;
  const u8* host = cpu.bus.host_page(page_pa, false, translation.security());
  if (host == nullptr) {
    cpu.fetch_page = nullptr;
    return enter_uncached(cpu, translation);
  }
  CodePage& page = cpu.code.page(page_pa, host);
  page.cacheable = translation.attributes.inner_cacheable || translation.attributes.outer_cacheable;
  mark_page(cpu, page, page_va);
  cpu.fetch_page = &page;
  cpu.fetch_page_tag = tag;
  HostView& view = *cpu.known_view;
  if (&view != &cpu.no_shortcuts) {
    view.fetch_entry(pc) = {
        .tag = page_va, .page = &page, .block_bits = translation.block_bits, .cacheable = page.cacheable};
    view.note(page_va, translation.block_bits);
    if (cpu.fidelity == Fidelity::Timed) {
      if (!view.residences) view.residences = std::make_unique<ViewResidences>();
      view.fetch_residence(pc) = translation.residence;
    }
    if (cpu.observer != nullptr) {
      if (!view.addresses) view.addresses = std::make_unique<ViewAddresses>();
      view.fetch_addresses(pc) = {page_ipa, page_pa};
    }
  }
  return start_at(cpu, page, pc);
}

}  // namespace

/// fetch(), and the exceptions that come behind those of the fetch (Arm ARM D1.3.5.4: PC alignment, instruction abort,
/// breakpoint, then Illegal Execution state).
const Op* enter(Cpu& cpu) {
  const Op* op = fetch(cpu);
  if (op != nullptr && cpu.debug.breakpoints != 0 && take_breakpoint(cpu)) return nullptr;
  if (op == nullptr || !cpu.pstate.il) [[likely]]
    return op;
  take_illegal_state(cpu, cpu.pc);
  return nullptr;
}

const Op* undecoded(Cpu& cpu, const Op* op) {
  if (decode(cpu, op)) return op->run(cpu, op);
  settle_before(cpu, op);
  cpu.pc = pc_of(cpu, op);
  cpu.fetch_page = nullptr;
  return &cpu.exit_op;
}

const Op* page_end(Cpu& cpu, const Op* op) {
  cpu.retired += static_cast<u64>(op - cpu.run_start);
  cpu.run_start = op;
  return branch_out(cpu, cpu.page_va + kPageBytes);
}

const Op* branch_out(Cpu& cpu, u64 target) {
  if (cpu.retired < cpu.slice_end && target % 4 == 0) {
    if (const Op* const op = start_at_known(cpu, target)) return op;
  }
  settle_before(cpu, cpu.run_start);
  cpu.pc = target;
  return &cpu.exit_op;
}

}  // namespace tw::cpu
