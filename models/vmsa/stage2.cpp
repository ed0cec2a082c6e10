// Stage 2: of the tables of stage 1, and of the access.
#include "vmsa/attributes.hpp"
#include "vmsa/descent.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/journey.hpp"

namespace tw::vmsa {
namespace {

struct Stage2Descent {
  const Journey& journey;
  const TableRoot& root;
  Ipa ipa;
  int for_stage1_level;
  HardwareUpdates updates;
  DescriptorRequest request;  ///< of the descriptor that was read last

  bool read(u64 address, int level, u64& descriptor, Fault& fault) {
    request.address = Pa{address};
    request.stage = 2;
    request.level = static_cast<i8>(level);
    request.for_stage1_level = static_cast<i8>(for_stage1_level);
    request.cacheable = root.cacheable;
    request.timed = journey.options.timed;
    return fetch(journey, request, root.big_endian, descriptor, fault);
  }
  /// Stage-2 table descriptors have no attributes.
  void enter_table(u64, int level, u64 table) const {
    if (WalkAssist* assist = journey.options.assist) {
      const u8 region_bits = static_cast<u8>(level_shift(root.granule, level));
      assist->found_stage2_table(ipa, {static_cast<i8>(level + 1), region_bits, Pa{table}}, journey.controls);
    }
  }
};

void set_leaf(Stage2Leaf& leaf, const Descent& descent, HardwareUpdates updates) {
  const u64 descriptor = descent.descriptor;
  leaf.page = Pa{descent.output};
  leaf.page_bits = descent.page_bits;
  leaf.level = descent.level;
  leaf.s2ap = static_cast<u8>(bits<7, 6>(descriptor));
  leaf.xn = static_cast<u8>(bits<54, 53>(descriptor));
  leaf.mem_attr = static_cast<u8>(bits<5, 2>(descriptor));
  leaf.sh = static_cast<u8>(bits<9, 8>(descriptor));
  leaf.contiguous = bit<52>(descriptor);
  leaf.clean = updates.dirty && (descriptor & kDbm) != 0 && (leaf.s2ap & 2) == 0;
  if (leaf.clean) leaf.s2ap |= 2;
}

/// `leaf` becomes that of `ipa`, from the assist or from the tables, if `check` has nothing against it; its descriptor
/// then has the Access flag, and with `marks` dirty state.
template <class Check>
bool stage2_lookup(const Journey& journey, Ipa ipa, int for_stage1_level, bool marks, Stage2Leaf& leaf, Fault& fault,
                   Check check) {
  WalkAssist* assist = journey.options.assist;
  if (assist) {
    const Stage2Leaf* known = assist->find_stage2(ipa, journey.controls, for_stage1_level);
    if (known && !(marks && known->clean)) {
      leaf = *known;
      return check(leaf);
    }
  }
  const auto fail = [&](const Fault& what) {
    fault = complete_fault(what, journey, 2);
    fault.ipa = ipa;
    fault.s1ptw = for_stage1_level >= 0;
    return false;
  };
  const HardwareUpdates updates = stage2_updates(journey.controls);
  int level = 0;
  for (unsigned attempt = 0; attempt < kUpdateAttempts; ++attempt) {
    const RootOutcome start = stage2_root(journey.controls, ipa);
    if (start.fault != FaultType::None) {
      Fault of_root;
      of_root.type = start.fault;
      return fail(of_root);
    }
    Stage2Descent stage{journey, start.root, ipa, for_stage1_level, updates, {}};
    const Stage2TablePointer* known = assist ? assist->find_stage2_table(ipa, journey.controls) : nullptr;
    Descent descent;
    descend(stage, start.root, ipa.value, known ? known->level : start.root.level,
            known ? known->table.value : start.root.base, descent);
    if (descent.fault) return fail(descent.fault);
    set_leaf(leaf, descent, updates);
    const bool flagged = updates.flag_ignored || (descent.descriptor & kAccessFlag) != 0;
    const bool accepted = check(leaf);
    if (assist && (!accepted || !marks || !leaf.clean) && flagged) assist->found_stage2(ipa, leaf, journey.controls);
    if (!accepted) return false;
    u64 desired = descent.descriptor;
    if (!updates.flag_ignored) desired |= kAccessFlag;  // without hardware updates it is set already
    if (marks && leaf.clean) desired |= kStage2Write;
    if (desired == descent.descriptor) [[likely]]
      return true;
    const UpdateOutcome outcome = update(journey, stage.request, start.root.big_endian, descent.descriptor, desired);
    if (outcome.fault) return fail(outcome.fault);
    level = leaf.level;
    if (outcome.again) continue;
    if (journey.options.updates) leaf.clean = leaf.clean && !marks;
    if (assist) assist->found_stage2(ipa, leaf, journey.controls);
    return true;
  }
  return fail(restless(level));
}

}  // namespace

bool stage2_of_table(const Journey& journey, Ipa ipa, int level, Stage2Leaf& leaf, Fault& fault) {
  return stage2_lookup(journey, ipa, level, false, leaf, fault, [&](const Stage2Leaf& found) {
    return check_stage2_walk(found, ipa, journey.access, journey.controls, fault);
  });
}

bool stage2_of_update(const Journey& journey, Ipa ipa, int level, Stage2Leaf& leaf, Fault& fault) {
  const bool ok = stage2_lookup(journey, ipa, level, true, leaf, fault, [&](const Stage2Leaf& found) {
    return check_stage2_update(found, ipa, journey.access, fault);
  });
  if (!ok) fault.write = fault.update = true;
  return ok;
}

bool stage2_of_access(const Journey& journey, Ipa ipa, Stage2Leaf& leaf, Permissions& permissions, Fault& fault) {
  return stage2_lookup(journey, ipa, -1, marks_dirty(journey.access), leaf, fault, [&](const Stage2Leaf& found) {
    return check_stage2(found, ipa, journey.access, journey.controls, permissions, fault);
  });
}

bool stage2_cacheable(const Stage2Leaf& leaf, const Controls& controls) {
  if (stage2_memory_type(leaf, controls) != MemoryType::Normal) return false;
  return (leaf.mem_attr & 2) != 0 && !hcr_cd(controls.hcr);  // the same with HCR_EL2.FWB: 0b110 and 0b111
}

}  // namespace tw::vmsa
