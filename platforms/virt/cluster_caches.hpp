// The caches of the cluster and who uses them: the cores, their table walkers, and DMA masters. The cache block knows
// none of them; here their requests become its own.
#pragma once

#include <systemc>

#include "arm/cpu_model.hpp"
#include "cache/hierarchy.hpp"
#include "cache/tlm/memory_module.hpp"
#include "cost/ledger.hpp"
#include "cpu/ports.hpp"
#include "mmu/tlm/descriptor_module.hpp"
#include "platforms/virt/core_observer.hpp"
#include "tlm/clock.hpp"

namespace tw::virt {

/// `model` as its guests must see it: CCSIDR_EL1 of the first two levels is the geometry of `config`, so that loops
/// over sets and ways reach every line. Without caches, or with more sets than the register can say, it stays as it is.
arm::CpuModel with_geometry(arm::CpuModel model, const cache::Config& config);

class ClusterCaches final : public sc_core::sc_module, private cache::EvictionObserver {
 public:
  /// Where the caches meet the fabric.
  cache::MemoryModule memory;

  ClusterCaches(sc_core::sc_module_name name, const cache::Config& config, unsigned cores, tlm::Clock clock)
      : sc_module(name), memory("memory", clock), hierarchy_(config, cores, memory), clock_(clock) {
    hierarchy_.set_observer(this);
  }

  bool enabled() const { return hierarchy_.enabled(); }
  cache::Hierarchy& hierarchy() { return hierarchy_; }
  const cache::Hierarchy& hierarchy() const { return hierarchy_; }

  /// A DMA master's access at sc_time + `delay`: how long it takes, found in caches or in memory.
  /// From now on what is evicted is on this core's account.
  void act_for(cost::CoreLedger& ledger) { ledger_ = &ledger; }
  sc_core::sc_time dma(Pa pa, u64 bytes, bool write, const sc_core::sc_time& delay);

 private:
  void on_evict(const Eviction& eviction) override;

  cache::Hierarchy hierarchy_;
  cost::CoreLedger* ledger_ = nullptr;
  tlm::Clock clock_;
};

/// What one core sees of them.
class CoreCaches final : public cpu::CachePort {
 public:
  CoreCaches(ClusterCaches& cluster, unsigned core, cost::CoreLedger& ledger)
      : cluster_(cluster), hierarchy_(cluster.hierarchy()), core_(core), ledger_(ledger) {}

  bool hits(Pa pa, u64 now, unsigned size, Kind kind, Security security) override;
  void access(const Access& access, cost::Latency& latency) override;
  void clean(Clean what, const Access& line, cost::Latency& latency) override;
  void clean_set_way(Clean what, u64 operand, u64 now, cost::Latency& latency) override;
  void invalidate_instructions(const Access& line, cost::Latency& latency) override;
  void invalidate_all_instructions(bool all_cores, cost::Latency& latency) override;
  cpu::CacheEvents events() const override;

 private:
  ClusterCaches& cluster_;
  cache::Hierarchy& hierarchy_;
  unsigned core_;
  cost::CoreLedger& ledger_;
};

/// Descriptor fetches, by the caches where the translation's attributes allow it; the walker's own port has the data.
class CachedDescriptors final : public vmsa::DescriptorPort {
 public:
  CachedDescriptors(ClusterCaches& cluster, mmu::DescriptorModule& memory, unsigned core, cost::CoreLedger& ledger)
      : cluster_(cluster), memory_(memory), core_(core), ledger_(ledger) {}
  /// Of a descriptor fetch, beside what caches and memory take.
  void set_first_level_latency(u64 cycles) { first_level_latency_ = cycles; }

  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override;
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override;
  /// Who is told of every fetch.
  void observe(CoreObserver& observer) { observer_ = &observer; }

 private:
  bool cached(const vmsa::DescriptorRequest& request) const {
    return request.timed && request.cacheable && cluster_.enabled();
  }
  void look_up(const vmsa::DescriptorRequest& request, cache::Kind kind, vmsa::DescriptorReply& reply);

  ClusterCaches& cluster_;
  mmu::DescriptorModule& memory_;
  unsigned core_;
  cost::CoreLedger& ledger_;
  CoreObserver* observer_ = nullptr;
  u64 first_level_latency_ = 0;
};

}  // namespace tw::virt
