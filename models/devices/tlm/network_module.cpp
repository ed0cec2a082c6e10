#include "devices/tlm/network_module.hpp"

namespace tw::devices {

NetworkModule::NetworkModule(sc_core::sc_module_name name, const virtio::MacAddress& mac, NetworkLine line,
                             VirtioModule& shell, Warn warn)
    : sc_module(name),
      line_(std::move(line)),
      device_(mac, *this, shell.surroundings(std::move(warn))),
      poll_(
          "poll", [this] { return device_.can_receive() && line_.needs_polling(); }, [this] { line_.poll(); }) {
  shell.serve(device_);
  shell.after_work([this] { poll_.arrange(); });
}

}  // namespace tw::devices
