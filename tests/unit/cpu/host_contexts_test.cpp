// Which shortcuts survive a change of context and a TLBI.
#include "cpu/host_contexts.hpp"

#include <gtest/gtest.h>

namespace tw::cpu {
namespace {

constexpr u64 kPage = 0x40'2000;
constexpr u64 kBlock = 0x80'0000;  // 2 MB, of which one page is known

vmsa::Controls address_space(u16 asid, u16 vmid = 0) {
  vmsa::Controls controls;
  controls.hcr = vmid != 0;  // VM
  controls.el1.ttbr0 = u64{asid} << 48 | 0x1000;
  controls.vttbr = u64{vmid} << 48;
  return controls;
}

void put(HostView& view, u64 va, unsigned block_bits = 12) {
  view.data_entry(va) = {.read_tag = va & ~u64{0xFFF}, .write_tag = va & ~u64{0xFFF}, .pa_page = 0x5000 | block_bits};
  view.fetch_entry(va) = {.tag = va & ~u64{0xFFF}, .block_bits = block_bits};
  view.note(va, block_bits);
}

bool has(HostView& view, u64 va) {
  const bool data = view.data_entry(va).read_tag == (va & ~u64{0xFFF});
  EXPECT_EQ(view.fetch_entry(va).tag == (va & ~u64{0xFFF}), data);
  return data;
}

vmsa::Invalidate by_va(u64 va, u16 asid = 1) {
  return {.scope = vmsa::InvalidateScope::VaAsid, .asid = Asid{asid}, .va = Va{va}};
}

TEST(HostContexts, AnAddressSpaceComesBackAsItWasLeft) {
  HostContexts contexts;
  EXPECT_TRUE(contexts.select(address_space(1)));
  put(contexts.view(El::El0), kPage);
  EXPECT_FALSE(contexts.select(address_space(1)));
  EXPECT_TRUE(contexts.select(address_space(2)));
  EXPECT_FALSE(has(contexts.view(El::El0), kPage));
  contexts.select(address_space(1));
  EXPECT_TRUE(has(contexts.view(El::El0), kPage));
}

TEST(HostContexts, TheOneUnusedForLongestMakesRoom) {
  HostContexts contexts;
  for (u16 asid = 1; asid <= 40; ++asid) {
    contexts.select(address_space(asid));
    ASSERT_FALSE(has(contexts.view(El::El0), kPage)) << asid;
    put(contexts.view(El::El0), kPage);
  }
  contexts.select(address_space(30));
  EXPECT_TRUE(has(contexts.view(El::El0), kPage));
  contexts.select(address_space(3));
  EXPECT_FALSE(has(contexts.view(El::El0), kPage));
}

TEST(HostContexts, PrivilegesAndPanHaveViewsOfTheirOwn) {
  HostContexts contexts;
  put(contexts.view(El::El1, false), kPage);
  for (HostView* other : {&contexts.view(El::El0), &contexts.view(El::El1, true), &contexts.view(El::El2)}) {
    EXPECT_FALSE(has(*other, kPage));
  }
}

TEST(HostContexts, TlbiByVaTakesThePageInEveryAddressSpace) {
  HostContexts contexts;
  for (u16 asid : {u16{1}, u16{2}}) {
    contexts.select(address_space(asid));
    put(contexts.view(El::El0), kPage);
    put(contexts.view(El::El1), kPage + 0x1000);
  }
  contexts.forget(by_va(kPage, 1));
  for (u16 asid : {u16{1}, u16{2}}) {
    contexts.select(address_space(asid));
    EXPECT_FALSE(has(contexts.view(El::El0), kPage));  // it may have been global
    EXPECT_TRUE(has(contexts.view(El::El1), kPage + 0x1000));
  }
}

TEST(HostContexts, TlbiByVaAnywhereInABlockTakesAllOfIt) {
  HostContexts contexts;
  put(contexts.view(El::El1), kBlock + 0x3000, 21);
  put(contexts.view(El::El1), kPage);
  contexts.forget(by_va(kBlock - 0x1000));
  EXPECT_TRUE(has(contexts.view(El::El1), kBlock + 0x3000));
  contexts.forget(by_va(kBlock + 0x1F'F000));
  EXPECT_FALSE(has(contexts.view(El::El1), kBlock + 0x3000));
  EXPECT_TRUE(has(contexts.view(El::El1), kPage));
}

TEST(HostContexts, ATaggedPointerIsTakenByItsAddress) {
  HostContexts contexts;
  put(contexts.view(El::El0), 0xAB00'0000'0000'0000 | kPage);
  put(contexts.view(El::El0), 0xCD00'0000'0000'0000 | (kBlock + 0x5000), 21);
  contexts.forget(by_va(kPage));
  contexts.forget(by_va(kBlock));
  EXPECT_FALSE(has(contexts.view(El::El0), 0xAB00'0000'0000'0000 | kPage));
  EXPECT_FALSE(has(contexts.view(El::El0), 0xCD00'0000'0000'0000 | (kBlock + 0x5000)));
}

TEST(HostContexts, TlbiByAsidAndByVmidLeaveTheOthers) {
  HostContexts contexts;
  for (u16 asid : {u16{1}, u16{2}}) {
    for (u16 vmid : {u16{1}, u16{2}}) {
      contexts.select(address_space(asid, vmid));
      put(contexts.view(El::El0), kPage);
    }
  }
  const auto left = [&](u16 asid, u16 vmid) {
    contexts.select(address_space(asid, vmid));
    return has(contexts.view(El::El0), kPage);
  };
  contexts.forget({.scope = vmsa::InvalidateScope::AsidAll, .stage2_in_use = true, .vmid = Vmid{1}, .asid = Asid{1}});
  EXPECT_FALSE(left(1, 1));
  EXPECT_TRUE(left(2, 1));
  EXPECT_TRUE(left(1, 2));
  contexts.forget({.scope = vmsa::InvalidateScope::Ipa, .stage2_in_use = true, .vmid = Vmid{2}});
  EXPECT_FALSE(left(1, 2));
  EXPECT_FALSE(left(2, 2));
  EXPECT_TRUE(left(2, 1));
  contexts.forget({.scope = vmsa::InvalidateScope::All, .stage2_in_use = true, .vmid = Vmid{7}});
  EXPECT_FALSE(left(2, 1));
}

TEST(HostContexts, RegimesDoNotTouchEachOther) {
  HostContexts contexts;
  put(contexts.view(El::El1), kPage);
  put(contexts.view(El::El2), kPage);
  contexts.forget({.scope = vmsa::InvalidateScope::All, .regime = vmsa::Regime::El2});
  EXPECT_FALSE(has(contexts.view(El::El2), kPage));
  EXPECT_TRUE(has(contexts.view(El::El1), kPage));

  put(contexts.view(El::El2), kPage);
  contexts.select(address_space(9));
  EXPECT_TRUE(has(contexts.view(El::El2), kPage));
  vmsa::Controls other = address_space(9);
  other.el2.ttbr0 = 0x2000;
  contexts.select(other);
  EXPECT_FALSE(has(contexts.view(El::El2), kPage));
}

TEST(HostContexts, AProtectedPageLosesItsWriteShortcutEverywhere) {
  HostContexts contexts;
  put(contexts.view(El::El1), kBlock, 21);
  contexts.select(address_space(1));
  put(contexts.view(El::El0), kPage);
  contexts.protect(Pa{0x5000});
  EXPECT_EQ(contexts.view(El::El0).data_entry(kPage).write_tag, HostEntry::kNoTag);
  contexts.select({});
  EXPECT_EQ(contexts.view(El::El1).data_entry(kBlock).write_tag, HostEntry::kNoTag);
  EXPECT_EQ(contexts.view(El::El1).data_entry(kBlock).read_tag, kBlock);
}

}  // namespace
}  // namespace tw::cpu
