// Exclusives and LSE atomics against answers worked out by hand; the words come from GNU as.
#include <gtest/gtest.h>

#include "arm/sysreg.hpp"
#include "cpu/isa/encoding.hpp"
#include "cpu/memory.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

/// An instruction word with its text, so that both stand at the place of use.
constexpr u32 word(const char*, u32 insn) { return insn; }

using test::CpuRig;

constexpr u64 kData = CpuRig::kMemoryBase + 0x8000;
constexpr u64 kVectors = CpuRig::kMemoryBase + 0x1'0000;
constexpr u64 kSyncCurrentSpx = kVectors + 0x200;

struct AtomicRig : CpuRig {
  AtomicRig() : CpuRig(El::El1, {}, test::test_model("cortex-a57", true)) {
    core.reg(arm::SysReg::VBAR_EL1) = kVectors;
    core.x[1] = kData;
  }
  u64 esr() { return core.reg(arm::SysReg::ESR_EL1); }
};

TEST(Exclusives, StoreSucceedsOnceAfterALoad) {
  AtomicRig rig;
  rig.poke<u64>(kData, 0x1122'3344'5566'7788);
  rig.execute(word("ldxr x0, [x1]", 0xc85f7c20));
  EXPECT_EQ(rig.core.x[0], 0x1122'3344'5566'7788u);
  rig.core.x[2] = 42;
  rig.core.x[3] = 7;
  rig.execute(word("stxr w3, x2, [x1]", 0xc8037c22));
  EXPECT_EQ(rig.core.x[3], 0u);
  EXPECT_EQ(rig.peek<u64>(kData), 42u);
  rig.core.x[2] = 43;
  rig.execute(word("stxr w3, x2, [x1]", 0xc8037c22));
  EXPECT_EQ(rig.core.x[3], 1u) << "the first store cleared the monitor";
  EXPECT_EQ(rig.peek<u64>(kData), 42u);
}

TEST(Exclusives, FailWhenAddressSizeOrMemoryDiffer) {
  struct {
    const char* why;
    u32 store;
    u64 address;
    bool changed;
  } const rows[] = {{"stxr w3, x2, [x1]", 0xc8037c22, kData + 8, false},
                    {"stxr w3, w2, [x1]", 0x88037c22, kData, false},
                    {"stxp w3, w2, w4, [x1]", 0x88231022, kData + 8, false},
                    {"stlxr w3, x2, [x1]", 0xc803fc22, kData, true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    AtomicRig rig;
    rig.poke<u64>(kData, 5);
    rig.execute(word("ldaxr x0, [x1]", 0xc85ffc20));
    if (row.changed) rig.poke<u64>(kData, 6);
    rig.core.x[1] = row.address;
    rig.core.x[2] = 99;
    rig.execute(row.store);
    EXPECT_EQ(rig.core.x[3], 1u);
    EXPECT_EQ(rig.peek<u64>(kData), row.changed ? 6u : 5u);
    EXPECT_EQ(rig.peek<u64>(kData + 8), 0u);
    EXPECT_FALSE(rig.core.monitor.valid) << "a failing store clears the monitor too";
  }
}

TEST(Exclusives, AllSizes) {
  struct {
    const char* load_text;
    u32 load;
    const char* store_text;
    u32 store;
    u64 loaded, memory;
  } const rows[] = {
      {"ldxrb w0, [x1]", 0x085f7c20, "stxrb w3, w2, [x1]", 0x08037c22, 0x88, 0x1122'3344'5566'77FF},
      {"ldaxrh w0, [x1]", 0x485ffc20, "stlxrh w3, w2, [x1]", 0x4803fc22, 0x7788, 0x1122'3344'5566'EEFF},
      {"ldxr w0, [x1]", 0x885f7c20, "stlxr w3, w2, [x1]", 0x8803fc22, 0x5566'7788, 0x1122'3344'CCDD'EEFF},
      {"ldaxr x0, [x1]", 0xc85ffc20, "stxr w3, x2, [x1]", 0xc8037c22, 0x1122'3344'5566'7788, 0x8899'AABB'CCDD'EEFF}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.load_text);
    AtomicRig rig;
    rig.poke<u64>(kData, 0x1122'3344'5566'7788);
    rig.core.x[2] = 0x8899'AABB'CCDD'EEFF;
    rig.execute(row.load);
    EXPECT_EQ(rig.core.x[0], row.loaded);
    rig.execute(row.store);
    EXPECT_EQ(rig.core.x[3], 0u);
    EXPECT_EQ(rig.peek<u64>(kData), row.memory);
  }
}

TEST(Exclusives, Pairs) {
  AtomicRig rig;
  rig.poke<u64>(kData, 0x1122'3344'5566'7788);
  rig.poke<u64>(kData + 8, 0x99AA'BBCC'DDEE'FF00);
  rig.execute(word("ldxp w0, w2, [x1]", 0x887f0820));
  EXPECT_EQ(rig.core.x[0], 0x5566'7788u);
  EXPECT_EQ(rig.core.x[2], 0x1122'3344u);
  rig.core.x[0] = 0xFFFF'FFFF'0000'0001;
  rig.core.x[2] = 0xFFFF'FFFF'0000'0002;
  rig.execute(word("stxp w3, w0, w2, [x1]", 0x88230820));
  EXPECT_EQ(rig.core.x[3], 0u);
  EXPECT_EQ(rig.peek<u64>(kData), 0x0000'0002'0000'0001u);

  rig.execute(word("ldaxp x0, x2, [x1]", 0xc87f8820));
  EXPECT_EQ(rig.core.x[0], 0x0000'0002'0000'0001u);
  EXPECT_EQ(rig.core.x[2], 0x99AA'BBCC'DDEE'FF00u);
  rig.core.x[0] = 3;
  rig.core.x[2] = 4;
  rig.execute(word("stlxp w3, x0, x2, [x1]", 0xc8238820));
  EXPECT_EQ(rig.core.x[3], 0u);
  EXPECT_EQ(rig.peek<u64>(kData), 3u);
  EXPECT_EQ(rig.peek<u64>(kData + 8), 4u);

  rig.execute(word("ldaxp x0, x2, [x1]", 0xc87f8820));
  rig.poke<u64>(kData + 8, 5);
  rig.execute(word("stlxp w3, x2, x0, [x1]", 0xc8238022));
  EXPECT_EQ(rig.core.x[3], 1u) << "the upper half changed";
  EXPECT_EQ(rig.peek<u64>(kData), 3u);
}

TEST(Exclusives, RegistersThatOverlap) {
  // CONSTRAINED UNPREDICTABLE: the old register values are used, and the status is written last.
  AtomicRig rig;
  rig.poke<u64>(kData, 1);
  rig.execute(word("ldxr x0, [x1]", 0xc85f7c20));
  rig.core.x[2] = 77;
  rig.execute(0xc8027c22);  // stxr w2, x2, [x1]
  EXPECT_EQ(rig.peek<u64>(kData), 77u);
  EXPECT_EQ(rig.core.x[2], 0u);
  rig.execute(word("ldxr x0, [x1]", 0xc85f7c20));
  rig.core.x[2] = 78;
  rig.execute(0xc8017c22);  // stxr w1, x2, [x1]
  EXPECT_EQ(rig.peek<u64>(kData), 78u);
  EXPECT_EQ(rig.core.x[1], 0u);
}

TEST(Exclusives, ReadOnlyPageFaultsAsAWrite) {
  AtomicRig rig;
  rig.execute(word("ldxr x0, [x1]", 0xc85f7c20));
  rig.core.flush_translations();
  rig.mmu.fault = [](const vmsa::Access& access) {
    vmsa::Fault fault;
    if (access.write) fault = {.type = vmsa::FaultType::Permission, .level = 3, .write = true, .va = access.va};
    return fault;
  };
  rig.core.x[3] = 7;
  rig.execute(word("stxr w3, x2, [x1]", 0xc8037c22));
  EXPECT_EQ(rig.core.pc, kSyncCurrentSpx);
  EXPECT_EQ(rig.esr() & 0x7F, 0x4Fu) << "permission fault, level 3, WnR";
  EXPECT_EQ(rig.core.x[3], 7u);
}

TEST(Exclusives, Alignment) {
  struct {
    const char* text;
    u32 insn;
    u64 offset;
    bool faults, write;
  } const rows[] = {{"ldxr x0, [x1]", 0xc85f7c20, 4, true, false},
                    {"ldxrh w0, [x1]", 0x485f7c20, 1, true, false},
                    {"ldaxp x0, x2, [x1]", 0xc87f8820, 8, true, false},
                    {"ldxp w0, w2, [x1]", 0x887f0820, 4, true, false},
                    {"ldxp w0, w2, [x1]", 0x887f0820, 8, false, false},
                    {"ldar w0, [x1]", 0x88dffc20, 2, true, false},
                    {"stlr x0, [x1]", 0xc89ffc20, 4, true, true},
                    {"stlrb w0, [x1]", 0x089ffc20, 1, false, true},
                    {"stxr w3, x0, [x1]", 0xc8037c20, 4, true, true},
                    {"stxp w3, x0, x2, [x1]", 0xc8230820, 8, true, true},
                    {"ldadd w0, w2, [x1]", 0xb8200022, 2, true, true},
                    {"casal x0, x2, [x1]", 0xc8e0fc22, 4, true, true},
                    {"casp x2, x3, x4, x5, [x1]", 0x48227c24, 8, true, true},
                    {"casp w2, w3, w4, w5, [x1]", 0x08227c24, 8, false, true},
                    {"casp w2, w3, w4, w5, [x1]", 0x08227c24, 4, true, true},
                    {"ldaprh w0, [x1]", 0x78bfc020, 1, true, false}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    AtomicRig rig;
    rig.core.x[1] = kData + row.offset;
    rig.execute(row.insn);
    if (!row.faults) {
      EXPECT_EQ(rig.core.pc, CpuRig::kMemoryBase + 4);
      continue;
    }
    EXPECT_EQ(rig.core.pc, kSyncCurrentSpx);
    EXPECT_EQ(rig.esr() >> 26, 0x25u);
    EXPECT_EQ(rig.esr() & 0x3F, 0x21u) << "alignment fault";
    EXPECT_EQ(rig.esr() >> 6 & 1, u64{row.write});
    EXPECT_EQ(rig.core.reg(arm::SysReg::FAR_EL1), kData + row.offset);
  }
}

struct AtomicRow {
  const char* text;
  u32 insn;
  u64 memory, operand;
  u64 memory_after, x2_after;
};
constexpr u64 kMemory = 0x8000'0000'8000'80F0;
constexpr AtomicRow kAtomics[] = {
    {"ldadd x0, x2, [x1]", 0xf8200022, kMemory, 0x10, 0x8000'0000'8000'8100, kMemory},
    {"ldaddb w0, w2, [x1]", 0x38200022, kMemory, 0x10, 0x8000'0000'8000'8000, 0xF0},
    {"ldaddalh w0, w2, [x1]", 0x78e00022, kMemory, 0x8000, 0x8000'0000'8000'00F0, 0x80F0},
    {"ldadda w0, w2, [x1]", 0xb8a00022, kMemory, 0x8000'0000, 0x8000'0000'0000'80F0, 0x8000'80F0},
    {"ldclrl x0, x2, [x1]", 0xf8601022, kMemory, 0x8000'0000'0000'00FF, 0x8000'8000, kMemory},
    {"ldeor w0, w2, [x1]", 0xb8202022, kMemory, 0xFFFF'FFFF, 0x8000'0000'7FFF'7F0F, 0x8000'80F0},
    {"ldsetb w0, w2, [x1]", 0x38203022, kMemory, 0x0F, 0x8000'0000'8000'80FF, 0xF0},
    {"ldsmax x0, x2, [x1]", 0xf8204022, kMemory, 1, 1, kMemory},
    {"ldsmaxb w0, w2, [x1]", 0x38204022, kMemory, 0x01, 0x8000'0000'8000'8001, 0xF0},
    {"ldsminb w0, w2, [x1]", 0x38205022, kMemory, 0x01, kMemory, 0xF0},
    {"ldsmin w0, w2, [x1]", 0xb8205022, kMemory, 0xFFFF'FFFF, kMemory, 0x8000'80F0},
    {"ldsminh w0, w2, [x1]", 0x78205022, 0x7FFF, 0x8000, 0x8000, 0x7FFF},
    {"ldumax w0, w2, [x1]", 0xb8206022, kMemory, 0xFFFF'FFFF, 0x8000'0000'FFFF'FFFF, 0x8000'80F0},
    {"ldumaxb w0, w2, [x1]", 0x38206022, kMemory, 0x01, kMemory, 0xF0},
    {"ldumin x0, x2, [x1]", 0xf8207022, kMemory, 1, 1, kMemory},
    {"lduminh w0, w2, [x1]", 0x78207022, kMemory, 0xFFFF, kMemory, 0x80F0},
    {"swp x0, x2, [x1]", 0xf8208022, kMemory, 5, 5, kMemory},
    {"swpalb w0, w2, [x1]", 0x38e08022, kMemory, 0xFF05, 0x8000'0000'8000'8005, 0xF0},
    {"stadd x0, [x1]", 0xf820003f, kMemory, 1, kMemory + 1, 0xEEEE},
    {"stsmax w0, [x1]", 0xb820403f, kMemory, 0, 0x8000'0000'0000'0000, 0xEEEE},
};

TEST(Atomics, GiveTheManualsResult) {
  for (const bool shortcuts : {true, false}) {
    for (const AtomicRow& row : kAtomics) {
      SCOPED_TRACE(row.text);
      AtomicRig rig;
      rig.core.set_host_shortcuts(shortcuts);
      for (int again = 0; again < 2; ++again) {
        rig.poke<u64>(kData, row.memory);
        rig.core.x[0] = row.operand;
        rig.core.x[2] = 0xEEEE;
        rig.execute(row.insn);
        EXPECT_EQ(rig.peek<u64>(kData), row.memory_after);
        EXPECT_EQ(rig.core.x[2], row.x2_after);
        EXPECT_EQ(rig.core.x[0], row.operand);
        EXPECT_EQ(rig.core.x[kZero], 0u);
      }
    }
  }
}

TEST(Atomics, CompareAndSwap) {
  AtomicRig rig;
  rig.poke<u64>(kData, 0x1122'3344'5566'7788);
  rig.core.x[0] = 0xFFFF'FFFF'5566'7788;
  rig.core.x[2] = 0xABCD'0000'0000'0001;
  rig.execute(word("cas w0, w2, [x1]", 0x88a07c22));
  EXPECT_EQ(rig.peek<u64>(kData), 0x1122'3344'0000'0001u) << "upper half of the compared register ignored";
  EXPECT_EQ(rig.core.x[0], 0x5566'7788u);
  rig.execute(word("casalb w0, w2, [x1]", 0x08e0fc22));
  EXPECT_EQ(rig.peek<u64>(kData), 0x1122'3344'0000'0001u);
  EXPECT_EQ(rig.core.x[0], 1u) << "a failed comparison gives the old value";
  rig.core.x[0] = 0x1122'3344'0000'0001;
  rig.execute(word("casa x0, xzr, [x1]", 0xc8e07c3f));
  EXPECT_EQ(rig.peek<u64>(kData), 0u);
}

TEST(Atomics, CompareAndSwapPair) {
  AtomicRig rig;
  rig.poke<u64>(kData, 0x0000'0002'0000'0001);
  rig.poke<u64>(kData + 8, 9);
  rig.core.x[2] = 0xFFFF'FFFF'0000'0001;
  rig.core.x[3] = 2;
  rig.core.x[4] = 5;
  rig.core.x[5] = 6;
  rig.execute(word("casp w2, w3, w4, w5, [x1]", 0x08227c24));
  EXPECT_EQ(rig.peek<u64>(kData), 0x0000'0006'0000'0005u);
  EXPECT_EQ(rig.core.x[2], 1u);
  EXPECT_EQ(rig.core.x[3], 2u);
  rig.core.x[2] = 0x0000'0006'0000'0005;
  rig.core.x[3] = 8;
  rig.execute(word("caspal x2, x3, x4, x5, [x1]", 0x4862fc24));
  EXPECT_EQ(rig.peek<u64>(kData + 8), 9u) << "the second doubleword differs";
  EXPECT_EQ(rig.core.x[3], 9u);
  rig.execute(word("caspal x2, x3, x4, x5, [x1]", 0x4862fc24));
  EXPECT_EQ(rig.peek<u64>(kData), 5u);
  EXPECT_EQ(rig.peek<u64>(kData + 8), 6u);
  // Rs = 30: the second register of the pair is XZR, compared as zero and never written.
  rig.core.x[30] = 5;
  rig.poke<u64>(kData + 8, 0);
  rig.execute(0x483e7c24);  // casp x30, xzr, x4, x5, [x1]
  EXPECT_EQ(rig.peek<u64>(kData + 8), 6u);
  EXPECT_EQ(rig.core.x[kZero], 0u);
  EXPECT_EQ(rig.core.x[30], 5u);
}

TEST(Atomics, ReadOnlyPageFaultsAsAWriteEvenWhenNothingWouldBeWritten) {
  for (const bool warm : {false, true}) {
    AtomicRig rig;
    rig.mmu.fault = [](const vmsa::Access& access) {
      vmsa::Fault fault;
      if (access.write) {
        fault = {.type = vmsa::FaultType::Permission, .level = 3, .write = true, .va = access.va};
      }
      return fault;
    };
    rig.poke<u64>(kData, 1);
    if (warm) {
      rig.execute(word("ldr x7, [x1]", 0xf9400027));
      host_entry(rig.core, kData).write_tag = HostEntry::kNoTag;  // as a read-only page leaves it
    }
    rig.core.x[0] = 2;  // differs from memory: the comparison would fail
    rig.core.x[2] = 3;
    rig.execute(word("cas x0, x2, [x1]", 0xc8a07c22));
    EXPECT_EQ(rig.core.pc, kSyncCurrentSpx) << warm;
    EXPECT_EQ(rig.esr() & 0x7F, 0x4Fu);
    EXPECT_EQ(rig.core.x[0], 2u);
  }
}

TEST(Atomics, NeedTheirFeature) {
  for (const u32 insn :
       {word("ldadd x0, x2, [x1]", 0xf8200022), word("cas x0, x2, [x1]", 0xc8a07c22),
        word("ldapr x0, [x1]", 0xf8bfc020), word("ldlar x0, [x1]", 0xc8df7c20), word("stllr x0, [x1]", 0xc89f7c20)}) {
    Op op{};
    op.insn = insn;
    decode_a64(op, test::test_model("cortex-a57"));
    EXPECT_EQ(op.run, undefined) << std::hex << insn;
  }
}

}  // namespace
}  // namespace tw::cpu
