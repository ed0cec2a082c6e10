#include "gic/tlm/gic_v3_module.hpp"

#include "gic/tlm/frame_timing.hpp"

namespace tw::gic {

GicV3Module::GicV3Module(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
                         InterruptObserver* observer)
    : sc_module(name),
      core_(config, signals, observer),
      distributor_("distributor", core_.distributor(), GicV3::kDistributorBytes, frame_timing(config, clock)),
      redistributors_("redistributors", core_.redistributors(), GicV3::kRedistributorBytes * config.cpus,
                      frame_timing(config, clock)) {}

}  // namespace tw::gic
