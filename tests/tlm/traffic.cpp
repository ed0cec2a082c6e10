// Traffic generators against memories of their own: one simulation, whose results the tests look at.
#include <memory>

#include <gtest/gtest.h>
#include <tlm_utils/simple_target_socket.h>

#include "devices/tlm/traffic_module.hpp"
#include "devices/traffic/data.hpp"
#include "devices/traffic/generator.hpp"
#include "memory/tlm/ram_module.hpp"

namespace tw::test {
namespace {

namespace traffic = devices::traffic;

constexpr u64 kPeriodPs = 1000;
constexpr u64 kLatency = 200;  ///< cycles: 200 ns
constexpr u64 kRamBytes = 1 << 20;
constexpr u64 kRequests = 2000;

/// Holds the first access for a microsecond, as an SMMU does until software has resolved its fault.
class Holding final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Holding> socket;
  explicit Holding(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &Holding::b_transport);
  }

 private:
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (!held_) {
      held_ = true;
      wait(delay + tlm::picoseconds(1'000'000));
      delay = sc_core::SC_ZERO_TIME;
    }
    delay += tlm::picoseconds(kLatency * kPeriodPs);
    payload.set_response_status(::tlm::TLM_OK_RESPONSE);
  }
  bool held_ = false;
};

traffic::Config config_of(u64 outstanding) {
  traffic::Config config;
  config.base = 0;
  config.window = kRamBytes;
  config.outstanding = outstanding;
  config.requests = kRequests;
  return config;
}

/// A generator and its memory, which holds what belongs there.
struct Rig {
  Rig(const char* name, const traffic::Config& traffic, const traffic::LinkConfig& link = {}, u64 quantum_ps = 0)
      : generator(traffic),
        ram_module(sc_core::sc_gen_unique_name("ram"), ram, {.size = kRamBytes, .latency = kLatency},
                   tlm::Clock(kPeriodPs)),
        module(name, generator, {.traffic = traffic, .link = link, .quantum = tlm::picoseconds(quantum_ps)}) {
    traffic::fill(ram.bytes(), Iova{0}, generator.windows()[0].salt, traffic::Version::Initial);
    module.bus.socket.bind(ram_module.socket);
    module.on_end([this] { ended_ps = tlm::to_picoseconds(sc_core::sc_time_stamp()); });
  }
  double bytes_per_second() const {
    const traffic::StreamStatistics total = generator.statistics().total();
    return static_cast<double>(total.read_bytes + total.written_bytes) /
           (static_cast<double>(generator.statistics().elapsed_ps()) * 1e-12);
  }
  memory::Ram ram{kRamBytes};
  traffic::Generator generator;
  memory::RamModule ram_module;
  devices::TrafficModule module;
  u64 ended_ps = 0;
};

traffic::Config large(u64 bytes, bool write) {
  traffic::Config config = config_of(64);
  config.size = bytes;
  config.alignment = bytes;
  config.read_share = write ? 0 : 100;
  return config;
}

traffic::Config many_outstanding() {
  traffic::Config config = large(4096, false);
  config.outstanding = 400;
  config.warm_up = 1000;
  return config;
}

traffic::Config paced() {
  traffic::Config config = config_of(8);
  config.rate = 64;  // a request a microsecond
  config.requests = 100;
  return config;
}

traffic::Config outside() {
  traffic::Config config = config_of(4);
  config.base = kRamBytes;
  return config;
}

traffic::Config mixed() {
  traffic::Config config = config_of(4);
  config.alignment = 1;
  config.size = 16;
  config.size_max = 256;
  config.read_share = 50;
  config.window = 1 << 14;
  return config;
}

traffic::Config stalling() {
  traffic::Config config = config_of(2);
  config.may_stall = true;
  config.requests = 10;
  config.check = false;
  return config;
}

constexpr traffic::LinkConfig kLink{.enabled = true};

struct Bench {
  Rig one{"one", config_of(1)}, four{"four", config_of(4)}, ahead{"ahead", config_of(4), {}, 1'000'000};
  Rig linked{"linked", config_of(1), kLink};
  Rig reads{"reads", large(256, false), kLink}, writes{"writes", large(512, true), kLink};
  Rig many{"many", many_outstanding(), kLink};
  Rig rate{"rate", paced()}, refused{"refused", outside()}, both{"both", mixed()};
  traffic::Generator stalled{stalling()};
  devices::TrafficModule stalled_module{"stalled", stalled, {.traffic = stalling(), .link = {}, .quantum = {}}};
  Holding holding{"holding"};
  Bench() { stalled_module.bus.socket.bind(holding.socket); }
};
std::unique_ptr<Bench> bench;

TEST(Traffic, OneAtATimeTakesTheLatencyOfEach) {
  const auto total = bench->one.generator.statistics().total();
  EXPECT_EQ(total.reads, kRequests);
  EXPECT_EQ(total.wrong, 0u);
  EXPECT_EQ(total.read_ps.min(), kLatency * kPeriodPs);
  EXPECT_EQ(total.read_ps.max(), kLatency * kPeriodPs);
  EXPECT_EQ(bench->one.ended_ps, kRequests * kLatency * kPeriodPs);
}

TEST(Traffic, FourAtATimeTakeAQuarterOfTheTime) {
  EXPECT_EQ(bench->four.ended_ps, kRequests / 4 * kLatency * kPeriodPs);
}

TEST(Traffic, RunningAheadChangesNothing) {
  EXPECT_EQ(bench->ahead.ended_ps, bench->four.ended_ps);
  EXPECT_EQ(bench->ahead.generator.statistics().total().read_ps, bench->four.generator.statistics().total().read_ps);
}

TEST(Traffic, ALinkAddsItsBytesAndTheRootComplex) {
  const auto wire = wire_bytes(kLink, 64, false);
  const double fs = static_cast<double>(femtoseconds_per_byte(kLink));
  const double expected =
      kLatency * kPeriodPs + kLink.root_complex_ns * 1000.0 + static_cast<double>(wire.up + wire.down) * fs / 1000;
  const auto& latency = bench->linked.generator.statistics().total().read_ps;
  // Both crossings begin at a byte time.
  EXPECT_GE(static_cast<double>(latency.min()), expected - 2);
  EXPECT_LE(static_cast<double>(latency.max()), expected + 2 * fs / 1000 + 2);
}

TEST(Traffic, ASaturatedLinkGivesTheBandwidthOfTheFormula) {
  const double reads = bandwidth(kLink, 256, false), writes = bandwidth(kLink, 512, true);
  EXPECT_NEAR(bench->reads.bytes_per_second(), reads, reads * 0.005);  // less by the first latency
  EXPECT_LE(bench->reads.bytes_per_second(), reads);
  EXPECT_NEAR(bench->writes.bytes_per_second(), writes, writes * 0.005);
  EXPECT_LE(bench->writes.bytes_per_second(), writes);
}

/// What waits is longer than what a link of few requests would have to remember.
TEST(Traffic, NoMoreThanThatWithManyOutstanding) {
  const double reads = bandwidth(kLink, 4096, false);
  EXPECT_LE(bench->many.bytes_per_second(), reads * 1.001);
  EXPECT_GE(bench->many.bytes_per_second(), reads * 0.8);
}

TEST(Traffic, ARateIsKept) { EXPECT_EQ(bench->rate.ended_ps, 99u * 1'000'000 + kLatency * kPeriodPs); }

TEST(Traffic, RefusalsAreCounted) { EXPECT_EQ(bench->refused.generator.statistics().total().refused, kRequests); }

TEST(Traffic, WritesReachMemoryAndAreReadBack) {
  const Rig& rig = bench->both;
  const auto total = rig.generator.statistics().total();
  EXPECT_GT(total.written_bytes, 0u);
  EXPECT_EQ(total.wrong, 0u);
  const auto window = rig.ram.bytes().first(1 << 14);
  EXPECT_TRUE(traffic::is_right(window, Iova{0}, rig.generator.windows()[0].salt, true));
  EXPECT_GT(traffic::written_words(window, Iova{0}, rig.generator.windows()[0].salt), 1000u);
}

TEST(Traffic, AHeldRequestHoldsThoseBehindIt) {
  const auto& latency = bench->stalled.statistics().total().read_ps;
  EXPECT_EQ(latency.max(), 1'000'000u + kLatency * kPeriodPs);
  EXPECT_EQ(latency.min(), kLatency * kPeriodPs);
  EXPECT_EQ(bench->stalled.statistics().elapsed_ps(), 1'000'000u + 5 * kLatency * kPeriodPs);
}

}  // namespace
}  // namespace tw::test

int sc_main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  tw::test::bench = std::make_unique<tw::test::Bench>();
  sc_core::sc_start();
  const int result = RUN_ALL_TESTS();
  tw::test::bench.reset();
  return result;
}
