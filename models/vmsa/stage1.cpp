// Stage 1 of every regime.
#include <algorithm>

#include "vmsa/descent.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/journey.hpp"

namespace tw::vmsa {
namespace {

// A stage 1 that is off maps what one leaf can say; no larger block exists (1 GB).
constexpr u8 kFlatPageBits = 30;

// What no half of an AArch32 address space, of 32 MB or more, ends within.
constexpr u8 kPartBits = 21;

struct Stage1Descent {
  const Journey& journey;
  const TableRoot& root;
  Va va;
  bool secure;  ///< where the next table is fetched from
  u8 ap_table = 0;
  bool uxn_table = false, pxn_table = false;
  std::optional<TablePointer> known;  ///< where a walk cache let us begin
  HardwareUpdates updates;
  DescriptorRequest request;  ///< of the descriptor that was read last
  Ipa ipa{};                  ///< the same, before stage 2

  bool begins_at_known(int level) const { return known && known->level == level; }

  bool read(u64 address, int level, u64& descriptor, Fault& fault) {
    request = {};
    request.address = Pa{address};
    ipa = Ipa{address};
    request.security = secure ? Security::Secure : Security::NonSecure;
    request.stage = 1;
    request.level = static_cast<i8>(level);
    request.cacheable = root.cacheable;
    request.timed = journey.options.timed;
    if (begins_at_known(level)) {
      request.cacheable = request.cacheable && known->cacheable;  // `address` is beyond stage 2 already
      ipa = known->table_ipa + (address - known->table.value);
    } else if (journey.nested) {
      Stage2Leaf stage2;
      if (!stage2_of_table(journey, ipa, level, stage2, fault)) return false;
      request.address = stage2.output(ipa);
      request.cacheable = request.cacheable && stage2_cacheable(stage2, journey.controls);
      offer_table(level, &stage2, request.cacheable);
    } else {
      offer_table(level, nullptr, request.cacheable);
    }
    return fetch(journey, request, root.big_endian, descriptor, fault);
  }

  void enter_table(u64 descriptor, int, u64) {
    secure = secure && !bit<63>(descriptor);
    if (table_permissions_ignored(journey.controls, journey.access.regime, va)) return;
    const bool two_privileges = has_two_ranges(journey.access.regime);
    // APTable[0] and PXNTable are RES0 where there is one privilege level.
    ap_table |= static_cast<u8>(two_privileges ? bits<62, 61>(descriptor) : bits<62, 61>(descriptor) & 2);
    uxn_table |= bit<60>(descriptor);
    pxn_table |= two_privileges && bit<59>(descriptor);
  }

  /// Tells the assist where the table of `level` is, when it lies in one stage-2 page.
  void offer_table(int level, const Stage2Leaf* stage2, bool cacheable) const {
    WalkAssist* assist = journey.options.assist;
    if (!assist || level == root.level) return;
    const unsigned table_bits = granule_bits(root.granule);
    if (stage2 && stage2->page_bits < table_bits) return;
    TablePointer pointer;
    pointer.level = static_cast<i8>(level);
    pointer.region_bits = static_cast<u8>(level_shift(root.granule, level - 1));
    if (!of_one_table(journey.controls, journey.access.regime, va, pointer.region_bits)) return;
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

void set_leaf(Stage1Leaf& leaf, const Descent& descent, const Stage1Descent& stage) {
  const Access& access = stage.journey.access;
  const Controls& controls = stage.journey.controls;
  const bool two_privileges = has_two_ranges(access.regime);
  const u64 descriptor = descent.descriptor;
  leaf.page = Ipa{descent.output};
  leaf.page_bits = descent.page_bits;
  if (!of_one_table(controls, access.regime, stage.va, leaf.page_bits)) [[unlikely]] {
    // A block of 1 GB of which the other table has a part (README, choices).
    leaf.page_bits = kPartBits;
    leaf.page = Ipa{leaf.page.value | (stage.va.value & low_mask(descent.page_bits) & ~low_mask(kPartBits))};
  }
  leaf.level = descent.level;
  leaf.ap = static_cast<u8>(bits<7, 6>(descriptor));
  const bool may_be_dirty = stage.updates.dirty && (descriptor & kDbm) != 0 && (stage.ap_table & 2) == 0;
  leaf.clean = may_be_dirty && (leaf.ap & 2) != 0;
  if (leaf.clean) leaf.ap &= 1;
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
}

/// A descriptor that hardware is to leave in memory as another.
struct Pending {
  DescriptorRequest request;
  Ipa ipa{};
  bool big_endian = false;
  u64 descriptor = 0, desired = 0;
};

bool in_secure_state(const Access& access, const Controls& controls) {
  return access.regime == Regime::El3 || (access.regime == Regime::El10 && controls.secure);
}

bool flat(const Journey& journey, Va va, Stage1Leaf& leaf, Fault& fault) {
  const unsigned top = top_byte_ignored(journey.controls, journey.access) ? 56 : 64;
  const Features& features = journey.controls.features;
  const u64 address = va.value & low_mask(top);
  if ((address >> std::max(features.pa_bits, features.ipa_bits)) != 0) {
    fault.type = FaultType::AddressSize;
    fault = complete_fault(fault, journey, 1);
    return false;
  }
  leaf.flat = true;
  leaf.page = Ipa{address & ~low_mask(kFlatPageBits)};
  leaf.page_bits = kFlatPageBits;
  leaf.secure = in_secure_state(journey.access, journey.controls);
  return true;
}

bool stage1_lookup(const Journey& journey, Stage1Leaf& leaf, Fault& fault, std::optional<Pending>& pending) {
  const Regime regime = journey.access.regime;
  const Va va = canonical_va(journey.controls, journey.access);
  if (!stage1_enabled(journey.controls, regime)) return flat(journey, va, leaf, fault);

  const RootOutcome start = stage1_root(journey.controls, regime, va);
  if (start.fault != FaultType::None) {
    fault.type = start.fault;
    fault = complete_fault(fault, journey, 1);
    return false;
  }
  Stage1Descent stage{journey, start.root, va, in_secure_state(journey.access, journey.controls), 0,
                      false,   false,      {}, stage1_updates(journey.controls, regime),          {},
                      {}};
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
  Descent descent;
  descend(stage, start.root, va.value, level, table, descent);
  if (descent.fault) [[unlikely]] {
    fault = descent.fault.stage == 2 ? descent.fault : complete_fault(descent.fault, journey, 1);
    return false;
  }
  set_leaf(leaf, descent, stage);
  u64 desired = descent.descriptor;
  if (!stage.updates.flag_ignored) desired |= kAccessFlag;  // without hardware updates it is set already
  if (leaf.clean && marks_dirty(journey.access)) desired &= ~kReadOnly;
  if (desired != descent.descriptor) [[unlikely]]
    pending = Pending{stage.request, stage.ipa, start.root.big_endian, descent.descriptor, desired};
  return true;
}

}  // namespace

bool stage1_translate(const Journey& journey, Stage1Leaf& leaf, Fault& fault) {
  const auto fail = [&](const Fault& what) {
    fault = what;
    return false;
  };
  int level = 0;
  for (unsigned attempt = 0; attempt < kUpdateAttempts; ++attempt) {
    std::optional<Pending> pending;
    if (!stage1_lookup(journey, leaf, fault, pending)) return false;
    if (!pending) [[likely]]
      return true;
    Permissions unused;
    if (!check_stage1(leaf, journey.access, journey.controls, unused, fault)) return false;
    level = leaf.level;
    if (journey.nested && journey.options.updates) {
      Stage2Leaf stage2;
      if (!stage2_of_update(journey, pending->ipa, level, stage2, fault)) return false;
      pending->request.address = stage2.output(pending->ipa);
    }
    const UpdateOutcome outcome =
        update(journey, pending->request, pending->big_endian, pending->descriptor, pending->desired);
    if (outcome.fault) return fail(complete_fault(outcome.fault, journey, 1));
    if (outcome.again) continue;
    if (journey.options.updates) leaf.clean = leaf.clean && !marks_dirty(journey.access);
    return true;
  }
  return fail(complete_fault(restless(level), journey, 1));
}

}  // namespace tw::vmsa
