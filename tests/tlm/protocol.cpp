#include <cstring>

#include <gtest/gtest.h>

#include "tlm/bench.hpp"

namespace tw::test {
namespace {

/// A payload as a hostile initiator may build it.
struct Payload {
  ::tlm::tlm_generic_payload payload;
  u8 data[64] = {};
  sc_core::sc_time delay;
  Payload(Pa pa, unsigned length, bool write = false) {
    payload.set_command(write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND);
    payload.set_address(pa.value);
    payload.set_data_ptr(data);
    payload.set_data_length(length);
    payload.set_streaming_width(length);
  }
  ::tlm::tlm_response_status send() {
    bench().first.socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
};

TEST(Protocol, WhatIsWrittenIsRead) {
  for (const unsigned size : {1u, 2u, 4u, 8u}) {
    const u64 value = 0x1122'3344'5566'7788 & (size == 8 ? ~u64{0} : (u64{1} << size * 8) - 1);
    EXPECT_TRUE(bench().first.transport(Bench::kRam + 0x100, size, true, value, {}).ok);
    const auto answer = bench().second.transport(Bench::kRam + 0x100, size, false, 0, {});
    EXPECT_TRUE(answer.ok);
    EXPECT_EQ(answer.value, value);
    EXPECT_EQ(answer.served_by, cost::ServedBy::Memory);
  }
}

TEST(Protocol, NobodyAnswersOutsideTheMap) {
  for (const u64 address : {u64{0}, u64{0x4000}, u64{0x8100}, ~u64{0}}) {
    EXPECT_EQ(Payload(Pa{address}, 1).send(), ::tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << address;
  }
  EXPECT_EQ(Payload(Pa{0x3FFC}, 8).send(), ::tlm::TLM_ADDRESS_ERROR_RESPONSE) << "the end of RAM inside the access";
}

TEST(Protocol, TheAddressIsTheInitiatorsAgainAfterwards) {
  Payload p(Bench::kRam + 8, 4);
  EXPECT_EQ(p.send(), ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(p.payload.get_address(), (Bench::kRam + 8).value);
}

TEST(Protocol, DevicesTakeNaturallyAlignedWordsOnly) {
  EXPECT_EQ(Payload(Bench::kDevice + 16, 4).send(), ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(Payload(Bench::kDevice + 16, 8).send(), ::tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(Payload(Bench::kDevice + 18, 4).send(), ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(Payload(Bench::kDevice + 16, 3).send(), ::tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(Payload(Bench::kDevice + 16, 16).send(), ::tlm::TLM_BURST_ERROR_RESPONSE);
  Payload enabled(Bench::kDevice + 16, 4);
  u8 enables[4] = {0xFF, 0, 0, 0};
  enabled.payload.set_byte_enable_ptr(enables);
  EXPECT_EQ(enabled.send(), ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  Payload narrow(Bench::kDevice + 16, 4);
  narrow.payload.set_streaming_width(2);
  EXPECT_EQ(narrow.send(), ::tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(Protocol, MemoryTakesBurstsAndRefusesByteEnablesAndStreaming) {
  EXPECT_EQ(Payload(Bench::kRam + 1, 64).send(), ::tlm::TLM_OK_RESPONSE) << "any length, any alignment";
  Payload enabled(Bench::kRam, 4, true);
  u8 enables[4] = {0xFF, 0, 0, 0};
  enabled.payload.set_byte_enable_ptr(enables);
  EXPECT_EQ(enabled.send(), ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  Payload narrow(Bench::kRam, 8);
  narrow.payload.set_streaming_width(4);
  EXPECT_EQ(narrow.send(), ::tlm::TLM_BURST_ERROR_RESPONSE);
  Payload ignored(Bench::kRam, 4);
  ignored.payload.set_command(::tlm::TLM_IGNORE_COMMAND);
  EXPECT_EQ(ignored.send(), ::tlm::TLM_OK_RESPONSE);
}

TEST(Protocol, TheDmiHintIsSetWherePointersAreGranted) {
  Payload memory(Bench::kRam, 4), device(Bench::kDevice, 4), flash(Bench::kFlash, 4);
  memory.send();
  EXPECT_TRUE(memory.payload.is_dmi_allowed());
  device.payload.set_dmi_allowed(true);
  device.send();
  EXPECT_FALSE(device.payload.is_dmi_allowed());
  flash.send();
  EXPECT_TRUE(flash.payload.is_dmi_allowed()) << "reads in read-array mode are direct";
}

TEST(Protocol, ABurstPaysForItsBeats) {
  // Latency 10, 4 bytes a beat, 2 cycles each further one; then 7 cycles of the memory.
  struct Row {
    unsigned bytes;
    u64 cycles;
  };
  for (const Row& row : {Row{1, 17}, Row{4, 17}, Row{5, 19}, Row{8, 19}, Row{64, 47}}) {
    Payload burst(Bench::kRam, row.bytes);
    burst.delay = sc_core::sc_time(3, sc_core::SC_NS);  // what the initiator came with stays in it
    burst.send();
    EXPECT_EQ(burst.delay, sc_core::sc_time(3, sc_core::SC_NS) + bench().clock.time(row.cycles)) << row.bytes;
  }
}

TEST(Protocol, ADecodeErrorLeavesNoOldHint) {
  Payload nowhere(Pa{0}, 4);
  nowhere.payload.set_dmi_allowed(true);
  EXPECT_EQ(nowhere.send(), ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_FALSE(nowhere.payload.is_dmi_allowed());
}

TEST(Protocol, DebugStopsAtTheEndOfAnOddRequest) {
  u8 copy[8] = {0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE};
  EXPECT_EQ(bench().first.debug(Bench::kDevice + 16, copy, 7, false), 7u);
  EXPECT_EQ(copy[7], 0xEE) << "beyond the request";
}

TEST(Protocol, ARefusingRegisterIsAnErrorResponse) {
  EXPECT_EQ(Payload(Bench::kDevice + 8, 4).send(), ::tlm::TLM_GENERIC_ERROR_RESPONSE);
}

TEST(Protocol, AttributesReachTheDevice) {
  bench().first.transport(Bench::kDevice + 16, 4, true, 42, {.el = El::El2, .security = Security::Secure, .cpu = 3});
  EXPECT_EQ(bench().device.last.cpu, 3);
  EXPECT_EQ(bench().device.last.el, El::El2);
  EXPECT_EQ(bench().device.last.security, Security::Secure);
  EXPECT_EQ(bench().device.last.value, 42u);
  EXPECT_TRUE(bench().device.last.write);
}

TEST(Protocol, DebugHasNoEffect) {
  const u64 before = bench().device.reads;
  u32 value = 0;
  EXPECT_EQ(bench().first.debug(Bench::kDevice, reinterpret_cast<u8*>(&value), 4, false), 4u);
  EXPECT_EQ(value, before);
  EXPECT_EQ(bench().device.reads, before);
  EXPECT_EQ(bench().first.debug(Bench::kDevice, reinterpret_cast<u8*>(&value), 4, true), 0u) << "a write has effects";
  bench().first.transport(Bench::kDevice, 4, false, 0, {});
  EXPECT_EQ(bench().device.reads, before + 1) << "a bus read counts";
}

TEST(Protocol, DebugReadsWhatTheBusReads) {
  const char text[] = "a longer text than a bus access";
  ASSERT_TRUE(bench().ram.write(0x200, std::span(reinterpret_cast<const u8*>(text), sizeof text)));
  char copy[sizeof text] = {};
  EXPECT_EQ(bench().first.debug(Bench::kRam + 0x200, reinterpret_cast<u8*>(copy), sizeof copy, false), sizeof copy);
  EXPECT_STREQ(copy, text);
  EXPECT_EQ(bench().first.debug(Bench::kRam + (Bench::kRamBytes - 4), reinterpret_cast<u8*>(copy), 8, false), 4u);
  EXPECT_EQ(bench().first.debug(Pa{0}, reinterpret_cast<u8*>(copy), 8, false), 0u);
}

}  // namespace
}  // namespace tw::test
