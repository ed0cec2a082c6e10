// The machine's SMMU: its frame, its wires, and the ports of the masters behind it.
#pragma once

#include <functional>

#include <systemc>

#include "interconnect/tlm/interconnect_module.hpp"
#include "platforms/config/all_parameters.hpp"
#include "platforms/virt/dma_bus.hpp"
#include "platforms/virt/translation_agents.hpp"
#include "smmu/tlm/smmu_module.hpp"

namespace tw::virt {

class SystemMmu final : public sc_core::sc_module {
 public:
  struct Context {
    const config::PlatformConfig& config;
    tlm::Clock clock;  ///< of the devices, for how registers answer
    unsigned masters;  ///< that will be added, PCIe as one
    std::function<void(u32 spi, bool level)> interrupt;
    std::function<void()> send_event;
    std::function<bool(Pa at, u64 bytes)> is_memory;
    tlm::ProtocolCheckers& checkers;
  };
  SystemMmu(sc_core::sc_module_name name, const Context& context);

  /// Puts its registers at their address, and all that it does on the bus.
  void connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link, DmaBus& bus);
  /// All functions on PCIe share one port.
  template <class InitiatorSocket>
  void add_pci_master(InitiatorSocket& master) {
    module_.connect(master, pci_port(), checkers_);
  }
  template <class InitiatorSocket>
  void add_master(InitiatorSocket& master) {
    module_.connect(master, ports_++, checkers_);
  }

  /// What an endpoint with ATS asks; it is also added as a master.
  devices::pci::TranslationAgent& agent(StreamId stream, devices::pci::AtsFunction& function) {
    agents_.serve(module_, module_.tbu_of(pci_port()));
    return agents_.add(stream, function);
  }

  smmu::Smmu& core() { return module_.core(); }
  const smmu::Smmu& core() const { return module_.core(); }
  void clear_statistics() { module_.core().clear_statistics(); }

 private:
  unsigned pci_port() {
    if (!pci_port_) pci_port_ = ports_++;
    return *pci_port_;
  }

  tlm::ProtocolCheckers& checkers_;
  TranslationAgents agents_;
  smmu::SmmuModule module_;
  std::optional<unsigned> pci_port_;
  unsigned ports_ = 0;
};

}  // namespace tw::virt
