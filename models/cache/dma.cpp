// I/O coherence: DMA masters at the point where the cores meet.
#include <algorithm>

#include "cache/hierarchy.hpp"

namespace tw::cache {

using cost::ServedBy;

/// `whole`: a write of all the line's bytes, so modified data elsewhere need not be kept.
Hierarchy::Answer Hierarchy::dma_line(const Ask& ask, bool write, bool whole, u64 now) {
  if (config_.dma_coherent) {
    now += config_.directory_latency;
    if (!shared_.empty()) now = shared_[0]->look_up(now);
    const Holders held = holders(ask.key, kNoCore);
    if (write) {
      bool dirty = drop_sharers(held.sharers, ask.key, Departure::Snoop, ask.owner, now);
      for (const auto& level : shared_) dirty |= drop_from(*level, ask.key, Departure::Snoop, ask.owner, now);
      if (held.any()) now += config_.coherence_invalidate;
      if (dirty && !whole) now = put_memory(ask.key, ask.owner, ask, now, config_.dma_write_allocate);
    } else {
      if (held.owner != kNoCore) {
        ++cores_[held.owner].l1d->statistics.snoops;
        return {now + peer_remaining(held.owner, ask.key, now) + config_.coherence_transfer, ServedBy::PeerCache};
      }
      u64 looked = now;
      for (std::size_t k = 0; k < shared_.size(); ++k) {
        if (k != 0) looked = shared_[k]->look_up(looked);
        const u32 index = shared_[k]->tags.find(ask.key);
        if (index == TagArray::kAbsent) continue;
        ++shared_[k]->statistics.snoops;
        return {looked + shared_[k]->tags.line(index).remaining(looked), served_by(shared_[k]->config.id)};
      }
      if (held.any()) return {now + config_.coherence_transfer, ServedBy::PeerCache};
      now = looked;
    }
  }
  if (!write) return from_memory(ask, now, config_.dma_read_allocate);
  const u64 done = put_memory(ask.key, ask.owner, ask, now, config_.dma_write_allocate);
  const bool in_system = system_ != nullptr && system_->tags.find(ask.key) != TagArray::kAbsent;
  return {done, in_system ? ServedBy::SystemCache : ServedBy::Memory};
}

ServedBy Hierarchy::dma(const Request& request, u64 bytes, bool write, cost::Latency& latency) {
  if (!config_.enabled || bytes == 0) return ServedBy::Memory;
  // The lines of a burst go out together; the burst takes as long as its slowest.
  Answer slowest{request.now, ServedBy::Memory};
  const Pa end = request.pa + bytes;
  for (Pa pa = request.pa; pa < end; pa = pa.align_down(config_.line) + config_.line) {
    const bool whole = pa.offset_in(config_.line) == 0 && end - pa >= config_.line;
    const Ask ask{.key = key_of(pa, request.security), .owner = request.owner, .pa = pa};
    const Answer answer = dma_line(ask, write, whole, request.now);
    if (answer.at >= slowest.at) slowest = answer;
  }
  const cost::Cause cause = slowest.served_by == ServedBy::PeerCache ? cost::Cause::PeerCache
                            : slowest.served_by == ServedBy::L2      ? cost::Cause::L2Cache
                            : slowest.served_by == ServedBy::Memory  ? cost::Cause::Memory
                                                                     : cost::Cause::L3Cache;
  latency.add(cause, slowest.at - request.now);
  return slowest.served_by;
}

}  // namespace tw::cache
