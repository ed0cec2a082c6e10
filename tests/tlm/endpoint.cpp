// The endpoint's shell: the time of a transfer, what its requests carry, and that it lives while one of them waits. One
// simulation, whose results the tests look at.
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include "devices/tlm/edu_module.hpp"
#include "tlm/payload.hpp"

namespace tw::test {
namespace {

namespace pci = devices::pci;

constexpr u64 kPeriodPs = 1000;
constexpr u64 kHeldPs = 1'000'000;
constexpr u64 kMemory = 200;       ///< cycles of every access
constexpr u64 kTranslation = 500;  ///< cycles of a translation request
constexpr u64 kDoorbell = 0x0802'0040, kRefusedFrom = 0x9000'0000;
constexpr StreamId kStream{0x18};
const devices::Config kConfig = [] {
  devices::Config config;
  config.endpoint_latency = 100;
  config.endpoint_bytes_per_cycle = 8;
  return config;
}();

enum Register : u64 {
  kRaise = 0x60,
  kSource = 0x80,
  kDestination = 0x88,
  kCount = 0x90,
  kCommandAt = 0x98,
  kResult = 0x208,
  kAttributes = 0x210,
  kPasidAt = 0x214,
  kPageResponse = 0x240,
};

struct Access {
  u64 address, bytes, at_ps;
  tlm::Attributes attributes;
};

/// The bus: it holds the first DMA that may stall, as an SMMU does until software has resolved its fault.
struct Bus final : sc_core::sc_module {
  tlm_utils::multi_passthrough_target_socket<Bus, 32> socket;
  std::vector<Access> accesses;
  bool held = false;

  explicit Bus(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &Bus::b_transport);
  }
  void b_transport(int, ::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto& attributes = payload.get_extension<tlm::PayloadExtension>()->attributes;
    accesses.push_back({payload.get_address(), payload.get_data_length(),
                        tlm::to_picoseconds(sc_core::sc_time_stamp() + delay), attributes});
    if (attributes.may_stall && !held) {
      held = true;
      wait(tlm::picoseconds(kHeldPs));
    }
    delay += tlm::picoseconds(kMemory * kPeriodPs);
    payload.set_response_status(payload.get_address() < kRefusedFrom ? ::tlm::TLM_OK_RESPONSE
                                                                     : ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
};

/// The driver, with the root complex's side of ATS: every translation takes its time, pages come when asked for.
struct Driver final : sc_core::sc_module, pci::TranslationAgent {
  Bus& bus;
  devices::EduModule& module;
  bool mapped = false;
  struct Transfer {
    u64 began_ps = 0, ended_ps = 0;
    u64 result = 0;
  };
  Transfer plain, stalled, refused, translated, paged;
  u64 running_while_held = 0;

  Driver(sc_core::sc_module_name name, Bus& on, devices::EduModule& of) : sc_module(name), bus(on), module(of) {
    SC_HAS_PROCESS(Driver);
    SC_THREAD(run);
  }

  static u64 now() { return tlm::to_picoseconds(sc_core::sc_time_stamp()); }
  u64 read(u64 offset) { return module.function().access_bar(0, {.offset = offset, .size = 4}).value; }
  void write(u64 offset, u64 value, u8 size = 4) {
    module.function().access_bar(0, {.offset = offset, .size = size, .write = true, .value = value});
  }
  void set(u16 id, u16 offset, unsigned bytes, u32 value) {
    pci::Edu& function = module.function();
    u16 at = 0x100;
    while ((function.read_config(at, 4, false) & 0xFFFF) != id) {
      at = static_cast<u16>(function.read_config(at, 4, false) >> 20);
    }
    function.write_config(static_cast<u16>(at + offset), bytes, value);
  }
  Transfer begin(u64 address, u64 bytes, u32 attributes) {
    write(kAttributes, attributes);
    write(kSource, address, 8);
    write(kDestination, pci::Edu::kBuffer, 8);
    write(kCount, bytes, 8);
    write(kCommandAt, 1, 8);
    return {.began_ps = now()};
  }
  /// Looks every cycle.
  void end(Transfer& transfer) {
    while ((read(kCommandAt) & 1) != 0) wait(tlm::picoseconds(kPeriodPs));
    transfer.ended_ps = now();
    transfer.result = read(kResult);
  }

  void run() {
    pci::Edu& function = module.function();
    function.write_config(pci::kCommand, 2, pci::kMemoryEnable | pci::kBusMaster);
    function.write_config(0x44, 4, static_cast<u32>(kDoorbell));
    function.write_config(0x42, 2, 1);
    set(0x1B, 6, 2, 7);
    set(0x0F, 6, 2, 0x8000);
    set(0x13, 12, 4, 8);
    set(0x13, 4, 2, 1);

    plain = begin(0x1000, 1024, 0);
    end(plain);

    write(kPasidAt, 0x77);
    stalled = begin(0x2000, 8,
                    pci::TransferAttributes::kMayStall | pci::TransferAttributes::kPasid |
                        pci::TransferAttributes::kPrivileged | pci::TransferAttributes::kExecute);
    wait(tlm::picoseconds(kHeldPs / 2));
    running_while_held = read(kCommandAt) & 1;
    write(kRaise, 2);
    end(stalled);

    refused = begin(kRefusedFrom, 8, 0);
    end(refused);
    mapped = true;
    translated = begin(0x5000, 8, pci::TransferAttributes::kTranslate);
    end(translated);
    mapped = false;
    paged = begin(0x7000, 8, pci::TransferAttributes::kTranslate | pci::TransferAttributes::kAskForPages);
    end(paged);
  }

  pci::TranslationCompletion translate(const pci::TranslationRequest& request) override {
    wait(tlm::picoseconds(kTranslation * kPeriodPs));
    return {.status = pci::Completion::Success,
            .translation = {.address = request.address.value | 0x1'0000, .read = mapped}};
  }
  void request_page(const pci::PageRequest& request) override {
    mapped = true;
    module.function().respond({.group = request.group});
  }
  void invalidated(u32) override {}
};

struct Bench {
  Bus bus{"bus"};
  devices::EduModule module{"endpoint",
                            {.dma_mask = ~u64{0}, .ats = {.ats = true, .pri = true, .pasid = true}},
                            kConfig,
                            tlm::Clock(kPeriodPs),
                            kStream};
  Driver driver{"driver", bus, module};
  Bench() {
    module.bind_masters([this](auto& master) { master.bind(bus.socket); });
    module.function().set_agent(&driver);
  }
  std::vector<Access> at(u64 address, u64 bytes) const {
    std::vector<Access> found;
    for (const Access& access : bus.accesses) {
      if (access.address - address < bytes) found.push_back(access);
    }
    return found;
  }
};
std::unique_ptr<Bench> bench;

u64 cycles_of(const Driver::Transfer& transfer) { return (transfer.ended_ps - transfer.began_ps) / kPeriodPs; }
constexpr u64 on_link(u64 bytes) { return bytes / 8; }

TEST(Endpoint, ATransferTakesItsRequestsOneAfterTheOther) {
  EXPECT_EQ(cycles_of(bench->driver.plain), 100 + 4 * (kMemory + on_link(256)));
  EXPECT_EQ(bench->at(0x1000, 1024).size(), 4u);
}

TEST(Endpoint, RequestsSayWhoseTheyAre) {
  const tlm::Attributes plain = bench->at(0x1000, 1).at(0).attributes;
  EXPECT_EQ(plain.stream, kStream);
  EXPECT_FALSE(plain.has_substream || plain.privileged || plain.instruction || plain.translated || plain.may_stall);
  const tlm::Attributes stalled = bench->at(0x2000, 8).at(0).attributes;
  EXPECT_EQ(stalled.stream, kStream);
  EXPECT_TRUE(stalled.has_substream && stalled.privileged && stalled.instruction && stalled.may_stall);
  EXPECT_EQ(stalled.substream, 0x77u);
  EXPECT_FALSE(stalled.translated);
}

TEST(Endpoint, WhileARequestWaitsTheDeviceAnswersAndInterrupts) {
  EXPECT_EQ(bench->driver.running_while_held, 1u);
  EXPECT_EQ(cycles_of(bench->driver.stalled), 100 + kHeldPs / kPeriodPs + kMemory + on_link(8));
  const std::vector<Access> messages = bench->at(kDoorbell, 4);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].at_ps, bench->driver.stalled.began_ps + kHeldPs / 2);
  EXPECT_EQ(messages[0].attributes.stream, kStream);
}

TEST(Endpoint, ABusErrorIsAnUnsupportedRequest) {
  EXPECT_EQ(bench->driver.refused.result, static_cast<u64>(pci::TransferResult::UnsupportedRequest));
  EXPECT_EQ(bench->driver.plain.result, static_cast<u64>(pci::TransferResult::Done));
}

TEST(Endpoint, TranslationsTakeTheirTime) {
  EXPECT_EQ(cycles_of(bench->driver.translated), 100 + kTranslation + kMemory + on_link(8));
  const std::vector<Access> accesses = bench->at(0x1'5000, 8);
  ASSERT_EQ(accesses.size(), 1u);
  EXPECT_TRUE(accesses[0].attributes.translated);
}

TEST(Endpoint, APageIsAskedForAndThenTranslated) {
  EXPECT_EQ(bench->driver.paged.result, static_cast<u64>(pci::TransferResult::Done));
  EXPECT_EQ(cycles_of(bench->driver.paged), 100 + 2 * kTranslation + kMemory + on_link(8));
  EXPECT_EQ(bench->driver.read(kPageResponse), u64{1} << 31);
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
