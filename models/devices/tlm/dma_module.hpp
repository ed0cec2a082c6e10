// A device's master port: DmaPort over an initiator socket.
#pragma once

#include <systemc>

#include "devices/ports.hpp"
#include "tlm/initiator.hpp"

namespace tw::devices {

class DmaModule final : public sc_core::sc_module, public DmaPort {
 public:
  /// `stream` is what an SMMU knows the device by.
  DmaModule(sc_core::sc_module_name name, StreamId stream);
  auto& socket() { return bus_.socket; }

  /// A transfer that makes its own device start another one (a guest gave a register as a buffer) is refused: it could
  /// go on for ever.
  bool read(Iova address, std::span<u8> into) override;
  bool write(Iova address, std::span<const u8> from) override;

 private:
  bool transfer(Iova address, std::span<u8> data, bool write);

  tlm::Attributes attributes_;
  bool busy_ = false;
  tlm::Initiator bus_;
};

}  // namespace tw::devices
