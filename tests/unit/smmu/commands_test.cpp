// Each command: its bits, what it does, and what makes it CERROR_ILL (IHI 0070, chapter 4). Encodings are written out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/smmu/programming.hpp"

namespace tw::smmu {
namespace {

using test::Programming;
using test::Words;
using Scope = vmsa::InvalidateScope;
using vmsa::Regime;

constexpr u32 kIllegal = 1;
constexpr u64 kAsid = 0xA51D, kVmid = 0x00B7;
constexpr u64 kTags = kAsid << 48 | kVmid << 32;
constexpr u64 kAddress = 0xFFFF'8765'4321'0000;

struct Ready : Programming {
  explicit Ready(Config with = {}) : Programming(std::move(with)) { enable(); }
  bool illegal(const Words& command) {
    const u32 before = consumed();
    submit(command);
    const bool result = consumed() == before && error() == kIllegal && read(0x60) != read(0x64);
    if (!result) return false;
    prod = before;  // taken back, as 7.1 allows
    ring();
    write(0x64, read(0x60));
    run();
    return result;
  }
  vmsa::Invalidate tlbi(const Words& command) {
    maintenance.translations.clear();
    EXPECT_TRUE(accepts(command));
    EXPECT_EQ(maintenance.translations.size(), 1u);
    return maintenance.translations.empty() ? vmsa::Invalidate{} : maintenance.translations.front();
  }
  ConfigurationInvalidate cfgi(const Words& command) {
    maintenance.configurations.clear();
    EXPECT_TRUE(accepts(command));
    EXPECT_EQ(maintenance.configurations.size(), 1u);
    return maintenance.configurations.empty() ? ConfigurationInvalidate{} : maintenance.configurations.front();
  }
};

Config with(void (*change)(Config&)) {
  Config config;
  change(config);
  return config;
}

TEST(SmmuCommands, OpcodesThatAreNone) {
  Ready p;
  for (unsigned opcode = 0; opcode <= 0xFF; ++opcode) {
    if (find_command(static_cast<u8>(opcode)) != nullptr) continue;
    EXPECT_TRUE(p.illegal({opcode, 0})) << opcode;
  }
}

TEST(SmmuCommands, PrefetchConfig) {
  Ready p;
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x01, 0}));
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x3 << 12 | 1 << 11 | 0x01, 0}));
  ASSERT_EQ(p.maintenance.prefetches.size(), 2u);
  EXPECT_EQ(p.maintenance.prefetches[0].key, (StreamKey{.stream = StreamId{0x155}}));
  EXPECT_EQ(p.maintenance.prefetches[1].key,
            (StreamKey{.stream = StreamId{0x155}, .substream = 3, .has_substream = true}));
  EXPECT_FALSE(p.maintenance.prefetches[0].address);
  // Out of range, or while the SMMU is off: consumed, without effect.
  EXPECT_TRUE(p.accepts({u64{1} << (32 + p.config.sid_bits) | 0x01, 0}));
  p.write(0x20, 0xE);
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x01, 0}));
  EXPECT_EQ(p.maintenance.prefetches.size(), 2u);
}

TEST(SmmuCommands, PrefetchAddr) {
  Ready p;
  // Size 2: four translations, 2^(12 + 9) bytes apart.
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x02, 0x4000'0000 | 9 << 5 | 2}));
  ASSERT_EQ(p.maintenance.prefetches.size(), 4u);
  for (unsigned n = 0; n < 4; ++n) EXPECT_EQ(p.maintenance.prefetches[n].address, Iova{0x4000'0000 + n * 0x20'0000ull});
  // 2^31 of them are as many as the TCU has slots for.
  p.maintenance.prefetches.clear();
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x02, 31}));
  EXPECT_EQ(p.maintenance.prefetches.size(), p.config.slots);
}

TEST(SmmuCommands, ConfigurationOfAStream) {
  Ready p;
  ConfigurationInvalidate what = p.cfgi({u64{0x155} << 32 | 0x03, 1});
  EXPECT_EQ(what.scope, ConfigurationInvalidate::Scope::Ste);
  EXPECT_EQ(what.stream, StreamId{0x155});
  EXPECT_TRUE(what.leaf);
  EXPECT_FALSE(p.cfgi({u64{0x155} << 32 | 0x03, 0}).leaf);

  what = p.cfgi({u64{0x155} << 32 | 0x04, 4});
  EXPECT_EQ(what.scope, ConfigurationInvalidate::Scope::SteRange);
  EXPECT_EQ(what.stream, StreamId{0x155});
  EXPECT_EQ(what.range, 4);
  // CMD_CFGI_ALL: the StreamID is ignored, even out of range.
  EXPECT_EQ(p.cfgi({u64{0xFFFF'FFFF} << 32 | 0x04, 31}).scope, ConfigurationInvalidate::Scope::All);

  what = p.cfgi({u64{0x155} << 32 | 0xABC << 12 | 0x05, 1});
  EXPECT_EQ(what.scope, ConfigurationInvalidate::Scope::Cd);
  EXPECT_EQ(what.stream, StreamId{0x155});
  EXPECT_EQ(what.substream, 0xABCu);
  EXPECT_TRUE(what.leaf);

  EXPECT_EQ(p.cfgi({u64{0x155} << 32 | 0x06, 0}).scope, ConfigurationInvalidate::Scope::CdAll);

  p.maintenance.configurations.clear();
  EXPECT_TRUE(p.accepts({u64{1} << (32 + p.config.sid_bits) | 0x03, 0}));
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | u64{1} << (12 + p.config.ssid_bits) | 0x05, 0}));
  EXPECT_TRUE(p.maintenance.configurations.empty());
}

TEST(SmmuCommands, SecureStreamsAreNotForTheNonSecureQueue) {
  Ready p;
  for (const u64 opcode : {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x44, 0x45}) {
    EXPECT_TRUE(p.illegal({u64{0x155} << 32 | 1 << 10 | opcode, 0})) << opcode;
  }
}

TEST(SmmuCommands, TlbOfStage1) {
  Ready p;
  struct Row {
    Words command;
    Scope scope;
  };
  for (const Row& row :
       {Row{{kTags | 0x10, 0}, Scope::VmidStage1}, Row{{kTags | 0x11, 0}, Scope::AsidAll},
        Row{{kTags | 0x12, kAddress}, Scope::VaAsid}, Row{{kTags | 0x12, kAddress | 1}, Scope::VaLastAsid},
        Row{{kTags | 0x13, kAddress}, Scope::VaAllAsid}, Row{{kTags | 0x13, kAddress | 1}, Scope::VaLastAllAsid}}) {
    SCOPED_TRACE(row.command[0] & 0xFF);
    const vmsa::Invalidate what = p.tlbi(row.command);
    EXPECT_EQ(what.scope, row.scope);
    EXPECT_EQ(what.regime, Regime::El10);
    EXPECT_FALSE(what.secure);
    EXPECT_TRUE(what.stage2_in_use);
    EXPECT_EQ(what.vmid.value, kVmid);
    EXPECT_EQ(what.asid.value, kAsid);
    EXPECT_EQ(what.va.value, row.command[1] & ~u64{1});
    EXPECT_EQ(what.bytes, 0u);
    EXPECT_EQ(what.vmid_mask, 0xFFFF);
  }
}

TEST(SmmuCommands, TlbOfEl2FollowsE2h) {
  Ready p;
  vmsa::Invalidate what = p.tlbi({kTags | 0x22, kAddress});
  EXPECT_EQ(what.regime, Regime::El2);
  EXPECT_EQ(what.scope, Scope::VaAsid);
  EXPECT_EQ(what.va.value, kAddress);
  EXPECT_EQ(p.tlbi({kTags | 0x22, kAddress | 1}).scope, Scope::VaLastAsid);
  EXPECT_EQ(p.tlbi({kTags | 0x23, kAddress}).scope, Scope::VaAllAsid);
  EXPECT_EQ(p.tlbi({kTags | 0x23, kAddress | 1}).scope, Scope::VaLastAllAsid);
  // By ASID: EL2-E2H alone has any.
  what = p.tlbi({kTags | 0x21, 0});
  EXPECT_EQ(what.regime, Regime::El20);
  EXPECT_EQ(what.scope, Scope::AsidAll);
  EXPECT_EQ(what.asid.value, kAsid);
  // All of both.
  p.maintenance.translations.clear();
  EXPECT_TRUE(p.accepts({0x20, 0}));
  ASSERT_EQ(p.maintenance.translations.size(), 2u);
  EXPECT_EQ(p.maintenance.translations[0].regime, Regime::El2);
  EXPECT_EQ(p.maintenance.translations[1].regime, Regime::El20);
  EXPECT_EQ(p.maintenance.translations[0].scope, Scope::All);
  // CR2.E2H.
  p.write(0x20, 0);
  p.run();
  p.write(0x2C, 1);
  p.enable();
  what = p.tlbi({kTags | 0x22, kAddress});
  EXPECT_EQ(what.regime, Regime::El20);
  EXPECT_EQ(what.asid.value, kAsid);
}

TEST(SmmuCommands, TlbOfStage2) {
  Ready p;
  vmsa::Invalidate what = p.tlbi({kTags | 0x28, 0});
  EXPECT_EQ(what.scope, Scope::VmidAll);
  EXPECT_EQ(what.regime, Regime::El10);
  EXPECT_EQ(what.vmid.value, kVmid);
  EXPECT_TRUE(what.stage2_in_use);
  what = p.tlbi({kTags | 0x2A, 0x0001'2345'6789'A000});
  EXPECT_EQ(what.scope, Scope::Ipa);
  EXPECT_EQ(what.ipa.value, 0x0001'2345'6789'A000u);
  EXPECT_EQ(p.tlbi({kTags | 0x2A, 0x1000 | 1}).scope, Scope::IpaLast);
  what = p.tlbi({0x30, 0});
  EXPECT_EQ(what.scope, Scope::All);
  EXPECT_EQ(what.regime, Regime::El10);
  EXPECT_FALSE(what.secure);
}

TEST(SmmuCommands, Ranges) {
  Ready p;
  const auto range = [&](u64 opcode, u64 num, u64 scale, u64 granule, u64 level) {
    return Words{kTags | scale << 20 | num << 12 | opcode, kAddress | granule << 10 | level << 8};
  };
  for (const u64 opcode : {0x12, 0x13, 0x22, 0x23, 0x2A}) {
    SCOPED_TRACE(opcode);
    EXPECT_EQ(p.tlbi(range(opcode, 0, 0, 0, 0)).bytes, 0u);
    EXPECT_EQ(p.tlbi(range(opcode, 31, 31, 0, 3)).bytes, 0u);  // no granule, no range
    EXPECT_EQ(p.tlbi(range(opcode, 0, 0, 1, 3)).bytes, 0x1000u);
    EXPECT_EQ(p.tlbi(range(opcode, 4, 0, 1, 0)).bytes, 5 * 0x1000u);
    EXPECT_EQ(p.tlbi(range(opcode, 2, 3, 2, 0)).bytes, 3 * 8 * 0x4000u);
    EXPECT_EQ(p.tlbi(range(opcode, 31, 31, 3, 0)).bytes, u64{32} << 31 << 16);
    // A granule with neither range nor level; TTL = 1 is none with 16 KB.
    EXPECT_TRUE(p.illegal(range(opcode, 0, 0, 1, 0)));
    EXPECT_TRUE(p.illegal(range(opcode, 0, 0, 2, 1)));
    EXPECT_FALSE(p.illegal(range(opcode, 0, 0, 3, 1)));
  }
  Ready without(with([](Config& c) { c.range_invalidation = false; }));
  EXPECT_EQ(without.tlbi(range(0x12, 4, 0, 1, 0)).bytes, 0u);
  EXPECT_EQ(without.tlbi(range(0x12, 0, 0, 1, 0)).bytes, 0u);
}

TEST(SmmuCommands, VmidWildcards) {
  Ready p;
  constexpr u16 kMasks[] = {0xFFFF, 0xFFFE, 0xFFFC, 0xFFF8, 0xFFF0, 0xFFFF, 0xFFFF, 0xFFFF};
  for (u32 vmw = 0; vmw < 8; ++vmw) {
    p.write(0x20, vmw << 6 | 0xF);
    EXPECT_EQ(p.tlbi({kTags | 0x10, 0}).vmid_mask, kMasks[vmw]);
    EXPECT_EQ(p.tlbi({kTags | 0x28, 0}).vmid_mask, kMasks[vmw]);
  }
}

TEST(SmmuCommands, OfWhatIsNotImplemented) {
  const auto illegal = [](void (*change)(Config&), std::initializer_list<u64> opcodes) {
    Ready p(with(change));
    for (const u64 opcode : opcodes) EXPECT_TRUE(p.illegal({opcode, 0})) << opcode;
    EXPECT_FALSE(p.illegal({0x30, 0}));
    EXPECT_FALSE(p.illegal({0x46, 0}));
  };
  illegal([](Config& c) { c.stage1 = false; }, {0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x22, 0x23});
  illegal([](Config& c) { c.stage2 = false; }, {0x20, 0x28, 0x2A});
  illegal([](Config& c) { c.hyp = false; }, {0x20, 0x21, 0x22, 0x23});
  illegal([](Config& c) { c.ats = c.pri = false; }, {0x40, 0x41});
  illegal([](Config& c) { c.pri = false; }, {0x41});
  illegal([](Config& c) { c.stall = "terminate"; }, {0x44, 0x45});
  illegal([](Config&) {}, {0x07, 0x18, 0x1A, 0x50, 0x51, 0x52, 0x53, 0x58, 0x5A, 0x60});
}

TEST(SmmuCommands, AtcInvalidate) {
  Ready p;
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x40, 0x1234'5000 | 4}));  // 64 KB
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x77 << 12 | 1 << 11 | 1 << 9 | 0x40, 0x1234'5000}));
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 1 << 9 | 0x40, 0x1234'5000 | 52}));
  const auto& sent = p.endpoints.invalidations;
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[0].to, (StreamKey{.stream = StreamId{0x155}}));
  EXPECT_EQ(sent[0].address, Iova{0x1234'0000});
  EXPECT_EQ(sent[0].size_bits, 16);
  EXPECT_FALSE(sent[0].global);
  EXPECT_EQ(sent[1].to, (StreamKey{.stream = StreamId{0x155}, .substream = 0x77, .has_substream = true}));
  EXPECT_EQ(sent[1].address, Iova{0x1234'5000});
  EXPECT_EQ(sent[1].size_bits, 12);
  EXPECT_TRUE(sent[1].global);
  EXPECT_EQ(sent[2].address, Iova{0});
  EXPECT_EQ(sent[2].size_bits, 64);
  EXPECT_FALSE(sent[2].global);                                                           // without a PASID
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | u64{0x1'0000} << 12 | 1 << 11 | 0x40, 52}));  // SubstreamID out of range
  EXPECT_EQ(sent.size(), 3u);
  EXPECT_TRUE(p.illegal({u64{0x155} << 32 | 0x40, 53}));
  p.write(0x20, 0xE);
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x40, 52}));
  EXPECT_EQ(sent.size(), 3u);
}

TEST(SmmuCommands, PriResponse) {
  Ready p;
  for (u64 code = 0; code < 3; ++code) {
    EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x77 << 12 | 1 << 11 | 0x41, code << 12 | 0x1AB}));
  }
  ASSERT_EQ(p.endpoints.responses.size(), 3u);
  EXPECT_EQ(p.endpoints.responses[0].code, PageResponse::Code::Failure);
  EXPECT_EQ(p.endpoints.responses[1].code, PageResponse::Code::InvalidRequest);
  EXPECT_EQ(p.endpoints.responses[2].code, PageResponse::Code::Success);
  EXPECT_EQ(p.endpoints.responses[0].group, 0x1AB);
  EXPECT_EQ(p.endpoints.responses[0].to,
            (StreamKey{.stream = StreamId{0x155}, .substream = 0x77, .has_substream = true}));
  EXPECT_TRUE(p.illegal({u64{0x155} << 32 | 0x41, 3 << 12}));
  p.write(0x20, 0xE);
  EXPECT_TRUE(p.accepts({u64{0x155} << 32 | 0x41, 2 << 12}));
  EXPECT_EQ(p.endpoints.responses.size(), 3u);
}

TEST(SmmuCommands, SyncWithAReservedSignal) {
  Ready p;
  EXPECT_TRUE(p.illegal({0x46 | 3u << 12, 0}));
}

// ---- the Secure command queue

struct SecureQueue : Programming {
  static constexpr u64 kSecureCommands = 0x40'0000;
  SecureQueue() : Programming(with([](Config& c) { c.secure = true; })) {
    enable();
    write(0x8090, kSecureCommands | kBits, 8, Security::Secure);
    write(0x8020, 0xD, 4, Security::Secure);
  }
  bool takes(const Words& command) {
    memory.set_words(kSecureCommands + 16 * (count % 8), command);
    maintenance.translations.clear();
    maintenance.configurations.clear();
    write(0x8098, ++count % 16, 4, Security::Secure);
    run();
    const bool taken = (read(0x809C, 4, Security::Secure) & 0xFFFFF) == count % 16;
    if (!taken) {
      --count;
      write(0x8098, count % 16, 4, Security::Secure);
      write(0x8064, read(0x8060, 4, Security::Secure), 4, Security::Secure);
      run();
    }
    return taken;
  }
  u32 count = 0;
};

TEST(SmmuSecureCommands, AreOfSecureState) {
  SecureQueue p;
  EXPECT_TRUE(p.takes({kTags | 0x12, kAddress}));
  EXPECT_TRUE(p.maintenance.translations.at(0).secure);
  EXPECT_FALSE(p.maintenance.translations.at(0).stage2_in_use);
  EXPECT_TRUE(p.takes({0x18, 0}));
  EXPECT_EQ(p.maintenance.translations.at(0).regime, Regime::El3);
  EXPECT_EQ(p.maintenance.translations.at(0).scope, Scope::All);
  EXPECT_TRUE(p.takes({0x1A, kAddress | 1}));
  EXPECT_EQ(p.maintenance.translations.at(0).regime, Regime::El3);
  EXPECT_EQ(p.maintenance.translations.at(0).scope, Scope::VaLastAsid);
  EXPECT_TRUE(p.takes({u64{0x155} << 32 | 1 << 10 | 0x03, 0}));
  EXPECT_EQ(p.maintenance.configurations.at(0).security, Security::Secure);
  EXPECT_EQ(p.memory.reads.back().security, Security::Secure);
}

TEST(SmmuSecureCommands, ReachNonSecureState) {
  SecureQueue p;
  EXPECT_TRUE(p.takes({kTags | 0x28, 0}));
  EXPECT_FALSE(p.maintenance.translations.at(0).secure);
  EXPECT_TRUE(p.takes({0x30, 0}));
  EXPECT_FALSE(p.maintenance.translations.at(0).secure);
  EXPECT_TRUE(p.takes({u64{0x155} << 32 | 0x03, 0}));
  EXPECT_EQ(p.maintenance.configurations.at(0).security, Security::NonSecure);
}

/// Invalidations of the two queues are not taken for one another, and neither CMD_SYNC waits for the other's.
TEST(SmmuSecureCommands, WaitForTheirOwnEndpoints) {
  SecureQueue p;
  p.horizon = p.config.atc_timeout;
  p.put({u64{0x155} << 32 | 0x40, 52});
  p.put({0x46, 0});
  p.ring();
  EXPECT_TRUE(p.takes({u64{0x155} << 32 | 0x40, 52}));
  EXPECT_EQ(p.consumed(), 1u);
  ASSERT_EQ(p.endpoints.invalidations.size(), 2u);
  EXPECT_NE(p.endpoints.invalidations[0].tag, p.endpoints.invalidations[1].tag);
  p.registers.atc_invalidated(p.endpoints.invalidations[1].tag, p.signals.time);
  p.run();
  EXPECT_EQ(p.consumed(), 1u);
  p.registers.atc_invalidated(p.endpoints.invalidations[0].tag, p.signals.time);
  p.run();
  EXPECT_EQ(p.consumed(), 2u);
}

TEST(SmmuSecureCommands, HaveNoSecureStage2) {
  SecureQueue p;
  for (const u64 opcode : {0x50, 0x51, 0x52, 0x53, 0x58, 0x5A, 0x60}) EXPECT_FALSE(p.takes({opcode, 0})) << opcode;
  EXPECT_TRUE(p.takes({0x46, 0}));
  EXPECT_EQ(p.read(0x60), 0u);  // none of it is an error of Non-secure state
}

}  // namespace
}  // namespace tw::smmu
