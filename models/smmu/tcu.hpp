// The TCU: configuration caches, main TLB, walk caches and IPA cache in front of the walker, and when all of that is
// busy.
#pragma once

#include <memory>

#include "base/slots.hpp"
#include "smmu/ats.hpp"
#include "smmu/configuration_cache.hpp"
#include "vmsa/tlb/ghost.hpp"
#include "vmsa/tlb/tlb.hpp"

namespace tw::smmu {

class Tcu final : private vmsa::WalkAssist {
 public:
  Tcu(const Config& config, const State& state, const Configuration& configuration, MemoryPort& memory,
      ResolvedStreams& streams, Accounts& accounts);

  /// Where it ends without a translation, `ending`; a fault of configuration, `fault`, with what is known of the stream
  /// by then; else what became of the address, and `mapping`, which may be kept when that went well.
  struct Answer {
    Ending ending;
    Finding fault;
    Stream of_fault;
    Resolved* resolved = nullptr;
    HitLevel level = HitLevel::Fault;
    vmsa::Translation translation;
    vmsa::Mapping mapping;
  };
  /// A request that arrives at `trip.at`.
  Answer ask(const Request& request, Trip& trip);
  AtsVerdict ask(const AtsRequest& request, Trip& trip);
  /// STE.PPAR, of a valid STE.
  std::optional<bool> page_response_has_pasid(StreamId stream, u64 now);
  /// Configuration alone, or the translation of an address into the main TLB, for nobody.
  void prefetch(StreamKey key, const Iova* address, u64 now);

  /// When it is done. The TCU neither looks up nor answers meanwhile.
  u64 invalidate(const vmsa::Invalidate& what, u64 now);
  u64 invalidate(const ConfigurationInvalidate& what, u64 now);
  void clear();

  /// Throws UserError where there can be no such structure. Before the first transaction.
  void add_ghost(const vmsa::GhostSpec& spec);
  std::vector<vmsa::GhostResult> ghosts() const;

  void add_to(Statistics& sum) const;
  void clear_statistics();

 private:
  struct Arrays {
    explicit Arrays(const Config& config);
    static vmsa::Shape shape_of(const Config& config, vmsa::Haunted structure);
    vmsa::TagArray tlb, walk, walk2, ipa;
    std::array<vmsa::TagArray*, 4> all() { return {&tlb, &walk, &walk2, &ipa}; }
  };

  class AtsLookUps;

  u64 enter(Trip& trip);
  void leave(u64 entered, Trip& trip);
  Account& account_of(const Stream& stream);
  const Configuration::SteResult* ste_of(StreamKey key, Trip& trip, Finding& fault);
  Resolved* resolve(StreamKey key, bool translated, const Configuration::SteResult& ste, Trip& trip, Finding& fault);
  void translate(const vmsa::Access& access, Resolved& resolved, Trip& trip, Answer& answer);
  vmsa::WalkResult walk(const vmsa::Access& access, const Stream& stream, Trip& trip, bool updates);
  void keep(const Stream& stream, Va va, const vmsa::Mapping& mapping, const vmsa::Fill& fill, const Account& account);
  /// The access for which there is a prefetch behind one that was walked for, if there is.
  std::optional<vmsa::Access> page_behind(const vmsa::Access& access, const Stream& stream, Va va,
                                          const vmsa::Mapping& mapping) const;
  bool may_fetch_ahead(const Stream& stream) const;
  void fetch_ahead(const vmsa::Access& access, Resolved& resolved, u64 now);
  u64 occupy(u64 length, u64 now);

  void fill_ghosts(const vmsa::Access& access, const Stream& stream, Va va, const vmsa::Mapping& mapping, bool again);
  void fill_ghosts_ahead(const vmsa::Access& access, const Stream& stream);
  std::optional<vmsa::Tag> tag_ahead(const vmsa::Access& access, const Stream& stream) const;

  // vmsa::WalkAssist
  const vmsa::Stage2Leaf* find_stage2(Ipa ipa, const vmsa::Controls& controls, int for_stage1_level) override;
  void found_stage2(Ipa ipa, const vmsa::Stage2Leaf& leaf, const vmsa::Controls& controls) override;
  const vmsa::TablePointer* find_table(vmsa::Regime regime, Va va, const vmsa::Controls& controls) override;
  void found_table(vmsa::Regime regime, Va va, const vmsa::TablePointer& table,
                   const vmsa::Controls& controls) override;
  const vmsa::Stage2TablePointer* find_stage2_table(Ipa ipa, const vmsa::Controls& controls) override;
  void found_stage2_table(Ipa ipa, const vmsa::Stage2TablePointer& table, const vmsa::Controls& controls) override;

  const Config& config_;
  const State& state_;
  const Configuration& configuration_;
  vmsa::Walker walker_;
  ResolvedStreams& streams_;
  Accounts& accounts_;
  ConfigurationCache configurations_;
  Arrays arrays_;
  vmsa::Tlb tlb_;
  vmsa::Stage1WalkCache walk_cache_;
  vmsa::Stage2WalkCache walk_cache2_;
  vmsa::IpaTlb ipa_;
  Bringers bringers_;
  Timeline port_, invalidations_;
  Slots slots_, walkers_;
  const bool prefetch_;
  Configuration::SteResult ste_;      ///< the one that was fetched last
  cost::WalkRecord record_;           ///< reused, so that a walk allocates nothing
  const Stream* stream_ = nullptr;    ///< whose tables are walked
  cost::Latency* latency_ = nullptr;  ///< of the walk under way
  std::unique_ptr<vmsa::Ghosts> ghosts_;
  static constexpr u8 kMostBits = 64;  ///< entries of any size
};

}  // namespace tw::smmu
