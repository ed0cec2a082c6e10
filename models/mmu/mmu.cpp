#include "mmu/mmu.hpp"

#include <utility>

#include "vmsa/fields.hpp"
#include "vmsa/permissions.hpp"

namespace tw::mmu {
namespace {

constexpr u64 kFullyAssociative = 0;

Replacement replacement_of(const Config& config) {
  return config.replacement == "random" ? Replacement::Random : Replacement::Lru;
}

const Config& validated(const Config& config) {
  if (std::vector<Complaint> complaints = validate(config); !complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

}  // namespace

std::vector<Complaint> validate(const Config& config) {
  struct Row {
    const char* key;
    u64 entries;
    u64 ways;
  };
  const Row rows[] = {
      {"mmu.l2.entries", config.l2_entries, config.l2_ways},
      {"mmu.ipa.entries", config.ipa_entries, config.ipa_ways},
      {"mmu.walk_cache.entries", config.walk_cache_entries, config.walk_cache_ways},
  };
  std::vector<Complaint> complaints;
  for (const Row& row : rows) {
    if (row.entries == 0) continue;
    if (row.ways == 0 || row.entries % row.ways != 0) {
      complaints.push_back({row.key, std::to_string(row.entries) + " entries are not a multiple of " +
                                         std::to_string(row.ways) + " ways"});
    }
  }
  if (config.replacement != "lru" && config.replacement != "random") {
    complaints.push_back({"mmu.replacement", "\"" + config.replacement + "\" is neither lru nor random"});
  }
  return complaints;
}

Mmu::Mmu(const Config& config, vmsa::DescriptorPort& port, cost::CoreLedger& ledger)
    : config_(validated(config)),
      walker_(port),
      ledger_(ledger),
      l1i_(config.l1i_entries, kFullyAssociative, replacement_of(config), config.seed),
      l1d_(config.l1d_entries, kFullyAssociative, replacement_of(config), config.seed + 1),
      l2_(config.l2_entries, config.l2_ways, replacement_of(config), config.seed + 2),
      ipa_(config.ipa_entries, config.ipa_ways, replacement_of(config), config.seed + 3),
      walk_cache_(config.walk_cache_entries, config.walk_cache_ways, replacement_of(config), config.seed + 4) {}

vmsa::Translation Mmu::peek(const vmsa::Access& access, const vmsa::Controls& controls) const {
  return walker_.translate(access, controls, {.assist = nullptr, .record = nullptr, .timed = false, .updates = false})
      .translation;
}

vmsa::Translation Mmu::walk_untimed(const vmsa::Access& access, const vmsa::Controls& controls) {
  return walker_.translate(access, controls, {.assist = nullptr, .record = nullptr, .timed = false}).translation;
}

vmsa::Translation Mmu::translate(const vmsa::Access& access, const vmsa::Controls& controls, u64 now,
                                 cost::Latency& latency) {
  if (!timed_) return walk_untimed(access, controls);
  latency_ = &latency;
  begun_ = now - latency.total();
  note_vmid(controls);
  const Context context = context_of(controls, access.regime);
  if (!context.stage1 && !context.stage2) return peek(access, controls);  // flat: no tables, no TLB

  if (access.kind == vmsa::AccessKind::AddressTranslation) {
    const vmsa::WalkResult walked = walker_.translate(access, controls, timed_walk());
    file_walk(access.kind);
    return walked.translation;
  }
  const Va va = vmsa::canonical_va(controls, access);
  Tlb& first = access.kind == vmsa::AccessKind::Fetch ? l1i_ : l1d_;
  const vmsa::Mapping* hit = first.lookup(context, va);
  if (hit && !hit->must_walk(access)) return vmsa::finish(*hit, access, controls);
  return second_level(access, controls, context, va, first);
}

vmsa::Translation Mmu::second_level(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context,
                                    Va va, Tlb& first) {
  // A split second level holds stage 1 alone, and nothing when stage 1 is off.
  const bool split = config_.split && context.stage2;
  if (!l2_.off() && !(split && !context.stage1)) {
    latency_->add(cost::Cause::TlbLookup, config_.l2_latency);
    const vmsa::Mapping* hit = l2_.lookup(context, va);
    if (hit && !hit->must_walk(access)) {
      vmsa::WalkResult result;
      if (split) {
        const vmsa::Stage1Leaf stage1 = hit->stage1;
        result = walker_.complete(stage1, access, controls, timed_walk());
        file_walk(access.kind);
      } else {
        result.mapping = *hit;
        result.translation = vmsa::finish(*hit, access, controls);
      }
      if (result.translation.ok()) first.insert(context, va, result.mapping);
      return result.translation;
    }
  }
  const vmsa::WalkResult walked = walker_.translate(access, controls, timed_walk());
  file_walk(access.kind);
  if (!walked.translation.ok()) return walked.translation;
  if (!split) {
    l2_.insert(context, va, walked.mapping);
  } else if (context.stage1) {
    vmsa::Mapping stage1;
    stage1.stage1 = walked.mapping.stage1;
    l2_.insert(context, va, stage1);
  }
  first.insert(context, va, walked.mapping);
  return walked.translation;
}

vmsa::WalkOptions Mmu::timed_walk() {
  return {.assist = this, .record = &record_, .timed = true, .latency = latency_, .begun = begun_, .updates = true};
}

void Mmu::file_walk(vmsa::AccessKind kind) {
  if (record_.fetches.empty()) return;
  before_clear_.instruction_walks += kind == vmsa::AccessKind::Fetch;
  before_clear_.data_walks += kind != vmsa::AccessKind::Fetch && kind != vmsa::AccessKind::AddressTranslation;
  record_.key.context = ledger_.context();
  ledger_.walk(record_);
  ++walks_;
  walk_faults_ += record_.fault;
  descriptor_fetches_ += record_.fetches.size();
}

// ---- invalidation

void Mmu::invalidate(const vmsa::Invalidate& what) {
  if (!timed_) return;  // all empty
  l1i_.invalidate(what);
  l1d_.invalidate(what);
  l2_.invalidate(what);
  ipa_.invalidate(what);
  walk_cache_.invalidate(what);
}

void Mmu::note_vmid(const vmsa::Controls& controls) {
  if (config_.vmid_tagging) return;
  const Vmid vmid = controls.vmid();
  if (std::exchange(vmid_seen_, true) && vmid != last_vmid_) {
    ++vmid_flushes_;
    l1i_.flush_guests();
    l1d_.flush_guests();
    l2_.flush_guests();
    ipa_.flush_guests();
    walk_cache_.flush_guests();
  }
  last_vmid_ = vmid;
}

void Mmu::set_timed(bool timed) {
  if (timed == timed_) return;
  timed_ = timed;
  flush_all();
}

void Mmu::flush_all() {
  const MmuStatistics before = statistics();
  const Replacement replacement = replacement_of(config_);
  l1i_ = Tlb(config_.l1i_entries, kFullyAssociative, replacement, config_.seed);
  l1d_ = Tlb(config_.l1d_entries, kFullyAssociative, replacement, config_.seed + 1);
  l2_ = Tlb(config_.l2_entries, config_.l2_ways, replacement, config_.seed + 2);
  ipa_ = IpaTlb(config_.ipa_entries, config_.ipa_ways, replacement, config_.seed + 3);
  walk_cache_ = WalkCache(config_.walk_cache_entries, config_.walk_cache_ways, replacement, config_.seed + 4);
  l1i_.statistics() = before.l1i;
  l1d_.statistics() = before.l1d;
  l2_.statistics() = before.l2;
  ipa_.statistics() = before.ipa;
  walk_cache_.statistics() = before.walk_cache;
}

// ---- statistics

MmuStatistics Mmu::statistics() const {
  MmuStatistics result;
  result.l1i = l1i_.statistics();
  result.l1d = l1d_.statistics();
  result.l2 = l2_.statistics();
  result.ipa = ipa_.statistics();
  result.walk_cache = walk_cache_.statistics();
  result.walks = walks_;
  result.walk_faults = walk_faults_;
  result.descriptor_fetches = descriptor_fetches_;
  result.vmid_flushes = vmid_flushes_;
  return result;
}

EventCounts Mmu::events() const {
  EventCounts counts = before_clear_;
  const auto add = [](EventCounts::Level& level, const TlbStatistics& now) {
    level.lookups += now.lookups;
    level.refills += now.insertions;
  };
  add(counts.l1i, l1i_.statistics());
  add(counts.l1d, l1d_.statistics());
  add(counts.l2, l2_.statistics());
  return counts;
}

void Mmu::clear_statistics() {
  before_clear_ = events();
  l1i_.statistics() = {};
  l1d_.statistics() = {};
  l2_.statistics() = {};
  ipa_.statistics() = {};
  walk_cache_.statistics() = {};
  walks_ = walk_faults_ = descriptor_fetches_ = vmid_flushes_ = 0;
}

// ---- vmsa::WalkAssist

const vmsa::Stage2Leaf* Mmu::find_stage2(Ipa ipa, const vmsa::Controls& controls, int) {
  if (ipa_.off()) return nullptr;
  latency_->add(cost::Cause::TlbLookup, config_.ipa_latency);
  return ipa_.lookup(vmsa::current_vmid(controls), ipa);
}

void Mmu::found_stage2(Ipa ipa, const vmsa::Stage2Leaf& leaf, const vmsa::Controls& controls) {
  ipa_.insert(vmsa::current_vmid(controls), ipa, leaf);
}

const vmsa::TablePointer* Mmu::find_table(vmsa::Regime regime, Va va, const vmsa::Controls& controls) {
  if (walk_cache_.off()) return nullptr;
  latency_->add(cost::Cause::TlbLookup, config_.walk_cache_latency);
  return walk_cache_.lookup(context_of(controls, regime), va);
}

void Mmu::found_table(vmsa::Regime regime, Va va, const vmsa::TablePointer& table, const vmsa::Controls& controls) {
  walk_cache_.insert(context_of(controls, regime), va, table);
}

}  // namespace tw::mmu
