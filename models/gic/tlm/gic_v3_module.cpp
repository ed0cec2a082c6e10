#include "gic/tlm/gic_v3_module.hpp"

#include "gic/tlm/frame_timing.hpp"

namespace tw::gic {

GicV3Module::GicV3Module(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
                         InterruptObserver* observer, std::function<void(Pa at, u64 bytes)> memory_written)
    : sc_module(name),
      memory_("memory", std::move(memory_written)),
      core_(config, signals, observer, {}, &memory_),
      distributor_("distributor", core_.distributor(), GicV3::kDistributorBytes, frame_timing(config, clock)),
      redistributors_("redistributors", core_.redistributors(), GicV3::kRedistributorBytes * config.cpus,
                      frame_timing(config, clock)),
      its_("its", core_.its(), GicV3::kItsBytes, frame_timing(config, clock)) {}

}  // namespace tw::gic
