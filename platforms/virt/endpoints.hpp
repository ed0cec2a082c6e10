// The PCIe endpoints that the user asked for.
#pragma once

#include <memory>
#include <vector>

#include <systemc>

#include "devices/tlm/edu_module.hpp"
#include "platforms/config/all_parameters.hpp"
#include "platforms/virt/endpoint_settings.hpp"

namespace tw::virt {

class Endpoints final : public sc_core::sc_module {
 public:
  struct Context {
    const config::PlatformConfig& config;
    const std::vector<EndpointSettings>& settings;
    tlm::Clock clock;
    unsigned first_slot;  ///< behind the devices that are there
  };
  /// Throws UserError when a slot is taken or none is left.
  Endpoints(sc_core::sc_module_name name, const Context& context);

  struct Endpoint {
    unsigned slot;
    std::unique_ptr<devices::EduModule> module;
  };
  std::vector<Endpoint>& list() { return list_; }

 private:
  std::vector<Endpoint> list_;
};

}  // namespace tw::virt
