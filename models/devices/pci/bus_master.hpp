// What Command.Bus Master Enable does: a function whose bit is clear makes no requests (PCI Local Bus 3.0, 6.2.2).
#pragma once

#include "devices/ports.hpp"

namespace tw::devices::pci {

/// Stands between a function's device and the bus. The function opens and closes it. A request that makes its own
/// function start another one (a guest gave it the function's registers as a buffer, or as the address of a message) is
/// refused: it could go on for ever.
class BusMaster final : public DmaPort {
 public:
  explicit BusMaster(DmaPort& bus) : bus_(bus) {}
  bool read(Iova address, std::span<u8> into) override {
    return request([&] { return bus_.read(address, into); });
  }
  bool write(Iova address, std::span<const u8> from) override {
    return request([&] { return bus_.write(address, from); });
  }
  bool enabled() const { return enabled_; }
  void enable(bool on) { enabled_ = on; }

 private:
  template <class Call>
  bool request(Call call) {
    if (!enabled_ || busy_) return false;
    busy_ = true;
    const bool done = call();
    busy_ = false;
    return done;
  }

  DmaPort& bus_;
  bool enabled_ = false;
  bool busy_ = false;
};

}  // namespace tw::devices::pci
