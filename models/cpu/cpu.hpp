// One core: architectural state, and the hot pointers that the instruction handlers touch. A plain struct: handlers are
// free functions in isa/ and system/. The run loop is in engine.cpp, the memory path in memory.{hpp,cpp}.
#pragma once

#include <array>
#include <memory>

#include "base/types.hpp"
#include "cost/ledger.hpp"
#include "cpu/config.hpp"
#include "cpu/host_contexts.hpp"
#include "cpu/marks.hpp"
#include "cpu/op.hpp"
#include "cpu/pipeline/pipeline.hpp"
#include "cpu/ports.hpp"
#include "cpu/system/performance_state.hpp"
#include "vmsa/controls.hpp"

namespace tw::arm {
enum class SysReg : u16;
struct CpuModel;
}  // namespace tw::arm

namespace tw::cpu {

class BranchPredictor;
class CodeCache;
class PointerCodes;
struct Halting;

/// PSTATE.{N,Z,C,V}, one byte each so that flag-setting handlers store without merging.
struct Flags {
  u8 n = 0, z = 0, c = 0, v = 0;
  u64 nzcv() const { return u64{n} << 31 | u64{z} << 30 | u64{c} << 29 | u64{v} << 28; }
  void set_nzcv(u64 value) {
    n = (value >> 31) & 1;
    z = (value >> 30) & 1;
    c = (value >> 29) & 1;
    v = (value >> 28) & 1;
  }
};

/// The rest of PSTATE. DAIF bits are in SPSR's positions divided by 64: D=8 A=4 I=2 F=1.
struct Pstate {
  El el = El::El3;
  bool sp_sel = true;
  u8 daif = 0xF;
  bool ss = false;
  bool il = false;
  bool pan = false;
  bool uao = false;
  bool ssbs = false;
  bool aarch32 = false;  ///< nRW; AArch32 comes in a later issue
};

/// Interrupt inputs of the core, as levels. Virtual lines come from the GIC's virtual CPU interface; HCR_EL2.VI/VF/VSE
/// are or-ed in by the core.
enum class Line : u8 { Irq, Fiq, SError, VirtualIrq, VirtualFiq };

enum class Fidelity : u8 { Functional, Timed };

/// Why run() came back.
enum class StopReason : u8 {
  Budget,      ///< the slice is used up, or something outside must be looked at first (device access, timer write)
  Waiting,     ///< in WFI or WFE: nothing to do until an interrupt line or an event
  PoweredOff,  ///< PSCI CPU_OFF or not yet started
  Halted,      ///< the platform was told to stop (power off, semihosting exit)
};

/// The local exclusive monitor. STXR succeeds when the address matches and memory still holds what LDXR saw.
struct ExclusiveMonitor {
  bool valid = false;
  u8 size = 0;
  u64 va = 0;
  u64 pa = 0;
  u64 value[2] = {0, 0};
};

/// Self-hosted debug as armed by MDSCR_EL1 and the OS lock (system/debug.hpp).
struct DebugState {
  bool step = false;
  u8 breakpoints = 0, watchpoints = 0;  ///< bit n: number n is on
  bool stepped = false;                 ///< the last instruction was stepped: ESR_ELx.ISV of the exception to come
  bool stepped_exclusive = false;
  bool armed() const { return step || breakpoints != 0; }
};

/// One of V0..V31, little-endian: d[0] holds bits 63:0.
struct alignas(16) VectorRegister {
  u64 d[2] = {0, 0};
};

inline constexpr unsigned kSysRegSlots = 640;

struct Cpu {
  Cpu(unsigned index, const Config& config, const arm::CpuModel& model, MmuPort& mmu, BusPort& bus, TimerPort& timer,
      SystemPort& system, CodeCache& code, cost::CoreLedger& ledger);
  ~Cpu();
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  // ---- control: called by the shell and by tests -------------------------------------------------------------------
  /// Cold reset into the highest EL that the configuration has; execution will start at `entry`.
  void reset(Va entry);
  /// Runs until `cycles` more cycles are charged, or until something needs the platform. In functional fidelity the
  /// core stops at the first taken branch at or after the budget; in timed fidelity at the exact instruction.
  StopReason run(u64 cycles);
  /// Executes exactly one instruction (or takes one pending interrupt instead). For tests, debuggers, co-simulation.
  StopReason step();
  /// Time passes while the core waits or is off: charged to Cause::Idle.
  void idle(u64 cycles) {
    ledger.idle(cycles);
    idle_cycles += cycles;
  }
  /// Drives an interrupt input. May be called from inside a device access of this very core.
  void set_line(Line line, bool level);
  bool line(Line which) const { return (lines >> static_cast<unsigned>(which)) & 1; }
  void set_event();  ///< SEV, event stream
  /// In WFE behind a load exclusive: another core's store to what it saw ends the wait. run() looks at memory.
  bool waits_for_store() const { return waiting_for_event && monitor.valid; }
  /// Asks run() to return as soon as the present instruction is done.
  void request_exit() {
    slice_end = 0;
    cycle_limit = 0;
  }
  void halt();  ///< run() returns Halted from now on
  void set_fidelity(Fidelity fidelity);
  /// What timed fidelity costs, from now on. Before the first timed instruction; `config` differs in nothing else.
  void configure(const Config& config);
  /// Host-side shortcuts (host page pointers, decoded-page lookup) on or off. No report byte may change.
  void set_host_shortcuts(bool on);
  /// Who is told of all accesses from now on; nullptr: nobody. The core is between two instructions. No report byte
  /// changes.
  void observe(AccessPort* observer);
  /// Forget host pointers (DMI invalidated).
  void flush_host_pages();
  /// Forget translations cached on the host side: all, or what a TLBI names.
  void flush_translations();
  void forget_translations(const vmsa::Invalidate& what);
  /// Drops write permission of the host shortcuts to this physical page: it now holds decoded code.
  void protect_code(Pa page);
  /// The exact PC of the next instruction, when not inside run().
  Va pc_now() const { return Va{pc}; }

  // ---- hot state ---------------------------------------------------------------------------------------------------
  std::array<u64, kRegisterSlots> x{};
  Flags flags;
  u64 pc = 0;  ///< valid outside the run loop and after an exit; inside it use pc_of(cpu, op)
  u64 page_va = 0;
  CodePage* page = nullptr;
  const Op* run_start = nullptr;          ///< first op of the straight run that is not yet counted in `retired`
  u64 retired = 0;                        ///< instructions since reset
  u64 slice_end = 0;                      ///< functional: leave at the first taken branch once retired >= slice_end
  u64 cycle_limit = 0;                    ///< timed: leave once ledger.elapsed() >= cycle_limit
  HostView* view = nullptr;               ///< shortcuts of the present EL, or the empty ones
  HostView* unprivileged_view = nullptr;  ///< those of LDTR and STTR
  HostView* known_view = nullptr;  ///< what accesses that are looked at one by one, and fetches, need not translate
  HostView* known_unprivileged_view = nullptr;
  Op exit_op;  ///< returned by handlers to leave the loop

  // ---- the rest of the architectural state
  Pstate pstate;
  std::array<u64, kSysRegSlots> sysreg{};    ///< indexed by arm::SysReg; use reg()
  std::array<u64, kSysRegSlots> writable{};  ///< CpuModel::writable, by arm::SysReg
  std::array<VectorRegister, 32> v{};
  bool fp_allowed = false;  ///< the FP access check has passed since the last change of EL or of a control register
  vmsa::Controls controls;  ///< mirror of the translation registers, kept by system/
  ExclusiveMonitor monitor;
  DebugState debug;
  u64 exceptions = 0;  ///< taken since reset
  PerformanceMonitors pmu;
  u64 idle_cycles = 0;  ///< of the ledger's: no clock runs, so that no cycle is counted
  u8 lines = 0;
  bool event_register = false;
  bool waiting_for_interrupt = false, waiting_for_event = false;
  bool powered = false;
  bool halted = false;
  Marks marks;
  u64& reg(arm::SysReg which) { return sysreg[static_cast<unsigned>(which)]; }
  u64 reg(arm::SysReg which) const { return sysreg[static_cast<unsigned>(which)]; }

  // ---- surroundings
  const unsigned index;
  Config config;
  const arm::CpuModel& model;
  MmuPort& mmu;
  BusPort& bus;
  TimerPort& timer;
  SystemPort& system;
  GicPort* gic = nullptr;  ///< set before reset(); without one ICC_* and ICH_* are UNDEFINED
  CodeCache& code;
  cost::CoreLedger& ledger;
  std::array<u64, cost::kCauseCount> cost_of{};  ///< the simple pipeline's cycles of one instruction by class
  Pipeline pipeline;                             ///< timed
  std::unique_ptr<BranchPredictor> predictor;    ///< timed, but for the simple pipeline
  CachePort* caches = nullptr;                   ///< timed: without them every cacheable access hits
  TablePort* tables = nullptr;                   ///< timed: who looks at stores and barriers, if anybody
  Halting* halting = nullptr;                    ///< what an external debugger wants, if there is one
  AccessPort* observer = nullptr;                ///< set by observe()
  bool halts_at_data = false;                    ///< it has watchpoints: no data access has a host shortcut
  Fidelity fidelity = Fidelity::Functional;
  bool shortcuts = true;

  // ---- private parts of engine.cpp and memory.cpp
  HostContexts host;
  HostView no_shortcuts;  ///< stays empty
  /// Points the views at those of the present EL (or at the empty one); after any change of EL, context or fidelity.
  void select_views() {
    if (fidelity == Fidelity::Timed && predictor) select_branch_context();
    if (observer != nullptr) observer->context_changed();
    view = unprivileged_view = known_view = known_unprivileged_view = &no_shortcuts;
    if (!shortcuts || debug.watchpoints != 0 || halts_at_data) return;
    known_view = &host.view(pstate.el, pstate.pan);
    known_unprivileged_view = pstate.el == El::El1 && !pstate.uao ? &host.view(El::El0) : known_view;
    if (fidelity == Fidelity::Timed || observer != nullptr) return;
    view = known_view;
    unprivileged_view = known_unprivileged_view;
  }
  /// Tells the branch predictor where the core executes now.
  void select_branch_context();
  std::unique_ptr<CodePage> uncached_page;
  std::unique_ptr<PointerCodes> pointer_codes;  ///< made when first needed (FEAT_PAuth)
  const Op* fetched_line = nullptr;             ///< timed: the first op of the cache line that was fetched last
  u64 fetch_page_tag = ~u64{0};                 ///< VA page | EL that the fetch unit translated last; ~0: none
  CodePage* fetch_page = nullptr;
  Ipa fetch_ipa{};  ///< with an observer: of the page that is executed
  Pa fetch_pa{};
  unsigned uncached_slot = 0;  ///< the op of uncached_page that is decoded
  u64 charged = 0;             ///< of `retired`, those charged and retired in the ledger (functional)
  u64 scratch[2] = {0, 0};     ///< result of a slow load
};

// ---- for handlers

inline u64 pc_of(const Cpu& cpu, const Op* op) { return cpu.page_va + static_cast<u64>(op - cpu.page->ops.data()) * 4; }

/// Brings the ledger up to date with everything before `op` (respectively up to and including it), so that its charges,
/// contexts and elapsed() are exact. Every handler path that takes an exception, changes the ledger's context, reads
/// the time or goes to the bus calls one of them first. Idempotent.
void settle_before(Cpu& cpu, const Op* op);
void settle_after(Cpu& cpu, const Op* op);

/// Leaves the run loop with `op` completed; execution goes on at `next_pc` after the loop has looked at interrupts, the
/// budget and changed controls. For context-synchronising instructions and cross-page branches.
const Op* leave_after(Cpu& cpu, const Op* op, u64 next_pc);
/// Leaves the loop because `op` did not complete: an exception was taken, and cpu.pc is its vector.
const Op* leave_before(Cpu& cpu, const Op* op);
/// Cross-page part of branch_to.
const Op* branch_out(Cpu& cpu, u64 target);

/// A taken branch. `target` must be a complete address (TBI already applied by the caller for indirect branches).
inline const Op* branch_to(Cpu& cpu, const Op* op, u64 target) {
  cpu.retired += static_cast<u64>(op - cpu.run_start) + 1;
  if (((target ^ cpu.page_va) & ~u64{0xFFC}) == 0 && cpu.retired < cpu.slice_end) [[likely]] {
    return cpu.run_start = cpu.page->ops.data() + ((target & 0xFFF) >> 2);
  }
  return branch_out(cpu, target);
}

}  // namespace tw::cpu
