// The run loop. An op executes and returns the next op; the loop only follows. What differs between the fidelities is
// what happens around an op, a timing policy: functional counts straight runs at taken branches and looks at the budget
// there; timed charges every op by its class and stops at the exact instruction.
#include "cpu/engine.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "arm/control_bits.hpp"
#include "arm/cpu_model.hpp"
#include "cpu/code_cache.hpp"
#include "cpu/cpu.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/pointer_authentication.hpp"
#include "cpu/isa/encoding.hpp"
#include "cpu/memory.hpp"
#include "cpu/system/debug.hpp"
#include "cpu/system/performance_monitors.hpp"
#include "vmsa/fields.hpp"

namespace tw::cpu {

namespace {

constexpr unsigned kLineBytes = 64, kOpsPerLine = kLineBytes / 4;
constexpr u64 kNever = std::numeric_limits<u64>::max();
constexpr u64 kHcrVirtualInterrupts = arm::hcr::VSE | arm::hcr::VI | arm::hcr::VF;

/// Whose time an op is: a move of EL1&0 context registers is a world switch only at the ELs that switch worlds.
cost::Cause cause_of(const Cpu& cpu, const Op* op) {
  return op->cost == cost::Cause::ContextRegister && cpu.pstate.el < El::El2 ? cost::Cause::SystemRegister : op->cost;
}

/// Decodes the instruction word of `op`. False: the page's bytes are not at hand and must be fetched from the bus.
bool decode(Cpu& cpu, const Op* op) {
  CodePage& page = *cpu.page;
  if (page.host == nullptr) return false;
  const auto slot = static_cast<std::size_t>(op - page.ops.data());
  Op fresh{};
  std::memcpy(&fresh.insn, page.host + slot * 4, 4);
  decode_a64(fresh, cpu.model);
  cpu.code.watch(page);
  page.ops[slot] = fresh;
  if (page.timing) (*page.timing)[slot].known = false;
  return true;
}

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
  page.ops[cpu.uncached_slot] = fresh;
  if (page.timing) (*page.timing)[cpu.uncached_slot].known = false;
  return start_at(cpu, page, cpu.pc);
}

/// Timed: the page's entry of the instruction TLB is what it was; it is hit once more.
bool hits_tlb(HostView& view, u64 pc) {
  if (!view.residences || !view.fetch_residence(pc).valid()) return false;
  view.fetch_residence(pc).touch();
  return true;
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

  const bool timed = cpu.fidelity == Fidelity::Timed;
  HostView& view = timed ? *cpu.timed_view : *cpu.view;
  const bool shortcut = &view != &cpu.no_shortcuts;
  FetchEntry& entry = view.fetch_entry(pc);
  if (shortcut && entry.tag == page_va && (!timed || hits_tlb(view, pc))) {
    cpu.fetch_page = entry.page;
    cpu.fetch_page_tag = tag;
    return start_at(cpu, *entry.page, pc);
  }

  cost::Latency latency;
  const vmsa::Translation translation = cpu.mmu.translate(access_of(cpu, vmsa::AccessKind::Fetch, pc, false),
                                                          cpu.controls, cpu.ledger.elapsed(), latency);
  if (latency.total() != 0) cpu.pipeline.fetched(latency);
  if (!translation.ok()) {
    take_instruction_abort(cpu, pc, translation.fault);
    return nullptr;
  }
  const Pa page_pa = translation.pa.align_down(kPageBytes);
  const u8* host = cpu.bus.host_page(page_pa, false, translation.security());
  if (host == nullptr) {
    cpu.fetch_page = nullptr;
    return enter_uncached(cpu, translation);
  }
  CodePage& page = cpu.code.page(page_pa, host);
  page.cacheable = translation.attributes.inner_cacheable || translation.attributes.outer_cacheable;
  cpu.fetch_page = &page;
  cpu.fetch_page_tag = tag;
  if (shortcut) {
    entry = {page_va, &page, translation.block_bits};
    view.note(page_va, translation.block_bits);
    if (timed && !view.residences) view.residences = std::make_unique<ViewResidences>();
    if (timed) view.fetch_residence(pc) = translation.residence;
  }
  return start_at(cpu, page, pc);
}

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

/// Executes an op and counts it for the performance monitors if it retires.
const Op* run_counted(Cpu& cpu, const Op* op) {
  const auto retired_at = [&cpu](const Op* next) { return cpu.retired + static_cast<u64>(next - cpu.run_start); };
  const u64 before = retired_at(op), at_branches = cpu.retired;
  const Op* next = op->run(cpu, op);
  const bool retires = (next == &cpu.exit_op ? cpu.retired : retired_at(next)) > before;
  if (retires) pmu_count_op(cpu, *op, cpu.retired != at_branches);
  return next;
}

inline const OpTiming& timing_of(Cpu& cpu, const Op* op) {
  CodePage& page = *cpu.page;
  OpTiming& timing = (*page.timing)[static_cast<std::size_t>(op - page.ops.data())];
  if (!timing.known) [[unlikely]] {
    timing = time_of(op->insn, find_a64(op->insn), cpu.model.features.pauth);
    timing.known = true;
  }
  return timing;
}

/// The instruction side's cache, a line at a time; before anything of the line runs.
void fetch_line(Cpu& cpu, const Op* op) {
  if (!cpu.page->timing) cpu.page->timing = std::make_unique<std::array<OpTiming, kOpsPerPage + 1>>();
  const auto slot = static_cast<std::size_t>(op - cpu.page->ops.data());
  const std::size_t first = slot & ~std::size_t{kOpsPerLine - 1};
  cpu.fetched_line = cpu.page->ops.data() + first;
  if (cpu.caches == nullptr || !cpu.page->cacheable) return;
  cost::Latency latency, as_fetch;
  CachePort::Access access = cache_access_of(cpu, op, cpu.page->pa + first * 4, CachePort::Kind::Fetch, kLineBytes);
  access.now = cpu.ledger.elapsed();
  cpu.caches->access(access, latency);
  if (latency.total() == 0) return;
  as_fetch.add(cost::Cause::Fetch, latency.total());
  cpu.pipeline.fetched(as_fetch);
}

/// Executes an op in the time of the pipeline model.
template <Pipeline::Model model, bool by_op>
const Op* run_timed(Cpu& cpu, const Op* op) {
  const auto execute = [&] { return by_op ? run_counted(cpu, op) : op->run(cpu, op); };
  if (op->run == page_end) [[unlikely]]
    return execute();
  if (reinterpret_cast<u64>(op) - reinterpret_cast<u64>(cpu.fetched_line) >= u64{kOpsPerLine} * sizeof(Op))
    fetch_line(cpu, op);
  const cost::Cause cause = cause_of(cpu, op);
  if constexpr (model == Pipeline::Model::Simple) {
    // Before it executes, so that an exception's own cost comes after it.
    cpu.ledger.charge(cause, cpu.cost_of[static_cast<unsigned>(cause)]);
    return execute();
  } else {
    const OpTiming timing = timing_of(cpu, op);
    const u64 exceptions = cpu.exceptions;
    const u64 behind = timing.is(kOpBranch) ? pc_of(cpu, op) + 4 : 0;
    cpu.pipeline.begin<model>(timing, cause);
    const Op* const next = execute();
    if (next == &cpu.exit_op && cpu.exceptions != exceptions) return next;  // it has not completed
    cpu.pipeline.end<model>(timing, cause);
    if (timing.is(kOpBranch)) {
      const u64 target = next == &cpu.exit_op ? cpu.pc : pc_of(cpu, next);
      const bool taken = target != behind;
      const Prediction prediction = cpu.predictor.predict_and_train({.pc = behind - 4,
                                                                     .target = taken ? target : behind - 4 + op->imm,
                                                                     .kind = branch_kind_of(timing),
                                                                     .taken = taken});
      cpu.pipeline.branched(taken, prediction);
    }
    return next;
  }
}

/// One cycle an instruction; nothing to do around an op.
struct FunctionalTiming {
  static void run(Cpu& cpu, const Op* op) {
    const Op* const exit = &cpu.exit_op;
    do {
      op = op->run(cpu, op);
      op = op->run(cpu, op);
      op = op->run(cpu, op);
      op = op->run(cpu, op);
    } while (op != exit);
  }
  static void run_by_op(Cpu& cpu, const Op* op) {
    while (op != &cpu.exit_op) op = run_counted(cpu, op);
  }
};

/// Places every op in the time of the pipeline model; stops at the exact instruction.
template <Pipeline::Model model>
struct PipelineTiming {
  static void run(Cpu& cpu, const Op* op) { follow<false>(cpu, op); }
  static void run_by_op(Cpu& cpu, const Op* op) { follow<true>(cpu, op); }

 private:
  template <bool by_op>
  static void follow(Cpu& cpu, const Op* op) {
    const Op* const exit = &cpu.exit_op;
    while (true) {
      // An op that cannot be decoded here leaves the loop by itself, uncharged, and comes back decoded.
      if (op->run == undecoded) [[unlikely]] {
        if (!decode(cpu, op)) {
          op->run(cpu, op);
          return;
        }
      }
      const Op* next = run_timed<model, by_op>(cpu, op);
      if (next == exit) return;
      if (cpu.ledger.elapsed() >= cpu.cycle_limit) {
        settle_before(cpu, next);
        cpu.pc = pc_of(cpu, next);
        return;
      }
      op = next;
    }
  }
};

void run_timed_loop(Cpu& cpu, const Op* op) {
  const auto run = [&]<class Timing>(Timing) { cpu.pmu.by_op ? Timing::run_by_op(cpu, op) : Timing::run(cpu, op); };
  switch (cpu.pipeline.model()) {
    case Pipeline::Model::Simple:
      return run(PipelineTiming<Pipeline::Model::Simple>{});
    case Pipeline::Model::InOrder:
      return run(PipelineTiming<Pipeline::Model::InOrder>{});
    case Pipeline::Model::OutOfOrder:
      return run(PipelineTiming<Pipeline::Model::OutOfOrder>{});
  }
}

/// Interrupts, wake-up and fetch: what must be looked at between ops. Returns the op to run, or nullptr: look again.
const Op* look_around(Cpu& cpu) {
  if ((cpu.lines != 0 || (cpu.controls.hcr & kHcrVirtualInterrupts) != 0) && take_pending_interrupt(cpu))
    return nullptr;
  if (cpu.debug.step && take_pending_step(cpu)) return nullptr;
  return enter(cpu);
}

const Op* run_alone(Cpu& cpu, const Op* op) {
  const bool by_op = cpu.pmu.by_op;
  if (cpu.fidelity == Fidelity::Functional) return by_op ? run_counted(cpu, op) : op->run(cpu, op);
  const auto run = [&]<Pipeline::Model model>() {
    return by_op ? run_timed<model, true>(cpu, op) : run_timed<model, false>(cpu, op);
  };
  switch (cpu.pipeline.model()) {
    case Pipeline::Model::InOrder:
      return run.template operator()<Pipeline::Model::InOrder>();
    case Pipeline::Model::OutOfOrder:
      return run.template operator()<Pipeline::Model::OutOfOrder>();
    default:
      return run.template operator()<Pipeline::Model::Simple>();
  }
}

/// One instruction, with all that belongs to it.
void execute_one(Cpu& cpu, const Op* op) {
  if (op->run == undecoded && !decode(cpu, op)) {
    cpu.fetch_page = nullptr;  // comes back decoded, from the bus
    return;
  }
  const bool stepped = cpu.debug.step && step_active(cpu);
  const u32 insn = op->insn;
  const u64 exceptions = cpu.exceptions;
  const Op* next = run_alone(cpu, op);
  if (next != &cpu.exit_op) {
    settle_before(cpu, next);
    cpu.pc = pc_of(cpu, next);
  }
  if (stepped) step_done(cpu, insn, cpu.exceptions != exceptions);
}

/// The performance monitors, between two instructions. Returns how long the core may run before they must be looked at
/// again. request_exit() may be called in here: the platform hears of the interrupt.
u64 attend_monitors(Cpu& cpu) {
  cpu.slice_end = kNever;
  pmu_between_instructions(cpu);
  return cpu.pmu.enabled != 0 ? pmu_distance(cpu) : kNever;
}

/// Whether the core waits on; ends a wait that is over.
bool still_waiting(Cpu& cpu) {
  if (cpu.waits_for_store() && monitor_is_lost(cpu)) {
    cpu.monitor.valid = false;
    cpu.event_register = true;
  }
  if (cpu.waiting_for_event && cpu.event_register) {
    cpu.event_register = false;
    cpu.waiting_for_event = false;
  }
  if ((cpu.waiting_for_event || cpu.waiting_for_interrupt) && wakes_from_wfi(cpu)) {
    cpu.waiting_for_event = false;
    cpu.waiting_for_interrupt = false;
  }
  return cpu.waiting_for_event || cpu.waiting_for_interrupt;
}

}  // namespace

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

const Op* stay(Cpu&, const Op* op) { return op; }

void settle_before(Cpu& cpu, const Op* op) {
  cpu.retired += static_cast<u64>(op - cpu.run_start);
  cpu.run_start = op;
  const u64 fresh = cpu.retired - cpu.charged;
  cpu.charged = cpu.retired;
  cpu.ledger.retire(fresh);
  if (cpu.fidelity == Fidelity::Functional) cpu.ledger.charge(cost::Cause::Instruction, fresh);
}

void settle_after(Cpu& cpu, const Op* op) { settle_before(cpu, op + 1); }

const Op* leave_after(Cpu& cpu, const Op* op, u64 next_pc) {
  settle_after(cpu, op);
  cpu.pc = next_pc;
  return &cpu.exit_op;
}

const Op* leave_before(Cpu& cpu, const Op* op) {
  settle_before(cpu, op);
  return &cpu.exit_op;
}

const Op* branch_out(Cpu& cpu, u64 target) {
  if (cpu.retired < cpu.slice_end && target % 4 == 0) {
    const bool timed = cpu.fidelity == Fidelity::Timed;
    HostView& view = timed ? *cpu.timed_view : *cpu.view;
    const FetchEntry& entry = view.fetch_entry(target);
    if (entry.tag == (target & ~(kPageBytes - 1)) && (!timed || hits_tlb(view, target))) {
      cpu.fetch_page = entry.page;
      cpu.fetch_page_tag = entry.tag | static_cast<u64>(cpu.pstate.el);
      return start_at(cpu, *entry.page, target);
    }
  }
  settle_before(cpu, cpu.run_start);
  cpu.pc = target;
  return &cpu.exit_op;
}

Cpu::Cpu(unsigned index_, const Config& config_, const arm::CpuModel& model_, MmuPort& mmu_, BusPort& bus_,
         TimerPort& timer_, SystemPort& system_, CodeCache& code_, cost::CoreLedger& ledger_)
    : exit_op{.run = stay},
      index(index_),
      config(config_),
      model(model_),
      mmu(mmu_),
      bus(bus_),
      timer(timer_),
      system(system_),
      code(code_),
      ledger(ledger_),
      pipeline(config, ledger),
      predictor(config.prediction) {
  code.attach(*this);
  const auto cost = [this](cost::Cause cause, u64 cycles) { cost_of[static_cast<unsigned>(cause)] = cycles; };
  cost(cost::Cause::Integer, config.integer);
  cost(cost::Cause::Multiply, config.multiply);
  cost(cost::Cause::Divide, config.divide);
  cost(cost::Cause::Branch, config.branch);
  cost(cost::Cause::Load, config.load);
  cost(cost::Cause::Store, config.store);
  cost(cost::Cause::Exclusive, config.exclusive);
  cost(cost::Cause::Atomic, config.atomic);
  cost(cost::Cause::FpSimd, config.fp_simd);
  cost(cost::Cause::SystemRegister, config.system_register);
  cost(cost::Cause::ContextRegister, config.system_register);
  cost(cost::Cause::Barrier, config.barrier);
  cost(cost::Cause::CacheMaintenance, config.cache_maintenance);
  cost(cost::Cause::TlbMaintenance, config.tlb_maintenance);
  cost(cost::Cause::Hint, config.hint);
  select_views();
}

Cpu::~Cpu() = default;

void Cpu::reset(Va entry) {
  x.fill(0);
  flags = {};
  monitor = {};
  event_register = waiting_for_event = waiting_for_interrupt = false;
  halted = false;
  powered = true;
  flush_translations();
  reset_system_state(*this);
  pc = entry.value;
}

void Cpu::select_branch_context() {
  predictor.set_context({.el = pstate.el,
                         .secure = controls.secure,
                         .host = false,  // until the EL2&0 regime exists
                         .vmid = vmsa::current_vmid(controls).value,
                         .asid = vmsa::current_asid(controls).value});
}

void Cpu::halt() {
  halted = true;
  request_exit();
}

void Cpu::set_line(Line which, bool level) {
  const u8 mask = static_cast<u8>(1u << static_cast<unsigned>(which));
  if (level == ((lines & mask) != 0)) return;
  lines = level ? lines | mask : lines & static_cast<u8>(~mask);
  if (level) request_exit();
}

void Cpu::set_event() { event_register = true; }

void Cpu::set_fidelity(Fidelity which) {
  fidelity = which;
  pipeline.reset();
  flush_translations();
  select_views();
}

void Cpu::set_host_shortcuts(bool on) {
  shortcuts = on;
  flush_translations();
  select_views();
}

void Cpu::flush_host_pages() { code.forget_host_pages(); }

void Cpu::flush_translations() {
  host.forget_all();
  fetch_page = nullptr;
  fetched_line = nullptr;
}

void Cpu::forget_translations(const vmsa::Invalidate& what) {
  host.forget(what);
  fetch_page = nullptr;
}

StopReason Cpu::run(u64 cycles) {
  const u64 deadline = ledger.elapsed() + cycles;
  while (true) {
    u64 longest = kNever;
    if (pmu.busy()) {
      longest = attend_monitors(*this);
      if (slice_end == 0) return StopReason::Budget;
    }
    if (halted) return StopReason::Halted;
    if (!powered) return StopReason::PoweredOff;
    if (still_waiting(*this)) return StopReason::Waiting;
    if (ledger.elapsed() >= deadline) return StopReason::Budget;
    if (fidelity == Fidelity::Functional) {
      slice_end = retired + std::min(deadline - ledger.elapsed(), longest);
      cycle_limit = kNever;
    } else {
      slice_end = kNever;
      cycle_limit = ledger.elapsed() + std::min(deadline - ledger.elapsed(), longest);
    }
    const Op* op = look_around(*this);
    if (op == nullptr) continue;
    if (debug.armed()) [[unlikely]] {
      execute_one(*this, op);
    } else if (fidelity == Fidelity::Functional) {
      pmu.by_op ? FunctionalTiming::run_by_op(*this, op) : FunctionalTiming::run(*this, op);
    } else {
      run_timed_loop(*this, op);
    }
    // request_exit() was called: a device, a timer or another core wants to be looked at.
    if (slice_end == 0 && !waiting_for_interrupt && !waiting_for_event && !halted && powered) return StopReason::Budget;
  }
}

StopReason Cpu::step() {
  if (halted) return StopReason::Halted;
  if (!powered) return StopReason::PoweredOff;
  if (still_waiting(*this)) return StopReason::Waiting;
  if (pmu.busy()) attend_monitors(*this);
  slice_end = kNever;
  cycle_limit = kNever;
  const Op* op = look_around(*this);
  if (op == nullptr) return StopReason::Budget;
  execute_one(*this, op);
  return halted ? StopReason::Halted : StopReason::Budget;
}

}  // namespace tw::cpu
