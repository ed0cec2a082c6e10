#include "mmu/mmu.hpp"

#include <utility>

#include "vmsa/fields.hpp"
#include "vmsa/permissions.hpp"

namespace tw::mmu {
namespace {

constexpr u64 kFullyAssociative = 0;

Policy replacement_of(const Config& config) { return policy_of(config.replacement).value_or(Policy::Lru); }

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
  if (!policy_of(config.replacement) || config.replacement == "plru") {
    complaints.push_back({"mmu.replacement", "\"" + config.replacement + "\" is none of lru, fifo and random"});
  }
  return complaints;
}

Mmu::Mmu(const Config& config, vmsa::DescriptorPort& port, cost::CoreLedger& ledger)
    : config_(validated(config)),
      walker_(port),
      ledger_(ledger),
      l1i_({config.l1i_entries, kFullyAssociative, replacement_of(config), config.seed}),
      l1d_({config.l1d_entries, kFullyAssociative, replacement_of(config), config.seed + 1}),
      l2_({config.l2_entries, config.l2_ways, replacement_of(config), config.seed + 2}),
      ipa_({config.ipa_entries, config.ipa_ways, replacement_of(config), config.seed + 3}),
      walk_cache_({config.walk_cache_entries, config.walk_cache_ways, replacement_of(config), config.seed + 4}) {
  no_tlb_.clock = &no_tlb_clock_;
}

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
  if (!context.stage1 && !context.stage2) {  // flat: no tables, no TLB
    vmsa::Translation flat = peek(access, controls);
    if (flat.ok()) flat.residence = remembered({&no_tlb_, no_tlb_.generation});
    return flat;
  }
  if (access.kind == vmsa::AccessKind::AddressTranslation) {
    const vmsa::WalkResult walked = walker_.translate(access, controls, timed_walk());
    file_walk(access.kind);
    return walked.translation;
  }
  const Va va = vmsa::canonical_va(controls, access);
  Tlb& first = access.kind == vmsa::AccessKind::Fetch ? l1i_ : l1d_;
  const u32 line = first.lookup({context, false}, va);
  clean_in_first_ = line != TagArray::kNone && first.mapping(line).must_walk(access);
  if (line == TagArray::kNone || clean_in_first_) {
    return second_level(access, controls, context, va, first);
  }
  vmsa::Translation hit = vmsa::finish(first.mapping(line), access, controls);
  if (hit.ok()) hit.residence = remembered(first.handle(line));
  return hit;
}

vmsa::Translation Mmu::second_level(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context,
                                    Va va, Tlb& first) {
  const ContextWord word{context, false};
  // A split second level holds stage 1 alone, and nothing when stage 1 is off.
  const bool split = config_.split && context.stage2;
  bool clean_in_l2 = false;
  if (!l2_.off() && !(split && !context.stage1)) {
    latency_->add(cost::Cause::TlbLookup, config_.l2_latency);
    const u32 line = l2_.lookup(word, va);
    clean_in_l2 = line != TagArray::kNone && l2_.mapping(line).must_walk(access);
    if (line != TagArray::kNone && !clean_in_l2) {
      if (!split) {
        const vmsa::Mapping& mapping = l2_.mapping(line);
        return fill_first(first, context, va, mapping, vmsa::finish(mapping, access, controls));
      }
      const vmsa::Stage1Leaf stage1 = l2_.mapping(line).stage1;
      const vmsa::WalkResult result = walker_.complete(stage1, access, controls, timed_walk());
      file_walk(access.kind);
      return fill_first(first, context, va, result.mapping, result.translation);
    }
  }
  const vmsa::WalkResult walked = walker_.translate(access, controls, timed_walk());
  file_walk(access.kind);
  if (!walked.translation.ok()) return walked.translation;
  if (!split) {
    if (clean_in_l2) l2_.give_way(word, va);
    l2_.insert(context, va, walked.mapping);
  } else if (context.stage1) {
    vmsa::Mapping stage1;
    stage1.stage1 = walked.mapping.stage1;
    if (clean_in_l2) l2_.give_way(word, va);
    l2_.insert(context, va, stage1);
  }
  return fill_first(first, context, va, walked.mapping, walked.translation);
}

vmsa::Translation Mmu::fill_first(Tlb& first, const Context& context, Va va, const vmsa::Mapping& mapping,
                                  vmsa::Translation translation) {
  if (!translation.ok() || first.off()) return translation;
  if (clean_in_first_) first.give_way({context, false}, va);
  translation.residence = remembered(first.handle(first.insert(context, va, mapping)));
  return translation;
}

/// Without VMID tags any access may be the first to see another VMID, and has to come here.
vmsa::ResidenceHandle Mmu::remembered(vmsa::ResidenceHandle handle) const {
  return config_.vmid_tagging ? handle : vmsa::ResidenceHandle{};
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
  for (TagArray* tags : structures()) tags->clear();
}

// ---- statistics

std::array<TagArray*, 5> Mmu::structures() {
  return {&l1i_.tags, &l1d_.tags, &l2_.tags, &ipa_.tags, &walk_cache_.tags};
}

MmuStatistics Mmu::statistics() const {
  MmuStatistics result;
  result.l1i = l1i_.tags.statistics();
  result.l1d = l1d_.tags.statistics();
  result.l2 = l2_.tags.statistics();
  result.ipa = ipa_.tags.statistics();
  result.walk_cache = walk_cache_.tags.statistics();
  result.walks = walks_;
  result.walk_faults = walk_faults_;
  result.descriptor_fetches = descriptor_fetches_;
  result.vmid_flushes = vmid_flushes_;
  return result;
}

EventCounts Mmu::events() const {
  EventCounts counts = before_clear_;
  const auto add = [](EventCounts::Level& level, const TagArray& tags) {
    level.lookups += tags.lookups();
    level.refills += tags.insertions();
  };
  add(counts.l1i, l1i_.tags);
  add(counts.l1d, l1d_.tags);
  add(counts.l2, l2_.tags);
  return counts;
}

void Mmu::clear_statistics() {
  before_clear_ = events();
  for (TagArray* tags : structures()) tags->clear_statistics();
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
