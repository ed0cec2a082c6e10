// ATS and PRI between endpoints and the SMMU: each side's messages in the other one's words.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include <systemc>

#include "devices/pci/endpoint_ports.hpp"
#include "smmu/tlm/smmu_module.hpp"

namespace tw::virt {

class TranslationAgents final : public sc_core::sc_module, public smmu::EndpointPort {
 public:
  explicit TranslationAgents(sc_core::sc_module_name name);

  /// Once, before the simulation starts: whose translations these are, at TBU `tbu`.
  void serve(smmu::SmmuModule& smmu, unsigned tbu) {
    smmu_ = &smmu;
    tbu_ = tbu;
  }
  /// What the function of this requester ID asks.
  devices::pci::TranslationAgent& add(StreamId stream, devices::pci::AtsFunction& function);

  // EndpointPort
  bool invalidate(const smmu::AtcInvalidate& what) override;
  void respond(const smmu::PageResponse& response) override;

 private:
  class Agent;
  void complete();
  devices::pci::AtsFunction* function_of(StreamId stream) const;

  smmu::SmmuModule* smmu_ = nullptr;
  unsigned tbu_ = 0;
  std::vector<std::unique_ptr<devices::pci::TranslationAgent>> agents_;
  std::map<StreamId, devices::pci::AtsFunction*> functions_;
  std::deque<u32> completed_;  ///< tags of invalidations that the SMMU is to hear of
  sc_core::sc_event completion_event_;
};

}  // namespace tw::virt
