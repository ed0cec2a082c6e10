// DMA without a CPU: masters, an SMMU, interconnect, memory, and agents that do what a kernel does with them.
//
//   generators or devices -> PCI Express links -> SMMU -> interconnect -> memory
//   agents (bring-up, submitters) -> interconnect -> SMMU's registers, memory
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <systemc>

#include "devices/tlm/traffic_module.hpp"
#include "devices/traffic/generator.hpp"
#include "interconnect/tlm/interconnect_module.hpp"
#include "memory/tlm/ram_module.hpp"
#include "platforms/dma_study/address_spaces.hpp"
#include "platforms/dma_study/bring_up.hpp"
#include "platforms/dma_study/fault_handler.hpp"
#include "platforms/dma_study/gate.hpp"
#include "platforms/dma_study/results.hpp"
#include "platforms/dma_study/settings.hpp"
#include "platforms/dma_study/submitter.hpp"
#include "platforms/dma_study/write_watch.hpp"
#include "smmu/tlm/smmu_module.hpp"

namespace tw::study {

inline constexpr Pa kSmmuFrame{0x0905'0000};
inline constexpr Pa kRam{0x4000'0000};

class Platform final : public sc_core::sc_module {
 public:
  /// `settings` are valid.
  Platform(sc_core::sc_module_name name, const Settings& settings);
  ~Platform() override;

  /// Calls sc_stop() when all masters, or all I/Os, are done.
  bool is_done() const { return done_; }
  Results results() const;
  smmu::Smmu* smmu() { return smmu_ ? &smmu_->core() : nullptr; }
  /// Translations are told to a list of these limits, from when they are counted on. Before the simulation.
  void log_translations(const cost::RingLimits& limits) { event_limits_ = limits; }
  const cost::EventRing<smmu::TranslationEvent>& translations() const { return translations_; }
  interconnect::InterconnectModule& fabric() { return fabric_; }
  memory::Dram* dram() { return ram_.dram(); }
  /// Of what is counted, in cycles of the interconnect.
  u64 measured_cycles() const;

 private:
  struct NoEndpoints final : smmu::EndpointPort {
    bool invalidate(const smmu::AtcInvalidate&) override { return false; }
    void respond(const smmu::PageResponse&) override {}
  };
  /// A generator with its gate, or a device with its jobs.
  struct Master {
    std::unique_ptr<devices::traffic::Generator> generator;
    std::unique_ptr<Gate> gate;
    std::unique_ptr<JobQueue> jobs;
    std::unique_ptr<devices::TrafficModule> module;
  };
  bool has_smmu() const { return settings_.study.translation != "none"; }
  bool is_io() const { return settings_.study.work == "io"; }
  void add_masters();
  void add_smmu();
  void add_software();
  void begin();
  void warm();
  void restart_smmu();
  void one_is_done();
  std::size_t ending_masters() const;
  std::size_t warming_masters() const;

  const Settings settings_;
  tlm::Clock clock_;
  memory::Ram ram_bytes_;
  tables::PhysicalMemory memory_;
  memory::RamModule ram_;
  tlm::ProtocolCheckers checkers_;
  interconnect::InterconnectModule fabric_;
  NoEndpoints no_endpoints_;
  std::vector<Master> masters_;
  std::unique_ptr<AddressSpaces> spaces_;
  std::unique_ptr<smmu::SmmuModule> smmu_;
  cost::RingLimits event_limits_;
  cost::EventRing<smmu::TranslationEvent> translations_;
  std::unique_ptr<WriteWatch> watch_;
  std::unique_ptr<CommandQueue> queue_;
  std::unique_ptr<BringUp> bring_up_;
  std::unique_ptr<FaultHandler> faults_;
  sc_core::sc_event begin_;
  IoStatistics io_;
  std::vector<std::unique_ptr<Submitter>> submitters_;
  u64 begun_ps_ = 0;
  std::size_t warm_ = 0, ended_ = 0;
  bool done_ = false;
};

}  // namespace tw::study
