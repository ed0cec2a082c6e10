#include "devices/tlm/virtio_module.hpp"

namespace tw::devices {

VirtioModule::VirtioModule(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, StreamId stream)
    : sc_module(name), bus("bus"), config_(config), clock_(clock), attributes_{.stream = stream} {
  SC_HAS_PROCESS(VirtioModule);
  SC_METHOD(work);
  sensitive << work_event_;
  dont_initialize();
}

/// At the next clock edge: a timed event, which a core does not run past.
void VirtioModule::work_arrived() {
  if (under_way_) {
    arrived_ = true;
  } else {
    work_event_.notify(clock_.time(1));
  }
}

/// One request at a time. Its data move at its begin, the driver hears of it at its end.
void VirtioModule::work() {
  under_way_ = true;
  arrived_ = false;
  dma_time_ = sc_core::SC_ZERO_TIME;
  const std::optional<virtio::Work> begun = device_->work();
  under_way_ = begun.has_value();
  if (begun) {
    const u64 transfer = (begun->bytes + config_.virtio_bytes_per_cycle - 1) / config_.virtio_bytes_per_cycle;
    work_event_.notify(clock_.time(config_.virtio_request_latency + transfer) + dma_time_);
  } else if (arrived_) {
    work_arrived();
  }
  if (after_work_) after_work_();
}

bool VirtioModule::transfer(Iova address, std::span<u8> data, bool write) {
  if (data.empty()) return true;
  const tlm::Initiator::Answer answer = bus.transport_block(Pa{address.value}, data, write, attributes_);
  dma_time_ += answer.delay;
  return answer.ok;
}

bool VirtioModule::read(Iova address, std::span<u8> into) { return transfer(address, into, false); }

/// A payload points to bytes that are not const (IEEE 1666, 14.8); a target does not change those of a write.
bool VirtioModule::write(Iova address, std::span<const u8> from) {
  return transfer(address, {const_cast<u8*>(from.data()), from.size()}, true);
}

}  // namespace tw::devices
