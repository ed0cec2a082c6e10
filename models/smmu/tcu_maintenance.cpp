// Invalidation of the TCU's structures, its time, and what they have counted.
#include "smmu/tcu.hpp"

namespace tw::smmu {
namespace {

u64 sets_of(u64 entries, u64 ways) { return entries == 0 || ways == 0 ? 1 : entries / ways; }

constexpr u64 kPage = 4096;  // what a range is counted in

}  // namespace

u64 Tcu::occupy(u64 length, u64 now) { return invalidations_.reserve(now, length) + length; }

u64 Tcu::invalidate(const vmsa::Invalidate& what, u64 now) {
  tlb_.invalidate(what);
  walk_cache_.invalidate(what);
  walk_cache2_.invalidate(what);
  ipa_.invalidate(what);
  if (ghosts_) ghosts_->invalidate(what);
  const u64 sweep = config_.invalidate_by_set * sets_of(config_.tlb_entries, config_.tlb_ways);
  switch (vmsa::reach_of(what)) {
    case vmsa::Reach::Everything:
      return occupy(config_.invalidate_all, now);
    case vmsa::Reach::Space:
      return occupy(sweep, now);
    case vmsa::Reach::Address:
      break;
  }
  const u64 pages = what.bytes <= kPage ? 1 : (what.bytes + kPage - 1) / kPage;
  const u64 one = config_.invalidate_by_address;
  // A long range is a sweep.
  return occupy(pages == 1 || pages * one < sweep ? pages * one : sweep, now);
}

u64 Tcu::invalidate(const ConfigurationInvalidate& what, u64 now) {
  using Scope = ConfigurationInvalidate::Scope;
  configurations_.invalidate(what);
  streams_.invalidate(what);
  switch (what.scope) {
    case Scope::All:
      return occupy(config_.invalidate_all, now);
    case Scope::Ste:
    case Scope::Cd:
      return occupy(config_.invalidate_by_address, now);
    case Scope::SteRange:
    case Scope::CdAll:
      break;
  }
  return occupy(config_.invalidate_by_set * configurations_.sets(), now);
}

void Tcu::clear() {
  for (vmsa::TagArray* tags : arrays_.all()) tags->clear();
  if (ghosts_) ghosts_->clear();
  configurations_.clear();
  streams_.clear();
  port_.clear();
  invalidations_.clear();
  slots_.clear();
  walkers_.clear();
}

void Tcu::add_to(Statistics& sum) const {
  sum.tlb = tlb_.statistics();
  sum.walk_cache = walk_cache_.statistics();
  sum.walk_cache2 = walk_cache2_.statistics();
  sum.ipa = ipa_.statistics();
  sum.ste = configurations_.ste_statistics();
  sum.cd = configurations_.cd_statistics();
  bringers_.add_to(sum.tlb_evictions);
}

void Tcu::clear_statistics() {
  tlb_.counters() = {};
  walk_cache_.counters() = {};
  walk_cache2_.counters() = {};
  ipa_.counters() = {};
  configurations_.clear_statistics();
  bringers_.clear_statistics();
  if (ghosts_) ghosts_->clear_statistics();
}

}  // namespace tw::smmu
