// What software owes the MMU: each breach found, and right code left alone. Two cores share the tables.
#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using mmu::Breach;
using vmsa::InvalidateScope;

constexpr u64 kVa = 0x1000, kIpa = 0x8000'1000;

class Contract : public testing::Test {
 protected:
  mmu::Contract contract{2, [](unsigned core) { return 0x4000 + core; }};
  MmuMachine m;
  std::unique_ptr<mmu::Mmu> other;

  void SetUp() override {
    m.with_stage1();
    for (u64 page = 0; page < 8; ++page) m.lower->map(page << 12, 0x8000'0000 + (page << 12), 3, s1::kNotGlobal);
    m.with_stage2();
    m.map_tables_in_stage2();
    for (u64 page = 0; page < 8; ++page) {
      m.stage2->map(0x8000'0000 + (page << 12), 0x8000'0000 + (page << 12), 3, s2::kPlain);
    }
    other = std::make_unique<mmu::Mmu>(mmu::Config{}, m.memory, m.ledger);
    m.mmu->watch_contract(contract, 0);
    other->watch_contract(contract, 1);
  }
  bool use(u64 va, unsigned core = 0) {
    return translate(core == 0 ? *m.mmu : *other, m.ledger, load(va), m.controls).ok();
  }
  void store_to(u64 slot, u64 value, unsigned core = 0) {
    m.memory.write(slot, value);
    if (contract.watches(slot)) contract.written(slot, value, 8, core, m.ledger.elapsed());
  }
  u64 slot(u64 va) { return m.lower->slot(va, 3); }
  u64 leaf(u64 va) { return m.memory.read(slot(va)); }
  void set(u64 va, u64 value, unsigned core = 0) { store_to(slot(va), value, core); }
  void dsb(unsigned core = 0) { contract.data_synchronised(core); }
  void isb(unsigned core = 0) { contract.context_synchronised(core); }
  /// Inner shareable, by core 0.
  void tlbi_all_cores(const vmsa::Invalidate& what) {
    m.mmu->invalidate(what, m.ledger.elapsed());
    other->invalidate_for_another(what, m.ledger.elapsed());
  }
  void tlbi_page(u64 va) { tlbi_all_cores(tlbi(InvalidateScope::VaAsid, 1, 0, va)); }
  u64 count(Breach kind) { return contract.violation(kind).count; }
  u64 all() {
    u64 sum = 0;
    for (unsigned kind = 0; kind < mmu::kBreachCount; ++kind) sum += count(static_cast<Breach>(kind));
    return sum;
  }
};

TEST_F(Contract, BreakBeforeMakeIsRight) {
  use(kVa);
  use(kVa, 1);
  const u64 old = leaf(kVa);
  set(kVa, 0);
  dsb();
  tlbi_page(kVa);
  dsb();
  isb();
  set(kVa, old + 0x2000);
  dsb();
  isb();
  EXPECT_TRUE(use(kVa));
  EXPECT_TRUE(use(kVa, 1));
  EXPECT_EQ(all(), 0u);
}

TEST_F(Contract, MakingWithoutBreaking) {
  use(kVa, 1);
  set(kVa, leaf(kVa) + 0x2000);  // core 1 may hold it
  EXPECT_EQ(count(Breach::BreakBeforeMake), 1u);
  const mmu::Violation& first = contract.violation(Breach::BreakBeforeMake);
  EXPECT_EQ(first.core, 0u);
  EXPECT_EQ(first.pc, 0x4000u);
  EXPECT_EQ(first.address, kVa);
  EXPECT_EQ(first.descriptor, slot(kVa));
  EXPECT_EQ(first.context.vmid.value, 1u);
}

TEST_F(Contract, MakingAfterABreakWithoutItsTlbi) {
  use(kVa);
  const u64 old = leaf(kVa);
  set(kVa, 0);
  dsb();
  set(kVa, old + 0x2000);
  EXPECT_EQ(count(Breach::BreakBeforeMake), 1u);
}

TEST_F(Contract, ATlbiOfOneCoreDoesNotReachTheOther) {
  use(kVa);
  use(kVa, 1);
  const u64 old = leaf(kVa);
  set(kVa, 0);
  dsb();
  m.mmu->invalidate(tlbi(InvalidateScope::VaAsid, 1, 0, kVa), 0);
  dsb();
  set(kVa, old + 0x2000);
  EXPECT_EQ(count(Breach::BreakBeforeMake), 1u);
}

TEST_F(Contract, WhatNobodyHasWalkedIsFree) {
  set(kVa, leaf(kVa) + 0x2000);
  use(0x2000);
  set(kVa, leaf(kVa) + 0x2000);  // its table is watched by now
  EXPECT_TRUE(contract.watches(slot(kVa)));
  EXPECT_EQ(all(), 0u);
}

TEST_F(Contract, PermissionsAndFlagsMayChangeInPlace) {
  use(kVa);
  set(kVa, leaf(kVa) | s1::kReadOnly | s1::kUxn | u64{1} << 55);
  dsb();
  isb();
  EXPECT_TRUE(use(kVa));
  EXPECT_EQ(all(), 0u);
}

TEST_F(Contract, MemoryTypeBlockSizeAndGlobalMayNot) {
  m.lower->map(0x20'0000, 0x8000'0000, 2, 0);
  use(kVa);
  set(kVa, leaf(kVa) ^ s1::index(1));
  EXPECT_EQ(count(Breach::BreakBeforeMake), 1u);
  use(0x2000);
  set(0x2000, leaf(0x2000) & ~s1::kNotGlobal);
  EXPECT_EQ(count(Breach::BreakBeforeMake), 2u);
  use(0x20'0000);
  const u64 block = m.lower->slot(0x20'0000, 2);
  store_to(block, m.memory.allocate(0x1000) | 3);
  EXPECT_EQ(count(Breach::BreakBeforeMake), 3u);
  use(0x3000);
  set(0x3000, leaf(0x3000) | s1::kContiguous);
  EXPECT_EQ(count(Breach::BreakBeforeMake), 4u);
}

TEST_F(Contract, ReadOnlyPagesMayMoveToTheSame) {
  set(kVa, leaf(kVa) | s1::kReadOnly);
  use(kVa);
  set(kVa, leaf(kVa) + 0x2000);
  EXPECT_EQ(all(), 0u);
}

TEST_F(Contract, PartsOfADescriptorAreMerged) {
  use(kVa);
  const u64 value = leaf(kVa);
  m.memory.write(slot(kVa), value & ~u64{0xFFFF'FFFF});
  contract.written(slot(kVa), 0, 4, 0, 0);
  dsb();
  contract.written(slot(kVa), value & 0xFFFF'FFFF, 4, 0, 0);  // as it was
  EXPECT_EQ(all(), 0u);
  contract.written(slot(kVa) + 1, 0x20, 1, 0, 0);
  EXPECT_EQ(count(Breach::BreakBeforeMake), 1u);
}

TEST_F(Contract, ATranslationWithoutItsTlbiIsStale) {
  use(kVa);
  EXPECT_TRUE(m.go(load(kVa)).residence.valid());
  const vmsa::ResidenceHandle handle = m.go(load(kVa)).residence;
  set(kVa, 0);
  EXPECT_FALSE(handle.valid());  // uses are told from now on
  EXPECT_TRUE(use(kVa));         // before the barriers the old one is as good
  dsb();
  EXPECT_TRUE(use(kVa));
  EXPECT_EQ(all(), 0u);
  isb();
  EXPECT_TRUE(use(kVa));
  EXPECT_EQ(count(Breach::StaleTranslation), 1u);
  EXPECT_TRUE(use(kVa));
  EXPECT_EQ(all(), 1u);  // once a change
  EXPECT_TRUE(m.go(load(kVa)).residence.valid());
}

TEST_F(Contract, OthersMayUseItUntilTheyAreTold) {
  use(kVa);
  use(kVa, 1);
  set(kVa, 0);
  dsb();
  isb();
  dsb(1);
  isb(1);
  EXPECT_TRUE(use(kVa, 1));
  EXPECT_EQ(all(), 0u);
}

TEST_F(Contract, AnUntouchedAddressMayWaitForItsTlbi) {
  use(kVa);
  use(0x2000);
  set(kVa, 0);
  dsb();
  isb();
  use(0x2000);
  EXPECT_EQ(all(), 0u);
}

TEST_F(Contract, ATlbiNeedsTheDsbBeforeIt) {
  use(kVa);
  set(kVa, 0);
  tlbi_page(kVa);
  EXPECT_EQ(count(Breach::TlbiBeforeDsb), 1u);
  use(0x2000);
  set(0x2000, 0);
  tlbi_all_cores(tlbi(InvalidateScope::VmidStage1, 1));
  EXPECT_EQ(count(Breach::TlbiBeforeDsb), 2u);
  use(0x3000);
  set(0x3000, 0);
  tlbi_page(0x4000);
  EXPECT_EQ(all(), 2u);
}

TEST_F(Contract, AUseNeedsTheDsbBehindTheTlbi) {
  use(kVa);
  const u64 old = leaf(kVa);
  set(kVa, 0);
  dsb();
  tlbi_page(kVa);
  set(kVa, old + 0x2000);
  EXPECT_EQ(all(), 0u);
  EXPECT_TRUE(use(kVa));
  EXPECT_EQ(count(Breach::UseBeforeDsb), 1u);
}

TEST_F(Contract, Stage2NeedsItsTlbiAndThatOfWhatCombinesBoth) {
  const u64 slot2 = m.stage2->slot(kIpa, 3);
  const u64 old = m.memory.read(slot2);
  use(kVa);
  store_to(slot2, 0);
  dsb();
  tlbi_all_cores(tlbi(InvalidateScope::Ipa, 1, 0, kIpa));
  dsb();
  tlbi_all_cores(tlbi(InvalidateScope::VmidStage1, 1));
  dsb();
  isb();
  store_to(slot2, old + 0x2000);
  EXPECT_TRUE(use(kVa));
  EXPECT_EQ(all(), 0u);
  store_to(slot2, 0);
  dsb();
  tlbi_all_cores(tlbi(InvalidateScope::Ipa, 1, 0, kIpa));
  dsb();
  isb();
  EXPECT_TRUE(use(kVa));
  EXPECT_EQ(count(Breach::StaleTranslation), 1u);
  EXPECT_EQ(contract.violation(Breach::StaleTranslation).stage, 2);
}

TEST_F(Contract, Stage2ByVmid) {
  const u64 slot2 = m.stage2->slot(kIpa, 3);
  const u64 old = m.memory.read(slot2);
  use(kVa);
  store_to(slot2, 0);
  dsb();
  tlbi_all_cores(tlbi(InvalidateScope::VmidAll, 1));
  dsb();
  store_to(slot2, old + 0x2000);
  EXPECT_EQ(all(), 0u);
  use(kVa);
  store_to(slot2, old);
  EXPECT_EQ(count(Breach::BreakBeforeMake), 1u);
}

TEST_F(Contract, AVmidOfOtherTables) {
  use(kVa);
  const u64 first = m.controls.vttbr;
  TableTree second(m.memory, 12, 40, 1);
  for (const u64 table : m.lower->tables) second.map(table, table, 3, s2::kPlain);
  for (u64 page = 0; page < 8; ++page) second.map(0x8000'0000 + (page << 12), 0x9000'0000, 3, s2::kPlain);
  m.controls.vttbr = second.root() | u64{2} << 48;
  use(0x2000);
  EXPECT_EQ(all(), 0u);
  m.controls.vttbr = first;
  use(0x3000);
  EXPECT_EQ(all(), 0u);
  m.controls.vttbr = second.root() | u64{1} << 48;
  tlbi_all_cores(tlbi(InvalidateScope::VmidAll, 1));
  use(0x4000);
  EXPECT_EQ(all(), 0u);
  m.controls.vttbr = first;
  use(0x5000);
  EXPECT_EQ(count(Breach::VmidReuse), 1u);
  EXPECT_EQ(all(), 1u);
}

TEST_F(Contract, AnAsidOfOtherTables) {
  m.set_asid(3);
  use(kVa);
  const u64 first = m.controls.el1.ttbr0;
  TableTree second(m.memory, 12, 48, 0);
  second.map(0x2000, 0x8000'2000, 3, s1::kNotGlobal);
  for (const u64 table : second.tables) m.stage2->map(table, table, 3, s2::kPlain);
  m.controls.el1.ttbr0 = second.root() | u64{4} << 48;
  EXPECT_TRUE(use(0x2000));
  EXPECT_EQ(all(), 0u);
  m.controls.el1.ttbr0 = second.root() | u64{3} << 48;
  EXPECT_TRUE(use(0x2000));
  EXPECT_EQ(count(Breach::AsidReuse), 1u);
  m.controls.el1.ttbr0 = first;
  tlbi_all_cores(tlbi(InvalidateScope::AsidAll, 1, 3));
  use(kVa);
  EXPECT_EQ(all(), 1u);
}

TEST_F(Contract, AfterAPhaseWithoutTimeNothingIsHeld) {
  use(kVa);
  m.mmu->set_timed(false);
  m.mmu->set_timed(true);
  set(kVa, leaf(kVa) + 0x2000);
  EXPECT_EQ(all(), 0u);
}

TEST_F(Contract, ChangesNothing) {
  MmuMachine alone;
  alone.with_stage1();
  alone.lower->map(kVa, 0x8000'1000, 3, 0);
  MmuMachine watched;
  watched.with_stage1();
  watched.lower->map(kVa, 0x8000'1000, 3, 0);
  mmu::Contract own(1);
  watched.mmu->watch_contract(own, 0);
  for (MmuMachine* machine : {&alone, &watched}) {
    for (int round = 0; round < 3; ++round) {
      machine->go(load(kVa));
      const u64 descriptor = machine->lower->slot(kVa, 3);
      machine->memory.write(descriptor, machine->memory.read(descriptor) + 0x1000);
      if (machine == &watched) own.written(descriptor, machine->memory.read(descriptor), 8, 0, 0);
      machine->go(load(kVa));
      machine->mmu->invalidate(tlbi(InvalidateScope::All));
    }
  }
  EXPECT_EQ(own.violation(Breach::BreakBeforeMake).count, 3u);
  EXPECT_EQ(alone.ledger.elapsed(), watched.ledger.elapsed());
  EXPECT_EQ(alone.mmu->statistics(), watched.mmu->statistics());
}

}  // namespace
}  // namespace tw
