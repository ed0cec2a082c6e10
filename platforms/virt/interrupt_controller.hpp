// The interrupt controller of the machine, of the version that was asked for, with its frames at their addresses. All
// else sees wires, and, from GICv3 on, a port of system registers a core.
#pragma once

#include <functional>
#include <memory>

#include <systemc>

#include "gic/tlm/gic_v2_module.hpp"
#include "gic/tlm/gic_v3_module.hpp"
#include "interconnect/tlm/interconnect_module.hpp"
#include "platforms/config/all_parameters.hpp"

namespace tw::virt {

class InterruptController final : public sc_core::sc_module {
 public:
  struct Context {
    const config::PlatformConfig& config;
    u64 cpus;
    tlm::Clock clock;
    gic::CpuSignals& signals;
    gic::InterruptObserver& observer;
    std::function<void(Pa at, u64 bytes)> memory_written;  ///< by the tables of LPIs and ITS
  };
  InterruptController(sc_core::sc_module_name name, const Context& context);

  /// Puts every frame at its address, and the master that reads tables on the bus.
  /// Frames through `link` each; `master` is the port through which the GIC reads its tables.
  void connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link,
               const interconnect::Link& master);

  gic::Controller& wires();
  /// Pending, in Group 1, in an empty list register. False: there is no hypervisor interface, or all are in use.
  bool list_virtual_interrupt(unsigned cpu, u32 intid, u8 priority);
  /// What EL3 firmware does for a core that it starts: without it, GICv3 holds the core's interrupts back.
  void start_core(unsigned cpu) {
    if (v3_) v3_->core().wake(cpu);
  }
  /// Who serves ICC_* and ICH_*; nullptr when the cores have no such registers.
  gic::GicV3* system_registers() { return v3_ ? &v3_->core() : nullptr; }

 private:
  const bool virtualization_;
  std::unique_ptr<gic::GicV2Module> v2_;  ///< one of the two
  std::unique_ptr<gic::GicV3Module> v3_;
};

}  // namespace tw::virt
