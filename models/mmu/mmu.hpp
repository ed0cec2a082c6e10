// The MMU of one core: first-level instruction and data TLBs, a unified second level (combined or split), an IPA cache
// and walk caches, over the walker of vmsa/. Every lookup beyond the first level and every descriptor fetch is part of
// the latency that the access is told; finished walks go to the core's ledger.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "base/slots.hpp"
#include "cost/ledger.hpp"
#include "mmu/config.hpp"
#include "mmu/contract.hpp"
#include "mmu/statistics.hpp"
#include "vmsa/walker.hpp"

namespace tw::mmu {

class Mmu final : private vmsa::WalkAssist, private Contract::Listener {
 public:
  /// Throws UserError when `config` does not validate.
  Mmu(const Config& config, vmsa::DescriptorPort& port, cost::CoreLedger& ledger);

  /// An access that comes at `now`, in the core's cycles; what it waits for beyond a first-level hit is added to
  /// `latency`. Accesses may come out of the order of their times.
  vmsa::Translation translate(const vmsa::Access& access, const vmsa::Controls& controls, u64 now,
                              cost::Latency& latency);
  /// TLBI on this core's structures; the platform calls every core's when `what.broadcast`.
  void invalidate(const vmsa::Invalidate& what);
  /// The same of this core's own TLBI, issued at `now`: when the structures have done it.
  u64 invalidate(const vmsa::Invalidate& what, u64 now);
  /// The same of another core's, that arrives at `now`.
  u64 invalidate_for_another(const vmsa::Invalidate& what, u64 now);

  /// Who is told what is walked, used and invalidated here, as core number `core`. Must outlive the MMU.
  void watch_contract(Contract& contract, unsigned core);

  /// Throws UserError where the real structure is not one of its own. Before the first access.
  void add_ghost(const GhostSpec& spec);
  std::vector<GhostResult> ghosts() const;

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
  /// The arrays that there are. Structures that live in the second level's have none of their own.
  struct Arrays {
    explicit Arrays(const Config& config);
    TagArray l1i, l1d, l1s, l2, ipa, walk, walk2;
    std::array<TagArray*, 7> all() { return {&l1i, &l1d, &l1s, &l2, &ipa, &walk, &walk2}; }
  };

  Tlb& first_level(const vmsa::Access& access);
  /// Into a `result` that is new.
  void second_level(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context, Va va,
                    Tlb& first, vmsa::Translation& result);
  u32 look_up_second(Va va);
  enum class Part : u8 { Whole, Stage2 };
  /// A walk of both stages, or of stage 2 for the leaf of stage 1 in `mapping`, on a walker of its own.
  void walk(const vmsa::Access& access, const vmsa::Controls& controls, Part part, vmsa::Translation& result,
            vmsa::Mapping& mapping);
  void fill_second(Va va, const vmsa::Mapping& mapping, u64 begun);
  /// `translation` comes from beyond the first level, with `mapping`, which goes into it.
  void fill_first(Tlb& first, Va va, const vmsa::Mapping& mapping, vmsa::Translation& translation);
  void prefetch_behind(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context, Va va,
                       const vmsa::Mapping& mapping);
  /// The access for which there is a prefetch behind one that was walked for, if there is.
  std::optional<vmsa::Access> page_behind(const vmsa::Access& access, const vmsa::Controls& controls,
                                          const Context& context, Va va, const vmsa::Mapping& mapping) const;
  /// `mapping` becomes what TLBs keep of it.
  void widen(vmsa::Mapping& mapping, Va va) const;
  vmsa::ResidenceHandle remembered(vmsa::ResidenceHandle handle) const;
  vmsa::WalkOptions timed_walk(bool updates = true);
  vmsa::Translation walk_untimed(const vmsa::Access& access, const vmsa::Controls& controls);
  void file_walk(vmsa::AccessKind kind);
  void wait_for(u64 cycles, const Context& context);
  u64 time() const { return begun_ + latency_->total(); }
  void note_context(const vmsa::Controls& controls, const Context& context);
  u64 duration(const vmsa::Invalidate& what) const;
  void forget(const vmsa::Invalidate& what, bool of_this_core, u64 now);

  void tell_of_walk(const vmsa::Access& access, const vmsa::Controls& controls, const vmsa::Translation& result);
  const vmsa::Mapping& in_second(const vmsa::Mapping& mapping, vmsa::Mapping& stage1) const;
  void fill_ghosts(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context, Va va,
                   const vmsa::Mapping& mapping, bool again);
  Shape shape_of(Haunted structure) const;
  void attend() override;  ///< Contract::Listener

  // vmsa::WalkAssist
  const vmsa::Stage2Leaf* find_stage2(Ipa ipa, const vmsa::Controls& controls, int for_stage1_level) override;
  void found_stage2(Ipa ipa, const vmsa::Stage2Leaf& leaf, const vmsa::Controls& controls) override;
  const vmsa::TablePointer* find_table(vmsa::Regime regime, Va va, const vmsa::Controls& controls) override;
  void found_table(vmsa::Regime regime, Va va, const vmsa::TablePointer& table,
                   const vmsa::Controls& controls) override;
  const vmsa::Stage2TablePointer* find_stage2_table(Ipa ipa, const vmsa::Controls& controls) override;
  void found_stage2_table(Ipa ipa, const vmsa::Stage2TablePointer& table, const vmsa::Controls& controls) override;

  const Config config_;
  vmsa::Walker walker_;
  cost::CoreLedger& ledger_;
  Arrays arrays_;
  Tlb l1i_, l1d_, l1s_, l2_;
  IpaTlb ipa_;
  Stage1WalkCache walk_cache_;
  Stage2WalkCache walk_cache2_;
  Slots walkers_;
  Timeline invalidations_;
  vmsa::ResidenceClock no_tlb_clock_;
  vmsa::Residence no_tlb_;  ///< of accesses that need no TLB: valid for ever, and counts nowhere
  bool rehash_ = false, prefetch_ = false;
  bool timed_ = true;
  bool vmid_seen_ = false, asid_seen_ = false;
  Vmid last_vmid_{};
  Asid last_asid_{};
  u64 walks_ = 0, walk_faults_ = 0, descriptor_fetches_ = 0, prefetches_ = 0, vmid_flushes_ = 0, asid_flushes_ = 0;
  EventCounts before_clear_;  ///< and the walks since the start
  cost::WalkRecord record_;   ///< reused, so that a walk allocates nothing
  std::unique_ptr<Ghosts> ghosts_;
  // Of every access, in one line of the host's caches: elsewhere hits of the second level are a tenth slower.
  alignas(64) Contract* contract_ = nullptr;
  unsigned core_ = 0;
  ContextWord word_;                  ///< of the access under way
  cost::Latency* latency_ = nullptr;  ///< of the same, that began at `begun_`
  u64 begun_ = 0;
  u64 asked_ = 0;                ///< when it came here
  bool clean_in_first_ = false;  ///< it is a write, and the first level has the page as clean
};

}  // namespace tw::mmu
