// The host's end of a network device's line.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "devices/virtio/network.hpp"

namespace tw::network {

using Frame = std::span<const u8>;

class Line : public devices::virtio::NetworkPort {
 public:
  /// Where frames for the guest go. Called from inside send() and poll().
  void on_frame(std::function<void(Frame)> take) { take_ = std::move(take); }

  /// Whether the host may have something at any time: poll() has to be called again and again. False while only the
  /// guest can begin something: then what it gets depends on simulated time alone.
  virtual bool needs_polling() { return false; }
  /// Looks at the host, without waiting.
  virtual void poll() {}
  /// Sleeps until the host may have something, at most so long.
  virtual void wait(std::chrono::milliseconds) {}

 protected:
  void give(Frame frame) const {
    if (take_) take_(frame);
  }

 private:
  std::function<void(Frame)> take_;
};

/// Frames go nowhere.
class Unplugged final : public Line {
  void send(Frame) override {}
};

/// All lines of one hub hear each other.
class Hub final {
 public:
  /// A further line; it lives as long as the hub.
  Line& plug();

 private:
  class Port;
  std::vector<std::unique_ptr<Line>> ports_;
};

/// A port of the host's loopback that leads into the guest's network.
struct Forward {
  bool udp = false;
  u32 host_address = 0x7F00'0001;  ///< in 127.0.0.0/8
  u16 host_port = 0;
  u32 guest_address = 0x0A00'020F;  ///< 10.0.2.15, the first that DHCP gives
  u16 guest_port = 0;
};

struct UserSettings {
  bool restricted = false;  ///< nothing leaves the virtual network but by forwarded ports
  std::vector<Forward> forwards;
};

/// "tcp:127.0.0.1:8080-:80", "udp::5000-10.0.2.15:5000". Throws UserError naming `option`.
Forward parse_forward(const std::string& text, const std::string& option);

/// User networking as QEMU's: 10.0.2.0/24, gateway and host 10.0.2.2, DNS 10.0.2.3, DHCP from 10.0.2.15. IPv4 only:
/// libslirp's IPv6 announces itself at random times. `nanoseconds` is simulated time. Throws UserError when a port
/// cannot be forwarded.
std::unique_ptr<Line> make_user_network(const UserSettings& settings, std::function<u64()> nanoseconds);

}  // namespace tw::network
