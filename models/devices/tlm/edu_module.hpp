// The TLM shell of the PCIe endpoint: a master that is a thread, so that whatever answers its requests may take its
// time.
#pragma once

#include <systemc>

#include "devices/config.hpp"
#include "devices/pci/edu.hpp"
#include "devices/tlm/dma_module.hpp"
#include "tlm/clock.hpp"
#include "tlm/initiator.hpp"

namespace tw::devices {

class EduModule final : public sc_core::sc_module, private pci::MemoryPort, private pci::EduTime {
 public:
  /// `stream` is the function's requester ID.
  EduModule(sc_core::sc_module_name name, const pci::EduSettings& settings, const Config& config, tlm::Clock clock,
            StreamId stream);

  pci::Edu& function() { return edu_; }
  /// What an SMMU knows the device by.
  StreamId stream() const { return attributes_.stream; }
  /// DMA and messages have a socket each: a message may be due while a request waits.
  template <class AddMaster>
  void bind_masters(const AddMaster& add_master) {
    add_master(bus_.socket);
    add_master(messages_.socket());
  }

 private:
  pci::Completion read(const pci::MemoryRequest& request, std::span<u8> into) override;
  pci::Completion write(const pci::MemoryRequest& request, std::span<const u8> from) override;
  pci::Completion send(const pci::MemoryRequest& request, std::span<u8> data, bool write);
  void transfer_asked() override { transfer_event_.notify(clock_.time(config_.endpoint_latency)); }
  void factorial_asked() override { factorial_event_.notify(clock_.time(config_.endpoint_latency)); }
  bool wait_for_message() override;
  void message_arrived() override { message_event_.notify(sc_core::SC_ZERO_TIME); }
  void transfers();
  void factorial() { edu_.compute_factorial(); }

  const Config& config_;
  tlm::Clock clock_;
  tlm::Attributes attributes_;
  tlm::Initiator bus_;
  DmaModule messages_;
  pci::BusMaster message_master_;
  pci::Edu edu_;
  sc_core::sc_event transfer_event_, factorial_event_, message_event_;
};

}  // namespace tw::devices
