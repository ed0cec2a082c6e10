// What both versions of the GIC are made of: a distributor, and a physical and a virtual interface a core; and how a
// change of a wire or of a register travels to the cores' inputs.
#pragma once

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/mmio.hpp"
#include "gic/config.hpp"
#include "gic/observation.hpp"
#include "gic/output_lines.hpp"

namespace tw::gic {

template <class Distributor, class CpuInterface, class VirtualInterface>
class Assembly {
 public:
  /// `more` goes to the distributor, between its configuration and its observation.
  template <class... More>
  Assembly(const Config& config, CpuSignals& signals, InterruptObserver* observer, More&&... more)
      : lines(signals), observation(observer), distributor(config, std::forward<More>(more)..., observation) {
    for (unsigned cpu = 0; cpu < config.cpus; ++cpu) {
      cpu_interfaces.emplace_back(cpu, config, distributor, observation);
      virtual_interfaces.emplace_back(cpu, config, distributor, observation);
    }
  }

  /// Carries every change to the outputs. The virtual side comes first: its maintenance interrupt is an input of the
  /// physical side, and nothing leads back.
  void update() {
    for (unsigned cpu = 0; cpu < virtual_interfaces.size(); ++cpu) {
      distributor.set_device_wire(cpu, kMaintenancePpi, maintenance_wire[cpu] || virtual_interfaces[cpu].maintenance());
    }
    distributor.observe();
    for (unsigned cpu = 0; cpu < cpu_interfaces.size(); ++cpu) {
      const Outputs physical = cpu_interfaces[cpu].outputs();
      const Outputs virtual_ = virtual_interfaces[cpu].outputs();
      lines.drive(cpu, physical, virtual_);
    }
  }

  void set_spi(u32 intid, bool level) {
    if (intid < kFirstSpi || !distributor.is_implemented(intid)) return;
    distributor.set_device_wire(0, intid, level);
    update();
  }

  void set_ppi(unsigned cpu, u32 intid, bool level) {
    if (cpu >= cpu_interfaces.size() || intid < kFirstPpi || intid >= kFirstSpi) return;
    if (intid == kMaintenancePpi) {
      maintenance_wire[cpu] = level;
    } else {
      distributor.set_device_wire(cpu, intid, level);
    }
    update();
  }

  void reset() {
    distributor.reset();
    for (CpuInterface& interface : cpu_interfaces) interface.reset();
    for (VirtualInterface& interface : virtual_interfaces) interface.reset();
  }

  /// A frame that `serve` answers for; outputs follow every access that is not a debugger's.
  template <class Serve>
  std::unique_ptr<MmioTarget> frame(Serve serve) {
    class Frame final : public MmioTarget {
     public:
      Frame(Assembly& all, Serve answer) : all_(all), answer_(answer) {}
      MmioResult access(const MmioAccess& access) override {
        const MmioResult result = answer_(access);
        if (!access.debug) all_.update();
        return result;
      }

     private:
      Assembly& all_;
      Serve answer_;
    };
    return std::make_unique<Frame>(*this, serve);
  }

  OutputLines lines;
  Observation observation;
  Distributor distributor;
  std::vector<CpuInterface> cpu_interfaces;
  std::vector<VirtualInterface> virtual_interfaces;
  std::array<bool, kMaxCpus> maintenance_wire{};  ///< PPI 25 from outside
};

}  // namespace tw::gic
