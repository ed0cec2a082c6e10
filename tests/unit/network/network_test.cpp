// Lines to the host: the forwarding syntax, the hub, and libslirp's network as a guest sees it: ARP, DHCP, and UDP and
// TCP to and from sockets of the host's loopback.
#include "platforms/network/network.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hpp"

namespace tw::network {
namespace {

using Bytes = std::vector<u8>;

TEST(Forward, Syntax) {
  const Forward full = parse_forward("tcp:127.0.0.1:8080-10.0.2.16:80", "--netdev");
  EXPECT_FALSE(full.udp);
  EXPECT_EQ(full.host_address, 0x7F000001u);
  EXPECT_EQ(full.host_port, 8080);
  EXPECT_EQ(full.guest_address, 0x0A000210u);
  EXPECT_EQ(full.guest_port, 80);
  const Forward brief = parse_forward("udp::5000-:53", "--netdev");
  EXPECT_TRUE(brief.udp);
  EXPECT_EQ(brief.host_address, 0x7F000001u);
  EXPECT_EQ(brief.guest_address, 0x0A00020Fu);
  for (const char* bad :
       {"", "tcp", "tcp:8080-80", "tcp::8080", "tcp::8080-:0", "tcp::65536-:80", "icmp::1-:1", "tcp:0.0.0.0:8080-:80",
        "tcp:192.168.1.1:8080-:80", "tcp:localhost:8080-:80", "tcp::80x-:80", "tcp::8080-guest:80"}) {
    EXPECT_THROW(parse_forward(bad, "--netdev"), UserError) << bad;
  }
}

TEST(HubTest, AllOthersHear) {
  Hub hub;
  std::vector<std::vector<Bytes>> heard(3);
  std::vector<Line*> lines;
  for (auto& what : heard) {
    lines.push_back(&hub.plug());
    lines.back()->on_frame([&what](Frame frame) { what.emplace_back(frame.begin(), frame.end()); });
  }
  const Bytes frame{1, 2, 3};
  lines[1]->send(frame);
  EXPECT_EQ(heard[0], std::vector<Bytes>({frame}));
  EXPECT_TRUE(heard[1].empty());
  EXPECT_EQ(heard[2], std::vector<Bytes>({frame}));
  EXPECT_FALSE(lines[0]->needs_polling());
}

/// A guest of one address that speaks just enough.
struct UserNetworkTest : testing::Test {
  u64 now = 0;
  std::vector<Bytes> received;
  std::unique_ptr<Line> line;

  void start(const UserSettings& settings = {}) {
    line = make_user_network(settings, [this] { return now; });
    line->on_frame([this](Frame frame) { received.emplace_back(frame.begin(), frame.end()); });
  }
  static void put16(Bytes& to, unsigned value) {
    to.push_back(static_cast<u8>(value >> 8));
    to.push_back(static_cast<u8>(value));
  }
  static void put32(Bytes& to, u32 value) {
    put16(to, value >> 16);
    put16(to, value & 0xFFFF);
  }
  static unsigned get16(const Bytes& from, std::size_t at) { return from[at] << 8u | from[at + 1]; }
  static Bytes ethernet(unsigned type) {
    Bytes frame(6, 0xFF);
    frame.insert(frame.end(), {0x52, 0x54, 0, 0x12, 0x34, 0x56});
    put16(frame, type);
    return frame;
  }
  void announce() {  // ARP: who has 10.0.2.2, tell 10.0.2.15
    Bytes frame = ethernet(0x0806);
    frame.insert(frame.end(), {0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15});
    frame.insert(frame.end(), {0, 0, 0, 0, 0, 0, 10, 0, 2, 2});
    line->send(frame);
  }
  void send_udp(u32 from, u32 to, unsigned from_port, unsigned to_port, const Bytes& data) {
    Bytes ip{0x45, 0};
    put16(ip, static_cast<unsigned>(28 + data.size()));
    ip.insert(ip.end(), {0, 1, 0, 0, 64, 17, 0, 0});
    put32(ip, from);
    put32(ip, to);
    u32 sum = 0;
    for (std::size_t i = 0; i < 20; i += 2) sum += get16(ip, i);
    sum = (sum & 0xFFFF) + (sum >> 16);
    ip[10] = static_cast<u8>(~sum >> 8);
    ip[11] = static_cast<u8>(~sum);
    put16(ip, from_port);
    put16(ip, to_port);
    put16(ip, static_cast<unsigned>(8 + data.size()));
    put16(ip, 0);
    Bytes frame = ethernet(0x0800);
    frame.insert(frame.end(), ip.begin(), ip.end());
    frame.insert(frame.end(), data.begin(), data.end());
    line->send(frame);
  }
  /// The payload of the first UDP packet that comes to `port`; without one, nothing after a minute.
  Bytes udp_to(unsigned port) {
    for (unsigned tries = 0; tries < 6000; ++tries) {
      for (const Bytes& frame : received) {
        if (frame.size() > 42 && get16(frame, 12) == 0x0800 && frame[23] == 17 && get16(frame, 36) == port) {
          return {frame.begin() + 42, frame.begin() + 34 + get16(frame, 38)};
        }
      }
      line->wait(std::chrono::milliseconds(10));
      line->poll();
      now += 10'000'000;
    }
    return {};
  }
};

TEST_F(UserNetworkTest, AnswersAtOnceAndAlone) {
  start();
  EXPECT_FALSE(line->needs_polling());
  announce();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(get16(received[0], 20), 2u) << "an ARP reply";
  // DHCPDISCOVER (RFC 2131) gets an offer of 10.0.2.15.
  Bytes dhcp{1, 1, 6, 0, 1, 2, 3, 4};
  dhcp.resize(236);
  dhcp[28] = 0x52, dhcp[29] = 0x54, dhcp[31] = 0x12, dhcp[32] = 0x34, dhcp[33] = 0x56;
  dhcp.insert(dhcp.end(), {0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255});
  received.clear();
  send_udp(0, 0xFFFFFFFF, 68, 67, dhcp);
  const Bytes offer = udp_to(68);
  ASSERT_GE(offer.size(), 240u);
  EXPECT_EQ((Bytes{offer.begin() + 16, offer.begin() + 20}), (Bytes{10, 0, 2, 15}));
  EXPECT_FALSE(line->needs_polling()) << "nothing of this concerns the host";
}

TEST_F(UserNetworkTest, TheHostsLoopbackIsTheGateway) {
  const int host = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(host, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  getsockname(host, reinterpret_cast<sockaddr*>(&address), &length);
  for (const bool restricted : {false, true}) {
    received.clear();
    start({.restricted = restricted, .forwards = {}});
    announce();
    send_udp(0x0A00020F, 0x0A000202, 4000, ntohs(address.sin_port), {'p', 'i', 'n', 'g'});
    u8 buffer[16];
    sockaddr_in from{};
    length = sizeof from;
    pollfd readable{.fd = host, .events = POLLIN, .revents = 0};
    poll(&readable, 1, restricted ? 0 : 60'000);
    const ssize_t size =
        recvfrom(host, buffer, sizeof buffer, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &length);
    if (restricted) {
      EXPECT_LT(size, 0);
      continue;
    }
    ASSERT_EQ(size, 4);
    EXPECT_TRUE(line->needs_polling()) << "an answer may come";
    sendto(host, "pong!", 5, 0, reinterpret_cast<sockaddr*>(&from), length);
    EXPECT_EQ(udp_to(4000), (Bytes{'p', 'o', 'n', 'g', '!'}));
  }
  close(host);
}

TEST_F(UserNetworkTest, ForwardedPorts) {
  const int client = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  socklen_t length = sizeof address;
  for (unsigned tries = 0; !line; ++tries) {  // until nobody else takes the port that was free
    address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int probe = socket(AF_INET, SOCK_DGRAM, 0);
    ASSERT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length);
    const Forward forward{.udp = true, .host_port = ntohs(address.sin_port), .guest_port = 7};
    EXPECT_THROW(start({.restricted = false, .forwards = {forward}}), UserError) << "the port is in use";
    close(probe);
    try {
      start({.restricted = true, .forwards = {forward}});
    } catch (const UserError&) {
      ASSERT_LT(tries, 100u);
    }
  }
  EXPECT_TRUE(line->needs_polling());
  announce();
  sendto(client, "hello", 5, 0, reinterpret_cast<sockaddr*>(&address), length);
  EXPECT_EQ(udp_to(7), (Bytes{'h', 'e', 'l', 'l', 'o'}));
  close(client);
}

TEST_F(UserNetworkTest, GarbageIsIgnored) {
  start();
  for (std::size_t size = 0; size < 200; ++size) {
    line->send(Bytes(size, static_cast<u8>(size)));
    Bytes frame = ethernet(size % 2 ? 0x0800 : 0x0806);
    frame.resize(14 + size, 0x45);
    line->send(frame);
  }
}

}  // namespace
}  // namespace tw::network
