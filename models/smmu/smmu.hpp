// An SMMUv3.2 (IHI 0070): registers, queues, stream table, translation of both stages, TBUs and a TCU with their times.
//
//   master -> TBU (micro-TLB) -> link -> TCU: configuration caches -> main TLB -> walk caches, IPA cache -> memory
//
// Pure C++: the TLM shell calls translate() with the time, work() when command processing wishes it, and passes on what
// SignalPort is told.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/mmio.hpp"
#include "smmu/config.hpp"
#include "smmu/ports.hpp"
#include "smmu/statistics.hpp"

namespace tw::smmu {

class Smmu final : public MmioTarget {
 public:
  static constexpr u64 kFrameBytes = 0x20000;  ///< two pages of 64 KB

  /// For `tbus` TBUs. Throws UserError when `config` does not validate.
  Smmu(const Config& config, unsigned tbus, MemoryPort& memory, SignalPort& signals, EndpointPort& endpoints);
  ~Smmu() override;

  MmioResult access(const MmioAccess& access) override;
  /// A transaction at TBU `tbu` at `now`. Transactions may come out of the order of their times.
  Response translate(unsigned tbu, const Request& request, u64 now);
  /// A debugger's look: no time, no statistic, no event, no change.
  Response peek(const Request& request) const { return look(request).response; }
  Look look(const Request& request) const;
  /// Who is told of translations and TLBIs from now on; nullptr: nobody.
  void observe(ObserverPort* observer);
  ObserverPort* observer() const;
  /// Commands that are due at `now`. Asks for more by SignalPort::work_at().
  void work(u64 now);
  void reset();

  // ---- PCIe
  AtsReply ats_translate(unsigned tbu, const AtsRequest& request, u64 now);
  void page_request(const PageRequest& request, u64 now);
  /// The endpoint has done AtcInvalidate `tag`.
  void atc_invalidated(u32 tag, u64 now);

  /// A main TLB (Haunted::SecondLevel), walk cache or IPA cache of another size. Throws UserError where there can be
  /// none. Before the first transaction.
  void add_ghost(const vmsa::GhostSpec& spec);
  std::vector<vmsa::GhostResult> ghosts() const;

  Statistics statistics() const;
  void clear_statistics();
  /// From now on translations are told to `events`, which the SMMU does not own; nullptr: to nobody.
  void record(cost::EventRing<TranslationEvent>* events);
  const Config& config() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tw::smmu
