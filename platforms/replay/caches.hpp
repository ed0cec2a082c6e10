// The caches of a replay's core, with memory that always takes as long: what accesses and walks wait for beyond a
// first-level hit.
#pragma once

#include "cache/hierarchy.hpp"
#include "cost/ledger.hpp"
#include "platforms/replay/config.hpp"
#include "trace/record.hpp"
#include "vmsa/descriptor_port.hpp"

namespace tw::replay {

class Caches final : private cache::MemoryPort {
 public:
  /// `first_level`: cycles of a descriptor that is in the first level (mmu.descriptor_latency).
  Caches(const Config& config, u64 first_level, const cache::Config& caches, cost::CoreLedger& ledger);

  /// An access at the ledger's time to `bytes` from `pa` on, which is charged for what it takes. There are no program
  /// counters in a trace: for stride prefetchers each page of VAs is a stream.
  void access(trace::Kind kind, Va va, Pa pa, u64 bytes);
  /// Of a walk: `reply` gets its cycles, and who served it.
  void fetch(const vmsa::DescriptorRequest& request, vmsa::DescriptorReply& reply);

  const cache::Hierarchy& hierarchy() const { return hierarchy_; }

 private:
  u64 read_line(const cache::LineTransfer&) override { return memory_cycles_; }
  u64 write_line(const cache::LineTransfer&) override { return memory_cycles_; }
  u64 uncached(unsigned, const cache::Request&) override { return memory_cycles_; }
  cache::Owner owner() const { return {ledger_.context().guest, ledger_.context().vmid}; }

  const u64 memory_cycles_, first_level_, tables_at_;
  cost::CoreLedger& ledger_;
  cache::Hierarchy hierarchy_;
};

}  // namespace tw::replay
