#include "mmu/mmu.hpp"

#include <bit>

#include "vmsa/contiguous.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/permissions.hpp"

namespace tw::mmu {
namespace {

constexpr u64 kFullyAssociative = 0;

Policy policy_in(const std::string& own, const Config& config) {
  return policy_of(own == "default" ? config.replacement : own).value_or(Policy::Lru);
}

const Config& validated(const Config& config) {
  if (std::vector<Complaint> complaints = validate(config); !complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

Shape first_shape(const Config& config, u64 entries, u64 seed) {
  return {.entries = entries, .ways = kFullyAssociative, .policy = policy_in(config.l1_policy, config), .seed = seed};
}

Shape second_shape(const Config& config) {
  Shape shape{.entries = config.l2_entries,
              .ways = config.l2_ways,
              .policy = policy_in(config.l2_policy, config),
              .seed = config.seed + 2};
  if (config.l2_page_sizes == "skewed") shape.indexing = Indexing::Skewed;
  if (config.l2_page_sizes == "split" && config.l2_entries != 0) {
    shape.more.push_back({config.l2_large_entries, config.l2_large_ways});
    for (u64 bits = config.l2_large_bits; bits < shape.part_of_size.size(); ++bits) shape.part_of_size[bits] = 1;
  }
  return shape;
}

Shape walk_shape(const Config& config, u64 entries, u64 ways, u64 seed) {
  Shape shape{.entries = entries,
              .ways = ways,
              .policy = policy_in(config.walk_cache_policy, config),
              .seed = config.seed + seed};
  return config.walk_cache_per_level ? vmsa::by_level(std::move(shape)) : shape;
}

Shape ipa_shape(const Config& config) {
  return {.entries = config.ipa_entries,
          .ways = config.ipa_ways,
          .policy = policy_in(config.ipa_policy, config),
          .seed = config.seed + 3};
}

constexpr u64 kWalkSeed = 4, kStage2WalkSeed = 6;  // beside the configured one

/// `shape` of a structure that lives in another's array.
Shape nothing_if(bool elsewhere, Shape shape) { return elsewhere ? Shape{} : shape; }

}  // namespace

Mmu::Arrays::Arrays(const Config& config)
    : l1i(first_shape(config, config.l1i_entries, config.seed)),
      l1d(first_shape(config, config.l1d_entries, config.seed + 1)),
      l1s(first_shape(config, config.l1d_store_entries, config.seed + 5)),
      l2(second_shape(config)),
      ipa(nothing_if(config.ipa_in_l2, ipa_shape(config))),
      walk(nothing_if(config.walk_cache_in_l2,
                      walk_shape(config, config.walk_cache_entries, config.walk_cache_ways, kWalkSeed))),
      walk2(nothing_if(config.walk_cache2_in_l2,
                       walk_shape(config, config.walk_cache2_entries, config.walk_cache2_ways, kStage2WalkSeed))) {}

Mmu::Mmu(const Config& config, vmsa::DescriptorPort& port, cost::CoreLedger& ledger)
    : config_(validated(config)),
      walker_(port),
      ledger_(ledger),
      arrays_(config),
      l1i_(arrays_.l1i, static_cast<u8>(config.l1_max_page_bits)),
      l1d_(arrays_.l1d, static_cast<u8>(config.l1_max_page_bits)),
      l1s_(arrays_.l1s, static_cast<u8>(config.l1_max_page_bits)),
      l2_(arrays_.l2, static_cast<u8>(config.l2_max_page_bits)),
      ipa_(config.ipa_in_l2 ? arrays_.l2 : arrays_.ipa),
      walk_cache_(config.walk_cache_in_l2 ? arrays_.l2 : arrays_.walk),
      walk_cache2_(config.walk_cache2_in_l2 ? arrays_.l2 : arrays_.walk2),
      walkers_(static_cast<unsigned>(config.walkers)),
      rehash_(config.l2_page_sizes == "rehash"),
      prefetch_(config.prefetch == "next-page") {
  no_tlb_.clock = &no_tlb_clock_;
}

vmsa::Translation Mmu::peek(const vmsa::Access& access, const vmsa::Controls& controls) const {
  return walker_.translate(access, controls, {.assist = nullptr, .record = nullptr, .timed = false, .updates = false})
      .translation;
}

vmsa::Translation Mmu::walk_untimed(const vmsa::Access& access, const vmsa::Controls& controls) {
  return walker_.translate(access, controls, {.assist = nullptr, .record = nullptr, .timed = false}).translation;
}

Tlb& Mmu::first_level(const vmsa::Access& access) {
  if (access.kind == vmsa::AccessKind::Fetch) return l1i_;
  return access.write && !l1s_.off() ? l1s_ : l1d_;
}

vmsa::Translation Mmu::translate(const vmsa::Access& access, const vmsa::Controls& controls, u64 now,
                                 cost::Latency& latency) {
  if (!timed_) return walk_untimed(access, controls);
  latency_ = &latency;
  asked_ = now;
  begun_ = now - latency.total();
  const Context context = context_of(controls, access.regime);
  word_ = {context, false};
  note_context(controls, context);
  if (!context.stage1 && !context.stage2) {  // flat: no tables, no TLB
    vmsa::Translation flat = peek(access, controls);
    if (flat.ok()) flat.residence = remembered({&no_tlb_, no_tlb_.generation});
    return flat;
  }
  vmsa::Translation result;
  if (access.kind == vmsa::AccessKind::AddressTranslation) {
    vmsa::Mapping unused;
    walk(access, controls, Part::Whole, result, unused);
    return result;
  }
  const Va va = vmsa::canonical_va(controls, access);
  Tlb& first = first_level(access);
  const u32 line = first.lookup(word_, va);
  clean_in_first_ = line != TagArray::kNone && first.mapping(line).must_walk(access);
  const u64 wait = line != TagArray::kNone ? first.wait(line, now) : 0;
  if (line == TagArray::kNone || clean_in_first_ || (wait != 0 && !config_.coalesce)) {
    second_level(access, controls, context, va, first, result);
  } else {
    vmsa::finish(first.mapping(line), access, controls, result);
    wait_for(wait, context);
    if (wait == 0 && result.ok()) result.residence = remembered(first.handle(line));
  }
  if (contract_ != nullptr && result.ok()) contract_->used(context, va, result.ipa, core_, now);
  return result;
}

u32 Mmu::look_up_second(Va va) {
  latency_->add(cost::Cause::TlbLookup, config_.l2_latency);
  const u64 sizes = arrays_.l2.sizes();
  const u32 line = l2_.lookup(word_, va);
  if (rehash_ && sizes != 0) {  // smallest first; a size that has no entry is not looked for
    const u64 tried = line == TagArray::kNone ? sizes : sizes & low_mask(arrays_.l2.bits(line) + 1u);
    latency_->add(cost::Cause::TlbLookup, (static_cast<u64>(std::popcount(tried)) - 1) * config_.l2_rehash_latency);
  }
  return line;
}

void Mmu::second_level(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context, Va va,
                       Tlb& first, vmsa::Translation& result) {
  // A split second level holds stage 1 alone, and nothing when stage 1 is off.
  const bool split = config_.split && context.stage2;
  const bool second = !l2_.off() && !(split && !context.stage1);
  bool clean_in_second = false, found_in_second = false;
  if (second) {
    const u32 line = look_up_second(va);
    if (ghosts_) ghosts_->look_up_second(va, word_);
    found_in_second = line != TagArray::kNone;
    clean_in_second = line != TagArray::kNone && l2_.mapping(line).must_walk(access);
    const u64 wait = line != TagArray::kNone ? l2_.wait(line, time()) : 0;
    if (line != TagArray::kNone && !clean_in_second && (wait == 0 || config_.coalesce)) {
      wait_for(wait, context);
      if (!split) {
        const vmsa::Mapping& mapping = l2_.mapping(line);
        vmsa::finish(mapping, access, controls, result);
        if (ghosts_ && result.ok()) fill_ghosts(access, controls, context, va, mapping, false);
        fill_first(first, va, mapping, result);
        return;
      }
      vmsa::Mapping mapping;
      mapping.stage1 = l2_.mapping(line).stage1;
      walk(access, controls, Part::Stage2, result, mapping);
      widen(mapping, va);
      if (ghosts_ && result.ok()) fill_ghosts(access, controls, context, va, mapping, false);
      fill_first(first, va, mapping, result);
      return;
    }
  }
  vmsa::Mapping mapping;
  walk(access, controls, Part::Whole, result, mapping);
  if (!result.ok()) return;
  widen(mapping, va);
  if (clean_in_second) l2_.give_way(word_, va);
  if (second) fill_second(va, mapping, asked_);
  if (ghosts_ && second) fill_ghosts(access, controls, context, va, mapping, found_in_second);
  fill_first(first, va, mapping, result);
  if (prefetch_ && second) prefetch_behind(access, controls, context, va, mapping);
}

void Mmu::walk(const vmsa::Access& access, const vmsa::Controls& controls, Part part, vmsa::Translation& result,
               vmsa::Mapping& mapping) {
  const u64 asked = time();
  const u64 start = walkers_.first_free(asked);
  latency_->add(cost::Cause::TlbLookup, start - asked);
  if (part == Part::Whole) {
    walker_.translate(access, controls, timed_walk(), result, mapping);
  } else {
    walker_.complete(access, controls, timed_walk(), result, mapping);
  }
  if (time() != start) walkers_.occupy(start, time());
  file_walk(access.kind);
  if (ghosts_) {
    ghosts_->end_walk(controls, access.regime);
    ghosts_->note_costs(record_, time() - start, part == Part::Whole);
  }
  if (contract_ != nullptr) tell_of_walk(access, controls, result);
}

/// A split second level holds stage 1 alone; `stage1` is room for it.
const vmsa::Mapping& Mmu::in_second(const vmsa::Mapping& mapping, vmsa::Mapping& stage1) const {
  if (!config_.split || !word_.is_of_guest()) return mapping;
  stage1.stage1 = mapping.stage1;
  return stage1;
}

void Mmu::fill_second(Va va, const vmsa::Mapping& mapping, u64 begun) {
  vmsa::Mapping stage1;
  const u32 line = l2_.insert(word_, va, in_second(mapping, stage1), {begun, time()});
  const TagArray::Displaced& displaced = arrays_.l2.displaced();
  if (displaced.name != 0 && displaced.context.is_of_guest()) {
    ledger_.displaced(cost::Structure::Tlb, displaced.name, displaced.context.vmid());
  }
  const Tag tag = arrays_.l2.tag(line);
  ledger_.refilled(cost::Structure::Tlb, TagArray::name_of(tag.context, tag.page, tag.bits), time() - begun);
}

void Mmu::fill_first(Tlb& first, Va va, const vmsa::Mapping& mapping, vmsa::Translation& translation) {
  if (!translation.ok() || first.off()) return;
  if (clean_in_first_) first.give_way(word_, va);
  const u32 line = first.insert(word_, va, mapping, {asked_, time()});
  if (time() == asked_) translation.residence = remembered(first.handle(line));
}

std::optional<vmsa::Access> Mmu::page_behind(const vmsa::Access& access, const vmsa::Controls& controls,
                                             const Context& context, Va va, const vmsa::Mapping& mapping) const {
  if (!prefetch_ || access.kind != vmsa::AccessKind::Data) return std::nullopt;
  if (context.stage1 && vmsa::stage1_updates(controls, access.regime).access_flag) return std::nullopt;
  if (context.stage2 && vmsa::stage2_updates(controls).access_flag) return std::nullopt;
  vmsa::Access next = access;
  next.va = va.align_down(u64{1} << mapping.page_bits()) + (u64{1} << mapping.page_bits());
  next.read = next.aligned = true;
  next.write = false;
  if (((next.va.value ^ va.value) >> 47) != 0) return std::nullopt;
  return next;
}

/// The page behind the one that was walked for, by the next free walker. It marks nothing in memory (FEAT_HAFDBS), so
/// where hardware manages the Access flag there is no prefetch.
void Mmu::prefetch_behind(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context, Va va,
                          const vmsa::Mapping& mapping) {
  const std::optional<vmsa::Access> behind = page_behind(access, controls, context, va, mapping);
  if (!behind || l2_.find(word_, behind->va) != TagArray::kNone) return;
  const vmsa::Access& next = *behind;
  cost::Latency alone;
  cost::Latency* const of_access = latency_;
  const u64 begun_of_access = begun_;
  begun_ = walkers_.first_free(time());
  latency_ = &alone;
  vmsa::WalkResult walked = walker_.translate(next, controls, timed_walk(false));
  if (ghosts_) ghosts_->end_walk(controls, next.regime);
  if (alone.total() != 0) walkers_.occupy(begun_, time());
  if (!record_.fetches.empty()) {
    record_.key.purpose = cost::WalkFor::Prefetch;
    record_.key.context = ledger_.context();
    ledger_.walk(record_);
    ++prefetches_;
  }
  if (walked.translation.ok()) {
    widen(walked.mapping, next.va);
    fill_second(next.va, walked.mapping, begun_);
  }
  latency_ = of_access;
  begun_ = begun_of_access;
}

void Mmu::widen(vmsa::Mapping& mapping, Va va) const {
  if (!config_.contiguous) return;
  const Ipa ipa = mapping.stage1.output(va);
  mapping.stage1 = vmsa::widened(mapping.stage1, va.value);
  if (mapping.has_stage2) mapping.stage2 = vmsa::widened(mapping.stage2, ipa.value);
}

/// Without VMID tags any access may be the first to see another VMID, and has to come here; so have all while the
/// contract wants to see each.
vmsa::ResidenceHandle Mmu::remembered(vmsa::ResidenceHandle handle) const {
  const bool told = contract_ != nullptr && contract_->attentive(core_);
  return config_.vmid_tagging && config_.asid_tagging && !told ? handle : vmsa::ResidenceHandle{};
}

vmsa::WalkOptions Mmu::timed_walk(bool updates) {
  return {.assist = this, .record = &record_, .timed = true, .latency = latency_, .begun = begun_, .updates = updates};
}

Shape Mmu::shape_of(Haunted structure) const {
  switch (structure) {
    case Haunted::SecondLevel:
      return second_shape(config_);
    case Haunted::WalkCache:
      return walk_shape(config_, config_.walk_cache_entries, config_.walk_cache_ways, kWalkSeed);
    case Haunted::IpaCache:
      break;
  }
  return ipa_shape(config_);
}

void Mmu::wait_for(u64 cycles, const Context& context) {
  latency_->add(context.stage2 ? cost::Cause::WalkStage2 : cost::Cause::WalkStage1, cycles);
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

// ---- vmsa::WalkAssist

const vmsa::Stage2Leaf* Mmu::find_stage2(Ipa ipa, const vmsa::Controls& controls, int) {
  const Vmid vmid = vmsa::current_vmid(controls);
  const vmsa::Stage2Leaf* known = nullptr;
  if (!ipa_.off()) {
    latency_->add(cost::Cause::TlbLookup, config_.ipa_latency);
    known = ipa_.lookup(vmid, ipa);
  }
  if (ghosts_) ghosts_->look_up_stage2(vmid, ipa, known);
  return known;
}

void Mmu::found_stage2(Ipa ipa, const vmsa::Stage2Leaf& leaf, const vmsa::Controls& controls) {
  const Vmid vmid = vmsa::current_vmid(controls);
  const vmsa::Stage2Leaf kept = config_.contiguous ? vmsa::widened(leaf, ipa.value) : leaf;
  ipa_.insert(vmid, ipa, kept);
  if (ghosts_) ghosts_->found_stage2(vmid, ipa, kept);
}

const vmsa::TablePointer* Mmu::find_table(vmsa::Regime, Va va, const vmsa::Controls& controls) {
  const vmsa::TablePointer* known = nullptr;
  if (!walk_cache_.off()) {
    latency_->add(cost::Cause::TlbLookup, config_.walk_cache_latency);
    known = walk_cache_.lookup(word_, va);
  }
  if (ghosts_) ghosts_->begin_walk(controls, va, word_, known);
  return known;
}

void Mmu::found_table(vmsa::Regime, Va va, const vmsa::TablePointer& table, const vmsa::Controls&) {
  walk_cache_.insert(word_, va, table);
  if (ghosts_) ghosts_->passed(table.region_bits);
}

const vmsa::Stage2TablePointer* Mmu::find_stage2_table(Ipa ipa, const vmsa::Controls& controls) {
  if (walk_cache2_.off()) return nullptr;
  latency_->add(cost::Cause::TlbLookup, config_.walk_cache2_latency);
  return walk_cache2_.lookup(vmsa::current_vmid(controls), ipa);
}

void Mmu::found_stage2_table(Ipa ipa, const vmsa::Stage2TablePointer& table, const vmsa::Controls& controls) {
  walk_cache2_.insert(vmsa::current_vmid(controls), ipa, table);
}

}  // namespace tw::mmu
