// One core with what belongs to it: its ledger, its MMU and table walker, its timers, and the CPU shell. The blocks do
// not know each other; here their ports meet.
#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include <systemc>

#include "cpu/tlm/cpu_module.hpp"
#include "gic/v3/gic_v3.hpp"
#include "mmu/mmu.hpp"
#include "mmu/tlm/descriptor_module.hpp"
#include "platforms/config/all_parameters.hpp"
#include "platforms/virt/cluster_caches.hpp"
#include "timer/tlm/timer_module.hpp"

namespace tw::virt {

/// What one core needs of the others and of the platform.
class Cluster {
 public:
  virtual ~Cluster() = default;
  /// TLBI of core `from` for the inner-shareable domain, at its `now`.
  virtual void invalidate_everywhere(unsigned from, const vmsa::Invalidate& what, u64 now) = 0;
  /// When those of core `from` are complete everywhere, for a DSB at `now`.
  virtual u64 invalidations_done(unsigned from, u64 now) = 0;
  virtual void send_event_everywhere() = 0;
  virtual void timer_line(unsigned cpu, timer::Timer which, bool level) = 0;
  virtual void performance_line(unsigned cpu, bool level) = 0;
  virtual bool firmware_call(cpu::Cpu& cpu, cpu::SystemPort::Conduit conduit) = 0;
  virtual bool semihosting_call(cpu::Cpu& cpu) = 0;
};

/// Encodings that the model does not have and that the guest met.
struct Unimplemented {
  u64 count = 0;
  u64 first_pc = 0;
};

class CoreComplex final : public sc_core::sc_module,
                          private cpu::MmuPort,
                          private cpu::TimerPort,
                          private cpu::GicPort,
                          private cpu::SystemPort,
                          private cpu::TablePort,
                          private timer::TimerOutputs {
 public:
  struct Context {
    const config::PlatformConfig& config;
    const arm::CpuModel& model;
    tlm::Clock clock;
    cpu::CodeCache& code;
    cpu::RunPort& run;
    Cluster& cluster;
    cost::LedgerLimits ledger_limits;
    ClusterCaches& caches;
    gic::GicV3* gic;  ///< nullptr: the core has no GIC system registers
  };
  CoreComplex(sc_core::sc_module_name name, unsigned index, const Context& context);

  cpu::CpuModule& shell() { return shell_; }
  cpu::Cpu& core() { return shell_.core(); }
  cost::CoreLedger& ledger() { return ledger_; }
  mmu::Mmu& mmu() { return *mmu_; }
  const std::map<u32, Unimplemented>& unimplemented() const { return unimplemented_; }

  /// `join(socket)` for everything that this core puts on the interconnect.
  template <class Join>
  void bind(const Join& join) {
    join(shell_.bus.socket);
    join(walker_.bus.socket);
  }
  /// Core and MMU as of `config` when time passes. Before they were ever timed; what functional fidelity shows of them
  /// stays (timing_only.hpp). The MMU has no ghosts afterwards.
  void configure(const config::PlatformConfig& config);
  /// Both the core and its MMU. The core is between two instructions.
  void set_fidelity(cpu::Fidelity fidelity);
  /// A TLBI of this core or of another one, at `now`: when it is done here.
  u64 forget_translations(const vmsa::Invalidate& what, bool of_this_core, u64 now);
  /// A DSB of this core does not end before `done`.
  void await_invalidation(u64 done) { invalidations_done_ = std::max(invalidations_done_, done); }
  /// From now on its walks and TLBIs are told. Accesses are told while core() has this observer too.
  void observe(CoreObserver& observer);
  /// From now on its walks, stores and barriers are told.
  void watch_contract(mmu::Contract& contract);

 private:
  vmsa::Translation translate(const vmsa::Access& access, const vmsa::Controls& controls, u64 now,
                              cost::Latency& latency) override;
  vmsa::Translation peek(const vmsa::Access& access, const vmsa::Controls& controls) const override;
  void invalidate(const vmsa::Invalidate& what, u64 now) override;
  u64 invalidations_done(u64 now) override;
  cpu::MmuEvents events() const override;
  void written(Pa pa, u64 value, unsigned size, u64 now) override;
  void data_synchronised() override;
  void context_synchronised() override;
  u64 read(arm::TimerRegister reg) override;
  void write(arm::TimerRegister reg, u64 value) override;
  u64 read(arm::GicRegister reg, const arm::GicAccess& access) override;
  void write(arm::GicRegister reg, u64 value, const arm::GicAccess& access) override;
  void world(arm::GicWorld world) override;
  bool firmware_call(cpu::Cpu& cpu, Conduit conduit) override;
  bool semihosting_call(cpu::Cpu& cpu) override;
  void send_event() override;
  void performance_interrupt(cpu::Cpu& cpu, bool level) override;
  void unimplemented_encoding(u32 insn, Va pc) override;
  void set(timer::Timer which, bool level) override;

  void charge_gic(u64 cycles);

  unsigned index_;
  Cluster& cluster_;
  gic::GicV3* gic_;
  cost::CoreLedger ledger_;
  mmu::DescriptorModule walker_;
  CachedDescriptors descriptors_;
  CoreCaches caches_;
  std::optional<mmu::Mmu> mmu_;  ///< there is always one; configure() makes another
  cpu::CpuModule shell_;
  timer::TimerModule timers_;
  std::map<u32, Unimplemented> unimplemented_;
  mmu::Contract* contract_ = nullptr;
  CoreObserver* observer_ = nullptr;
  u64 invalidations_done_ = 0;
};

}  // namespace tw::virt
