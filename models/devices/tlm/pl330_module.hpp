// The TLM shell of the PL330: its clock, and threads that carry its transactions.
#pragma once

#include <memory>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <systemc>

#include "devices/pl330/pl330.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::devices {

class Pl330Module final : public sc_core::sc_module, private pl330::CyclePort {
 public:
  static constexpr u64 kFrameBytes = pl330::Pl330::kFrameBytes;

  /// `first_stream` is what an SMMU knows it by; with `stream_per_channel` the manager, and channel n by what follows.
  Pl330Module(sc_core::sc_module_name name, const pl330::Config& config, const tlm::MmioTiming& timing,
              StreamId first_stream, pl330::Wires wires);
  auto& socket() { return frame_.socket; }
  auto& master() { return master_; }
  pl330::Pl330& core() { return core_; }
  const pl330::Pl330& core() const { return core_; }

 private:
  /// A thread with a transaction of its own: one that an SMMU holds does not hold the others. There are as many as
  /// were ever needed at a time.
  struct Lane {
    enum class State : u8 { Idle, Active, OnBus };
    State state = State::Active;
    sc_core::sc_event wake;
    ::tlm::tlm_generic_payload payload;
    tlm::PayloadExtension extension;

    Lane() { payload.set_extension(&extension); }
    ~Lane() { payload.clear_extension(&extension); }
  };

  u64 cycle() const override { return clock_.cycles_down(sc_core::sc_time_stamp()); }
  void work();
  void arrange();
  void carry(Lane& lane);
  void perform(Lane& lane, const pl330::Pl330::Ticket& ticket);
  bool send(Lane& lane, u64 address, std::span<u8> data, bool write, sc_core::sc_time& delay);

  const bool stream_per_channel_;
  const u32 first_stream_;
  tlm::Clock clock_;
  tlm_utils::simple_initiator_socket<Pl330Module> master_;
  pl330::Pl330 core_;
  tlm::MmioModule frame_;
  sc_core::sc_event work_event_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace tw::devices
