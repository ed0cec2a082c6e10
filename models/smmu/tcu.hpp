// The TCU: configuration caches, main TLB, walk caches and IPA cache in front of the walker, and when all of that is
// busy.
#pragma once

#include "base/slots.hpp"
#include "smmu/configuration_cache.hpp"
#include "smmu/translator.hpp"
#include "vmsa/tlb/tlb.hpp"

namespace tw::smmu {

class Tcu final : private vmsa::WalkAssist {
 public:
  Tcu(const Config& config, const Configuration& configuration, MemoryPort& memory, ResolvedStreams& streams,
      Accounts& accounts);

  /// `fault` of configuration, else what became of the address; `mapping` may be kept when that went well.
  struct Answer {
    Finding fault;
    Resolved* resolved = nullptr;  ///< null: `fault` is set
    HitLevel level = HitLevel::Fault;
    vmsa::Translation translation;
    vmsa::Mapping mapping;
  };
  /// A request that arrives at `trip.at`.
  Answer ask(const Request& request, Trip& trip);
  /// Configuration alone, or the translation of an address into the main TLB, for nobody.
  void prefetch(StreamKey key, const Iova* address, u64 now);

  /// When it is done. The TCU neither looks up nor answers meanwhile.
  u64 invalidate(const vmsa::Invalidate& what, u64 now);
  u64 invalidate(const ConfigurationInvalidate& what, u64 now);
  void clear();

  void add_to(Statistics& sum) const;
  void clear_statistics();

 private:
  struct Arrays {
    explicit Arrays(const Config& config);
    vmsa::TagArray tlb, walk, walk2, ipa;
    std::array<vmsa::TagArray*, 4> all() { return {&tlb, &walk, &walk2, &ipa}; }
  };

  Resolved* configure(StreamKey key, Trip& trip, Finding& fault);
  void translate(const Request& request, Trip& trip, Answer& answer);
  vmsa::WalkResult walk(const vmsa::Access& access, const Stream& stream, Trip& trip, bool updates);
  void keep(const Stream& stream, Va va, const vmsa::Mapping& mapping, const vmsa::Fill& fill, const Account& account);
  void prefetch_behind(const vmsa::Access& access, Resolved& resolved, Va va, const vmsa::Mapping& mapping, u64 now);
  void fetch_ahead(const vmsa::Access& access, Resolved& resolved, u64 now);
  u64 occupy(u64 length, u64 now);
  void charge(cost::Cause cause, u64 cycles);

  // vmsa::WalkAssist
  const vmsa::Stage2Leaf* find_stage2(Ipa ipa, const vmsa::Controls& controls, int for_stage1_level) override;
  void found_stage2(Ipa ipa, const vmsa::Stage2Leaf& leaf, const vmsa::Controls& controls) override;
  const vmsa::TablePointer* find_table(vmsa::Regime regime, Va va, const vmsa::Controls& controls) override;
  void found_table(vmsa::Regime regime, Va va, const vmsa::TablePointer& table,
                   const vmsa::Controls& controls) override;
  const vmsa::Stage2TablePointer* find_stage2_table(Ipa ipa, const vmsa::Controls& controls) override;
  void found_stage2_table(Ipa ipa, const vmsa::Stage2TablePointer& table, const vmsa::Controls& controls) override;

  const Config& config_;
  const Configuration& configuration_;
  vmsa::Walker walker_;
  ResolvedStreams& streams_;
  Accounts& accounts_;
  ConfigurationCache configurations_;
  Arrays arrays_;
  vmsa::Tlb tlb_;
  vmsa::WalkCache walk_cache_;
  vmsa::Stage2WalkCache walk_cache2_;
  vmsa::IpaTlb ipa_;
  Bringers bringers_;
  Timeline port_, invalidations_;
  Slots slots_, walkers_;
  const bool prefetch_;
  cost::WalkRecord record_;           ///< reused, so that a walk allocates nothing
  const Stream* stream_ = nullptr;    ///< whose tables are walked
  cost::Latency* latency_ = nullptr;  ///< of the walk under way, or
  Lapse* lapse_ = nullptr;            ///< of the fetch of a CD
};

}  // namespace tw::smmu
