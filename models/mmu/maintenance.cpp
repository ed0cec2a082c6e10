// TLBI, flushes for want of tags, and what the structures have counted.
#include <algorithm>
#include <utility>

#include "mmu/mmu.hpp"
#include "vmsa/fields.hpp"

namespace tw::mmu {

void Mmu::forget(const vmsa::Invalidate& what, bool of_this_core, u64 now) {
  if (!timed_) return;  // all empty
  l1i_.invalidate(what);
  l1d_.invalidate(what);
  l1s_.invalidate(what);
  l2_.invalidate(what);
  ipa_.invalidate(what);
  walk_cache_.invalidate(what);
  walk_cache2_.invalidate(what);
  if (ghosts_) ghosts_->invalidate(what);
  if (contract_ != nullptr) contract_->invalidated(what, core_, of_this_core, now);
}

void Mmu::invalidate(const vmsa::Invalidate& what) { forget(what, true, asked_); }

u64 Mmu::duration(const vmsa::Invalidate& what) const {
  switch (reach_of(what)) {
    case Reach::Everything:
      return config_.tlbi_all;
    case Reach::Address:
      return config_.tlbi_by_address;
    case Reach::Space:
      break;
  }
  const u64 sets = config_.l2_entries != 0 ? config_.l2_entries / config_.l2_ways : 1;
  return config_.tlbi_by_set * sets;
}

u64 Mmu::invalidate(const vmsa::Invalidate& what, u64 now) {
  forget(what, true, now);
  const u64 issued = now + config_.tlbi_issue;
  if (!timed_) return now;
  const u64 length = duration(what);
  return invalidations_.reserve(issued, length) + length;
}

u64 Mmu::invalidate_for_another(const vmsa::Invalidate& what, u64 now) {
  forget(what, false, now);
  if (!timed_) return now;
  const u64 length = duration(what);
  const u64 done = invalidations_.reserve(now, length) + length;
  if (config_.tlbi_remote != 0) {
    const u64 start = walkers_.first_free(now);
    walkers_.occupy(start, start + config_.tlbi_remote);
  }
  return done;
}

void Mmu::note_context(const vmsa::Controls& controls, const Context& context) {
  if (!config_.vmid_tagging) {
    const Vmid vmid = controls.vmid();
    if (std::exchange(vmid_seen_, true) && vmid != last_vmid_) {
      ++vmid_flushes_;
      for (Tlb* tlb : {&l1i_, &l1d_, &l1s_, &l2_}) tlb->flush_guests();
      ipa_.flush_guests();
      walk_cache_.flush_guests();
      walk_cache2_.flush_guests();
      if (ghosts_) ghosts_->flush(is_of_guests);
    }
    last_vmid_ = vmid;
  }
  if (!config_.asid_tagging && context.regime == vmsa::Regime::El10) {
    if (std::exchange(asid_seen_, true) && context.asid != last_asid_) {
      ++asid_flushes_;
      for (Tlb* tlb : {&l1i_, &l1d_, &l1s_, &l2_}) tlb->flush_address_spaces();
      walk_cache_.flush_address_spaces();
      if (ghosts_) ghosts_->flush(is_of_asid);
    }
    last_asid_ = context.asid;
  }
}

void Mmu::set_timed(bool timed) {
  if (timed == timed_) return;
  timed_ = timed;
  for (TagArray* tags : arrays_.all()) tags->clear();
  if (ghosts_) ghosts_->clear();
  if (contract_ != nullptr) contract_->emptied(core_);
}

// ---- statistics

MmuStatistics Mmu::statistics() const {
  MmuStatistics result;
  result.l1i = l1i_.statistics();
  result.l1d = l1d_.statistics();
  result.l1s = l1s_.statistics();
  result.l2 = l2_.statistics();
  result.ipa = ipa_.statistics();
  result.walk_cache = walk_cache_.statistics();
  result.walk_cache2 = walk_cache2_.statistics();
  result.walks = walks_;
  result.walk_faults = walk_faults_;
  result.descriptor_fetches = descriptor_fetches_;
  result.prefetches = prefetches_;
  result.vmid_flushes = vmid_flushes_;
  result.asid_flushes = asid_flushes_;
  return result;
}

EventCounts Mmu::events() const {
  EventCounts counts = before_clear_;
  const auto add = [](EventCounts::Level& level, const Tlb& tlb) {
    level.lookups += tlb.lookups();
    level.refills += tlb.insertions();
  };
  add(counts.l1i, l1i_);
  add(counts.l1d, l1d_);
  add(counts.l1d, l1s_);
  add(counts.l2, l2_);
  return counts;
}

void Mmu::clear_statistics() {
  before_clear_ = events();
  for (Tlb* tlb : {&l1i_, &l1d_, &l1s_, &l2_}) tlb->counters() = {};
  ipa_.counters() = {};
  walk_cache_.counters() = {};
  walk_cache2_.counters() = {};
  for (TagArray* tags : arrays_.all()) tags->clear_hits_by_handle();
  if (ghosts_) ghosts_->clear_statistics();
  walks_ = walk_faults_ = descriptor_fetches_ = prefetches_ = vmid_flushes_ = asid_flushes_ = 0;
}

}  // namespace tw::mmu
