// The endpoint against QEMU's docs/specs/edu, and its requests, ATS, PRI and PASID against PCI Express Base 5.0.
#include "devices/pci/edu.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>

namespace tw::devices::pci {
namespace {

enum Register : u64 {
  kLiveness = 0x04,
  kFactorial = 0x08,
  kStatusAt = 0x20,
  kInterrupts = 0x24,
  kRaise = 0x60,
  kAcknowledge = 0x64,
  kSource = 0x80,
  kDestination = 0x88,
  kCount = 0x90,
  kCommandAt = 0x98,
  kExtension = 0x200,
  kFeatures = 0x204,
  kResult = 0x208,
  kBytes = 0x20C,
  kAttributes = 0x210,
  kPasidAt = 0x214,
  kTranslation = 0x220,
  kHits = 0x230,
  kMisses = 0x234,
  kResponseAt = 0x240,
};
using Attributes = TransferAttributes;

/// A root complex: memory, an MSI doorbell, a translation agent; and the device's time.
struct Complex final : MemoryPort, DmaPort, TranslationAgent, EduTime {
  static constexpr u64 kDoorbell = 0x0802'0040;
  struct Seen {
    MemoryRequest request;
    u64 bytes;
    bool write;
  };
  std::map<u64, u8> memory;
  std::vector<Seen> requests;
  std::vector<u32> messages;
  std::function<Completion(const MemoryRequest&)> answer = [](const MemoryRequest&) { return Completion::Success; };
  std::vector<TranslationRequest> translations;
  std::function<TranslationCompletion(const TranslationRequest&)> translation = [](const TranslationRequest& r) {
    return TranslationCompletion{Completion::Success,
                                 {.address = r.address.value + 0x1000'0000, .read = true, .write = !r.no_write}};
  };
  std::vector<PageRequest> pages;
  std::vector<u32> completions;
  std::function<bool()> message = [] { return false; };
  unsigned transfers_asked = 0, factorials_asked = 0, messages_arrived = 0;

  Completion read(const MemoryRequest& request, std::span<u8> into) override {
    requests.push_back({request, into.size(), false});
    const Completion completion = answer(request);
    for (std::size_t n = 0; n < into.size(); ++n) into[n] = memory[request.address.value + n];
    return completion;
  }
  Completion write(const MemoryRequest& request, std::span<const u8> from) override {
    requests.push_back({request, from.size(), true});
    const Completion completion = answer(request);
    for (std::size_t n = 0; n < from.size(); ++n) memory[request.address.value + n] = from[n];
    return completion;
  }
  bool read(Iova, std::span<u8>) override { return false; }
  bool write(Iova address, std::span<const u8> from) override {
    if (address.value != kDoorbell || from.size() != 4) return false;
    messages.push_back(from[0] | u32{from[1]} << 8 | u32{from[2]} << 16 | u32{from[3]} << 24);
    return true;
  }
  TranslationCompletion translate(const TranslationRequest& request) override {
    translations.push_back(request);
    return translation(request);
  }
  void request_page(const PageRequest& request) override { pages.push_back(request); }
  void invalidated(u32 tag) override { completions.push_back(tag); }
  void transfer_asked() override { ++transfers_asked; }
  void factorial_asked() override { ++factorials_asked; }
  bool wait_for_message() override { return message(); }
  void message_arrived() override { ++messages_arrived; }
};

struct EduTest : testing::Test {
  Complex complex;
  BusMaster messages{complex};
  bool intx = false;
  std::unique_ptr<Edu> edu;

  void make(const EduSettings& settings) {
    edu = std::make_unique<Edu>(settings, Edu::Surroundings{complex, complex, messages, &complex});
    edu->on_interrupt([this](bool level) { intx = level; });
    edu->write_config(kCommand, 2, kMemoryEnable | kBusMaster);
  }
  void SetUp() override { make({}); }
  void make_ats() { make({.dma_mask = ~u64{0}, .ats = {.ats = true, .pri = true, .pasid = true}}); }

  u64 read(u64 offset, u8 size = 4) { return edu->access_bar(0, {.offset = offset, .size = size}).value; }
  void write(u64 offset, u64 value, u8 size = 4) {
    edu->access_bar(0, {.offset = offset, .size = size, .write = true, .value = value});
  }
  TransferResult transfer(u64 from, u64 to, u64 count, u64 command) {
    write(kSource, from, 8);
    write(kDestination, to, 8);
    write(kCount, count);
    write(kCommandAt, command);
    edu->transfer();
    return static_cast<TransferResult>(read(kResult));
  }
  TransferResult fetch(u64 from, u64 count, u32 attributes = 0) {
    write(kAttributes, attributes);
    return transfer(from, Edu::kBuffer, count, 1);
  }
  TransferResult store(u64 to, u64 count, u32 attributes = 0) {
    write(kAttributes, attributes);
    return transfer(Edu::kBuffer, to, count, 3);
  }
  u16 extended(u16 id) {
    for (u16 at = 0x100; at != 0; at = static_cast<u16>(edu->read_config(at, 4, false) >> 20)) {
      if ((edu->read_config(at, 4, false) & 0xFFFF) == id) return at;
    }
    return 0;
  }
  void set(u16 capability, u16 offset, unsigned bytes, u32 value) {
    edu->write_config(static_cast<u16>(capability + offset), bytes, value);
  }
  void enable_ats() { set(extended(0x0F), 6, 2, 0x8000); }
  void enable_pri(u32 allocation = 32) {
    set(extended(0x13), 12, 4, allocation);
    set(extended(0x13), 4, 2, 1);
  }
  void enable_pasid() { set(extended(0x1B), 6, 2, 7); }
};

TEST_F(EduTest, IdentityAsQemusDevice) {
  // `xp` of QEMU 7.2's and 10.0's edu before anybody wrote to it; Command was 0 then.
  const u32 expected[] = {0x11E8'1234, 0x0010'0006, 0x00FF'0010, 0, 0,           0, 0,           0,          0,
                          0,           0,           0x1100'1AF4, 0, 0x0000'0040, 0, 0x0000'0100, 0x0080'0005};
  for (u16 n = 0; n < std::size(expected); ++n) EXPECT_EQ(edu->read_config(4 * n, 4, false), expected[n]) << n;
  EXPECT_EQ(edu->read_config(0x100, 4, false), 0u) << "no extended capability unless it is asked for";
  edu->write_config(kBar0, 4, ~u32{0});
  EXPECT_EQ(edu->read_config(kBar0, 4, false), 0xFFF0'0000u);
}

TEST_F(EduTest, IdentificationLivenessAndHoles) {
  EXPECT_EQ(read(0), 0x0100'00EDu);
  write(kLiveness, 0x1234'5678);
  EXPECT_EQ(read(kLiveness), 0xEDCB'A987u);
  EXPECT_EQ(read(0, 8), ~u64{0}) << "words only below 0x80";
  EXPECT_EQ(read(kRaise), 0xFFFF'FFFFu) << "write-only";
  EXPECT_EQ(read(0x40), 0xFFFF'FFFFu);
  EXPECT_EQ(read(Edu::kBuffer), 0xFFFF'FFFFu) << "the buffer is for DMA alone";
  EXPECT_EQ(read(kExtension), 0x5057'5403u);
  EXPECT_EQ(read(kFeatures), 0u);
}

TEST_F(EduTest, Factorial) {
  const std::pair<u32, u32> known[] = {{0, 1}, {1, 1}, {5, 120}, {12, 479'001'600}, {13, 1'932'053'504}, {40, 0}};
  for (const auto& [n, product] : known) {
    write(kFactorial, n);
    EXPECT_EQ(read(kStatusAt), 1u);
    write(kFactorial, 3);  // not while it computes
    edu->compute_factorial();
    EXPECT_EQ(read(kFactorial), product) << n;
    EXPECT_EQ(read(kStatusAt), 0u);
  }
  EXPECT_FALSE(intx);
  write(kStatusAt, 0xFF);
  EXPECT_EQ(read(kStatusAt), 0x80u);
  write(kFactorial, 4);
  edu->compute_factorial();
  EXPECT_TRUE(intx);
  EXPECT_EQ(read(kInterrupts), 1u);
}

TEST_F(EduTest, InterruptsByWireAndMessage) {
  write(kRaise, 0x30);
  EXPECT_TRUE(intx);
  write(kRaise, 0x01);
  EXPECT_EQ(read(kInterrupts), 0x31u);
  write(kAcknowledge, 0x21);
  EXPECT_TRUE(intx) << "0x10 is left";
  write(kAcknowledge, 0x10);
  EXPECT_FALSE(intx);

  edu->write_config(0x44, 4, 0x0802'0043);  // the address's low bits stay zero
  edu->write_config(0x48, 4, 0);
  edu->write_config(0x4C, 2, 0x55);
  edu->write_config(0x42, 2, 1);
  write(kRaise, 1);
  write(kRaise, 1);
  EXPECT_FALSE(intx) << "messages take its place";
  EXPECT_EQ(complex.messages, (std::vector<u32>{0x55, 0x55}));
  edu->write_config(kCommand, 2, kMemoryEnable);
  write(kRaise, 1);
  EXPECT_EQ(complex.messages.size(), 2u) << "no bus master, no message";
}

TEST_F(EduTest, DmaBothWays) {
  for (u64 n = 0; n < 1000; ++n) complex.memory[0xFFF0 + n] = static_cast<u8>(n * 7);
  write(kAttributes, 0);
  write(kSource, 0xFFF0, 8);
  write(kDestination, Edu::kBuffer + 16, 8);
  write(kCount, 1000);
  write(kCommandAt, 5);
  EXPECT_EQ(read(kCommandAt), 5u) << "under way";
  write(kCount, 1);
  EXPECT_EQ(read(kCount), 1000u) << "not while it is";
  EXPECT_EQ(complex.transfers_asked, 1u);
  edu->transfer();
  EXPECT_EQ(read(kCommandAt), 4u);
  EXPECT_EQ(read(kInterrupts), 0x100u);
  EXPECT_EQ(read(kBytes), 1000u);
  // 16 bytes to the page's end, then pieces of max_payload.
  const u64 pieces[] = {16, 256, 256, 256, 216};
  ASSERT_EQ(complex.requests.size(), std::size(pieces));
  for (std::size_t n = 0; n < std::size(pieces); ++n) EXPECT_EQ(complex.requests[n].bytes, pieces[n]);

  EXPECT_EQ(transfer(Edu::kBuffer + 16, 0x20'0000, 1000, 3), TransferResult::Done);
  for (u64 n = 0; n < 1000; ++n) ASSERT_EQ(complex.memory[0x20'0000 + n], static_cast<u8>(n * 7)) << n;
}

TEST_F(EduTest, AddressMask) {
  EXPECT_EQ(fetch(0x4'5678'9AB0, 4), TransferResult::Done);
  EXPECT_EQ(complex.requests.back().request.address, Iova{0x0678'9AB0});
}

TEST_F(EduTest, WhatCannotBe) {
  EXPECT_EQ(transfer(0x1000, Edu::kBuffer + 4090, 8, 1), TransferResult::Impossible);
  EXPECT_EQ(transfer(0x1000, Edu::kBuffer - 1, 4, 1), TransferResult::Impossible);
  EXPECT_EQ(transfer(0x1000, Edu::kBuffer, 4097, 1), TransferResult::Impossible);
  EXPECT_EQ(transfer(0x1000, Edu::kBuffer, ~u64{0}, 1), TransferResult::Impossible);
  EXPECT_EQ(transfer(0, 0x1000, 4, 3), TransferResult::Impossible);
  EXPECT_EQ(fetch(0x1000, 4, Attributes::kPasid), TransferResult::Impossible) << "no PASID capability";
  EXPECT_EQ(fetch(0x1000, 4, Attributes::kTranslate), TransferResult::Impossible) << "no ATS";
  edu->write_config(kCommand, 2, kMemoryEnable);
  EXPECT_EQ(fetch(0x1000, 4), TransferResult::Impossible) << "no bus master";
  EXPECT_TRUE(complex.requests.empty());
}

TEST_F(EduTest, TheFirstFailureEndsATransfer) {
  complex.answer = [](const MemoryRequest& r) {
    return r.address.value >= 0x1100 ? Completion::UnsupportedRequest : Completion::Success;
  };
  EXPECT_EQ(fetch(0x1000, 1024), TransferResult::UnsupportedRequest);
  EXPECT_EQ(complex.requests.size(), 2u);
  EXPECT_EQ(read(kBytes), 256u);
  complex.answer = [](const MemoryRequest&) { return Completion::CompleterAbort; };
  EXPECT_EQ(store(0x1000, 4), TransferResult::CompleterAbort);
}

TEST_F(EduTest, ResetInTheMiddle) {
  complex.answer = [this](const MemoryRequest&) {
    edu->reset();
    return Completion::Success;
  };
  transfer(0x1000, Edu::kBuffer, 1024, 5);
  EXPECT_EQ(complex.requests.size(), 1u);
  EXPECT_EQ(read(kInterrupts), 0u);
}

TEST_F(EduTest, ExtendedCapabilities) {
  make_ats();
  EXPECT_EQ(read(kFeatures), 7u);
  EXPECT_EQ(edu->read_config(0x100, 4, false), 0x1081'000Fu);
  EXPECT_EQ(edu->read_config(0x104, 2, false), 0x60u);
  EXPECT_EQ(extended(0x13), 0x108);
  EXPECT_EQ(extended(0x1B), 0x118);
  EXPECT_EQ(edu->read_config(0x118, 4, false) >> 20, 0u) << "the last";
  EXPECT_EQ(edu->read_config(0x10E, 2, false), 0x8100u) << "stopped; responses have a PASID";
  EXPECT_EQ(edu->read_config(0x110, 4, false), 32u);
  EXPECT_EQ(edu->read_config(0x11C, 2, false), 0x1406u);
  u8 ids[2] = {};
  unsigned n = 0;
  for (u32 at = edu->read_config(0x34, 1, false); at != 0; at = edu->read_config(static_cast<u16>(at + 1), 1, false)) {
    ASSERT_LT(n, 2u);
    ids[n++] = static_cast<u8>(edu->read_config(static_cast<u16>(at), 1, false));
  }
  EXPECT_EQ(ids[0], 0x05);
  EXPECT_EQ(ids[1], 0x10);
}

TEST_F(EduTest, PasidPrefix) {
  make_ats();
  write(kPasidAt, 0xFFF0'1234);
  const u32 all = Attributes::kPasid | Attributes::kExecute | Attributes::kPrivileged;
  EXPECT_EQ(fetch(0x1000, 4, all), TransferResult::Impossible);
  set(extended(0x1B), 6, 2, 1);
  EXPECT_EQ(fetch(0x1000, 4, all), TransferResult::Impossible) << "neither execute nor privileged";
  EXPECT_EQ(fetch(0x1000, 4, Attributes::kPasid), TransferResult::Done);
  enable_pasid();
  EXPECT_EQ(fetch(0x1000, 4, all | Attributes::kMayStall), TransferResult::Done);
  const MemoryRequest& request = complex.requests.back().request;
  EXPECT_EQ(request.pasid, (PasidPrefix{.pasid = 0x0'1234, .execute = true, .privileged = true}));
  EXPECT_TRUE(request.may_stall);
  EXPECT_EQ(request.type, AddressType::Untranslated);
}

TEST_F(EduTest, TranslatedRequestsAndTheCache) {
  make_ats();
  EXPECT_EQ(fetch(0x5000, 512, Attributes::kTranslate), TransferResult::Impossible);
  enable_ats();
  EXPECT_EQ(fetch(0x5010, 512, Attributes::kTranslate), TransferResult::Done);
  ASSERT_EQ(complex.translations.size(), 1u);
  EXPECT_EQ(complex.translations[0].address, Iova{0x5000});
  EXPECT_TRUE(complex.translations[0].no_write);
  EXPECT_EQ(complex.requests.back().request.type, AddressType::Translated);
  EXPECT_EQ(complex.requests.front().request.address, Iova{0x1000'5010});
  EXPECT_EQ(read(kHits), 2u) << "512 bytes at 0x10 are three requests";
  EXPECT_EQ(read(kMisses), 1u);
  EXPECT_EQ(read(kTranslation, 8), 0x1000'5001u);
  // No right to write was asked for; now it is.
  EXPECT_EQ(store(0x5000, 4, Attributes::kTranslate), TransferResult::Done);
  EXPECT_FALSE(complex.translations.back().no_write);
  EXPECT_EQ(read(kMisses), 2u);
  // The liar asks nobody.
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslated), TransferResult::Done);
  EXPECT_EQ(complex.requests.back().request.address, Iova{0x5000});
  EXPECT_EQ(complex.requests.back().request.type, AddressType::Translated);
  // Off is empty.
  set(extended(0x0F), 6, 2, 0);
  enable_ats();
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate), TransferResult::Done);
  EXPECT_EQ(read(kMisses), 3u);
}

TEST_F(EduTest, TranslationsThatFail) {
  make_ats();
  enable_ats();
  complex.translation = [](const TranslationRequest&) { return TranslationCompletion{Completion::CompleterAbort, {}}; };
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate), TransferResult::TranslationAborted);
  complex.translation = [](const TranslationRequest&) { return TranslationCompletion{}; };
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate), TransferResult::TranslationUnsupported);
  complex.translation = [](const TranslationRequest&) { return TranslationCompletion{Completion::Success, {}}; };
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate), TransferResult::NoAccess);
  complex.translation = [](const TranslationRequest&) {
    return TranslationCompletion{Completion::Success, {.address = 0x9000, .read = true, .untranslated_only = true}};
  };
  EXPECT_EQ(store(0x5000, 4, Attributes::kTranslate), TransferResult::NoAccess) << "read-only";
  EXPECT_TRUE(complex.requests.empty());
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate), TransferResult::Done);
  EXPECT_EQ(complex.requests.back().request.type, AddressType::Untranslated);
  EXPECT_EQ(complex.requests.back().request.address, Iova{0x5000});
}

TEST_F(EduTest, PasidsAndPrivilegeAreApartInTheCache) {
  make_ats();
  enable_ats();
  enable_pasid();
  const auto misses_of = [&](u32 attributes, u32 pasid) {
    const u64 before = read(kMisses);
    write(kPasidAt, pasid);
    EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate | attributes), TransferResult::Done);
    return read(kMisses) - before;
  };
  EXPECT_EQ(misses_of(0, 0), 1u);
  EXPECT_EQ(misses_of(Attributes::kPasid, 1), 1u);
  EXPECT_EQ(misses_of(Attributes::kPasid, 2), 1u);
  EXPECT_EQ(misses_of(Attributes::kPasid | Attributes::kPrivileged, 2), 1u);
  EXPECT_EQ(misses_of(Attributes::kPasid, 1), 0u);
  EXPECT_FALSE(complex.requests.back().request.pasid) << "a translated request has none";
  edu->invalidate({.tag = 3, .address = 0x4000, .size_log2 = 13, .pasid = 1});
  EXPECT_EQ(misses_of(Attributes::kPasid, 1), 1u);
  EXPECT_EQ(misses_of(Attributes::kPasid, 2), 0u);
  EXPECT_EQ(misses_of(0, 0), 0u);
  edu->invalidate({.tag = 4, .address = 0, .size_log2 = 64});
  EXPECT_EQ(misses_of(0, 0), 1u);
  EXPECT_EQ(misses_of(Attributes::kPasid, 2), 0u) << "an invalidation without a PASID is of requests without one";
  EXPECT_EQ(complex.completions, (std::vector<u32>{3, 4}));
}

TEST_F(EduTest, AnInvalidationIsDoneWhenNoRequestIsUnderWay) {
  make_ats();
  enable_ats();
  complex.answer = [this](const MemoryRequest& request) {
    if (request.address.value == 0x1000'5000) {
      edu->invalidate({.tag = 1, .address = 0x8000});
      EXPECT_EQ(complex.completions.size(), 1u) << "of another page: at once";
      edu->invalidate({.tag = 7, .address = 0x5000});
      edu->invalidate({.tag = 9, .address = 0x5000});
      EXPECT_EQ(complex.completions.size(), 1u);
    }
    return Completion::Success;
  };
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate), TransferResult::Done);
  EXPECT_EQ(complex.completions, (std::vector<u32>{1, 7, 9}));
}

TEST_F(EduTest, ATranslationThatIsInvalidatedWhileAskedForIsAskedForAgain) {
  make_ats();
  enable_ats();
  complex.translation = [this](const TranslationRequest&) {
    const u64 pa = complex.translations.size() == 1 ? 0x7000 : 0x9000;
    if (complex.translations.size() == 1) edu->invalidate({.tag = 0, .address = 0x5000});
    return TranslationCompletion{Completion::Success, {.address = pa, .read = true}};
  };
  EXPECT_EQ(fetch(0x5000, 4, Attributes::kTranslate), TransferResult::Done);
  EXPECT_EQ(complex.translations.size(), 2u);
  EXPECT_EQ(complex.requests.back().request.address, Iova{0x9000});
}

TEST_F(EduTest, TheOldestUseGoesFirst) {
  make({.dma_mask = ~u64{0}, .ats = {.ats = true, .cache_entries = 2}});
  enable_ats();
  for (const u64 page : {0x1000, 0x2000, 0x1000, 0x3000, 0x1000, 0x2000}) fetch(page, 4, Attributes::kTranslate);
  EXPECT_EQ(read(kHits), 2u);
  EXPECT_EQ(read(kMisses), 4u);
}

TEST_F(EduTest, LargeTranslations) {
  make_ats();
  enable_ats();
  complex.translation = [](const TranslationRequest&) {
    return TranslationCompletion{Completion::Success, {.address = 0x4000'0000, .size_log2 = 21, .read = true}};
  };
  fetch(0x20'3004, 4, Attributes::kTranslate);
  fetch(0x3F'FFFC, 4, Attributes::kTranslate);
  EXPECT_EQ(complex.translations.size(), 1u);
  EXPECT_EQ(complex.requests[0].request.address, Iova{0x4000'3004});
  EXPECT_EQ(complex.requests[1].request.address, Iova{0x401F'FFFC});
}

TEST_F(EduTest, PageRequests) {
  make_ats();
  enable_ats();
  bool mapped = false;
  complex.translation = [&](const TranslationRequest& r) {
    return TranslationCompletion{Completion::Success, {.address = r.address.value, .read = mapped, .write = mapped}};
  };
  const u32 attributes = Attributes::kTranslate | Attributes::kAskForPages;
  EXPECT_EQ(store(0x5008, 4, attributes), TransferResult::Impossible) << "page requests are off";
  enable_pri(0);
  EXPECT_EQ(store(0x5008, 4, attributes), TransferResult::Impossible) << "none is allowed";
  enable_pri();
  EXPECT_EQ(edu->read_config(static_cast<u16>(extended(0x13) + 6), 2, false), 0x8000u) << "no longer stopped";
  unsigned waits = 0;
  complex.message = [&] {
    if (++waits == 1) {
      edu->respond({.group = 77});  // nobody asked
    } else {
      mapped = true;
      edu->respond({.group = complex.pages.back().group, .code = PageResponseCode::Success});
    }
    return true;
  };
  EXPECT_EQ(store(0x5008, 4, attributes), TransferResult::Done);
  EXPECT_EQ(waits, 2u);
  ASSERT_EQ(complex.pages.size(), 1u);
  EXPECT_EQ(complex.pages[0].address, 0x5000u);
  EXPECT_TRUE(complex.pages[0].write && complex.pages[0].last && !complex.pages[0].read);
  const u16 status = static_cast<u16>(extended(0x13) + 6);
  EXPECT_EQ(edu->read_config(status, 2, false), 0x8002u) << "an unexpected group";
  edu->write_config(status, 2, 2);
  EXPECT_EQ(edu->read_config(status, 2, false), 0x8000u);

  mapped = false;
  complex.message = [&] {
    edu->respond({.group = complex.pages.back().group, .code = PageResponseCode::InvalidRequest});
    return true;
  };
  EXPECT_EQ(fetch(0x9000, 4, attributes), TransferResult::PageRefused);
  EXPECT_EQ(read(kResponseAt), 0x8001'0000u | complex.pages.back().group);
  complex.message = [&] {
    edu->respond({.group = complex.pages.back().group, .code = PageResponseCode::ResponseFailure});
    return true;
  };
  EXPECT_EQ(fetch(0x9000, 4, attributes), TransferResult::PageRefused);
  EXPECT_EQ(fetch(0x9000, 4, attributes), TransferResult::Impossible) << "a failure ends page requests";
}

TEST_F(EduTest, PageRequestsWithoutWaiting) {
  make_ats();
  enable_pri(3);
  const u32 attributes = Attributes::kAskForPages | Attributes::kNoData | Attributes::kNoWait;
  EXPECT_EQ(fetch(0x5800, 0x2000, attributes), TransferResult::Done);
  ASSERT_EQ(complex.pages.size(), 3u);
  EXPECT_NE(complex.pages[0].group, complex.pages[1].group);
  EXPECT_EQ(fetch(0x5800, 4, attributes), TransferResult::Impossible) << "all are outstanding";
  edu->respond({.group = complex.pages[1].group});
  EXPECT_EQ(fetch(0x5800, 4, attributes), TransferResult::Done);
  EXPECT_TRUE(complex.requests.empty());
}

/// Whatever software and the root complex do: no crash, a transfer ends, and what must be equal is.
TEST_F(EduTest, RandomProgramsEnd) {
  std::mt19937_64 random(20'261'127);
  const auto below = [&](u64 limit) { return random() % limit; };
  const auto any_completion = [&] {
    constexpr Completion kAll[] = {Completion::Success, Completion::Success, Completion::UnsupportedRequest,
                                   Completion::CompleterAbort};
    return kAll[below(std::size(kAll))];
  };
  make({.dma_mask = ~u64{0}, .ats = {.ats = true, .pri = true, .pasid = true, .cache_entries = 4, .page_requests = 4}});
  const auto invalidate = [&] {
    edu->invalidate({.tag = static_cast<u32>(below(8)),
                     .address = below(8) << 12,
                     .size_log2 = static_cast<unsigned>(12 + below(53)),
                     .pasid = below(2) != 0 ? std::optional<u32>(below(2)) : std::nullopt,
                     .global = below(2) != 0});
  };
  u64 invalidations = 0;
  complex.answer = [&](const MemoryRequest& request) {
    EXPECT_LE(request.address.value % 4096 + complex.requests.back().bytes, 4096u);
    if (below(8) == 0) invalidate(), ++invalidations;
    return any_completion();
  };
  complex.translation = [&](const TranslationRequest& request) {
    if (below(8) == 0) invalidate(), ++invalidations;
    const unsigned size = below(2) != 0 ? 12 : 21;
    return TranslationCompletion{any_completion(),
                                 {.address = (request.address.value >> size << size) + 0x1000'0000,
                                  .size_log2 = size,
                                  .read = below(2) != 0,
                                  .write = below(2) != 0,
                                  .global = below(4) == 0,
                                  .untranslated_only = below(8) == 0}};
  };
  complex.message = [&] {
    if (complex.pages.empty() || below(4) == 0) return false;
    constexpr PageResponseCode kCodes[] = {PageResponseCode::Success, PageResponseCode::InvalidRequest,
                                           PageResponseCode::ResponseFailure};
    edu->respond({.group = complex.pages.back().group, .code = kCodes[below(3)]});
    return true;
  };
  for (unsigned step = 0; step < 20'000; ++step) {
    switch (below(8)) {
      case 0:
        edu->write_config(static_cast<u16>(below(0x140) & ~3u), 4, static_cast<u32>(random()));
        break;
      case 1:
        enable_ats();
        enable_pri(static_cast<u32>(below(6)));
        enable_pasid();
        edu->write_config(kCommand, 2, kMemoryEnable | kBusMaster);
        break;
      case 2:
        write(below(0x260) & ~u64{3}, random(), below(2) != 0 ? 4 : 8);
        break;
      case 3:
        invalidate(), ++invalidations;
        edu->respond({.group = static_cast<u16>(random())});
        break;
      default:
        write(kAttributes, random());
        write(kPasidAt, below(2));
        transfer(below(2) != 0 ? below(8) << 12 : Edu::kBuffer + below(64),
                 below(2) != 0 ? Edu::kBuffer : below(8) << 12, below(5000), below(8));
    }
    edu->transfer();
    edu->compute_factorial();
    ASSERT_EQ(read(kCommandAt) & 1, 0u) << "step " << step;
    ASSERT_EQ(complex.completions.size(), invalidations) << "every invalidation is answered";
    complex.requests.clear();
    complex.translations.clear();
    complex.memory.clear();
  }
  EXPECT_GT(complex.pages.size(), 20u);
  EXPECT_GT(read(kHits), 20u);
}

TEST_F(EduTest, RegistersAreInOrder) {
  u64 end = 0;
  for (const auto& row : Edu::rows()) {
    EXPECT_GE(row.offset, end) << row.name;
    end = row.offset + row.bytes;
  }
}

}  // namespace
}  // namespace tw::devices::pci
