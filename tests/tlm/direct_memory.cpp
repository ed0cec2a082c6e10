#include <gtest/gtest.h>

#include "tlm/bench.hpp"

namespace tw::test {
namespace {

TEST(DirectMemory, PointersAndTransactionsSeeTheSameBytes) {
  u8* const page = bench().first.host_page(Bench::kRam + 0x1000, true);
  ASSERT_NE(page, nullptr);
  bench().second.transport(Bench::kRam + 0x1008, 4, true, 0xCAFE'F00D, {});
  EXPECT_EQ(page[8], 0x0D);
  page[9] = 0x55;
  EXPECT_EQ(bench().second.transport(Bench::kRam + 0x1008, 4, false, 0, {}).value, 0xCAFE'550Du);
}

TEST(DirectMemory, RangesAreClippedAndLatenciesAdded) {
  ::tlm::tlm_generic_payload payload;
  payload.set_address(Bench::kRam.value + 0x10);
  payload.set_command(::tlm::TLM_READ_COMMAND);
  ::tlm::tlm_dmi dmi;
  ASSERT_TRUE(bench().first.socket->get_direct_mem_ptr(payload, dmi));
  EXPECT_EQ(dmi.get_start_address(), Bench::kRam.value);
  EXPECT_EQ(dmi.get_end_address(), Bench::kRam.value + Bench::kRamBytes - 1);
  EXPECT_EQ(dmi.get_dmi_ptr(), bench().ram.bytes().data());
  EXPECT_EQ(dmi.get_read_latency(), bench().clock.time(Bench::kRamLink.latency + Bench::kRamLatency));
  EXPECT_EQ(payload.get_address(), Bench::kRam.value + 0x10);
  // The same latency as a transaction of one beat.
  EXPECT_EQ(bench().first.transport(Bench::kRam, 4, false, 0, {}).delay, dmi.get_read_latency());
}

TEST(DirectMemory, DevicesAndHolesHaveNone) {
  EXPECT_EQ(bench().first.host_page(Bench::kDevice, false), nullptr);
  EXPECT_EQ(bench().first.host_page(Pa{0x10'0000}, false), nullptr);
  EXPECT_FALSE(bench().first.is_memory(Bench::kDevice, false));
  EXPECT_TRUE(bench().first.is_memory(Bench::kRam, true));
}

TEST(DirectMemory, FlashIsReadableUntilItsModeChanges) {
  int invalidated_first = 0, invalidated_second = 0;
  bench().first.on_invalidate([&] { ++invalidated_first; });
  bench().second.on_invalidate([&] { ++invalidated_second; });
  EXPECT_NE(bench().first.host_page(Bench::kFlash, false), nullptr);
  EXPECT_EQ(bench().first.host_page(Bench::kFlash, true), nullptr) << "a write is a command";
  EXPECT_FALSE(bench().first.is_memory(Bench::kFlash, true));

  bench().second.transport(Bench::kFlash, 4, true, 0x0070'0070, {});  // read status, both chips
  EXPECT_EQ(invalidated_first, 1);
  EXPECT_EQ(invalidated_second, 1);
  EXPECT_EQ(bench().first.host_page(Bench::kFlash, false), nullptr);
  EXPECT_EQ(bench().first.transport(Bench::kFlash, 4, false, 0, {}).value, 0x0080'0080u) << "status: ready";

  bench().second.transport(Bench::kFlash, 4, true, 0x00FF'00FF, {});  // read array
  EXPECT_NE(bench().first.host_page(Bench::kFlash, false), nullptr);
  EXPECT_EQ(bench().first.transport(Bench::kFlash, 4, false, 0, {}).value, 0xFFFF'FFFFu);
  bench().first.on_invalidate({});
  bench().second.on_invalidate({});
}

}  // namespace
}  // namespace tw::test
