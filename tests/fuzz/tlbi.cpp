// Two VMs with two address spaces each, remapped at random. A hypervisor and guests that invalidate as the architecture
// asks never see a stale translation, whatever structures the MMU has and whatever they hold: each access gives what a
// walk without any cache gives.
#include <array>
#include <memory>

#include "cost/ledger.hpp"
#include "fuzz/input.hpp"
#include "mmu/mmu.hpp"
#include "support/translation_machine.hpp"
#include "support/waiting_mmu.hpp"

using namespace tw;
using vmsa::InvalidateScope;

namespace {

constexpr unsigned kVms = 2, kSpaces = 2, kPages = 8, kGlobalPages = 4;
constexpr u64 kVa = 0x8000'0000, kIpa = 0x4000'0000, kPa = 0x20'0000'0000;
constexpr u64 kBlock = u64{2} << 20;

class World final {
 public:
  World(const mmu::Config& config, bool blocks) : leaf_level_(blocks ? 2 : 3), mmu_(config, machine_.memory, ledger_) {
    machine_.with_stage1();
    for (unsigned vm = 0; vm < kVms; ++vm) {
      stage2_[vm] = std::make_unique<test::TableTree>(machine_.memory, 12, 40, 1);
      for (unsigned page = 0; page < kPages; ++page) map_stage2(vm, page, page);
      for (unsigned space = 0; space < kSpaces; ++space) {
        stage1_[vm][space] = std::make_unique<test::TableTree>(machine_.memory, 12, 48, 0);
        for (unsigned page = 0; page < kPages; ++page) map_stage1(vm, space, page, page);
      }
    }
    // The tables of stage 1 lie where stage 2 maps them to themselves.
    for (unsigned vm = 0; vm < kVms; ++vm) {
      for (const auto& tree : stage1_[vm]) {
        for (const u64 table : tree->tables) stage2_[vm]->map(table, table, 3, test::s2::kPlain);
      }
    }
    machine_.controls.vtcr = 24 | u64{1} << 6 | u64{5} << 16 | u64{1} << 8;
    enter(0, 0);
  }

  void enter(unsigned vm, unsigned space) {
    vm_ = vm;
    space_ = space;
    machine_.controls.vttbr = stage2_[vm]->root() | u64{vm + 1} << 48;
    machine_.controls.el1.ttbr0 = stage1_[vm][space]->root() | u64{space + 1} << 48;
  }
  /// SCTLR_EL1.M, HCR_EL2.VM, HCR_EL2.DC.
  void set_stages(unsigned which) {
    machine_.controls.el1.sctlr = (machine_.controls.el1.sctlr & ~u64{1}) | (which & 1);
    machine_.controls.hcr = ((which >> 1) & 1) | u64{(which >> 2) & 1} << 12;
  }

  /// A guest changes a page of its present address space and invalidates. Global pages are alike in all its spaces.
  void guest_remaps(unsigned page, unsigned to, unsigned how) {
    const bool global = page < kGlobalPages;
    for (unsigned space = 0; space < kSpaces; ++space) {
      if (global || space == space_) map_stage1(vm_, space, page, to);
    }
    constexpr InvalidateScope kScopes[] = {InvalidateScope::VaAsid,     InvalidateScope::VaLastAsid,
                                           InvalidateScope::VaAllAsid,  InvalidateScope::VaLastAllAsid,
                                           InvalidateScope::VmidStage1, InvalidateScope::VmidAll,
                                           InvalidateScope::AsidAll,    InvalidateScope::All};
    InvalidateScope scope = kScopes[how % 8];
    if (global && scope == InvalidateScope::AsidAll) scope = InvalidateScope::VmidStage1;  // global entries stay
    // Any address of the page, and no more of it than the operand of a TLBI holds.
    invalidate(scope, va_of(page) + u64{how / 8} * 4096 % size());
  }
  /// The hypervisor changes a page of a VM, and invalidates by IPA and all of stage 1, or everything.
  void hypervisor_remaps(unsigned vm, unsigned page, unsigned to, unsigned how) {
    const u64 vttbr = machine_.controls.vttbr;
    machine_.controls.vttbr = stage2_[vm]->root() | u64{vm + 1} << 48;
    map_stage2(vm, page, to);
    if (how % 3 == 0) {
      invalidate(InvalidateScope::VmidAll, 0);
    } else if (how % 3 == 1) {
      invalidate(InvalidateScope::All, 0);
    } else {
      invalidate(how & 4 ? InvalidateScope::Ipa : InvalidateScope::IpaLast, kIpa + page * size());
      invalidate(InvalidateScope::VmidStage1, 0);
    }
    machine_.controls.vttbr = vttbr;
  }

  void access(unsigned page, unsigned how) {
    // With stage 1 off the address is the IPA.
    const bool stage1 = (machine_.controls.el1.sctlr & 1) != 0 && (machine_.controls.hcr >> 12 & 1) == 0;
    vmsa::Access access = test::load((stage1 ? va_of(page) : kIpa + page * size()) + (how >> 3) * 8);
    access.kind = how & 1 ? vmsa::AccessKind::Fetch : vmsa::AccessKind::Data;
    access.write = (how & 3) == 2;
    access.privileged = (how & 4) == 0;
    const vmsa::Translation cold = mmu_.peek(access, machine_.controls);
    const vmsa::Translation warm = test::translate(mmu_, ledger_, access, machine_.controls);
    fuzz::require(warm.fault.type == cold.fault.type && warm.fault.stage == cold.fault.stage);
    fuzz::require(warm.fault.level == cold.fault.level && warm.fault.ipa == cold.fault.ipa);
    if (!cold.ok()) return;
    fuzz::require(warm.pa == cold.pa && warm.ipa == cold.ipa && warm.page_bits == cold.page_bits);
    fuzz::require(warm.readable == cold.readable && warm.writable == cold.writable);
    fuzz::require(warm.executable == cold.executable && warm.attributes.mair == cold.attributes.mair);
  }

 private:
  u64 size() const { return leaf_level_ == 3 ? 4096 : kBlock; }
  u64 va_of(unsigned page) const { return kVa + page * size(); }

  /// `to` 8 and above: not mapped.
  void map_stage1(unsigned vm, unsigned space, unsigned page, unsigned to) {
    if (to >= kPages) return stage1_[vm][space]->write_leaf(va_of(page), leaf_level_, 0);
    const u64 not_global = page < kGlobalPages ? 0 : u64{1} << 11;
    const u64 user = to & 1 ? u64{1} << 6 : 0;
    const u64 read_only = to & 2 ? u64{1} << 7 : 0;
    stage1_[vm][space]->map(va_of(page), kIpa + to * size(), leaf_level_, not_global | user | read_only);
  }
  void map_stage2(unsigned vm, unsigned page, unsigned to) {
    if (to >= kPages) return stage2_[vm]->write_leaf(kIpa + page * size(), leaf_level_, 0);
    const u64 attributes = to & 1 ? test::s2::kRead | test::s2::kNormal : test::s2::kPlain;
    stage2_[vm]->map(kIpa + page * size(), kPa + (vm * kPages + to) * size(), leaf_level_, attributes);
  }
  void invalidate(InvalidateScope scope, u64 address) {
    vmsa::Invalidate what;
    what.scope = scope;
    what.stage2_in_use = true;
    what.vmid = machine_.controls.vmid();
    what.asid = Asid{static_cast<u16>(space_ + 1)};
    what.va = Va{address};
    what.ipa = Ipa{address};
    mmu_.invalidate(what);
  }

  test::TranslationMachine machine_;
  cost::CoreLedger ledger_{0};
  int leaf_level_;
  mmu::Mmu mmu_;
  std::array<std::unique_ptr<test::TableTree>, kVms> stage2_;
  std::array<std::array<std::unique_ptr<test::TableTree>, kSpaces>, kVms> stage1_;
  unsigned vm_ = 0, space_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  mmu::Config config;
  config.l1i_entries = input.below(5);
  config.l1d_entries = input.below(5);
  config.l2_ways = config.ipa_ways = config.walk_cache_ways = 1 + input.below(4);
  config.l2_entries = input.below(5) * config.l2_ways;
  config.ipa_entries = input.below(5) * config.ipa_ways;
  config.walk_cache_entries = input.below(5) * config.walk_cache_ways;
  const u8 how = input.take<u8>();
  config.split = how & 1;
  config.vmid_tagging = (how & 2) == 0;
  if (how & 4) config.replacement = "random";
  config.asid_tagging = (how & 16) == 0;
  const bool has_l2 = config.l2_entries != 0;
  const u8 where = input.take<u8>();
  config.l1d_store_entries = where & 3;
  config.walk_cache2_entries = (where >> 2 & 3) * config.walk_cache_ways;
  config.walk_cache2_ways = config.walk_cache_ways;
  config.walk_cache_in_l2 = has_l2 && (where & 16);
  config.walk_cache2_in_l2 = has_l2 && (where & 32);
  config.ipa_in_l2 = has_l2 && (where & 64);
  config.walk_cache_per_level = where & 128;
  const u8 shape = input.take<u8>();
  constexpr const char* kSizes[] = {"unified", "rehash", "split", "skewed"};
  config.l2_page_sizes = kSizes[shape & 3];
  if (shape & 4) config.prefetch = "next-page";
  config.coalesce = (shape & 8) == 0;
  config.l1_max_page_bits = shape & 16 ? 12 : 48;
  config.l2_max_page_bits = shape & 32 ? 14 : 48;
  if (shape & 64) config.ipa_policy = config.walk_cache_policy = "plru";
  config.contiguous = shape & 128;
  World world(config, how & 8);
  world.set_stages(3);
  while (!input.empty()) {
    const u8 what = input.take<u8>();
    const unsigned page = (what >> 3) % kPages;
    switch (what & 7) {
      case 0:
        world.enter((what >> 3) & 1, (what >> 4) & 1);
        break;
      case 1:
        world.set_stages(what >> 3);
        break;
      case 2: {
        const unsigned to = input.below(10);
        world.guest_remaps(page, to, input.take<u8>());
        break;
      }
      case 3: {
        const unsigned to = input.below(10);
        world.hypervisor_remaps((what >> 6) & 1, page, to, input.take<u8>());
        break;
      }
      default:
        world.access(page, (what & 3) | (what >> 6) << 2 | unsigned{input.take<u8>()} << 3);
        break;
    }
  }
  return 0;
}
