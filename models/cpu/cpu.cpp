#include "cpu/cpu.hpp"

#include "cpu/code_cache.hpp"
#include "cpu/engine.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/pointer_authentication.hpp"
#include "cpu/pipeline/branch_predictor.hpp"
#include "vmsa/fields.hpp"

namespace tw::cpu {

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
      pipeline(config, ledger) {
  configure(config_);
  code.attach(*this);
  select_views();
}

Cpu::~Cpu() = default;

void Cpu::configure(const Config& config_) {
  config = config_;
  pipeline.configure(config);
  predictor.reset();
  if (pipeline.model() != Pipeline::Model::Simple) predictor = std::make_unique<BranchPredictor>(config.prediction);
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
}

void Cpu::reset(Va entry) {
  x.fill(0);
  flags = {};
  monitor = {};
  event_register = waiting_for_event = waiting_for_interrupt = false;
  halted = false;
  powered = true;
  flush_translations();
  if (predictor) predictor->flush();
  reset_system_state(*this);
  pc = entry.value;
}

void Cpu::select_branch_context() {
  const bool guest = pstate.el < El::El2 && controls.stage2_enabled();
  predictor->set_context({.el = pstate.el,
                          .secure = controls.secure,
                          .guest = guest,
                          .vmid = guest ? vmsa::current_vmid(controls).value : u16{0},
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

void Cpu::observe(AccessPort* who) {
  observer = who;
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

}  // namespace tw::cpu
