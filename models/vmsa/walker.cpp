#include "vmsa/walker.hpp"

#include <algorithm>
#include <optional>

#include "vmsa/descent.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/permissions.hpp"

namespace tw::vmsa {
namespace {

// A stage 1 that is off maps what one leaf can say; no larger block exists (1 GB).
constexpr u8 kFlatPageBits = 30;

/// One translation on its way, over both stages.
struct Journey {
  const Access& access;
  const Controls& controls;
  const WalkOptions& options;
  DescriptorPort& port;
  bool nested;  ///< stage 2 is in force
};

Fault complete_fault(Fault fault, const Journey& journey, unsigned stage) {
  fault.stage = static_cast<u8>(stage);
  fault.write = reported_write(journey.access);
  fault.va = journey.access.va;
  return fault;
}

/// Fetches one descriptor and files it in the record. The fault has a type and a level only.
Fault fetch(const Journey& journey, const DescriptorRequest& request, bool big_endian, u64& descriptor) {
  const DescriptorReply reply = journey.port.fetch(request);
  descriptor = big_endian ? __builtin_bswap64(reply.value) : reply.value;
  if (cost::WalkRecord* record = journey.options.record) {
    record->fetches.push_back({request.stage, request.level, request.for_stage1_level, reply.served_by, request.address,
                               descriptor, reply.cycles});
    record->cycles += reply.cycles;
  }
  Fault fault;
  if (!reply.ok) {
    fault.type = FaultType::ExternalOnWalk;
    fault.level = request.level;
  }
  return fault;
}

// ---- stage 2

struct Stage2Descent {
  const Journey& journey;
  const TableRoot& root;
  int for_stage1_level;

  Fault read(u64 address, int level, u64& descriptor) const {
    DescriptorRequest request;
    request.address = Pa{address};
    request.stage = 2;
    request.level = static_cast<i8>(level);
    request.for_stage1_level = static_cast<i8>(for_stage1_level);
    request.cacheable = root.cacheable;
    request.timed = journey.options.timed;
    return fetch(journey, request, root.big_endian, descriptor);
  }
  void enter_table(u64, int, u64) const {}  // stage-2 table descriptors have no attributes
};

Stage2Leaf stage2_leaf(const Descent& descent) {
  const u64 descriptor = descent.descriptor;
  Stage2Leaf leaf;
  leaf.page = Pa{descent.output};
  leaf.page_bits = descent.page_bits;
  leaf.level = descent.level;
  leaf.s2ap = static_cast<u8>(bits<7, 6>(descriptor));
  leaf.xn = static_cast<u8>(bits<54, 53>(descriptor));
  leaf.mem_attr = static_cast<u8>(bits<5, 2>(descriptor));
  leaf.sh = static_cast<u8>(bits<9, 8>(descriptor));
  leaf.contiguous = bit<52>(descriptor);
  return leaf;
}

/// The stage-2 leaf of `ipa`, from the assist or from the tables; permissions are not looked at.
Stage2Result stage2_lookup(const Journey& journey, Ipa ipa, int for_stage1_level) {
  WalkAssist* assist = journey.options.assist;
  if (assist) {
    if (const Stage2Leaf* known = assist->find_stage2(ipa, journey.controls, for_stage1_level)) return {{}, *known};
  }
  const RootOutcome start = stage2_root(journey.controls, ipa);
  Descent descent;
  descent.fault.type = start.fault;
  if (!descent.fault) {
    Stage2Descent stage{journey, start.root, for_stage1_level};
    descent = descend(stage, start.root, ipa.value, start.root.level, start.root.base);
  }
  if (descent.fault) {
    Fault fault = complete_fault(descent.fault, journey, 2);
    fault.ipa = ipa;
    fault.s1ptw = for_stage1_level >= 0;
    return {fault, {}};
  }
  const Stage2Leaf leaf = stage2_leaf(descent);
  if (assist) assist->found_stage2(ipa, leaf, journey.controls);
  return {{}, leaf};
}

bool stage2_cacheable(const Stage2Leaf& leaf, const Controls& controls) {
  return (leaf.mem_attr & 0xC) != 0 && (leaf.mem_attr & 2) != 0 && !hcr_cd(controls.hcr);
}

// ---- stage 1

struct Stage1Descent {
  const Journey& journey;
  const TableRoot& root;
  Va va;
  bool secure;  ///< where the next table is fetched from
  u8 ap_table = 0;
  bool uxn_table = false, pxn_table = false;
  std::optional<TablePointer> known;  ///< where a walk cache let us begin

  bool begins_at_known(int level) const { return known && known->level == level; }

  Fault read(u64 address, int level, u64& descriptor) const {
    DescriptorRequest request;
    request.address = Pa{address};
    request.security = secure ? Security::Secure : Security::NonSecure;
    request.stage = 1;
    request.level = static_cast<i8>(level);
    request.cacheable = root.cacheable;
    request.timed = journey.options.timed;
    if (begins_at_known(level)) {
      request.cacheable = request.cacheable && known->cacheable;  // `address` is beyond stage 2 already
    } else if (journey.nested) {
      const Ipa ipa{address};
      const Stage2Result stage2 = stage2_lookup(journey, ipa, level);
      if (stage2.fault) return stage2.fault;
      if (Fault fault = check_stage2_walk(stage2.leaf, ipa, journey.access, journey.controls)) return fault;
      request.address = stage2.leaf.output(ipa);
      request.cacheable = request.cacheable && stage2_cacheable(stage2.leaf, journey.controls);
      offer_table(level, ipa, stage2.leaf, request.cacheable);
    } else {
      offer_table(level, Ipa{address}, std::nullopt, request.cacheable);
    }
    return fetch(journey, request, root.big_endian, descriptor);
  }

  void enter_table(u64 descriptor, int, u64) {
    secure = secure && !bit<63>(descriptor);
    if (table_permissions_ignored(journey.controls, journey.access.regime, va)) return;
    const bool two_privileges = journey.access.regime == Regime::El10;
    // APTable[0] and PXNTable are RES0 where there is one privilege level.
    ap_table |= static_cast<u8>(two_privileges ? bits<62, 61>(descriptor) : bits<62, 61>(descriptor) & 2);
    uxn_table |= bit<60>(descriptor);
    pxn_table |= two_privileges && bit<59>(descriptor);
  }

  /// Tells the assist where the table of `level` is, when it lies in one stage-2 page.
  void offer_table(int level, Ipa ipa, const std::optional<Stage2Leaf>& stage2, bool cacheable) const {
    WalkAssist* assist = journey.options.assist;
    if (!assist || level == root.level) return;
    const unsigned table_bits = granule_bits(root.granule);
    if (stage2 && stage2->page_bits < table_bits) return;
    TablePointer pointer;
    pointer.level = static_cast<i8>(level);
    pointer.region_bits = static_cast<u8>(level_shift(root.granule, level - 1));
    pointer.table_ipa = ipa.align_down(u64{1} << table_bits);
    pointer.table = stage2 ? stage2->output(pointer.table_ipa) : Pa{pointer.table_ipa.value};
    pointer.cacheable = cacheable;
    pointer.ap_table = ap_table;
    pointer.uxn_table = uxn_table;
    pointer.pxn_table = pxn_table;
    pointer.secure = secure;
    assist->found_table(journey.access.regime, va, pointer, journey.controls);
  }
};

Stage1Leaf stage1_leaf(const Descent& descent, const Stage1Descent& stage) {
  const Access& access = stage.journey.access;
  const Controls& controls = stage.journey.controls;
  const bool two_privileges = access.regime == Regime::El10;
  const u64 descriptor = descent.descriptor;
  Stage1Leaf leaf;
  leaf.page = Ipa{descent.output};
  leaf.page_bits = descent.page_bits;
  leaf.level = descent.level;
  leaf.ap = static_cast<u8>(bits<7, 6>(descriptor));
  if (stage.ap_table & 1) leaf.ap &= 2;
  leaf.ap |= stage.ap_table & 2;
  leaf.uxn = bit<54>(descriptor) || stage.uxn_table;
  leaf.pxn = two_privileges && (bit<53>(descriptor) || stage.pxn_table);
  const u64 mair = registers_of(controls, access.regime).mair;
  leaf.mair = static_cast<u8>(mair >> (8 * bits<4, 2>(descriptor)));
  leaf.sh = static_cast<u8>(bits<9, 8>(descriptor));
  leaf.contiguous = bit<52>(descriptor);
  leaf.secure = stage.secure && !bit<5>(descriptor);
  // A Secure regime's entry found through a Non-secure table is not global whatever nG says (Arm ARM D8.3.1).
  leaf.global = !two_privileges || (!bit<11>(descriptor) && stage.secure == controls.secure);
  return leaf;
}

struct Stage1Result {
  Fault fault;
  Stage1Leaf leaf;
};

bool in_secure_state(const Access& access, const Controls& controls) {
  return access.regime == Regime::El3 || (access.regime == Regime::El10 && controls.secure);
}

Stage1Result flat(const Journey& journey, Va va) {
  const unsigned top = top_byte_ignored(journey.controls, journey.access.regime, journey.access.va) ? 56 : 64;
  const unsigned pa_bits = journey.controls.features.pa_bits;
  const u64 address = va.value & low_mask(top);
  if ((address >> pa_bits) != 0) {
    Fault fault;
    fault.type = FaultType::AddressSize;
    return {complete_fault(fault, journey, 1), {}};
  }
  Stage1Leaf leaf;
  leaf.flat = true;
  leaf.page = Ipa{address & ~low_mask(kFlatPageBits)};
  leaf.page_bits = kFlatPageBits;
  leaf.secure = in_secure_state(journey.access, journey.controls);
  return {{}, leaf};
}

Stage1Result stage1_lookup(const Journey& journey) {
  const Regime regime = journey.access.regime;
  const Va va = canonical_va(journey.controls, regime, journey.access.va);
  if (!stage1_enabled(journey.controls, regime)) return flat(journey, va);

  const RootOutcome start = stage1_root(journey.controls, regime, va);
  if (start.fault != FaultType::None) {
    Fault fault;
    fault.type = start.fault;
    return {complete_fault(fault, journey, 1), {}};
  }
  Stage1Descent stage{journey, start.root, va, in_secure_state(journey.access, journey.controls), 0, false, false, {}};
  int level = start.root.level;
  u64 table = start.root.base;
  if (WalkAssist* assist = journey.options.assist) {
    if (const TablePointer* known = assist->find_table(regime, va, journey.controls)) {
      stage.known = *known;
      stage.ap_table = known->ap_table;
      stage.uxn_table = known->uxn_table;
      stage.pxn_table = known->pxn_table;
      stage.secure = known->secure;
      level = known->level;
      table = known->table.value;
    }
  }
  const Descent descent = descend(stage, start.root, va.value, level, table);
  if (descent.fault) {
    if (descent.fault.stage == 2) return {descent.fault, {}};
    return {complete_fault(descent.fault, journey, 1), {}};
  }
  return {{}, stage1_leaf(descent, stage)};
}

// ---- both

void open_record(const Journey& journey, bool stage1) {
  cost::WalkRecord* record = journey.options.record;
  if (!record) return;
  record->fetches.clear();
  record->cycles = 0;
  record->fault = false;
  record->va = journey.access.va;
  constexpr cost::WalkRegime regimes[] = {cost::WalkRegime::El10, cost::WalkRegime::El2, cost::WalkRegime::El3};
  constexpr cost::WalkFor purposes[] = {cost::WalkFor::Fetch, cost::WalkFor::Data, cost::WalkFor::Data,
                                        cost::WalkFor::AddressTranslation};
  record->key.stage1 = stage1;
  record->key.stage2 = journey.nested;
  record->key.regime =
      stage1 || !journey.nested ? regimes[static_cast<unsigned>(journey.access.regime)] : cost::WalkRegime::Stage2Only;
  record->key.purpose = purposes[static_cast<unsigned>(journey.access.kind)];
}

void close_record(const Journey& journey, const Fault& fault) {
  if (journey.options.record) journey.options.record->fault = static_cast<bool>(fault);
}

WalkResult faulted(const Fault& fault) {
  WalkResult result;
  result.translation.fault = fault;
  return result;
}

WalkResult second_half(const Journey& journey, const Stage1Leaf& stage1) {
  const Access& access = journey.access;
  const Controls& controls = journey.controls;
  WalkResult result;
  result.mapping.stage1 = stage1;
  if (journey.nested && !access.stage1_only) {
    if (Fault fault = check_stage1(stage1, access, controls)) return faulted(fault);
    const Ipa ipa = stage1.output(canonical_va(controls, access.regime, access.va));
    const Stage2Result stage2 = stage2_lookup(journey, ipa, -1);
    if (stage2.fault) return faulted(stage2.fault);
    result.mapping.stage2 = stage2.leaf;
    result.mapping.has_stage2 = true;
  }
  result.translation = finish(result.mapping, access, controls);
  return result;
}

}  // namespace

WalkResult Walker::translate(const Access& access, const Controls& controls, const WalkOptions& options) const {
  const Journey journey{access, controls, options, port_, stage2_in_force(controls, access.regime)};
  open_record(journey, stage1_enabled(controls, access.regime));
  const Stage1Result stage1 = stage1_lookup(journey);
  const WalkResult result = stage1.fault ? faulted(stage1.fault) : second_half(journey, stage1.leaf);
  close_record(journey, result.translation.fault);
  return result;
}

WalkResult Walker::complete(const Stage1Leaf& stage1, const Access& access, const Controls& controls,
                            const WalkOptions& options) const {
  const Journey journey{access, controls, options, port_, stage2_in_force(controls, access.regime)};
  open_record(journey, false);
  const WalkResult result = second_half(journey, stage1);
  close_record(journey, result.translation.fault);
  return result;
}

Stage2Result Walker::translate_ipa(Ipa ipa, const Access& access, const Controls& controls,
                                   const WalkOptions& options) const {
  const Journey journey{access, controls, options, port_, true};
  open_record(journey, false);
  Stage2Result result = stage2_lookup(journey, ipa, -1);
  if (!result.fault) result.fault = check_stage2(result.leaf, ipa, access, controls);
  close_record(journey, result.fault);
  return result;
}

}  // namespace tw::vmsa
