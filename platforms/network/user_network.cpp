#include <csignal>
#include <cstring>

#include <arpa/inet.h>
#include <poll.h>
#include <slirp/libslirp.h>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/network/network.hpp"

namespace tw::network {

namespace {

// The virtual network, as QEMU's.
constexpr u32 kNetwork = 0x0A00'0200, kMask = 0xFFFF'FF00, kHost = 0x0A00'0202, kNameServer = 0x0A00'0203,
              kDhcpStart = 0x0A00'020F;
/// libslirp shortens this wait when a timer of its own is due.
constexpr u32 kNoTimer = 1000;

in_addr address(u32 value) { return {htonl(value)}; }

/// libslirp writes to sockets that their peers may have closed.
class NoPipeSignal final {
 public:
  NoPipeSignal() {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
  }
  ~NoPipeSignal() { sigaction(SIGPIPE, &before_, nullptr); }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  struct sigaction before_ = {};
};

class UserNetwork final : public Line {
 public:
  UserNetwork(const UserSettings& settings, std::function<u64()> nanoseconds);
  ~UserNetwork() override { slirp_cleanup(slirp_); }

 private:
  static UserNetwork& self(void* opaque) { return *static_cast<UserNetwork*>(opaque); }

  void send(Frame frame) override {
    const NoPipeSignal guard;
    slirp_input(slirp_, frame.data(), static_cast<int>(frame.size()));
  }
  bool needs_polling() override { return fill() < kNoTimer || !descriptors_.empty(); }
  void poll() override {
    const NoPipeSignal guard;
    fill();
    const int ready = ::poll(descriptors_.data(), descriptors_.size(), 0);
    slirp_pollfds_poll(
        slirp_, ready < 0, [](int index, void* opaque) { return self(opaque).ready_events(index); }, this);
  }
  void wait(std::chrono::milliseconds limit) override {
    fill();
    ::poll(descriptors_.data(), descriptors_.size(), static_cast<int>(limit.count()));
  }
  /// What libslirp waits for; returns how long it would wait, in milliseconds.
  u32 fill() {
    descriptors_.clear();
    u32 timeout = kNoTimer;
    slirp_pollfds_fill(
        slirp_, &timeout, [](int fd, int events, void* opaque) { return self(opaque).watch(fd, events); }, this);
    return timeout;
  }
  int watch(int descriptor, int events) {
    short wanted = 0;
    for (const auto& [slirp, host] : kEvents) wanted = static_cast<short>(wanted | (events & slirp ? host : 0));
    // Asked for or not, errors and hang-ups are told.
    descriptors_.push_back({.fd = descriptor, .events = wanted, .revents = 0});
    return static_cast<int>(descriptors_.size()) - 1;
  }
  int ready_events(int index) const {
    int events = 0;
    for (const auto& [slirp, host] : kEvents) {
      if (descriptors_[static_cast<std::size_t>(index)].revents & host) events |= slirp;
    }
    return events;
  }

  struct Event {
    int slirp;
    short host;
  };
  static constexpr Event kEvents[] = {{SLIRP_POLL_IN, POLLIN},
                                      {SLIRP_POLL_OUT, POLLOUT},
                                      {SLIRP_POLL_PRI, POLLPRI},
                                      {SLIRP_POLL_ERR, POLLERR},
                                      {SLIRP_POLL_HUP, POLLHUP}};

  SlirpCb callbacks_{};
  std::function<u64()> nanoseconds_;
  Slirp* slirp_ = nullptr;
  std::vector<pollfd> descriptors_;
};

UserNetwork::UserNetwork(const UserSettings& settings, std::function<u64()> nanoseconds)
    : nanoseconds_(std::move(nanoseconds)) {
  callbacks_.send_packet = [](const void* bytes, std::size_t size, void* opaque) {
    self(opaque).give({static_cast<const u8*>(bytes), size});
    return static_cast<ssize_t>(size);
  };
  callbacks_.guest_error = [](const char*, void*) {};  // what a guest sends is not the user's error
  callbacks_.clock_get_ns = [](void* opaque) { return static_cast<i64>(self(opaque).nanoseconds_()); };
  // Timers are IPv6's alone, which is off.
  callbacks_.timer_new = [](SlirpTimerCb, void*, void* opaque) { return opaque; };
  callbacks_.timer_free = [](void*, void*) {};
  callbacks_.timer_mod = [](void*, i64, void*) {};
  callbacks_.register_poll_fd = callbacks_.unregister_poll_fd = [](int, void*) {};
  callbacks_.notify = [](void*) {};

  SlirpConfig config{};
  config.version = 1;
  config.restricted = settings.restricted;
  config.in_enabled = true;
  config.vnetwork = address(kNetwork);
  config.vnetmask = address(kMask);
  config.vhost = address(kHost);
  config.vdhcp_start = address(kDhcpStart);
  config.vnameserver = address(kNameServer);
  slirp_ = slirp_new(&config, &callbacks_, this);
  for (const Forward& forward : settings.forwards) {
    if (slirp_add_hostfwd(slirp_, forward.udp, address(forward.host_address), forward.host_port,
                          address(forward.guest_address), forward.guest_port) == 0) {
      continue;
    }
    const std::string why = std::strerror(errno);
    slirp_cleanup(slirp_);
    throw UserError(Complaint{"--netdev", fmt::format("port {} cannot be forwarded: {}", forward.host_port, why)});
  }
}

}  // namespace

std::unique_ptr<Line> make_user_network(const UserSettings& settings, std::function<u64()> nanoseconds) {
  return std::make_unique<UserNetwork>(settings, std::move(nanoseconds));
}

}  // namespace tw::network
