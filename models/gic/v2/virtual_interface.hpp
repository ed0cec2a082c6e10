// The virtual interface of one core: the list registers with their control (GICH), and the virtual CPU interface that
// the guest sees (GICV). Two register frames, one state.
#pragma once

#include <span>

#include "base/mmio.hpp"
#include "gic/list_registers.hpp"
#include "gic/observation.hpp"
#include "gic/signalled_interrupt.hpp"
#include "gic/v2/control_register.hpp"
#include "gic/v2/distributor.hpp"

namespace tw::gic::v2 {

class VirtualInterface final {
 public:
  VirtualInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation);
  void reset();

  /// The virtual interrupt inputs of the core.
  Outputs outputs();
  /// The level of the maintenance interrupt.
  bool maintenance() const { return is_enabled() && misr() != 0; }

  static std::span<const RegisterRow<VirtualInterface>> hypervisor_registers();
  static std::span<const RegisterRow<VirtualInterface>> virtual_cpu_registers();

 private:
  friend struct HypervisorRegisters;
  friend struct VirtualCpuRegisters;

  bool is_enabled() const { return hcr_ & 1; }
  u32 misr() const;
  std::optional<Candidate> highest_pending() const;
  std::optional<Candidate> signalled() const;

  u32 acknowledge(View view, bool peek);
  u32 highest_pending_id(View view) const;
  void end_of_interrupt(View view, u64 value);
  void deactivate(u64 value);
  void deactivate(ListRegister& lr);
  void count_unlisted_eoi();
  void write_list_register(unsigned n, const ListRegister& lr);

  unsigned cpu_;
  Distributor& distributor_;
  Observation observation_;

  u32 hcr_ = 0;
  InterfaceControls controls_;
  bool eoi_mode_ = false;
  ActivePriorities active_;  ///< of both groups (GICH_APR)
  ListRegisters list_registers_;
  SignalledInterrupt signalled_interrupt_;
};

}  // namespace tw::gic::v2
