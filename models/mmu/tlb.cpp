#include "mmu/tlb.hpp"

#include <bit>

namespace tw::mmu {
namespace {

/// Calls `probe(bits)` for each size in `mask`, smallest first, until it gives something.
template <class Probe>
auto smallest_first(u64 mask, Probe probe) -> decltype(probe(0u)) {
  for (; mask != 0; mask &= mask - 1) {
    if (auto* found = probe(static_cast<unsigned>(std::countr_zero(mask)))) return found;
  }
  return nullptr;
}

template <class Line>
void count(Associative<Line>& lines, bool hit) {
  ++lines.statistics.lookups;
  ++(hit ? lines.statistics.hits : lines.statistics.misses);
}

bool is_guest_regime(const Context& context) { return context.regime == vmsa::Regime::El10 && !context.secure; }

}  // namespace

// ---- Tlb

Tlb::Line* Tlb::find(const Context& context, Va va) {
  const auto hits = [&](const Line& line) {
    return line.page == va.value >> line.page_bits && serves(line.context, line.global, context);
  };
  if (lines_.sets() == 1) {
    if (recent_ && recent_->valid && hits(*recent_)) return lines_.touch(recent_);
    return lines_.find(0, hits);
  }
  return smallest_first(sizes_.mask(), [&](unsigned bits) {
    return lines_.find(va.value >> bits, [&](const Line& line) { return line.page_bits == bits && hits(line); });
  });
}

const vmsa::Mapping* Tlb::lookup(const Context& context, Va va) {
  if (off()) return nullptr;
  Line* line = find(context, va);
  count(lines_, line != nullptr);
  if (!line) return nullptr;
  recent_ = line;
  return &line->mapping;
}

void Tlb::insert(const Context& context, Va va, const vmsa::Mapping& mapping) {
  if (off()) return;
  Line line;
  line.global = mapping.stage1.global;
  line.page_bits = mapping.page_bits();
  line.context = context;
  line.page = va.value >> line.page_bits;
  line.mapping = mapping;
  sizes_.add(line.page_bits);
  recent_ = lines_.insert(line.page, line, owner_of(context), [&](const Line& old) {
    return old.page_bits == line.page_bits && old.page == line.page && serves(old.context, old.global, context);
  });
}

void Tlb::invalidate(const vmsa::Invalidate& what) {
  if (!concerns_leaves(what)) {
    if (concerns_stage2(what)) invalidate_stage2_only(what);
    return;
  }
  lines_.invalidate([&](const Line& line) {
    // A part of a stage-1 block goes when any address of the block is invalidated.
    const vmsa::Stage1Leaf& stage1 = line.mapping.stage1;
    const u8 bits = stage1.flat ? line.page_bits : std::max(line.page_bits, stage1.page_bits);
    return matches(what, {line.context, line.global, line.page << line.page_bits, bits});
  });
}

void Tlb::invalidate_stage2_only(const vmsa::Invalidate& what) {
  lines_.invalidate([&](const Line& line) {
    return line.mapping.stage1.flat && line.context.stage2 &&
           matches_stage2(what, line.context.vmid, Ipa{line.page << line.page_bits}, line.page_bits);
  });
}

void Tlb::flush_guests() {
  lines_.invalidate([](const Line& line) { return is_guest_regime(line.context); });
}

// ---- IpaTlb

const vmsa::Stage2Leaf* IpaTlb::lookup(Vmid vmid, Ipa ipa) {
  if (off()) return nullptr;
  Line* line = smallest_first(sizes_.mask(), [&](unsigned bits) {
    return lines_.find(ipa.value >> bits, [&](const Line& candidate) {
      return candidate.leaf.page_bits == bits && candidate.page == ipa.value >> bits && candidate.vmid == vmid;
    });
  });
  count(lines_, line != nullptr);
  return line ? &line->leaf : nullptr;
}

void IpaTlb::insert(Vmid vmid, Ipa ipa, const vmsa::Stage2Leaf& leaf) {
  if (off()) return;
  Line line;
  line.vmid = vmid;
  line.page = ipa.value >> leaf.page_bits;
  line.leaf = leaf;
  sizes_.add(leaf.page_bits);
  lines_.insert(line.page, line, Owner{true, vmid}, [&](const Line& old) {
    return old.leaf.page_bits == leaf.page_bits && old.page == line.page && old.vmid == vmid;
  });
}

void IpaTlb::invalidate(const vmsa::Invalidate& what) {
  if (!concerns_stage2(what)) return;
  lines_.invalidate([&](const Line& line) {
    return matches_stage2(what, line.vmid, Ipa{line.page << line.leaf.page_bits}, line.leaf.page_bits);
  });
}

void IpaTlb::flush_guests() {
  lines_.invalidate([](const Line&) { return true; });
}

// ---- WalkCache

const vmsa::TablePointer* WalkCache::lookup(const Context& context, Va va) {
  if (off()) return nullptr;
  Line* line = smallest_first(sizes_.mask(), [&](unsigned bits) {
    return lines_.find(va.value >> bits, [&](const Line& candidate) {
      return candidate.table.region_bits == bits && candidate.region == va.value >> bits &&
             candidate.context == context;
    });
  });
  count(lines_, line != nullptr);
  return line ? &line->table : nullptr;
}

void WalkCache::insert(const Context& context, Va va, const vmsa::TablePointer& table) {
  if (off()) return;
  Line line;
  line.context = context;
  line.region = va.value >> table.region_bits;
  line.table = table;
  sizes_.add(table.region_bits);
  lines_.insert(line.region, line, owner_of(context), [&](const Line& old) {
    return old.table.region_bits == table.region_bits && old.region == line.region && old.context == context;
  });
}

void WalkCache::invalidate(const vmsa::Invalidate& what) {
  if (!concerns_tables(what)) return;
  lines_.invalidate([&](const Line& line) {
    const u8 bits = line.table.region_bits;
    return matches(what, {line.context, false, line.region << bits, bits});
  });
}

void WalkCache::flush_guests() {
  lines_.invalidate([](const Line& line) { return is_guest_regime(line.context); });
}

}  // namespace tw::mmu
