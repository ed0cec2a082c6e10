#include <charconv>

#include <arpa/inet.h>

#include "base/error.hpp"
#include "platforms/network/network.hpp"

namespace tw::network {

namespace {

constexpr u32 kLoopback = 127;  ///< the first byte

struct Parts {
  std::string address, port;
};

/// "ADDRESS:PORT"; the address may be empty.
bool split(const std::string& text, Parts& into) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  into = {text.substr(0, colon), text.substr(colon + 1)};
  return true;
}

bool parse_port(const std::string& text, u16& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size() && into != 0;
}

bool parse_address(const std::string& text, u32& into) {
  if (text.empty()) return true;
  in_addr address;
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return false;
  into = ntohl(address.s_addr);
  return true;
}

}  // namespace

Forward parse_forward(const std::string& text, const std::string& option) {
  const auto refuse = [&](const char* why) { throw UserError(Complaint{option, "'" + text + "' " + why}); };
  Forward forward;
  forward.udp = text.starts_with("udp:");
  const std::size_t dash = text.find('-');
  Parts host, guest;
  if ((!forward.udp && !text.starts_with("tcp:")) || dash == std::string::npos ||
      !split(text.substr(4, dash - 4), host) || !split(text.substr(dash + 1), guest) ||
      !parse_address(host.address, forward.host_address) || !parse_port(host.port, forward.host_port) ||
      !parse_address(guest.address, forward.guest_address) || !parse_port(guest.port, forward.guest_port)) {
    refuse("is not tcp:[127.0.0.1]:PORT-[ADDRESS]:PORT");
  }
  if (forward.host_address >> 24 != kLoopback) refuse("listens beyond the loopback interface; 127.0.0.1 only");
  return forward;
}

}  // namespace tw::network
