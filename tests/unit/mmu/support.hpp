// What the MMU's tests share: a machine, a ledger and an MMU over them, and invalidations by name.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "cost/ledger.hpp"
#include "mmu/mmu.hpp"
#include "support/translation_machine.hpp"
#include "support/waiting_mmu.hpp"

namespace tw::mmu {
inline void PrintTo(const Config& config, std::ostream* out) {
  *out << "L1 " << config.l1d_entries << " L2 " << config.l2_entries << (config.split ? " split" : " combined")
       << " IPA " << config.ipa_entries << " walk cache " << config.walk_cache_entries;
}
}  // namespace tw::mmu

namespace tw::test {

struct MmuMachine : TranslationMachine {
  cost::CoreLedger ledger{0};
  std::unique_ptr<mmu::Mmu> mmu;

  explicit MmuMachine(const mmu::Config& config = {}) { mmu = std::make_unique<mmu::Mmu>(config, memory, ledger); }
  vmsa::Translation go(const vmsa::Access& access) { return translate(*mmu, ledger, access, controls); }
  /// Descriptor fetches that `access` makes now: 0 when a TLB has it.
  std::size_t fetches(const vmsa::Access& access) {
    const std::size_t before = memory.requests.size();
    translate(*mmu, ledger, access, controls);
    return memory.requests.size() - before;
  }
  bool cached(const vmsa::Access& access) { return fetches(access) == 0; }
  void set_asid(u16 asid) { controls.el1.ttbr0 = (controls.el1.ttbr0 & ((u64{1} << 48) - 1)) | u64{asid} << 48; }
  void set_vmid(u16 vmid) { controls.vttbr = (controls.vttbr & ((u64{1} << 48) - 1)) | u64{vmid} << 48; }
};

inline vmsa::Invalidate tlbi(vmsa::InvalidateScope scope, u16 vmid = 0, u16 asid = 0, u64 address = 0) {
  vmsa::Invalidate what;
  what.scope = scope;
  what.stage2_in_use = true;
  what.vmid = Vmid{vmid};
  what.asid = Asid{asid};
  what.va = Va{address};
  what.ipa = Ipa{address};
  return what;
}

inline mmu::Config only_l1() {
  mmu::Config config;
  config.l1i_entries = config.l1d_entries = 64;
  config.l2_entries = 0;
  return config;
}
inline mmu::Config only_l2(bool split = false) {
  mmu::Config config;
  config.l1i_entries = config.l1d_entries = 0;
  config.l2_entries = 256;
  config.l2_ways = 16;  // no conflicts in the tests that do not look for them
  config.split = split;
  config.ipa_entries = split ? 256 : 0;
  config.ipa_ways = 16;
  return config;
}
inline mmu::Config everything_on() {
  mmu::Config config;
  config.ipa_entries = config.walk_cache_entries = 64;
  config.l2_ways = 16;
  return config;
}
inline mmu::Config all_off() {
  mmu::Config config;
  config.l1i_entries = config.l1d_entries = config.l2_entries = 0;
  return config;
}

}  // namespace tw::test
