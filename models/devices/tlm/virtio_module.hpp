// The TLM shell of a virtio device, whatever carries it: its DMA on the bus, and its time. The transport's registers
// are another module's.
#pragma once

#include <functional>

#include <systemc>

#include "devices/config.hpp"
#include "devices/virtio/device.hpp"
#include "tlm/clock.hpp"
#include "tlm/initiator.hpp"

namespace tw::devices {

class VirtioModule final : public sc_core::sc_module, private DmaPort, private virtio::WorkPort {
 public:
  tlm::Initiator bus;

  /// `stream` is what an SMMU between the device and memory knows the device by.
  VirtioModule(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, StreamId stream);

  /// Whether an SMMU is on the bus; before surroundings().
  void set_translated(bool translated) { translated_ = translated; }
  /// What the device that this module serves is built with.
  virtio::Surroundings surroundings(Warn warn) {
    return {.dma = *dma_, .time = *this, .warn = std::move(warn), .translated = translated_};
  }
  /// The bus as this module sees it, and what the device's DMA goes through in its place from now on; that leads back
  /// to bus_port() if it lets a request pass.
  DmaPort& bus_port() { return *this; }
  void interpose(DmaPort& port) { dma_ = &port; }
  /// Once, before the simulation starts.
  void serve(virtio::Device& device) { device_ = &device; }
  /// Called after every piece of work.
  void after_work(std::function<void()> call) { after_work_ = std::move(call); }

 private:
  bool read(Iova address, std::span<u8> into) override;
  bool write(Iova address, std::span<const u8> from) override;
  bool transfer(Iova address, std::span<u8> data, bool write);
  void work_arrived() override;
  void work();

  const Config& config_;
  tlm::Clock clock_;
  tlm::Attributes attributes_;
  bool translated_ = false;
  DmaPort* dma_ = this;
  virtio::Device* device_ = nullptr;
  std::function<void()> after_work_;
  sc_core::sc_event work_event_;
  sc_core::sc_time dma_time_;
  bool under_way_ = false;  ///< a request is, or work() is being called
  bool arrived_ = false;    ///< in the middle of work()
};

}  // namespace tw::devices
