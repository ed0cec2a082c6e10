#include "vmsa/permissions.hpp"

#include "vmsa/attributes.hpp"
#include "vmsa/fields.hpp"

namespace tw::vmsa {
namespace {

/// What the access asks of a stage's permissions. Maintenance by VA that only reads (all but DC IVAC) needs none,
/// except stage 1's read permission at EL0 (Arm ARM D7.5.9).
enum class Need : u8 { Nothing, Read, Write, ReadWrite, Execute };

Need need_of(const Access& access, unsigned stage) {
  if (access.kind == AccessKind::Fetch) return Need::Execute;
  if (access.kind == AccessKind::CacheMaintenance) {
    if (access.write) return Need::Write;
    return stage == 1 && !access.privileged ? Need::Read : Need::Nothing;
  }
  if (access.write) return access.read ? Need::ReadWrite : Need::Write;
  return Need::Read;
}

struct Verdict {
  bool permitted : 1 = true;
  bool write : 1 = false;  ///< WnR
};

Verdict judge(const Permissions& permissions, Need need) {
  switch (need) {
    case Need::Nothing:
      return {};
    case Need::Read:
      return {permissions.read, false};
    case Need::Write:
      return {permissions.write, true};
    case Need::ReadWrite:
      // An atomic reports the read when the read alone would have failed.
      return {permissions.read && permissions.write, permissions.read};
    case Need::Execute:
      return {permissions.execute, false};
  }
  return {};
}

bool is_maintenance(const Access& access) {
  return access.kind == AccessKind::CacheMaintenance || access.kind == AccessKind::AddressTranslation;
}

Fault make_fault(FaultType type, unsigned stage, int level, bool write, const Access& access) {
  Fault fault;
  fault.type = type;
  fault.stage = static_cast<u8>(stage);
  fault.level = static_cast<i8>(level);
  fault.write = write || is_maintenance(access);
  fault.va = access.va;
  return fault;
}

bool minds_alignment(const Access& access) {
  return !access.aligned && (access.kind == AccessKind::Data || access.kind == AccessKind::CacheMaintenance);
}

[[gnu::always_inline]] inline void fill(const Mapping& mapping, const Access& access, const Controls& controls,
                                        Permissions permissions, Translation& result) {
  result.ipa = mapping.stage1.output(canonical_va(controls, access));
  result.pa = mapping.has_stage2 ? mapping.stage2.output(result.ipa) : Pa{result.ipa.value};
  result.page_bits = mapping.page_bits();
  result.block_bits = mapping.stage1.page_bits;
  result.secure = mapping.stage1.secure;
  result.attributes = stage1_attributes(mapping.stage1, access, controls);
  if (mapping.has_stage2) result.attributes = combine(result.attributes, mapping.stage2, access, controls);
  result.readable = permissions.read;
  result.writable = permissions.write && !mapping.clean();
  result.executable = permissions.execute;
}

}  // namespace

Permissions stage1_permissions(const Stage1Leaf& leaf, Regime regime, bool privileged, const Controls& controls,
                               bool pan) {
  if (leaf.flat) return {true, true, true};
  const bool wxn = sctlr_wxn(registers_of(controls, regime).sctlr);
  const bool read_only = (leaf.ap & 2) != 0;
  const bool user = (leaf.ap & 1) != 0;
  const bool sif = controls.sif && controls.secure && !leaf.secure;
  Permissions result;
  if (!has_two_ranges(regime)) {
    result.read = true;
    result.write = !read_only;
    result.execute = !leaf.uxn && !(wxn && result.write) && !sif;
  } else if (privileged) {
    result.read = !(pan && user);
    result.write = !read_only && result.read;
    // What EL0 can write, EL1 never executes.
    result.execute = !leaf.pxn && !(wxn && !read_only) && !(user && !read_only) && !sif;
  } else {
    result.read = user;
    result.write = user && !read_only;
    result.execute = !leaf.uxn && !(wxn && result.write) && !sif;
  }
  if (controls.stream.lpae1) [[unlikely]] {
    // XN is of both privileges, and who cannot read does not execute (Arm ARM G5.6.2).
    result.execute = !leaf.uxn && !sif;
    if (!has_two_ranges(regime)) {
      result.execute = result.execute && !(wxn && !read_only);
    } else if (privileged) {
      result.execute =
          result.execute && !leaf.pxn && !(wxn && !read_only) && !(controls.stream.uwxn && user && !read_only);
    } else {
      result.execute = result.execute && user && !(wxn && !read_only);
    }
  }
  return result;
}

Permissions stage2_permissions(const Stage2Leaf& leaf, bool privileged, const Controls& controls) {
  bool never = (leaf.xn & 2) != 0;
  if (controls.features.xnx) {
    // XN[1:0]: 00 all, 01 EL0 only, 10 none, 11 EL1 only.
    constexpr bool privileged_xn[] = {false, true, true, false};
    constexpr bool unprivileged_xn[] = {false, false, true, true};
    never = privileged ? privileged_xn[leaf.xn & 3] : unprivileged_xn[leaf.xn & 3];
  }
  const bool read = (leaf.s2ap & 1) != 0;
  if (controls.stream.lpae2) never = never || !read;  // no execute-only (Arm ARM G5.6.2)
  return {read, (leaf.s2ap & 2) != 0, !never};
}

bool reported_write(const Access& access) {
  if (is_maintenance(access)) return true;
  return access.kind == AccessKind::Data && access.write && !access.read;
}

bool check_stage1(const Stage1Leaf& leaf, const Access& access, const Controls& controls, Permissions& permissions,
                  Fault& fault) {
  permissions = stage1_permissions(leaf, access.regime, access.privileged, controls, access.pan);
  const Verdict verdict = judge(permissions, need_of(access, 1));
  if (!verdict.permitted) [[unlikely]] {
    fault = make_fault(FaultType::Permission, 1, leaf.level, verdict.write, access);
    return false;
  }
  if (minds_alignment(access) && stage1_attributes(leaf, access, controls).is_device()) [[unlikely]] {
    fault = make_fault(FaultType::Alignment, 1, leaf.level, reported_write(access), access);
    return false;
  }
  return true;
}

bool check_stage2(const Stage2Leaf& leaf, Ipa ipa, const Access& access, const Controls& controls,
                  Permissions& permissions, Fault& fault) {
  permissions = stage2_permissions(leaf, access.privileged, controls);
  const Verdict verdict = judge(permissions, need_of(access, 2));
  if (!verdict.permitted) [[unlikely]] {
    fault = make_fault(FaultType::Permission, 2, leaf.level, verdict.write, access);
  } else if (minds_alignment(access) && stage2_memory_type(leaf, controls) != MemoryType::Normal) [[unlikely]] {
    fault = make_fault(FaultType::Alignment, 2, leaf.level, reported_write(access), access);
  } else {
    return true;
  }
  fault.ipa = ipa;
  return false;
}

bool check_stage2_walk(const Stage2Leaf& leaf, Ipa ipa, const Access& access, const Controls& controls, Fault& fault) {
  const bool readable = (leaf.s2ap & 1) != 0;
  const bool protected_walk = hcr_ptw(controls.hcr) && stage2_memory_type(leaf, controls) != MemoryType::Normal;
  if (readable && !protected_walk) [[likely]]
    return true;
  fault = make_fault(FaultType::Permission, 2, leaf.level, reported_write(access), access);
  fault.s1ptw = true;
  fault.ipa = ipa;
  return false;
}

bool check_stage2_update(const Stage2Leaf& leaf, Ipa ipa, const Access& access, Fault& fault) {
  if ((leaf.s2ap & 2) != 0) return true;
  fault = make_fault(FaultType::Permission, 2, leaf.level, true, access);
  fault.s1ptw = true;
  fault.ipa = ipa;
  return false;
}

void describe(const Mapping& mapping, const Access& access, const Controls& controls, Permissions permissions,
              Translation& result) {
  fill(mapping, access, controls, permissions, result);
}

/// Of all that hits: whether the access may is asked first, and only one that may not asks what it gets.
void finish(const Mapping& mapping, const Access& access, const Controls& controls, Translation& result) {
  Permissions both = stage1_permissions(mapping.stage1, access.regime, access.privileged, controls, access.pan);
  bool permitted = judge(both, need_of(access, 1)).permitted;
  if (mapping.has_stage2) {
    const Permissions two = stage2_permissions(mapping.stage2, access.privileged, controls);
    permitted = permitted && judge(two, need_of(access, 2)).permitted;
    both = both & two;
  }
  if (!permitted || !access.aligned) [[unlikely]] {
    Permissions unused;
    if (!check_stage1(mapping.stage1, access, controls, unused, result.fault)) return;
    const Ipa ipa = mapping.stage1.output(canonical_va(controls, access));
    if (mapping.has_stage2 && !check_stage2(mapping.stage2, ipa, access, controls, unused, result.fault)) return;
  }
  fill(mapping, access, controls, both, result);
}

}  // namespace tw::vmsa
