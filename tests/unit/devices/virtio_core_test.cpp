// Queues, status, features and the virtio-mmio transport (virtio 1.2, sections 2, 3 and 4.2), carried by a device that
// counts what it is asked for.
#include "support/virtio_driver.hpp"

#include <functional>
#include <random>

#include "devices/virtio/entropy.hpp"
#include "devices/virtio/mmio_bank.hpp"

namespace tw::test {
namespace {

using namespace virtio::feature;  // NOLINT(google-build-using-namespace)

/// Copies what it reads to what it may write.
class Echo final : public virtio::Device {
 public:
  explicit Echo(const virtio::Surroundings& around)
      : Device(virtio::DeviceType::Network, 1, {virtio::Virtqueue(8), virtio::Virtqueue(8)}, 6, around) {}
  std::vector<virtio::Chain> chains;
  unsigned resets = 0;
  std::function<void()> inside;

  void change_config(u8 value) {
    config()[0] = value;
    changed_config();
  }

 private:
  std::optional<virtio::Work> execute() override {
    for (unsigned n : {0u, 1u}) {
      const std::optional<virtio::Chain> chain = take(n);
      if (!chain) continue;
      if (inside) inside();
      chains.push_back(*chain);
      const u64 size = std::min(virtio::total(chain->readable), virtio::total(chain->writable));
      std::vector<u8> bytes(size);
      if (!virtio::Cursor(dma(), chain->readable).read(bytes) || !virtio::Cursor(dma(), chain->writable).write(bytes)) {
        fail("a buffer is not in memory");
        return std::nullopt;
      }
      finish(*chain, size);
      return virtio::Work{size};
    }
    return std::nullopt;
  }
  void on_reset() override { ++resets; }
  void on_config_write(u64 offset, std::span<const u8> bytes) override {
    std::copy(bytes.begin(), bytes.end(), config().begin() + static_cast<std::ptrdiff_t>(offset));
  }
};

struct VirtioCore : testing::Test, VirtioBench {
  VirtioCore() { carry(std::make_unique<Echo>(surroundings())); }
  Echo& echo() { return static_cast<Echo&>(*device); }
};

TEST_F(VirtioCore, RowsAreSortedAndDisjoint) {
  u64 end = 0;
  for (const auto& row : virtio::MmioTransport::rows()) {
    EXPECT_GE(row.offset, end) << row.name;
    end = row.offset + row.bytes;
  }
  EXPECT_LE(end, virtio::MmioTransport::kConfigOffset);
}

TEST_F(VirtioCore, Identification) {
  EXPECT_EQ(get(0x00), 0x74726976u);
  EXPECT_EQ(get(0x04), 2u);
  EXPECT_EQ(get(0x08), 1u);
  EXPECT_EQ(get(0x00, 2), 0u) << "registers are words";
  EXPECT_FALSE(transport->access({.offset = 0, .size = 8}).ok);
  put(0x30, 1);
  EXPECT_EQ(get(0x34), 8u);
  put(0x30, 2);
  EXPECT_EQ(get(0x34), 0u) << "no such queue";
  put(0x38, 4);
  put(0x44, 1);
  EXPECT_EQ(get(0x44), 0u);
  EXPECT_EQ(get(0xB0), 0xFFFFFFFFu) << "no shared memory";
}

TEST_F(VirtioCore, EmptyPlaces) {
  virtio::Device* const devices[] = {nullptr, device.get(), nullptr};
  virtio::MmioBank bank(devices, [](unsigned, bool) {});
  EXPECT_EQ(bank.bytes(), 0x600u);
  for (const u64 base : {0x000, 0x400}) {
    EXPECT_EQ(bank.access({.offset = base + 0}).value, 0x74726976u);
    EXPECT_EQ(bank.access({.offset = base + 4}).value, 2u);
    for (u64 offset = 0x10; offset < 0x200; offset += 4) {
      EXPECT_TRUE(bank.access({.offset = base + offset, .write = true, .value = 0xFFFFFFFF}).ok);
    }
    for (u64 offset = 0x10; offset < 0x200; offset += 4) {
      EXPECT_EQ(bank.access({.offset = base + offset}).value, 0u) << offset;
    }
    EXPECT_EQ(bank.access({.offset = base + 8}).value, 0u);
  }
  EXPECT_EQ(bank.access({.offset = 0x208}).value, 1u);
}

TEST_F(VirtioCore, FeaturesAreNegotiated) {
  put(0x14, 0);
  EXPECT_EQ(get(0x10), (kIndirect | kEventIdx | 1) & 0xFFFFFFFF);
  put(0x14, 1);
  EXPECT_EQ(get(0x10), kVersion1 >> 32);
  put(0x14, 2);
  EXPECT_EQ(get(0x10), 0u);
  EXPECT_FALSE(bring_up(2, 8, 0)) << "a legacy driver";
  EXPECT_FALSE(bring_up(2, 8, kVersion1 | 2)) << "not offered";
  EXPECT_TRUE(bring_up(2, 8, kVersion1 | 1));
  EXPECT_EQ(status(), 15u);
  put(0x24, 0);
  put(0x20, 0);
  EXPECT_EQ(device->driver_features(), kVersion1 | 1) << "settled with FEATURES_OK";
}

TEST_F(VirtioCore, BehindAnSmmuADriverMustKnowIt) {
  translated = true;
  carry(std::make_unique<Echo>(surroundings()));
  put(0x14, 1);
  EXPECT_EQ(get(0x10), (kVersion1 | kAccessPlatform) >> 32);
  EXPECT_FALSE(bring_up(2, 8, kVersion1)) << "its addresses would be physical ones";
  EXPECT_EQ(status() & virtio::status::kFeaturesOk, 0);
  EXPECT_TRUE(bring_up(2, 8, kVersion1 | kAccessPlatform));
}

TEST_F(VirtioCore, ResetForgetsEverything) {
  ASSERT_TRUE(bring_up(2, 4));
  const unsigned before = echo().resets;
  queue().add({{kData, 4}});
  notify_and_run();
  EXPECT_TRUE(level);
  put(0x70, 0);
  EXPECT_EQ(echo().resets, before + 1);
  EXPECT_EQ(status(), 0u);
  EXPECT_EQ(get(0x60), 0u);
  EXPECT_FALSE(level);
  put(0x30, 0);
  EXPECT_EQ(get(0x44), 0u);
  EXPECT_EQ(device->queue(0).size(), 8u);
  EXPECT_EQ(device->driver_features(), 0u);
}

TEST_F(VirtioCore, ARequestIsPublishedWhenItsTimeHasPassed) {
  ASSERT_TRUE(bring_up(2, 8));
  memory.set<u32>(kData, 0x11223344);
  const u16 head = queue().add({{kData, 4}, {kData + 0x100, 2, true}, {kData + 0x200, 6, true}});
  notify();
  EXPECT_TRUE(arrived);
  ASSERT_TRUE(device->work());
  EXPECT_EQ(memory.get<u16>(kData + 0x100), 0x3344);
  EXPECT_EQ(memory.get<u16>(kData + 0x200), 0x1122);
  EXPECT_EQ(queue().used_index(), 0u);
  EXPECT_FALSE(level);
  EXPECT_FALSE(device->work());
  EXPECT_EQ(queue().used_index(), 1u);
  EXPECT_EQ(queue().used_head(0), head);
  EXPECT_EQ(queue().used_length(0), 4u);
  EXPECT_EQ(get(0x60), 1u);
  EXPECT_TRUE(level);
  put(0x64, 1);
  EXPECT_FALSE(level);
}

TEST_F(VirtioCore, IndicesWrapAround) {
  ASSERT_TRUE(bring_up(1, 4));
  for (unsigned n = 0; n < 70'000; ++n) {
    queue().add({{kData, 4}});
    ASSERT_EQ(notify_and_run(), 1u) << n;
    ASSERT_EQ(queue().used_index(), static_cast<u16>(n + 1));
  }
}

TEST_F(VirtioCore, NothingHappensBeforeDriverOk) {
  put(0x70, 0);
  put(0x70, 3);
  put(0x24, 1);
  put(0x20, 1);
  put(0x70, 11);
  set_up_queue(0, 8);
  queue().add({{kData, 4}});
  EXPECT_EQ(notify_and_run(), 0u);
  EXPECT_FALSE(device->work());
  EXPECT_EQ(queue().used_index(), 0u);
  put(0x70, 15);
  EXPECT_EQ(run(), 1u) << "what was there before counts";
  EXPECT_EQ(queue().used_index(), 1u);
}

TEST_F(VirtioCore, TheDriverMayNotWantInterrupts) {
  ASSERT_TRUE(bring_up(1, 8));
  queue().set_flags(1);
  queue().add({{kData, 4}});
  notify_and_run();
  EXPECT_EQ(queue().used_index(), 1u);
  EXPECT_EQ(interrupts, 0u);
  queue().set_flags(0);
  queue().add({{kData, 4}});
  notify_and_run();
  EXPECT_EQ(interrupts, 1u);
}

TEST_F(VirtioCore, EventIndex) {
  ASSERT_TRUE(bring_up(1, 8, kVersion1 | kEventIdx));
  queue().set_flags(1);  // has no meaning now
  queue().set_used_event(2);
  for (u16 n = 1; n <= 5; ++n) {
    queue().add({{kData, 4}});
    notify_and_run();
    put(0x64, 1);
    EXPECT_EQ(interrupts, n >= 3 ? 1u : 0u) << "when used index 3 is written, index 2 is in use";
    EXPECT_EQ(queue().available_event(), n) << "notify about the next one";
  }
}

TEST_F(VirtioCore, IndirectDescriptors) {
  ASSERT_TRUE(bring_up(1, 8, kVersion1 | kIndirect));
  const u64 table = kData + 0x1000;
  queue().descriptor_at(table, kData, 4, 1, 2);
  queue().descriptor_at(table + 32, kData + 0x100, 4, 2, 0);
  memory.set<u32>(kData, 77);
  queue().descriptor(5, table, 48, 4, 0);
  queue().make_available(5);
  EXPECT_EQ(notify_and_run(), 1u);
  EXPECT_EQ(memory.get<u32>(kData + 0x100), 77u);
  EXPECT_EQ(queue().used_head(0), 5u);
  // A direct one before it.
  queue().descriptor(0, kData, 2, 1, 1);
  queue().descriptor(1, table, 48, 4, 0);
  queue().make_available(0);
  EXPECT_EQ(notify_and_run(), 1u);
  EXPECT_EQ(echo().chains.back().readable.size(), 2u);
}

/// Each way to break a rule: NEEDS_RESET, a configuration interrupt, and the device works again after a reset.
TEST_F(VirtioCore, BadChainsBreakTheDevice) {
  struct Case {
    const char* name;
    std::function<void(DriverQueue&)> make;
  };
  const u64 table = kData + 0x1000;
  const Case cases[] = {
      {"a head beyond the table", [](DriverQueue& q) { q.make_available(8); }},
      {"a next beyond the table",
       [](DriverQueue& q) {
         q.descriptor(0, kData, 4, 1, 8);
         q.make_available(0);
       }},
      {"a loop of one",
       [](DriverQueue& q) {
         q.descriptor(0, kData, 4, 1, 0);
         q.make_available(0);
       }},
      {"a loop of two",
       [](DriverQueue& q) {
         q.descriptor(0, kData, 4, 1, 1);
         q.descriptor(1, kData, 4, 1, 0);
         q.make_available(0);
       }},
      {"no bytes",
       [](DriverQueue& q) {
         q.add({{kData, 0}});
       }},
      {"wraps around",
       [](DriverQueue& q) {
         q.add({{~u64{0} - 1, 4}});
       }},
      {"not in memory",
       [](DriverQueue& q) {
         q.add({{0x1000, 4}, {kData, 4, true}});
       }},
      {"not in memory, written",
       [](DriverQueue& q) {
         q.add({{kData, 4}, {0x1000, 4, true}});
       }},
      {"reaches beyond memory",
       [](DriverQueue& q) {
         q.add({{kData, 8}, {GuestMemory::kBase + GuestMemory::kBytes - 4, 8, true}});
       }},
      {"readable behind writable",
       [](DriverQueue& q) {
         q.add({{kData, 4, true}, {kData, 4}});
       }},
      {"4 GB",
       [](DriverQueue& q) {
         q.add({{kData, 0xFFFFFFFF}, {kData, 1}});
       }},
      {"the index too far ahead", [](DriverQueue& q) { q.set_available_index(9); }},
      {"the index backwards", [](DriverQueue& q) { q.set_available_index(0xFFFF); }},
      {"an indirect table in an indirect table",
       [=](DriverQueue& q) {
         q.descriptor_at(table, table, 16, 4, 0);
         q.descriptor(0, table, 16, 4, 0);
         q.make_available(0);
       }},
      {"an indirect descriptor with a next one",
       [=](DriverQueue& q) {
         q.descriptor_at(table, kData, 4, 0, 0);
         q.descriptor(0, table, 16, 5, 1);
         q.descriptor(1, kData, 4, 0, 0);
         q.make_available(0);
       }},
      {"an indirect table of no bytes",
       [=](DriverQueue& q) {
         q.descriptor(0, table, 0, 4, 0);
         q.make_available(0);
       }},
      {"an indirect table of a fraction",
       [=](DriverQueue& q) {
         q.descriptor_at(table, kData, 4, 0, 0);
         q.descriptor(0, table, 17, 4, 0);
         q.make_available(0);
       }},
      {"an indirect table that is not in memory",
       [](DriverQueue& q) {
         q.descriptor(0, 0x1000, 16, 4, 0);
         q.make_available(0);
       }},
      {"a next beyond an indirect table",
       [=](DriverQueue& q) {
         q.descriptor_at(table, kData, 4, 1, 1);
         q.descriptor(0, table, 16, 4, 0);
         q.make_available(0);
       }},
      {"a loop in a huge indirect table",
       [=](DriverQueue& q) {
         q.descriptor_at(table, kData, 4, 1, 0);
         q.descriptor(0, table, 0xFFFF0, 4, 0);
         q.make_available(0);
       }},
  };
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.name);
    ASSERT_TRUE(bring_up(1, 8, kVersion1 | kIndirect));
    bad.make(queue());
    EXPECT_EQ(notify_and_run(), 0u);
    EXPECT_EQ(queue().used_index(), 0u);
    expect_broken();
    ASSERT_TRUE(bring_up(1, 8));
    queue().add({{kData, 4}});
    EXPECT_EQ(notify_and_run(), 1u);
  }
}

TEST_F(VirtioCore, IndirectDescriptorsNeedTheFeature) {
  ASSERT_TRUE(bring_up(1, 8));
  queue().descriptor_at(kData + 0x1000, kData, 4, 0, 0);
  queue().descriptor(0, kData + 0x1000, 16, 4, 0);
  queue().make_available(0);
  EXPECT_EQ(notify_and_run(), 0u);
  expect_broken();
}

/// Where a part of the queue is not in memory.
TEST_F(VirtioCore, BadPlacesBreakTheDevice) {
  for (const u64 reg : {0x80, 0x90, 0xA0}) {
    SCOPED_TRACE(reg);
    ASSERT_TRUE(bring_up(1, 8));
    put(0x44, 0);
    put(reg, 0x1000);
    put(0x44, 1);
    ASSERT_EQ(get(0x44), 1u);
    queue().add({{kData, 4}});
    notify_and_run();
    expect_broken();
  }
  for (const auto& [reg, value] : {std::pair<u64, u64>{0x80, 0x40000008}, {0x90, 0x40000001}, {0xA0, 0x40000002}}) {
    SCOPED_TRACE(reg);
    ASSERT_TRUE(bring_up(1, 8));
    put(0x44, 0);
    put(reg, value);
    put(0x44, 1);
    EXPECT_EQ(get(0x44), 0u) << "not aligned";
    expect_broken();
  }
  for (const u64 size : {u64{0}, u64{3}, u64{16}, u64{0x10008}, u64{0xFFFFFFFF}}) {
    SCOPED_TRACE(size);
    ASSERT_TRUE(bring_up(1, 8));
    put(0x44, 0);
    put(0x38, size);
    put(0x44, 1);
    EXPECT_EQ(get(0x44), 0u);
    expect_broken();
  }
}

TEST_F(VirtioCore, AReadyQueueDoesNotMove) {
  ASSERT_TRUE(bring_up(1, 8));
  put(0x30, 0);
  put(0x38, 4);
  put(0x80, 0);
  put(0x90, 0);
  put(0xA0, 0);
  queue().add({{kData, 4}});
  EXPECT_EQ(notify_and_run(), 1u);
  EXPECT_EQ(queue().used_index(), 1u);
}

TEST_F(VirtioCore, AResetInTheMiddleOfARequest) {
  ASSERT_TRUE(bring_up(1, 8));
  queue().add({{kData, 4}});
  notify();
  ASSERT_TRUE(device->work());
  put(0x70, 0);
  EXPECT_FALSE(device->work());
  EXPECT_EQ(queue().used_index(), 0u);
  ASSERT_TRUE(bring_up(1, 8));
  queue().add({{kData, 4}});
  notify();
  ASSERT_TRUE(device->work());
  put(0x30, 0);
  put(0x44, 0);
  EXPECT_FALSE(device->work());
  EXPECT_EQ(queue().used_index(), 0u) << "the queue was taken away under it";
}

/// A descriptor that points to the device's own registers.
TEST_F(VirtioCore, ADeviceCannotResetItself) {
  ASSERT_TRUE(bring_up(1, 8));
  echo().inside = [this] {
    EXPECT_FALSE(transport->access({.offset = 0x70, .size = 4, .write = true, .value = 0}).ok);
    EXPECT_FALSE(transport->access({.offset = 0x100, .size = 1}).ok);
  };
  queue().add({{kData, 4}});
  EXPECT_EQ(notify_and_run(), 1u);
  EXPECT_EQ(status(), 15u);
}

TEST_F(VirtioCore, ConfigurationSpace) {
  ASSERT_TRUE(bring_up(1, 8));
  const u64 generation = get(0xFC);
  echo().change_config(0x5A);
  EXPECT_NE(get(0xFC), generation);
  EXPECT_EQ(get(0x60), 2u);
  EXPECT_TRUE(level);
  put(0x64, 2);
  EXPECT_FALSE(level);
  EXPECT_EQ(get(0x100, 1), 0x5Au);
  put(0x102, 0xBEEF, 2);
  EXPECT_EQ(get(0x100), 0xBEEF005Au);
  EXPECT_EQ(get(0x104), 0u);
  put(0x104, 0xFFFFFFFF);
  EXPECT_EQ(get(0x104), 0u) << "half of it is beyond the end";
  EXPECT_EQ(get(0x1FC), 0u);
  EXPECT_FALSE(transport->access({.offset = 0x100, .size = 8}).ok);
}

TEST_F(VirtioCore, ADebuggerChangesNothing) {
  ASSERT_TRUE(bring_up(1, 8));
  transport->access({.offset = 0x70, .write = true, .value = 0, .debug = true});
  transport->access({.offset = 0x100, .write = true, .value = 1, .debug = true});
  EXPECT_EQ(status(), 15u);
  EXPECT_EQ(get(0x100), 0u);
}

TEST(VirtioEntropy, GivesReproducibleBytes) {
  std::vector<std::vector<u8>> given;
  for (const u64 seed : {1, 1, 2}) {
    VirtioBench bench;
    bench.carry(std::make_unique<virtio::Entropy>(seed, bench.surroundings()));
    EXPECT_EQ(bench.get(0x08), 4u);
    ASSERT_TRUE(bench.bring_up(1, 8));
    bench.queue().add({{kData, 24, true}, {kData + 24, 40, true}});
    EXPECT_EQ(bench.notify_and_run(), 1u);
    EXPECT_EQ(bench.queue().used_length(0), 64u);
    given.emplace_back(bench.memory.at(kData), bench.memory.at(kData) + 64);
    EXPECT_EQ(bench.memory.get<u64>(kData + 64), 0u);
    bench.queue().add({{kData, 100'000, true}});
    bench.notify_and_run();
    EXPECT_EQ(bench.queue().used_length(1), 4096u) << "fewer than asked for, never none";
    bench.queue().add({{kData, 8}});
    bench.notify_and_run();
    bench.expect_broken();
  }
  EXPECT_EQ(given[0], given[1]);
  EXPECT_NE(given[0], given[2]);
  EXPECT_NE(std::vector<u8>(64), given[0]);
}

}  // namespace
}  // namespace tw::test
