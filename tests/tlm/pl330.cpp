// The shell of the PL330: when transactions happen, what they carry, and that one which is held holds no other.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include <tlm_utils/simple_target_socket.h>

#include "devices/tlm/pl330_module.hpp"
#include "support/pl330_rig.hpp"
#include "tlm/initiator.hpp"

namespace tw::test {
namespace {

constexpr u64 kNanosecondPs = 1000;
constexpr u64 kLatencyNs = 100;
constexpr u32 kBytes = 0x10000;
/// Whoever comes here waits until it is let go, as with an SMMU that has stalled a fault.
constexpr u32 kHeld = 0xF000;

struct Memory final : sc_core::sc_module {
  tlm_utils::simple_target_socket<Memory> socket;
  std::vector<u8> bytes = std::vector<u8>(kBytes);
  sc_core::sc_event release;
  bool deny = false;
  struct Seen {
    u64 address;
    u64 length;
    bool write;
    tlm::Attributes attributes;
    u64 at_ps;
  };
  std::vector<Seen> seen;

  explicit Memory(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &Memory::b_transport);
  }
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const u64 at = payload.get_address();
    const tlm::Attributes attributes = payload.get_extension<tlm::PayloadExtension>()->attributes;
    seen.push_back({at, payload.get_data_length(), payload.is_write(), attributes,
                    tlm::to_picoseconds(sc_core::sc_time_stamp() + delay)});
    bool ok = at < kBytes && payload.get_data_length() <= kBytes - at;
    if (ok && at >= kHeld) {
      sc_core::wait(release);
      ok = !deny;
    }
    if (ok) {
      u8* const data = payload.get_data_ptr();
      const auto length = static_cast<long>(payload.get_data_length());
      const auto place = bytes.begin() + static_cast<long>(at);
      if (payload.is_write()) {
        std::copy(data, data + length, place);
      } else {
        std::copy(place, place + length, data);
      }
    }
    delay += tlm::picoseconds(kLatencyNs * kNanosecondPs);
    payload.set_response_status(ok ? ::tlm::TLM_OK_RESPONSE : ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
};

devices::pl330::Config configuration() {
  devices::pl330::Config config;
  config.frequency_mhz = 500;
  config.stream_per_channel = true;
  return config;
}

struct System {
  Memory memory{"memory"};
  tlm::Initiator core{"core"};
  std::map<unsigned, u64> interrupts_ps;
  bool abort = false;
  devices::Pl330Module dmac{"dmac",
                            configuration(),
                            {.read_latency = 1, .write_latency = 1, .clock = tlm::Clock::from_mhz(1000)},
                            StreamId{0x100},
                            {.interrupt =
                                 [this](unsigned n, bool level) {
                                   if (level) interrupts_ps[n] = tlm::to_picoseconds(sc_core::sc_time_stamp());
                                 },
                             .abort = [this](bool level) { abort = level; },
                             .acknowledge = {},
                             .flush = {}}};
  System() {
    core.socket.bind(dmac.socket());
    dmac.master().bind(memory.socket);
  }
  u32 read(u64 offset) { return static_cast<u32>(core.transport(Pa{offset}, 4, false, 0, {}).value); }
  void write(u64 offset, u64 value) { ASSERT_TRUE(core.transport(Pa{offset}, 4, true, value, {}).ok); }
  void debug(bool channel_thread, unsigned channel, const Microcode& instruction) {
    std::vector<u8> code = instruction.bytes();
    code.resize(6);
    write(0xD08, code[1] << 24 | code[0] << 16 | channel << 8 | channel_thread);
    write(0xD0C, code[2] | code[3] << 8 | code[4] << 16 | u64{code[5]} << 24);
    write(0xD04, 0);
    pass(10);
  }
  void go(unsigned channel, const Microcode& program) {
    const u32 at = 0x8000 + 0x100 * channel;
    std::copy(program.bytes().begin(), program.bytes().end(), memory.bytes.begin() + at);
    debug(false, 0, Microcode().go(channel, true, at));
  }
  unsigned state(unsigned channel) { return read(0x100 + 8 * channel) & 15; }
  static void pass(u64 nanoseconds) {
    sc_core::sc_start(sc_core::sc_time(static_cast<double>(nanoseconds), sc_core::SC_NS));
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
};

std::unique_ptr<System> the_system;
System& fresh() {
  System& system = *the_system;
  system.memory.release.notify();
  System::pass(10'000);
  for (unsigned n = 0; n < 8; ++n) system.debug(true, n, Microcode().kill());
  std::fill(system.memory.bytes.begin(), system.memory.bytes.end(), u8{0});
  for (u32 i = 0; i < 0x1000; ++i) system.memory.bytes[i] = static_cast<u8>(i * 13 + 1);
  system.memory.seen.clear();
  system.memory.deny = false;
  system.interrupts_ps.clear();
  system.write(0x02C, ~0u);
  return system;
}

Microcode copy(u32 from, u32 to, unsigned event) {
  return Microcode()
      .move_source(from)
      .move_destination(to)
      .move_control(control(3, 4))
      .load()
      .store()
      .write_barrier()
      .send_event(event)
      .end();
}

TEST(Pl330Shell, ACopyTakesItsTime) {
  System& system = fresh();
  system.write(0x020, 0xFF);
  const u64 begin = tlm::to_picoseconds(sc_core::sc_time_stamp());
  system.go(0, copy(0x100, 0x2000, 3));
  System::pass(1000);
  EXPECT_TRUE(std::equal(system.memory.bytes.begin() + 0x100, system.memory.bytes.begin() + 0x120,
                         system.memory.bytes.begin() + 0x2000));
  ASSERT_TRUE(system.interrupts_ps.contains(3));
  // Fetch, fetch of the second line, read, write: 100 ns each; some clocks of 2 ns between them.
  const u64 taken = (system.interrupts_ps[3] - begin) / kNanosecondPs;
  EXPECT_GE(taken, 3 * kLatencyNs);
  EXPECT_LE(taken, 4 * kLatencyNs + 60);
  EXPECT_EQ(system.interrupts_ps[3] % (2 * kNanosecondPs), 0u) << "at an edge of its clock";
}

TEST(Pl330Shell, WhatTransactionsCarry) {
  System& system = fresh();
  system.go(5, copy(0x100, 0x2000, 3));
  System::pass(1000);
  ASSERT_GE(system.memory.seen.size(), 3u);
  const auto& fetch = system.memory.seen.front();
  EXPECT_EQ(fetch.address, 0x8500u);
  EXPECT_EQ(fetch.length, 32u);
  EXPECT_TRUE(fetch.attributes.privileged && fetch.attributes.instruction && fetch.attributes.may_stall);
  EXPECT_EQ(fetch.attributes.stream, StreamId{0x106});
  const auto& write = system.memory.seen.back();
  EXPECT_TRUE(write.write && !write.attributes.privileged && !write.attributes.instruction);
  EXPECT_EQ(write.attributes.security, Security::NonSecure);
  EXPECT_EQ(write.attributes.stream, StreamId{0x106});
  EXPECT_EQ(write.length, 32u);
}

TEST(Pl330Shell, FixedBurstsGoBeatByBeat) {
  System& system = fresh();
  system.go(1, Microcode()
                   .move_source(0x100)
                   .move_destination(0x2000)
                   .move_control(control(2, 3, false, true))
                   .load()
                   .store()
                   .end());
  System::pass(2000);
  std::vector<u64> reads;
  for (const auto& seen : system.memory.seen) {
    if (!seen.write && seen.address < 0x8000) reads.push_back(seen.length);
  }
  EXPECT_EQ(reads, (std::vector<u64>{4, 4, 4}));
  for (u32 i = 0; i < 12; ++i) EXPECT_EQ(system.memory.bytes[0x2000 + i], system.memory.bytes[0x100 + i % 4]);
}

TEST(Pl330Shell, AHeldTransactionHoldsItsChannelAlone) {
  for (const bool deny : {false, true}) {
    System& system = fresh();
    system.go(0, copy(kHeld, 0x2000, 0));
    System::pass(1000);
    system.go(1, copy(0x100, 0x3000, 1));
    system.go(2, copy(0x100, kHeld + 0x100, 2));
    System::pass(1000);
    system.go(3, copy(0x100, 0x4000, 3));
    System::pass(1000);
    EXPECT_EQ(system.state(1), 0u);
    EXPECT_EQ(system.state(3), 0u);
    EXPECT_EQ(system.memory.bytes[0x4000], system.memory.bytes[0x100]);
    EXPECT_EQ(system.state(0), 5u) << "at its barrier";
    EXPECT_EQ(system.state(2), 5u);
    EXPECT_EQ(system.memory.bytes[kHeld + 0x100], 0);
    system.memory.deny = deny;
    system.memory.release.notify();
    System::pass(1000);
    EXPECT_EQ(system.state(0), deny ? 15u : 0u);
    EXPECT_EQ(system.state(2), deny ? 15u : 0u);
    EXPECT_EQ(system.abort, deny);
    EXPECT_EQ(system.memory.bytes[kHeld + 0x100] != 0, !deny);
    EXPECT_EQ(system.read(0x040), deny ? 1u << 18 : 0u) << "data_read_err";
    EXPECT_EQ(system.read(0x048), deny ? 1u << 17 : 0u) << "data_write_err";
  }
}

TEST(Pl330Shell, AKillWaitsForAHeldTransaction) {
  System& system = fresh();
  system.go(0, copy(kHeld, 0x2000, 0));
  System::pass(500);
  system.debug(true, 0, Microcode().kill());
  System::pass(1000);
  EXPECT_EQ(system.state(0), 8u) << "Killing";
  system.memory.release.notify();
  System::pass(1000);
  EXPECT_EQ(system.state(0), 0u);
  EXPECT_EQ(system.memory.bytes[0x2000], 0);
}

}  // namespace
}  // namespace tw::test

int sc_main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  tw::test::the_system = std::make_unique<tw::test::System>();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaboration binds the sockets
  const int result = RUN_ALL_TESTS();
  tw::test::the_system.reset();
  return result;
}
