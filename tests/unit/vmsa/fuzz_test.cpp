// Random tables and registers. TW_SEED sets the seed, which every failure prints.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "support/translation_machine.hpp"
#include "vmsa/fault_status.hpp"
#include "vmsa/walker.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::FaultType;

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 20261121;
}

TEST(WalkerFuzz, GarbageEndsInArchitecture) {
  std::mt19937_64 random(seed());
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  TestMemory memory;
  // Half of the words look like tables or pages, so that walks get deep.
  memory.garbage = [&] { return (random() & 1) ? random() : (random() | 0x403) & ~(u64{0xFFF} << 36); };
  const vmsa::Walker walker(memory);
  std::map<FaultType, unsigned> seen;
  for (int round = 0; round < 200'000; ++round) {
    vmsa::Controls controls;
    const u8 sizes[] = {32, 36, 40, 42, 44, 48};
    controls.features.pa_bits = sizes[random() % 6];
    controls.features.granule16k = random() & 1;
    controls.features.xnx = random() & 1;
    controls.features.vmid16 = random() & 1;
    for (vmsa::Stage1Registers* registers : {&controls.el1, &controls.el2, &controls.el3}) {
      registers->sctlr = random();
      registers->tcr = random();
      if (random() & 1) registers->tcr = (registers->tcr & ~u64{0x3F'00BF}) | 0x10'0010 | u64{5} << 32;
      registers->ttbr0 = random() & ((random() & 1) ? ~u64{0} : u64{0xFFFF'FFFF});
      registers->ttbr1 = random() & ((random() & 1) ? ~u64{0} : u64{0xFFFF'FFFF});
      registers->mair = random();
    }
    controls.hcr = (random() & 1) ? random() : 1;
    controls.vtcr = (random() & 1) ? random() : u64{0x5'0058};
    controls.vttbr = random() & ((random() & 1) ? ~u64{0} : u64{0xFFFF'FFFF});
    controls.secure = (random() & 7) == 0;
    controls.sif = random() & 1;
    vmsa::Access access;
    access.va = Va{(random() & 1) ? random() : static_cast<u64>(static_cast<i64>(random()) >> (random() % 40))};
    access.kind = static_cast<vmsa::AccessKind>(random() % 4);
    access.read = random() & 1;
    access.write = !access.read || (random() & 1);
    access.privileged = random() & 1;
    access.stage1_only = random() & 1;
    access.aligned = random() & 1;
    access.regime = static_cast<vmsa::Regime>(random() % 3);
    memory.requests.clear();
    cost::WalkRecord record;
    const vmsa::WalkResult result = walker.translate(access, controls, {.record = &record});
    const vmsa::Fault& fault = result.translation.fault;
    ++seen[fault.type];
    ASSERT_LE(memory.requests.size(), 24u);
    ASSERT_EQ(record.fetches.size(), memory.requests.size());
    ASSERT_LE(vmsa::fault_status_code(fault), 0x35);
    if (fault) {
      ASSERT_TRUE(fault.level >= 0 && fault.level <= 3);
      ASSERT_TRUE(fault.stage == 1 || fault.stage == 2);
      ASSERT_TRUE(!fault.s1ptw || fault.stage == 2);
      ASSERT_EQ(fault.va, access.va);
    } else {
      ASSERT_EQ(result.translation.pa.value >> controls.features.pa_bits, 0u);
      ASSERT_TRUE(result.translation.page_bits >= 12 && result.translation.page_bits <= 30);
    }
    for (const auto& request : memory.requests) {
      ASSERT_EQ(request.address.value % 8, 0u);
      ASSERT_EQ(request.address.value >> controls.features.pa_bits, 0u);
    }
  }
  // The fuzzer reached all of them.
  for (FaultType type : {FaultType::None, FaultType::AddressSize, FaultType::Translation, FaultType::AccessFlag,
                         FaultType::Permission, FaultType::Alignment}) {
    EXPECT_GT(seen[type], 10u) << static_cast<int>(type);
  }
}

/// A flat list of what was mapped: the reference that the walker is compared with.
struct Region {
  u64 start, size, output;
  bool operator<(const Region& other) const { return start < other.start; }
};

class Reference {
 public:
  bool overlaps(u64 start, u64 size) const {
    for (const Region& region : regions_) {
      if (start < region.start + region.size && region.start < start + size) return true;
    }
    return false;
  }
  void add(Region region) { regions_.push_back(region); }
  const Region* find(u64 address) const {
    for (const Region& region : regions_) {
      if (address - region.start < region.size) return &region;
    }
    return nullptr;
  }
  const std::vector<Region>& regions() const { return regions_; }

 private:
  std::vector<Region> regions_;
};

TEST(WalkerFuzz, RandomMappingsAgreeWithAListOfRegions) {
  std::mt19937_64 random(seed());
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  const Shape first_shapes[] = {{12, 48, 0}, {12, 39, 1}, {14, 47, 1}, {16, 48, 1}, {16, 42, 2}};
  const Shape second_shapes[] = {{12, 40, 1}, {12, 44, 0}, {14, 40, 2}, {16, 40, 2}, {16, 44, 1}};
  for (int round = 0; round < 60; ++round) {
    TranslationMachine m;
    const Shape first = first_shapes[random() % 5], second = second_shapes[random() % 5];
    m.with_stage1(first);
    m.with_stage2(second);
    Reference stage1, stage2;
    const auto block_level = [&](const Shape& shape) {
      return shape.page_bits == 12 ? 1 + random() % 3 : 2 + random() % 2;
    };
    // All of this is in the low 64 GB, tables included; the windows overlap on purpose.
    for (int at = 0; at < 40; ++at) {
      const int level = static_cast<int>(block_level(first));
      const u64 size = u64{1} << m.lower->shift(level);
      const u64 va = random() % (u64{1} << 36) / size * size, ipa = random() % (u64{1} << 36) / size * size;
      if (stage1.overlaps(va, size)) continue;
      m.lower->map(va, ipa, level, s1::kUserAccess);
      stage1.add({va, size, ipa});
    }
    const auto map2 = [&](u64 ipa, u64 pa, int level) {
      const u64 size = u64{1} << m.stage2->shift(level);
      ipa = ipa / size * size;
      if (stage2.overlaps(ipa, size)) return;
      m.stage2->map(ipa, pa / size * size, level, s2::kPlain);
      stage2.add({ipa, size, pa / size * size});
    };
    // The stage-1 tables, one to one, in pages.
    for (u64 table : m.lower->tables) {
      for (u64 page = 0; page < u64{1} << first.page_bits; page += u64{1} << second.page_bits)
        map2(table + page, table + page, 3);
    }
    for (const Region& region : stage1.regions()) {
      const u64 ipa = region.output + random() % region.size;
      map2(ipa, random() % (u64{1} << 38), static_cast<int>(block_level(second)));
    }
    const vmsa::Walker walker(m.memory);
    unsigned translated = 0;
    for (int probe = 0; probe < 3000; ++probe) {
      u64 va = random() % (u64{1} << 36);
      if (probe % 4 != 0) {
        const Region& region = stage1.regions()[random() % stage1.regions().size()];
        va = region.start + random() % region.size;
        if (probe % 4 == 1) {  // aim at a stage-2 region inside
          for (const Region& inner : stage2.regions()) {
            if (inner.start >= region.output && inner.start < region.output + region.size) {
              va = region.start + (inner.start - region.output) + random() % std::min(inner.size, region.size);
              break;
            }
          }
        }
      }
      const vmsa::Translation result = walker.translate(load(va, false), m.controls).translation;
      const Region* one = stage1.find(va);
      const u64 ipa = one ? one->output + (va - one->start) : 0;
      const Region* two = one ? stage2.find(ipa) : nullptr;
      ASSERT_EQ(result.ok(), one && two) << "round " << round << std::hex << " va " << va;
      if (!one) {
        ASSERT_EQ(result.fault.type, FaultType::Translation);
        ASSERT_EQ(result.fault.stage, 1);
      } else if (!two) {
        ASSERT_EQ(result.fault.type, FaultType::Translation);
        ASSERT_EQ(result.fault.stage, 2);
        ASSERT_EQ(result.fault.ipa.value, ipa);
        ASSERT_FALSE(result.fault.s1ptw);
      } else {
        ++translated;
        ASSERT_EQ(result.ipa.value, ipa);
        ASSERT_EQ(result.pa.value, two->output + (ipa - two->start));
        ASSERT_EQ(u64{1} << result.page_bits, std::min(one->size, two->size));
      }
    }
    EXPECT_GT(translated, 100u);
  }
}

}  // namespace
}  // namespace tw
