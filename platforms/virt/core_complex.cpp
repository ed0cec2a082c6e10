#include "platforms/virt/core_complex.hpp"

namespace tw::virt {

CoreComplex::CoreComplex(sc_core::sc_module_name name, unsigned index, const Context& context)
    : sc_module(name),
      index_(index),
      cluster_(context.cluster),
      gic_(context.gic),
      ledger_(index, context.ledger_limits),
      walker_("walker", index, context.clock),
      descriptors_(context.caches, walker_, index, ledger_),
      caches_(context.caches, index, ledger_),
      shell_(
          "cpu", index, context.config.core, context.model, context.clock,
          sc_core::sc_time(static_cast<double>(context.config.platform.quantum_ns), sc_core::SC_NS),
          {.mmu = *this, .timer = *this, .system = *this, .code = context.code, .ledger = ledger_, .run = context.run}),
      timers_("timers", context.config.timer,
              {.outputs = *this,
               .core_time_ps = [this] { return tlm::to_picoseconds(shell_.local_time()); },
               .stream_event = [this] { shell_.send_event(); }}) {
  configure(context.config);
  shell_.set_host_shortcuts(context.config.platform.host_shortcuts);
  if (gic_ != nullptr) core().gic = this;
  if (context.caches.enabled()) core().caches = &caches_;
  walker_.set_host_shortcuts(context.config.platform.host_shortcuts);
  set_fidelity(cpu::Fidelity::Functional);
}

void CoreComplex::configure(const config::PlatformConfig& config) {
  descriptors_.set_first_level_latency(config.mmu.descriptor_latency);
  mmu_.emplace(config.mmu, descriptors_, ledger_);
  mmu_->set_timed(false);
  core().configure(config.core);
}

void CoreComplex::set_fidelity(cpu::Fidelity fidelity) {
  core().set_fidelity(fidelity);
  mmu_->set_timed(fidelity == cpu::Fidelity::Timed);
}

vmsa::Translation CoreComplex::translate(const vmsa::Access& access, const vmsa::Controls& controls, u64 now,
                                         cost::Latency& latency) {
  return mmu_->translate(access, controls, now, latency);
}

vmsa::Translation CoreComplex::peek(const vmsa::Access& access, const vmsa::Controls& controls) const {
  return mmu_->peek(access, controls);
}

void CoreComplex::invalidate(const vmsa::Invalidate& what, u64 now) {
  if (what.broadcast) {
    cluster_.invalidate_everywhere(index_, what, now);
  } else {
    await_invalidation(forget_translations(what, true, now));
  }
}

u64 CoreComplex::invalidations_done(u64 now) {
  return std::max(cluster_.invalidations_done(index_, now), invalidations_done_);
}

void CoreComplex::observe(CoreObserver& observer) {
  observer_ = &observer;
  descriptors_.observe(observer);
}

void CoreComplex::watch_contract(mmu::Contract& contract) {
  contract_ = &contract;
  mmu_->watch_contract(contract, index_);
  core().tables = this;
}

void CoreComplex::written(Pa pa, u64 value, unsigned size, u64 now) {
  if (contract_->watches(pa.value)) contract_->written(pa.value, value, size, index_, now);
}

void CoreComplex::data_synchronised() { contract_->data_synchronised(index_); }

void CoreComplex::context_synchronised() { contract_->context_synchronised(index_); }

cpu::MmuEvents CoreComplex::events() const {
  const mmu::EventCounts counts = mmu_->events();
  return {.l1i_lookups = counts.l1i.lookups,
          .l1i_refills = counts.l1i.refills,
          .l1d_lookups = counts.l1d.lookups,
          .l1d_refills = counts.l1d.refills,
          .l2_lookups = counts.l2.lookups,
          .l2_refills = counts.l2.refills,
          .instruction_walks = counts.instruction_walks,
          .data_walks = counts.data_walks};
}

u64 CoreComplex::forget_translations(const vmsa::Invalidate& what, bool of_this_core, u64 now) {
  core().forget_translations(what);
  if (observer_ != nullptr) observer_->invalidated(what, of_this_core);
  return of_this_core ? mmu_->invalidate(what, now) : mmu_->invalidate_for_another(what, now);
}

u64 CoreComplex::read(arm::TimerRegister reg) { return timers_.read(reg); }

void CoreComplex::write(arm::TimerRegister reg, u64 value) {
  shell_.synchronise();
  timers_.write(reg, value);
  shell_.reconsider_slice();
}

/// As a device: the core waits for the platform's time, so that no core's interrupt comes early or late. A debugger's
/// look takes no time.
u64 CoreComplex::read(arm::GicRegister reg, const arm::GicAccess& access) {
  if (access.debug) return gic_->read(index_, reg, access);
  shell_.synchronise();
  const u64 value = gic_->read(index_, reg, access);
  charge_gic(gic_->config().system_register_read);
  shell_.reconsider_slice();
  return value;
}

void CoreComplex::write(arm::GicRegister reg, u64 value, const arm::GicAccess& access) {
  shell_.synchronise();
  gic_->write(index_, reg, value, access);
  charge_gic(gic_->config().system_register_write);
  shell_.reconsider_slice();
}

void CoreComplex::world(arm::GicWorld world) { gic_->set_world(index_, world); }

void CoreComplex::charge_gic(u64 cycles) {
  if (core().fidelity == cpu::Fidelity::Timed) ledger_.charge(cost::Cause::Gic, cycles);
}

bool CoreComplex::firmware_call(cpu::Cpu& cpu, Conduit conduit) { return cluster_.firmware_call(cpu, conduit); }
bool CoreComplex::semihosting_call(cpu::Cpu& cpu) { return cluster_.semihosting_call(cpu); }
void CoreComplex::send_event() { cluster_.send_event_everywhere(); }

/// The interrupt controller sees the wire at the core's own time.
void CoreComplex::performance_interrupt(cpu::Cpu&, bool level) {
  shell_.synchronise();
  cluster_.performance_line(index_, level);
  shell_.reconsider_slice();
}
void CoreComplex::set(timer::Timer which, bool level) { cluster_.timer_line(index_, which, level); }

void CoreComplex::unimplemented_encoding(u32 insn, Va pc) {
  Unimplemented& met = unimplemented_[insn];
  if (met.count++ == 0) met.first_pc = pc.value;
}

}  // namespace tw::virt
