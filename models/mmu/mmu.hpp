// The MMU of one core: first-level instruction and data TLBs, a unified second level (combined or split), an IPA cache
// and a walk cache, over the walker of vmsa/. Every lookup beyond the first level and every descriptor fetch is part of
// the latency that the access is told; finished walks go to the core's ledger.
#pragma once

#include <array>

#include "cost/ledger.hpp"
#include "mmu/config.hpp"
#include "mmu/tlb.hpp"
#include "vmsa/walker.hpp"

namespace tw::mmu {

class Mmu final : private vmsa::WalkAssist {
 public:
  /// Throws UserError when `config` does not validate.
  Mmu(const Config& config, vmsa::DescriptorPort& port, cost::CoreLedger& ledger);

  /// An access that comes at `now`, in the core's cycles; what it waits for beyond a first-level hit is added to
  /// `latency`.
  vmsa::Translation translate(const vmsa::Access& access, const vmsa::Controls& controls, u64 now,
                              cost::Latency& latency);
  /// TLBI on this core's structures; the platform calls every core's when `what.broadcast`.
  void invalidate(const vmsa::Invalidate& what);

  /// Functional fidelity (false): accesses walk without charges and statistics, and no structure is looked at or
  /// changed. Architectural results are those of timed fidelity. Switching empties all structures.
  void set_timed(bool timed);
  bool timed() const { return timed_; }

  /// A debugger's look: no charge, no statistic, no change of any structure.
  vmsa::Translation peek(const vmsa::Access& access, const vmsa::Controls& controls) const;

  MmuStatistics statistics() const;
  void clear_statistics();
  EventCounts events() const;
  const Config& config() const { return config_; }

 private:
  vmsa::Translation second_level(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context,
                                 Va va, Tlb& first);
  /// `translation` comes from beyond the first level, with `mapping`, which goes into it.
  vmsa::Translation fill_first(Tlb& first, const Context& context, Va va, const vmsa::Mapping& mapping,
                               vmsa::Translation translation);
  vmsa::ResidenceHandle remembered(vmsa::ResidenceHandle handle) const;
  vmsa::WalkOptions timed_walk();
  vmsa::Translation walk_untimed(const vmsa::Access& access, const vmsa::Controls& controls);
  void file_walk(vmsa::AccessKind kind);
  void note_vmid(const vmsa::Controls& controls);
  void flush_all();
  std::array<TagArray*, 5> structures();

  // vmsa::WalkAssist
  const vmsa::Stage2Leaf* find_stage2(Ipa ipa, const vmsa::Controls& controls, int for_stage1_level) override;
  void found_stage2(Ipa ipa, const vmsa::Stage2Leaf& leaf, const vmsa::Controls& controls) override;
  const vmsa::TablePointer* find_table(vmsa::Regime regime, Va va, const vmsa::Controls& controls) override;
  void found_table(vmsa::Regime regime, Va va, const vmsa::TablePointer& table,
                   const vmsa::Controls& controls) override;

  const Config config_;
  vmsa::Walker walker_;
  cost::CoreLedger& ledger_;
  Tlb l1i_, l1d_, l2_;
  IpaTlb ipa_;
  WalkCache walk_cache_;
  vmsa::ResidenceClock no_tlb_clock_;
  vmsa::Residence no_tlb_;  ///< of accesses that need no TLB: valid for ever, and counts nowhere
  bool timed_ = true;
  bool vmid_seen_ = false;
  Vmid last_vmid_{};
  u64 walks_ = 0, walk_faults_ = 0, descriptor_fetches_ = 0, vmid_flushes_ = 0;
  EventCounts before_clear_;          ///< and the walks since the start
  cost::WalkRecord record_;           ///< reused, so that a walk allocates nothing
  cost::Latency* latency_ = nullptr;  ///< of the access under way, that began at `begun_`
  u64 begun_ = 0;
  bool clean_in_first_ = false;  ///< it is a write, and the first level has the page as clean
};

}  // namespace tw::mmu
