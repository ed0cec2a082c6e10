#include "platforms/virt/cluster_caches.hpp"

#include <bit>

namespace tw::virt {

namespace {

cache::Kind kind_of(cpu::CachePort::Kind kind) {
  switch (kind) {
    case cpu::CachePort::Kind::Load:
      return cache::Kind::Load;
    case cpu::CachePort::Kind::Store:
      return cache::Kind::Store;
    case cpu::CachePort::Kind::Fetch:
      return cache::Kind::Fetch;
    case cpu::CachePort::Kind::Prefetch:
      return cache::Kind::Prefetch;
    case cpu::CachePort::Kind::PrefetchStore:
      return cache::Kind::PrefetchStore;
    case cpu::CachePort::Kind::Zero:
      return cache::Kind::Zero;
  }
  return cache::Kind::Load;
}

cache::Clean clean_of(cpu::CachePort::Clean what) {
  switch (what) {
    case cpu::CachePort::Clean::ToCoherency:
      return cache::Clean::ToPoc;
    case cpu::CachePort::Clean::ToUnification:
      return cache::Clean::ToPou;
    case cpu::CachePort::Clean::ToCoherencyAndInvalidate:
      return cache::Clean::ToPocAndInvalidate;
    case cpu::CachePort::Clean::InvalidateOnly:
      return cache::Clean::InvalidateOnly;
  }
  return cache::Clean::ToPoc;
}

cache::Request request_of(const cpu::CachePort::Access& access) {
  return {.pa = access.pa,
          .now = access.now,
          .stream = access.pc,
          .owner = {access.guest, access.vmid},
          .size = access.size,
          .kind = kind_of(access.kind),
          .security = access.security};
}

}  // namespace

arm::CpuModel with_geometry(arm::CpuModel model, const cache::Config& config) {
  if (!config.enabled) return model;
  constexpr u64 kMostSets = 1 << 15;
  const auto describe = [&](u32& ccsidr, u64 size, u64 ways) {
    const u64 sets = size / (ways * config.line);
    if (size == 0 || sets > kMostSets) return;
    // Arm ARM D13.2.25: policies 31:28, NumSets 27:13, Associativity 12:3, LineSize 2:0.
    const u64 line = static_cast<u64>(std::countr_zero(config.line)) - 4;
    ccsidr = static_cast<u32>((ccsidr & 0xF000'0000) | (sets - 1) << 13 | (ways - 1) << 3 | line);
  };
  describe(model.ccsidr[0], config.l1d_size, config.l1d_ways);
  describe(model.ccsidr[1], config.l1i_size, config.l1i_ways);
  describe(model.ccsidr[2], config.l2_size, config.l2_ways);
  return model;
}

sc_core::sc_time ClusterCaches::dma(Pa pa, u64 bytes, bool write, const sc_core::sc_time& delay) {
  ledger_ = nullptr;  // what a master displaces is on no trap's account
  cost::Latency latency;
  hierarchy_.dma({.pa = pa, .now = clock_.cycles_up(sc_core::sc_time_stamp() + delay)}, bytes, write, latency);
  return clock_.time(latency.total());
}

void ClusterCaches::on_evict(const Eviction& eviction) {
  if (!eviction.victim.guest || ledger_ == nullptr || eviction.why == cache::Departure::Snoop) return;
  ledger_->displaced(cost::Structure::Cache, hierarchy_.key_of(eviction.line, eviction.security), eviction.victim.vmid);
}

bool CoreCaches::hits(Pa pa, u64 now, unsigned size, Kind kind, Security security) {
  return hierarchy_.hits(core_, pa, now, size, kind_of(kind), security);
}

void CoreCaches::access(const Access& access, cost::Latency& latency) {
  cluster_.act_for(ledger_);
  const u64 before = latency.total();
  const cost::ServedBy served_by = hierarchy_.access(core_, request_of(access), latency);
  if (served_by != cost::ServedBy::L1) [[unlikely]] {
    ledger_.refilled(cost::Structure::Cache, hierarchy_.key_of(access.pa, access.security), latency.total() - before);
  }
}

void CoreCaches::clean(Clean what, const Access& line, cost::Latency& latency) {
  cluster_.act_for(ledger_);
  hierarchy_.clean(core_, clean_of(what), request_of(line), latency);
}

void CoreCaches::clean_set_way(Clean what, u64 operand, u64 now, cost::Latency& latency) {
  cluster_.act_for(ledger_);
  hierarchy_.clean_set_way(core_, clean_of(what), operand, now, latency);
}

void CoreCaches::invalidate_instructions(const Access& line, cost::Latency& latency) {
  cluster_.act_for(ledger_);
  hierarchy_.invalidate_instructions(core_, request_of(line), latency);
}

void CoreCaches::invalidate_all_instructions(bool all_cores, cost::Latency& latency) {
  cluster_.act_for(ledger_);
  hierarchy_.invalidate_all_instructions(core_, all_cores, latency);
}

cpu::CacheEvents CoreCaches::events() const {
  const cache::EventCounts counts = hierarchy_.events(core_);
  return {.l1i_accesses = counts.l1i_accesses,
          .l1i_refills = counts.l1i_refills,
          .l1d_accesses = counts.l1d_accesses,
          .l1d_refills = counts.l1d_refills,
          .l1d_write_backs = counts.l1d_write_backs,
          .l2_accesses = counts.l2_accesses,
          .l2_refills = counts.l2_refills,
          .l2_write_backs = counts.l2_write_backs,
          .l3_accesses = counts.l3_accesses,
          .l3_refills = counts.l3_refills};
}

vmsa::DescriptorReply CachedDescriptors::fetch(const vmsa::DescriptorRequest& request) {
  const bool by_caches = cached(request);
  vmsa::DescriptorRequest of_memory = request;
  of_memory.timed = request.timed && !by_caches;
  vmsa::DescriptorReply reply = memory_.fetch(of_memory);
  if (by_caches) look_up(request, cache::Kind::Walk, reply);
  if (observer_ != nullptr) observer_->walked(request, reply);
  return reply;
}

vmsa::DescriptorReply CachedDescriptors::update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) {
  if (!cached(request)) return memory_.update(request, expected, desired);
  vmsa::DescriptorRequest untimed = request;
  untimed.timed = false;
  vmsa::DescriptorReply reply = memory_.update(untimed, expected, desired);
  look_up(request, cache::Kind::WalkUpdate, reply);
  return reply;
}

void CachedDescriptors::look_up(const vmsa::DescriptorRequest& request, cache::Kind kind,
                                vmsa::DescriptorReply& reply) {
  if (!reply.ok || reply.served_by != cost::ServedBy::Memory) return;  // no memory there
  cluster_.act_for(ledger_);
  const cost::Context context = ledger_.context();
  cost::Latency latency;
  reply.served_by = cluster_.hierarchy().access(core_,
                                                {.pa = request.address,
                                                 .now = request.now,
                                                 .owner = {context.guest, context.vmid},
                                                 .kind = kind,
                                                 .security = request.security},
                                                latency);
  reply.cycles = first_level_latency_ + latency.total();
}

}  // namespace tw::virt
